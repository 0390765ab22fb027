"""Panels that draw by themselves (TJC, DWIN), emulated by vendsim behind a USB serial port."""

import os
import pathlib
import signal
import subprocess
import tempfile
import threading
import tty
import zlib

from vboard.panels.glass import Glass
from vboard.places import board_file
from vboard.usb.device import Identity
from vboard.usb.serial import SerialDevice


class ForeignPanel(SerialDevice):
    """A panel of vendsim's whose cable is a CDC-ACM port; what it shows is its `glass`."""

    identity = Identity(0x1209, 0x0001, "vend", "serial panel", "00000001", (2, 0, 0))

    def __init__(self, programs: pathlib.Path, *replacements: tuple[str, str]) -> None:
        super().__init__()
        self._program = programs / "vendsim"
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="vpanel-"))
        (self._folder / "board.toml").write_text(board_file(*replacements))
        self._picture = self._folder / "picture.png"
        self.glass = PictureGlass(self._picture)
        self._child: subprocess.Popen[bytes] | None = None
        self._wire = -1

    def plugged(self) -> None:
        """Its power comes up: it begins anew."""
        self._end()
        port = self._folder / "port"
        self._child = subprocess.Popen(
            [self._program, "panel", "--board", self._folder / "board.toml", "--port", port,
             "--picture", self._picture])
        while not port.exists():
            if self._child.poll() is not None:
                raise OSError(f"vendsim panel ended with {self._child.returncode}")
        self._wire = os.open(port, os.O_RDWR | os.O_NOCTTY)
        tty.setraw(self._wire)
        threading.Thread(target=self._listen, args=(self._wire,), daemon=True).start()

    def detach(self) -> None:
        super().detach()
        self._end()

    def wrote(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._wire, data):]

    def _listen(self, wire: int) -> None:
        try:
            while data := os.read(wire, 4096):
                self.say(data)
        except OSError:
            pass

    def _end(self) -> None:
        if self._child is None:
            return
        self._child.send_signal(signal.SIGTERM)
        self._child.wait()
        self._child = None
        os.close(self._wire)
        self._picture.unlink(missing_ok=True)


class PictureGlass(Glass):
    """What vendsim says can be seen: a picture file that it replaces."""

    def __init__(self, picture: pathlib.Path) -> None:
        super().__init__(1, 1)
        self._picture = picture

    @property
    def paints(self) -> int:
        try:
            return self._picture.stat().st_mtime_ns
        except FileNotFoundError:
            return 0

    def png(self) -> bytes:
        try:
            return self._picture.read_bytes()
        except FileNotFoundError:
            return super().png()

    def code(self) -> str | None:
        return None if self.is_dark() else self.scan(self.png())

    def is_dark(self) -> bool:
        png = self.png()
        # The rows are one zlib stream, in a chunk IDAT of the length that stands before it.
        at = png.index(b"IDAT")
        length = int.from_bytes(png[at - 4 : at], "big")
        return not any(zlib.decompress(png[at + 4 : at + 4 + length]))
