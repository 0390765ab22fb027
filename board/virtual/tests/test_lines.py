"""Lines that are held, missing, or not as they should be."""

from tests.case import BoardCase
from vboard.board import await_value


class LineTests(BoardCase):
    """What the kernel refuses, and what the world outside does to a line."""

    def test_a_relay_line_that_another_process_holds_is_named_and_taken_once_it_is_free(
            self) -> None:
        files = self.platform.machine_files(self.scene.work / "etc")
        self.board.restore_machine(files, starts=False)
        self.board.run("systemd-run --quiet --unit=thief gpioset --mode=signal gpiochip1 1=0; "
                       "until gpioinfo gpiochip1 | grep -q gpioset; do sleep 0.1; done; "
                       "systemctl start vendd")
        fault = self.wait_for_fault("G1")
        self.assertIn("RELAY2", fault["words"])
        self.assertIn("gpioset", fault["words"])
        self.board.hands.press("11#")
        self.assertEqual(self.board.status()["state"], "idle")
        self.board.run("systemctl stop thief")
        self.wait_to_sell()
        self.sell("12")

    def test_a_wrong_line_name_is_named_and_nothing_is_sold(self) -> None:
        before = self.orders_at_platform()
        self.start_with_board_file(('line = "RELAY3"', 'line = "RELAY33"'))
        fault = self.wait_for_fault("G1")
        self.assertIn("RELAY33", fault["words"])
        self.assertFalse(self.board.status()["sells"])
        self.board.hands.press("11#")
        self.assertEqual(self.orders_at_platform(), before)
        self.assertEqual(self.board.lines.pulses(), [])

    def test_an_open_door_stops_selling_until_it_is_closed(self) -> None:
        self.start()
        self.board.hands.pull("DOOR", True)
        self.wait_for_fault("O1")
        self.board.hands.press("11#")
        self.assertFalse(self.board.status()["sells"])
        self.board.hands.pull("DOOR", False)
        self.wait_to_sell()
        self.sell("11")

    def test_a_daemon_that_has_ended_holds_no_line_and_leaves_every_relay_off(self) -> None:
        self.start()
        self.board.run("systemctl stop vendd")
        self.assertNotIn("vendd", self.board.run("gpioinfo"))
        self.assertEqual(self.board.relays_on(), [])


class DropSensorTests(BoardCase):
    """The light barrier below the lanes."""

    def pay_and_wait(self) -> str:
        """Sells as far as the relay's end, without a drop; returns the order's number."""
        code = self.begin("11")
        number = str(self.board.status()["order"])
        self.platform.pay(code)
        self.board.lines.wait_for_pulse("RELAY1", whole=True)
        return number

    def test_a_product_that_falls_late_is_a_delivery(self) -> None:
        self.start()
        number = self.pay_and_wait()
        self.board.hands.do("wait 4000000", "pull DROP 1", "wait 30000", "pull DROP 0")
        self.assertEqual(self.wait_for_order("delivered")["number"], number)

    def test_a_product_that_does_not_fall_is_paid_back(self) -> None:
        self.start()
        number = self.pay_and_wait()
        await_value(lambda: self.platform.order(number)["state"] == "REFUND", "the refund", 60)
        self.assertEqual(len(self.board.lines.pulses()), 1)

    def test_a_blocked_sensor_stops_selling(self) -> None:
        self.start()
        self.board.hands.pull("DROP", True)
        self.wait_for_fault("S1")
        before = self.orders_at_platform()
        self.board.hands.press("11#")
        self.assertFalse(self.board.status()["sells"])
        self.assertEqual(self.orders_at_platform(), before)
        self.board.hands.pull("DROP", False)
        self.wait_to_sell()

    def test_a_speck_of_dust_is_no_product(self) -> None:
        self.start()
        number = self.pay_and_wait()
        # Shorter than the board file's debounce of 2 ms, if the emulated processor is not late.
        self.board.hands.do("pull DROP 1", "pull DROP 0")
        await_value(lambda: self.platform.order(number)["state"] == "REFUND", "the refund", 60)
