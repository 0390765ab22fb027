"""Sales on a board that is well, with keys, lines and the display as the kernel has them."""

from tests.case import LENGTH_OF, LINE_OF, BoardCase
from vboard.figures import FIGURES

# How far a relay's time at its line may be from the configured one, in milliseconds.
TOLERANCE_MS = 5
# An emulated processor stands still while a busy computer does something else, and a pulse during
# which it does is late by that: so many of a hundred may be, and none by more than this.
LATE_PERCENT, LATE_MS = 20, 150


class SaleTests(BoardCase):
    """From the key to the product."""

    def test_a_sale_goes_from_key_to_product_and_is_paid_once(self) -> None:
        self.start()
        code = self.begin("11")
        number = self.board.status()["order"]
        self.assertEqual(self.platform.order(number)["state"], "NOTPAY")
        self.assertEqual(self.board.lines.pulses(), [], "nothing moves before the money is there")
        self.platform.pay(code)
        self.board.lines.wait_for_pulse("RELAY1")
        self.drop()
        self.finish("11")
        self.assertEqual(self.platform.order(number)["totalFen"], 450)
        self.assertEqual(len(self.board.lines.pulses()), 1)
        self.wait_to_sell()
        self.assertIsNone(self.board.panel.glass.code(), "the code has gone")

    def test_two_lanes_move_their_own_relays_for_their_own_times(self) -> None:
        self.start()
        for lane in ("21", "12"):
            pulse = self.sell(lane)
            off = pulse.milliseconds - LENGTH_OF[lane]
            FIGURES.note(f"relay of lane {lane} away from its {LENGTH_OF[lane]} ms", off, "ms")
            self.assertLess(abs(off), LATE_MS)
            self.wait_to_sell()
        lines = [pulse.line for pulse in self.board.lines.pulses()]
        self.assertEqual(lines, [LINE_OF["21"], LINE_OF["12"]])

    def test_a_merchant_of_the_newer_api_sells_too(self) -> None:
        self.start("api-v3")
        self.sell("11")

    def test_four_of_five_pulses_are_within_five_milliseconds_of_their_time(self) -> None:
        self.start()
        self.board.vendctl("service lock")
        count = 20
        for _ in range(count):
            self.board.vendctl("test relay 11 --fire")
        pulses = self.board.lines.pulses("RELAY1")
        self.assertEqual(len(pulses), count)
        away = [pulse.milliseconds - LENGTH_OF["11"] for pulse in pulses]
        for off in away:
            FIGURES.note("relay at its line, away from 500 ms", off, "ms")
        self.assertLess(max(abs(off) for off in away), LATE_MS, away)
        late = sum(abs(off) >= TOLERANCE_MS for off in away)
        FIGURES.note("of them five milliseconds or more away", late, "pulses")
        self.assertLessEqual(late * 100, LATE_PERCENT * count, away)
