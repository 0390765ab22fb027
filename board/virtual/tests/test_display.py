"""A display whose cable is pulled, in each of the machine's screens."""

from tests.case import BoardCase
from vboard.board import await_value


class DisplayTests(BoardCase):
    """No sale while the customer cannot see; and no code on a panel that nobody controls."""

    def pull_and_plug(self) -> None:
        """Pulls the cable, waits until the machine knows, and plugs it in again."""
        self.board.unplug()
        self.wait_for_fault("D1")
        self.assertFalse(self.board.status()["sells"])
        self.board.plug()
        self.wait_until(lambda status: status["sells"], "it sells again")
        await_value(lambda: not self.board.panel.glass.is_dark(), "a picture")

    def test_a_display_pulled_at_rest_comes_back(self) -> None:
        self.start()
        self.pull_and_plug()
        self.sell("11")

    def test_a_display_pulled_while_a_lane_is_keyed_comes_back(self) -> None:
        self.start()
        self.board.hands.press("1")
        self.wait_until(lambda status: status["state"] == "selecting", "a key")
        self.pull_and_plug()
        self.wait_to_sell()
        self.sell("11")

    def test_a_display_pulled_with_a_code_on_it_ends_the_order(self) -> None:
        self.start()
        self.begin("11")
        number = self.board.status()["order"]
        self.pull_and_plug()
        await_value(lambda: self.platform.order(number)["state"] == "CLOSED", "the order's end")
        self.wait_to_sell()
        self.assertIsNone(self.board.panel.glass.code())
        self.assertEqual(self.board.lines.pulses(), [])

    def test_a_display_pulled_while_the_product_is_awaited_spoils_no_sale(self) -> None:
        self.start()
        self.platform.pay(self.begin("11"))
        self.board.lines.wait_for_pulse("RELAY1", whole=True)
        self.board.unplug()
        self.wait_for_fault("D1")
        self.drop()
        self.finish("11")
        self.board.plug()
        self.wait_to_sell()

    def test_a_display_pulled_during_thanks_comes_back(self) -> None:
        self.start()
        self.sell("11")
        self.pull_and_plug()
        self.wait_to_sell()

    def test_a_display_that_comes_back_under_another_name_is_painted_anew(self) -> None:
        self.start()
        # As long as somebody has the old port open, the kernel does not give its name again.
        self.board.run("systemd-run --quiet --unit=holder "
                       "sh -c 'trap \"\" HUP; exec 3<>/dev/ttyACM0; sleep 1000'; "
                       "until [ -e /proc/$(systemctl show -P MainPID holder)/fd/3 ]; "
                       "do sleep 0.1; done")
        self.board.unplug()
        self.wait_for_fault("D1")
        self.board.plug()
        self.wait_to_sell()
        self.assertEqual(self.board.run("readlink -f /dev/vend/weact").strip(), "/dev/ttyACM1")
        await_value(lambda: not self.board.panel.glass.is_dark(), "a picture")
        self.sell("11")

    def test_a_display_that_hangs_stops_selling_and_heals(self) -> None:
        self.start()
        self.board.usb.hold("1-1", is_alive=False)
        self.board.hands.press("1")
        self.wait_for_fault("D1", limit=90)
        self.board.usb.hold("1-1", is_alive=True)
        self.board.unplug()
        self.board.plug()
        self.wait_to_sell()
        self.sell("11")
