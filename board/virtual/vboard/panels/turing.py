"""Turing Smart Screen 3.5 inch, revision A ("UsbMonitor").

A command is six bytes: four numbers of ten bits and an opcode; orientation has ten bytes more. The
panel believes in what it was promised: until a bitmap's pixels are whole, every byte is one.
"""

from vboard.panels.glass import Brush, Glass
from vboard.usb.device import BULK, INTERRUPT, Endpoint, Identity, Interface
from vboard.usb.serial import SerialDevice

CLEAR, OFF, ON, BRIGHTNESS, ORIENTATION, BITMAP = 0x66, 0x6C, 0x6D, 0x6E, 0x79, 0xC5


class TuringPanel(SerialDevice):
    """The panel; it answers nothing, not even HELLO, as the first of its kind."""

    identity = Identity(0x1A86, 0x5722, "Turing", "UsbMonitor", "USB35INCHIPSV2", (2, 0, 0))
    interfaces = (
        SerialDevice.interfaces[0],
        Interface((10, 0, 0), (Endpoint(0x82, BULK, 64), Endpoint(0x03, BULK, 64))),
    )

    def __init__(self) -> None:
        super().__init__()
        self.glass = Glass(320, 480)
        self._frame = bytearray()
        self._brush = Brush(self.glass)
        self._light, self._is_on = 0.5, True

    def say(self, data: bytes) -> None:
        self.send(2, data)

    def plugged(self) -> None:
        self._frame.clear()
        self._brush = Brush(self.glass)
        self._light, self._is_on = 0.5, True
        self.glass.black_out()
        self.glass.shine(self._light)

    def detach(self) -> None:
        super().detach()
        self.glass.black_out()

    def wrote(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._brush.missing:
                at += self._brush.feed(data[at:])
            else:
                self._frame.append(data[at])
                at += 1
                self._end_frame()

    def _end_frame(self) -> None:
        has_more = len(self._frame) >= 6 and self._frame[5] == ORIENTATION
        if len(self._frame) == (16 if has_more else 6):
            frame = bytes(self._frame)
            self._frame.clear()
            self._obey(frame)

    def _obey(self, frame: bytes) -> None:
        bits = int.from_bytes(frame[:5], "big")
        x, y, right, bottom = (bits >> shift & 0x3FF for shift in (30, 20, 10, 0))
        opcode = frame[5]
        if opcode == ORIENTATION:
            self.glass.turn(is_landscape=frame[6] - 100 in (2, 3))
        elif opcode == BRIGHTNESS:
            self._light = (255 - x) / 255
        elif opcode in (ON, OFF):
            self._is_on = opcode == ON
        elif opcode == CLEAR:
            width, height = self.glass.size
            self.glass.paint(0, 0, width, b"\xff\xff" * (width * height))
        elif opcode == BITMAP:
            self._brush.begin(x, y, right - x + 1, bottom - y + 1)
        self.glass.shine(self._light if self._is_on else 0)
