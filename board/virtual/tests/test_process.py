"""A daemon that is killed, stopped, replaced or starts in vain; a first process that hangs."""

import json
import signal

from tests.case import BoardCase
from vboard.board import await_value
from vboard.emulator import BoardError
from vboard.figures import FIGURES

MAIN_PID = "$(systemctl show -P MainPID vendd)"


class ProcessTests(BoardCase):
    """Whatever ends the daemon, no relay stays on and no order is forgotten."""

    def kill(self, number: signal.Signals) -> int:
        """Sends the daemon a signal; returns the board's moment before it, in nanoseconds."""
        return self.board.hands.do(f"signal {self.process} {int(number)}").began

    def start(self, sample: str = "with-drop-sensor", **changes: str) -> None:
        super().start(sample, **changes)
        self.process = self.board.status()["process"]

    def test_a_daemon_killed_while_its_relay_is_on_lets_it_go_at_once(self) -> None:
        self.start()
        # The longest pulse, so that there is time to kill.
        self.platform.pay(self.begin("21"))
        self.board.lines.wait_for_pulse("RELAY4")
        moment = self.kill(signal.SIGKILL)
        pulse = self.board.lines.wait_for_pulse("RELAY4", whole=True)
        assert pulse.ended is not None
        FIGURES.note("relay off after kill -9", (pulse.ended - moment) / 1e6, "ms")
        self.assertLess(pulse.milliseconds, 1195, "it was cut short")
        self.wait_to_sell()
        # With this machine's policy a person decides about what nobody saw.
        order = self.board.orders()[0]
        self.assertTrue(order["isOpen"] or order["state"] in ("refunded", "delivered"), order)
        self.assertEqual(len(self.board.lines.pulses()), 1, "never again")

    def test_a_daemon_killed_with_a_code_on_the_display_ends_the_order_and_sells_again(
            self) -> None:
        self.start()
        self.begin("11")
        number = self.board.status()["order"]
        self.kill(signal.SIGKILL)
        await_value(lambda: self.platform.order(number)["state"] == "CLOSED", "the order's end")
        self.wait_to_sell()
        self.assertEqual(self.board.lines.pulses(), [])
        self.sell("11")

    def test_a_daemon_killed_after_it_was_paid_delivers_pays_back_or_tells_a_person(self) -> None:
        self.start()
        code = self.begin("11")
        number = self.board.status()["order"]
        self.platform.pay(code)
        self.kill(signal.SIGKILL)

        def ended() -> bool:
            if self.board.lines.pulses("RELAY1"):
                return True
            if self.platform.order(number)["state"] == "REFUND":
                return True
            # Between the intent and the relay nobody can know; this machine's policy is to hold.
            try:
                return any(fault["code"] == "P4" for fault in self.board.status()["faults"])
            except BoardError:
                # Nobody answers before the next daemon does.
                return False
        await_value(ended, "the product, the money, or an open case", 120)
        if self.board.lines.pulses("RELAY1"):
            self.drop()
        self.wait_to_sell()
        self.assertLessEqual(len(self.board.lines.pulses()), 1)

    def test_a_daemon_that_is_stopped_is_ended_by_its_watchdog_and_started_again(self) -> None:
        self.start()
        moment = self.kill(signal.SIGSTOP)
        self.wait_until(lambda status: status["sells"], "another daemon", limit=120)
        now = self.board.hands.do("wait 0").began
        FIGURES.note("another daemon sells after SIGSTOP", (now - moment) / 1e9, "s")
        self.assertIn("Watchdog timeout", self.log())

    def test_a_relay_of_a_daemon_that_is_stopped_goes_off_with_the_watchdog(self) -> None:
        self.start()
        self.platform.pay(self.begin("21"))
        self.board.lines.wait_for_pulse("RELAY4")
        self.kill(signal.SIGSTOP)
        pulse = self.board.lines.wait_for_pulse("RELAY4", whole=True, limit=120)
        FIGURES.note("relay on when its daemon is stopped", pulse.milliseconds / 1e3, "s")
        self.assertLess(pulse.milliseconds, 13_000, "the watchdog's ten seconds, and a moment")
        self.wait_to_sell()
        self.assertEqual(len(self.board.lines.pulses()), 1)

    def late_pulses(self) -> list:  # type: ignore[type-arg]
        # Nobody can switch a relay off whose process is stopped before the watchdog does.
        if "stopped_goes_off" in self.id():
            return []
        return super().late_pulses()

    def test_a_daemon_that_fails_again_and_again_leaves_the_display_out_of_service(self) -> None:
        self.start()
        idle = self.board.panel.glass.png()
        for _ in range(6):
            self.board.run(f"kill -KILL {MAIN_PID}; sleep 1.5; "
                           "for i in {1..100}; do systemctl is-active -q vendd && break; "
                           "systemctl is-failed -q vendd && break; sleep 0.1; done", check=False)
            if self.board.run("systemctl is-failed vendd", check=False).strip() == "failed":
                break
        await_value(
            lambda: "inactive" in self.board.run(
                "systemctl is-active vendd-out-of-service", check=False)
            and "Finished" in self.log(), "the out-of-service unit", 60)
        self.assertFalse(self.board.panel.glass.is_dark())
        self.assertNotEqual(self.board.panel.glass.png(), idle)
        self.assertIn("vendd.service", self.board.run("systemctl list-timers --no-pager"))
        self.assertEqual(self.board.relays_on(), [])
        # The timer does in five minutes what is done here at once.
        self.board.run("systemctl reset-failed vendd; systemctl start vendd")
        self.wait_to_sell()
        self.sell("11")

    def test_a_program_replaced_in_mid_sale_finishes_the_sale(self) -> None:
        self.start()
        code = self.begin("11")
        number = self.board.status()["order"]
        self.platform.pay(code)
        self.board.lines.wait_for_pulse("RELAY1")
        self.board.hands.begin("wait 700000", "pull DROP 1", "wait 30000", "pull DROP 0")
        # As board/install does it: by rename, then a restart.
        self.board.run("cp /usr/bin/vendd /usr/bin/vendd.new; mv /usr/bin/vendd.new /usr/bin/vendd;"
                       " systemctl restart vendd")
        self.wait_to_sell()
        pulses = self.board.lines.pulses("RELAY1")
        self.assertEqual(len(pulses), 1)
        order = next(order for order in self.board.orders() if order["number"] == number)
        self.assertEqual(order["state"], "delivered", order)
        self.sell("11", pulse=2)


class FirstProcessTests(BoardCase):
    """The hardware watchdog stands behind everything."""

    def test_a_board_whose_first_process_hangs_is_reset_and_sells_again(self) -> None:
        self.start()
        # The start is in the books a second later.
        self.board.hands.do("wait 3000000")
        self.board.run("kill -SEGV 1; sleep 1", check=False)
        await_value(lambda: not self.board.is_on, "the reset", 120)
        self.assertEqual(self.board.lines.pulses(), [])
        self.board.boot(str(self.board.disk), self.board.display_words)
        self.wait_to_sell()
        counters = json.loads(self.board.vendctl("counters --json"))
        seen = {name: counters[name] for name in ("starts", "powerCuts", "crashes")}
        self.assertEqual(seen, {"starts": 2, "powerCuts": 1, "crashes": 0})
        self.sell("11")
