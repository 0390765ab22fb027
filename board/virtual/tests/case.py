"""What every test has: a board of its own, and a platform that all share."""

import pathlib
import sys
import unittest
from collections.abc import Callable
from typing import Any

from vboard.board import Board, await_value
from vboard.emulator import BoardError
from vboard.panels import Panel
from vboard.places import board_file
from vboard.platform import Platform
from vboard.scene import Scene
from vboard.witness import Pulse

# Lanes of the sample machine, with their relays' lines and the configured lengths in milliseconds.
LINE_OF = {"11": "RELAY1", "12": "RELAY2", "21": "RELAY4"}
LENGTH_OF = {"11": 500, "12": 500, "21": 1200}


class Shared:
    """What is made once in a run; board/virtual/test says where it is."""

    image: pathlib.Path
    programs: pathlib.Path
    work: pathlib.Path
    # Where pictures of failed tests go.
    kept: pathlib.Path
    platform: Platform | None = None


class BoardCase(unittest.TestCase):
    """Restores a board for each test; in the end no relay may be on, whatever has happened."""

    scene: Scene

    def setUp(self) -> None:
        if Shared.platform is None:
            Shared.platform = Platform(Shared.programs, Shared.work)
        self.scene = Scene(
            Shared.image, Shared.programs, Shared.work / "test", self.make_panel(),
            Shared.platform)
        self.addCleanup(self.scene.board.stop)
        self.platform.act("clear")
        self.platform.act("network", passage="open")

    def make_panel(self) -> Panel | None:
        """The display that is plugged in; None for the usual one."""
        return None

    @property
    def board(self) -> Board:
        """The board."""
        return self.scene.board

    @property
    def platform(self) -> Platform:
        """The payment platform on the field network."""
        return self.scene.platform

    def tearDown(self) -> None:
        try:
            if self.board.is_on:
                self.assertEqual(self.board.relays_on(), [], "a relay is on at the end")
                self.assertEqual(self.late_pulses(), [], "a relay was on for longer than its cap")
        finally:
            if self.has_failed() and self.board.is_on:
                print(self.log()[-6000:], self.board.run(
                    "vendctl status --json; cat /sys/devices/platform/keypad-sim.0/key; "
                    "grep irq_sim /proc/interrupts", check=False), file=sys.stderr)
                (Shared.kept / f"{self.id()}.png").write_bytes(self.board.panel.glass.png())

    def has_failed(self) -> bool:
        """Whether this test has an error already."""
        result = self._outcome.result  # type: ignore[attr-defined]
        return any(test is self for test, _ in [*result.failures, *result.errors])

    # Machines

    def start(self, sample: str = "with-drop-sensor", **changes: str) -> None:
        """Restores the board with a machine that sells."""
        self.scene.start(sample, changes=changes)
        self.wait_until(lambda status: status["sells"], "the machine sells")

    def start_with_board_file(self, *replacements: tuple[str, str]) -> None:
        """Restores the board with a board file that differs; it need not sell."""
        files = self.platform.machine_files(
            self.scene.work / "etc", changes={"board": "/etc/vend/board.toml"})
        (files / "board.toml").write_text(board_file(*replacements))
        self.board.restore_machine(files)

    # Looking

    def wait_until(self, holds: Callable[[dict[str, Any]], bool], what: str,
                   limit: float = 60) -> dict[str, Any]:
        """Waits until the daemon's status is as wanted."""
        def look() -> dict[str, Any] | None:
            try:
                status = self.board.status()
            except BoardError:
                return None
            return status if holds(status) else None
        return dict(await_value(look, what, limit))

    def wait_for_fault(self, code: str, limit: float = 60) -> dict[str, Any]:
        """Waits until a fault stands; returns it."""
        status = self.wait_until(
            lambda status: any(fault["code"] == code for fault in status["faults"]),
            f"fault {code}", limit)
        return next(fault for fault in status["faults"] if fault["code"] == code)

    def wait_to_sell(self, limit: float = 90) -> None:
        """Waits until the machine is idle and sells."""
        self.wait_until(lambda status: status["sells"] and status["state"] == "idle",
                        "the machine sells again", limit)

    def log(self) -> str:
        """The log of vendd and of systemd about it."""
        return self.board.run(
            "journalctl -b --no-pager -o short-monotonic -u 'vendd*'", check=False)

    def late_pulses(self) -> list[Pulse]:
        """Pulses beyond the cap of three seconds, with what the kernel's probes take added."""
        return [p for p in self.board.lines.pulses()
                if p.ended is not None and p.milliseconds > 3100]

    # Selling

    def begin(self, lane: str = "11") -> str:
        """Keys a lane, and waits for its code."""
        self.board.hands.press(f"{lane}#")
        return self.board.code()

    def drop(self) -> None:
        """Something falls through the light barrier."""
        self.board.hands.do("pull DROP 1", "wait 30000", "pull DROP 0")

    def sell(self, lane: str = "11", pulse: int = 1) -> Pulse:
        """A whole sale, of which `pulse` is the number of the relay's pulse; returns the pulse."""
        code = self.begin(lane)
        self.platform.pay(code)
        self.board.lines.wait_for_pulse(LINE_OF[lane], pulse)
        self.drop()
        return self.finish(lane, pulse)

    def finish(self, lane: str = "11", pulse: int = 1) -> Pulse:
        """Waits for the end of a sale whose relay was on, and looks that it was well."""
        seen = self.board.lines.wait_for_pulse(LINE_OF[lane], pulse, whole=True)
        order = self.wait_for_order("delivered")
        self.assertEqual(self.platform.order(order["number"])["state"], "SUCCESS")
        return seen

    def wait_for_order(self, state: str, limit: float = 60) -> dict[str, Any]:
        """Waits until the newest order is in a state."""
        def look() -> dict[str, Any] | None:
            orders = self.board.orders()
            return orders[0] if orders and orders[0]["state"] == state else None
        return dict(await_value(look, f"the order is {state}", limit))

    def orders_at_platform(self) -> list[str]:
        """The numbers of all orders that were ever opened."""
        return [order["number"] for order in self.platform.state()["orders"]]

    def field(self, words: str) -> None:
        """Has something done to the uplink, whose name on the board is `field`."""
        self.board.run(words)
