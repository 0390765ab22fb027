"""The emulator: processors, networks, disks and a watchdog, and how to save and restore them."""

import dataclasses
import pathlib
import re
import socket
import subprocess
import time
from typing import Any

from vboard.monitor import Monitor, MonitorError

# Addresses of the two networks. The control network never has faults; the field's are the tests'.
CONTROL_HOST, CONTROL_BOARD = "10.0.9.2", "10.0.9.15"
FIELD_HOST = "10.0.2.2"
AGENT_PORT, HANDS_PORT = 1000, 1001
KERNEL_WORDS = (
    "console=ttyS0 quiet panic=-1 mitigations=off nokaslr tsc=reliable no_timer_check "
    "systemd.show_status=0 random.trust_cpu=on audit=0 apparmor=0"
)


class BoardError(Exception):
    """The board did not do what was asked of it."""


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclasses.dataclass
class Hardware:
    """What must be the same when a board is saved and when it is restored."""

    image: pathlib.Path
    memory_mib: int = 512
    processors: int = 2


class Emulator:
    """One board, from power on to power off; a further start is a further emulator process."""

    def __init__(self, hardware: Hardware, work: pathlib.Path) -> None:
        self.hardware, self.work = hardware, work
        work.mkdir(parents=True, exist_ok=True)
        self.console, self.witness = work / "console.log", work / "witness.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._monitor: Monitor | None = None
        self.agent_port = self.hands_port = 0

    # Power

    def boot(self, disk: str | None, words: str = "", limit: float = 240) -> float:
        """Boots from nothing, and returns the seconds until the board says that it is up.

        `disk` is QEMU's name of the board's own disk: a file, or nbd:unix:PATH.
        """
        began = time.monotonic()
        self._launch(disk, words, [])
        while not (match := re.search(r"BOARD-UP ([\d.]+)", self.console_text())):
            self._check(began, limit, "boot")
            time.sleep(0.05)
        self.booted_after = float(match.group(1))
        return time.monotonic() - began

    def restore(self, state: pathlib.Path, disk: str | None, limit: float = 120) -> float:
        """Goes on from a saved board, with another disk; returns the seconds it took."""
        began = time.monotonic()
        self._launch(disk, "board.disk=later", ["-incoming", f"exec:cat '{state}'"])
        # A connection that comes earlier waits for its second SYN, which is seven seconds later.
        while self._status() != "running":
            self._check(began, limit, "restored")
            time.sleep(0.02)
        # The board's clock stood still while it was saved.
        self.set_clock()
        return time.monotonic() - began

    def set_clock(self) -> None:
        """Sets the board's clock, as a time server does."""
        self.run(f"date -s @{time.time():.3f} >/dev/null")

    def save(self, state: pathlib.Path) -> None:
        """Writes the running board to a file, and ends it. Its own disk must not be mounted."""
        self.run("sync; echo 3 >/proc/sys/vm/drop_caches")
        self.ask("migrate-set-parameters", **{"max-bandwidth": 10**11})
        self.ask("migrate", uri=f"exec:cat >'{state}'")
        while (status := self.ask("query-migrate").get("status")) not in ("completed", "failed"):
            time.sleep(0.02)
        self.cut()
        if status != "completed":
            raise BoardError(f"the board was not saved: {status}")

    def cut(self) -> None:
        """Cuts the power: processor and memory are gone at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        if self._monitor is not None:
            self._monitor.close()
        self._process = self._monitor = None

    @property
    def is_on(self) -> bool:
        """Whether the board has not been reset, switched off or cut; a reset ends the emulator."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The emulator's process."""
        assert self._process is not None
        return self._process.pid

    # Talk

    def run(self, script: str, limit: float = 120, check: bool = True) -> str:
        """Runs a shell script on the board, and returns its output."""
        address = ("127.0.0.1", self.agent_port)
        with socket.create_connection(address, timeout=limit) as talk:
            talk.sendall(script.encode())
            talk.shutdown(socket.SHUT_WR)
            output = b"".join(iter(lambda: talk.recv(65536), b"")).decode(errors="replace")
        match = re.search(r"agent-status=(\d+)\n$", output)
        if not match:
            raise BoardError(f"the board gave no status: {output[-2000:]}")
        if check and match.group(1) != "0":
            raise BoardError(f"status {match.group(1)} of {script!r}: {output[-4000:]}")
        return output[: match.start()]

    def ask(self, command: str, **arguments: Any) -> Any:
        """One command to the emulator's monitor."""
        if self._monitor is None:
            self._monitor = Monitor(self.work / "monitor.sock")
        return self._monitor.ask(command, **arguments)

    def console_text(self) -> str:
        """What the board has written on its serial console."""
        return self.console.read_text(errors="replace") if self.console.exists() else ""

    # Inside

    def _launch(self, disk: str | None, words: str, more: list[str]) -> None:
        self.cut()
        for old in (self.console, self.witness, self.work / "monitor.sock"):
            old.unlink(missing_ok=True)
        self.agent_port, self.hands_port = free_port(), free_port()
        errors = (self.work / "emulator.err").open("w")
        self._process = subprocess.Popen(
            ["nice", "-n", "5", *self._command(disk, words), *more],
            stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, start_new_session=True,
        )
        errors.close()

    def _command(self, disk: str | None, words: str) -> list[str]:
        image = self.hardware.image
        forwards = "".join(
            f",hostfwd=tcp:127.0.0.1:{outside}-{CONTROL_BOARD}:{inside}"
            for outside, inside in ((self.agent_port, AGENT_PORT), (self.hands_port, HANDS_PORT))
        )
        command = [
            "qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none",
            "-no-reboot", "-machine", "q35", "-cpu", "max",
            "-accel", "tcg,thread=multi,tb-size=512",
            "-smp", str(self.hardware.processors), "-m", str(self.hardware.memory_mib),
            "-kernel", f"{image}/vmlinux", "-initrd", f"{image}/initrd.cpio",
            "-append", f"{KERNEL_WORDS} {words}",
            "-chardev", f"file,id=console,path={self.console}", "-serial", "chardev:console",
            "-chardev", f"file,id=witness,path={self.witness}",
            "-device", "isa-debugcon,iobase=0xe9,chardev=witness",
            "-device", "i6300esb", "-action", "watchdog=reset",
            "-qmp", f"unix:{self.work}/monitor.sock,server=on,wait=off",
            "-drive", f"if=none,id=root,format=raw,readonly=on,file={image}/root.squashfs",
            "-device", "virtio-blk-pci,drive=root",
            "-netdev", f"user,id=control,net=10.0.9.0/24{forwards}",
            "-device", "virtio-net-pci,netdev=control,mac=52:54:00:00:00:01,romfile=",
            "-netdev", "user,id=field,net=10.0.2.0/24",
            "-device", "virtio-net-pci,netdev=field,id=field,mac=52:54:00:00:00:02,romfile=",
            "-object", "rng-random,id=random,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=random",
        ]
        if disk is not None:
            command += [
                "-drive", f"if=none,id=own,format=raw,cache=writeback,file={disk}",
                "-device", "virtio-blk-pci,drive=own",
            ]
        return command

    def _status(self) -> str:
        try:
            return str(self.ask("query-status")["status"])
        except (OSError, MonitorError):
            self._monitor = None
            return ""

    def _check(self, began: float, limit: float, what: str) -> None:
        if not self.is_on:
            words = (self.work / "emulator.err").read_text()
            raise BoardError(f"the emulator ended: {words}{self.console_text()[-2000:]}")
        if time.monotonic() - began > limit:
            raise BoardError(f"not {what} in {limit:.0f} s: {self.console_text()[-3000:]}")
