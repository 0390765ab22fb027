"""From power on to selling; what the running system exposes; what a machine at rest costs."""

import re
import time

from tests.case import BoardCase
from vboard.figures import FIGURES

# By `systemd-analyze security`, in the running system.
WORST_EXPOSURE = 1.2
IDLE_SECONDS = 60


class BootTests(BoardCase):
    """A cold board."""

    def test_a_board_that_is_switched_on_sells(self) -> None:
        files = self.platform.machine_files(self.scene.work / "etc")
        began = time.monotonic()
        self.board.boot_machine(files)
        self.wait_until(lambda status: status["sells"], "the machine sells", 120)
        FIGURES.note("power on to selling, at most", time.monotonic() - began, "s")
        self.assertEqual(self.board.lines.pulses(), [], "no relay moves while a board boots")
        for what, at in self.milestones().items():
            FIGURES.note(f"boot: {what}, by the board's clock", at, "s")
        self.sell("11")

    def milestones(self) -> dict[str, float]:
        """Moments of the boot, in seconds since the kernel's start."""
        show = self.board.run(
            "systemctl show -P UserspaceTimestampMonotonic; "
            "systemctl show -P ExecMainStartTimestampMonotonic vendd; "
            "systemctl show -P ActiveEnterTimestampMonotonic vendd").split()
        names = ("kernel and initramfs", "vendd is started", "vendd is READY")
        found = dict(zip(names, (int(text) / 1e6 for text in show), strict=True))
        ready = re.search(r"\[ *([\d.]+)\].*(cleared|ready) .*", self.log())
        if ready:
            found["vendd has said how it is"] = float(ready.group(1))
        return found


class RestTests(BoardCase):
    """A machine that nobody uses."""

    def test_a_restored_board_is_ready_soon(self) -> None:
        files = self.platform.machine_files(self.scene.work / "etc")
        seconds = self.board.restore_machine(files)
        FIGURES.note("restored board to READY", seconds, "s")
        self.wait_to_sell()

    def test_the_running_daemon_is_confined(self) -> None:
        self.start()
        text = self.board.run("systemd-analyze security --no-pager vendd")
        match = re.search(r"Overall exposure level for vendd.service: ([\d.]+)", text)
        assert match
        FIGURES.note("exposure of vendd.service", float(match.group(1)), "")
        self.assertLessEqual(float(match.group(1)), WORST_EXPOSURE, text)

    def test_a_machine_at_rest_wakes_seldom_and_writes_nothing(self) -> None:
        self.start()
        # The first screen, and what the start has left in the page cache.
        self.board.hands.do("wait 5000000")
        self.board.run("sync")
        self.board.hands.do("wait 5000000")
        before = self.counters()
        self.board.hands.do(f"wait {IDLE_SECONDS * 1_000_000}", limit=IDLE_SECONDS * 3)
        after = self.counters()
        minutes = (after["at"] - before["at"]) / 60
        wakes = (after["switches"] - before["switches"]) / minutes
        written = (after["sectors"] - before["sectors"]) * 512 / minutes
        FIGURES.note("wake-ups of vendd at rest, by the kernel", wakes, "a minute")
        FIGURES.note("bytes written to the board's disk at rest", written, "a minute")
        self.assertLess(wakes, 120)
        self.assertEqual(written, 0)

    def counters(self) -> dict[str, float]:
        """The kernel's own: voluntary switches of all threads, and the disk's written sectors."""
        text = self.board.run(
            "pid=$(systemctl show -P MainPID vendd); "
            "cat /proc/$pid/task/*/status | awk '/^voluntary/ { n += $2 } END { print n }'; "
            "awk '{ print $7 }' /sys/block/vdb/stat; cut -d' ' -f1 /proc/uptime").split()
        return {"switches": float(text[0]), "sectors": float(text[1]), "at": float(text[2])}
