"""The whole board: the emulator, its display, its disk, and the daemon in it."""

import json
import pathlib
import time
from collections.abc import Callable
from typing import Any

from vboard.disk import make_disk
from vboard.emulator import BoardError, Emulator, Hardware
from vboard.hands import Hands
from vboard.panels import Panel, WeActPanel
from vboard.places import KEPT
from vboard.usb.server import Server
from vboard.witness import RELAYS, Witness

DISPLAY = "1-1"


class Board(Emulator):
    """A board with its periphery. Every power-on makes new hands; the display stays plugged in."""

    def __init__(self, image: pathlib.Path, work: pathlib.Path,
                 panel: Panel | None = None) -> None:
        super().__init__(Hardware(image), work)
        self.usb = Server()
        self.panel: Panel = panel or WeActPanel()
        self.usb.add(DISPLAY, self.panel)
        self.lines = Witness(self.witness)
        self.disk = work / "disk.img"
        self._hands: Hands | None = None

    # Power

    def boot_machine(self, files: pathlib.Path) -> float:
        """Boots with a fresh disk, as a machine that is switched on; returns the seconds."""
        make_disk(self.disk, files)
        return self.boot(str(self.disk), self.display_words)

    @property
    def display_words(self) -> str:
        """Tells a booting board where its display is plugged in."""
        return f"board.display={self.usb.port}"

    def restore_machine(self, files: pathlib.Path | None, disk: str | None = None,
                        starts: bool = True) -> float:
        """Restores the saved board with a machine in it, ready to sell; returns the seconds.

        `files` become /etc/vend on a fresh disk; without them the disk is as it was. `disk` is how
        the emulator reaches the disk, by default as a plain file.
        """
        began = time.monotonic()
        if files:
            make_disk(self.disk, files)
        self.restore(saved_state(self.hardware.image), disk or str(self.disk))
        script = f"/usr/lib/vboard/disk; /usr/lib/vboard/display {self.usb.port}"
        self.run(script + ("; systemctl start vendd" if starts else ""))
        return time.monotonic() - began

    def cut(self) -> None:
        if self._hands:
            self._hands.close()
        self._hands = None
        super().cut()

    def stop(self) -> None:
        """Cuts the power, and takes the display's server down."""
        self.cut()
        self.usb.stop()

    # Outside

    @property
    def hands(self) -> Hands:
        """Hands at the lines of the present power-on."""
        if self._hands is None:
            self._hands = Hands(self.hands_port)
        return self._hands

    def plug(self) -> None:
        """Plugs the display in."""
        self.run(f"/usr/lib/vboard/display {self.usb.port} {DISPLAY}")

    def unplug(self) -> None:
        """Pulls the display's cable."""
        self.usb.unplug(DISPLAY)

    def code(self, limit: float = 60) -> str:
        """Waits until a phone can read a code off the display; returns its text."""
        return str(await_value(self.camera(), "a code on the display", limit))

    def camera(self) -> Callable[[], str | None]:
        """A look for a code, which decodes only what was painted since the look before."""
        glass, seen = self.panel.glass, -1

        def look() -> str | None:
            nonlocal seen
            if glass.paints == seen:
                return None
            seen = glass.paints
            return glass.code()

        return look

    def relays_on(self) -> list[str]:
        """The relays that are on at the line, by the kernel's last word and by its own reading."""
        told = {line for line in RELAYS if self.lines.is_on(line)}
        return sorted(told | {line for line in RELAYS if self.hands.value(line)})

    # Inside

    def vendctl(self, words: str, check: bool = True) -> str:
        """Runs vendctl on the board."""
        return self.run(f"vendctl {words}", check=check)

    def status(self) -> dict[str, Any]:
        """What the daemon says of itself."""
        text = self.vendctl("status --json", check=False)
        try:
            return dict(json.loads(text))
        except ValueError:
            raise BoardError(f"no status: {text}") from None

    def orders(self) -> list[dict[str, Any]]:
        """The orders in the daemon's books, newest first."""
        return list(json.loads(self.vendctl("orders --json")))


def await_value(look: Callable[[], Any], what: str, limit: float = 60) -> Any:
    """Looks again and again until there is something to see."""
    end = time.monotonic() + limit
    while not (seen := look()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {limit:.0f} s")
        time.sleep(0.1)
    return seen


def saved_state(image: pathlib.Path) -> pathlib.Path:
    """The saved board of an image; it is booted and saved when there is none yet."""
    state, key = KEPT / "board.state", KEPT / "board.state.key"
    wanted = (image / "key").read_text()
    if state.exists() and key.exists() and key.read_text() == wanted:
        return state
    key.unlink(missing_ok=True)
    work = KEPT / "saving"
    work.mkdir(exist_ok=True)
    blank = work / "blank.img"
    with blank.open("wb") as file:
        file.truncate(64 << 20)
    emulator = Emulator(Hardware(image), work)
    try:
        emulator.boot(str(blank), "board.disk=later systemd.unit=board.target")
        # What every test needs, once: modules, and the tools' pages.
        emulator.run("modprobe -a vhci-hcd cdc-acm usbserial ext4; usbip version; vendctl version")
        emulator.save(state)
    finally:
        emulator.cut()
    key.write_text(wanted)
    return state
