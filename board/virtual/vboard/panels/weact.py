"""WeAct Studio Display FS V1, 3.5 inch, as its maker's program talks with it.

A frame is an opcode, its arguments and 0x0A; the opcode alone tells its length, since 0x0A may
occur inside. After a bitmap's frame come its pixels.
"""

import struct

from vboard.panels.glass import Brush, Glass
from vboard.usb.device import Identity
from vboard.usb.serial import SerialDevice

READ = 0x80
ORIENTATION, BRIGHTNESS, FILL, BITMAP, SENSORS = 0x02, 0x03, 0x04, 0x05, 0x06
FREE, RESET, WHO_AM_I, VERSION = 0x07, 0x40, 0x01, 0x42
LENGTHS = {
    ORIENTATION: 3, BRIGHTNESS: 5, FILL: 12, BITMAP: 10, SENSORS: 4, FREE: 2, RESET: 2,
    WHO_AM_I | READ: 2, VERSION | READ: 2,
}


class WeActPanel(SerialDevice):
    """The panel; what it shows is its `glass`."""

    identity = Identity(0x1A86, 0xFE0C, "WeAct Studio", "Display FS V1", "AB00000001", (2, 0, 0))

    def __init__(self) -> None:
        super().__init__()
        self.glass = Glass(320, 480)
        self._frame = bytearray()
        self._brush = Brush(self.glass)
        # Bytes that are no frame's beginning: a driver that is well sends none.
        self.strange = 0

    def plugged(self) -> None:
        self._frame.clear()
        self._brush = Brush(self.glass)
        self.glass.black_out()

    def detach(self) -> None:
        super().detach()
        self.glass.black_out()

    def wrote(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._brush.missing:
                at += self._brush.feed(data[at:])
            else:
                at += self._collect(data, at)

    def _collect(self, data: bytes, at: int) -> int:
        """Takes what belongs to the frame under way; returns how many bytes that were."""
        opcode = self._frame[0] if self._frame else data[at]
        length = LENGTHS.get(opcode)
        if length is None:
            self.strange += 1
            return 1
        part = data[at : at + length - len(self._frame)]
        self._frame += part
        if len(self._frame) == length:
            frame = bytes(self._frame)
            self._frame.clear()
            if frame[-1] == 0x0A:
                self._obey(frame)
            else:
                self.strange += length
        return len(part)

    def _obey(self, frame: bytes) -> None:
        opcode = frame[0]
        if opcode == ORIENTATION:
            self.glass.turn(is_landscape=frame[1] in (2, 3))
        elif opcode == BRIGHTNESS:
            self.glass.shine(frame[1] / 255)
        elif opcode == FILL:
            x, y, right, bottom, _ = struct.unpack("<HHHHH", frame[1:11])
            width, height = right - x + 1, bottom - y + 1
            self.glass.paint(x, y, width, frame[9:11] * (width * height))
        elif opcode == BITMAP:
            x, y, right, bottom = struct.unpack("<HHHH", frame[1:9])
            self._brush.begin(x, y, right - x + 1, bottom - y + 1)
        elif opcode == WHO_AM_I | READ:
            self.say(b"\x81WeAct Studio Display FS V1\n")
        elif opcode == VERSION | READ:
            # The first firmware: later ones unpack pixels, which this one does not.
            self.say(b"\xc2V1.0.0.0" + bytes(9) + b"\n")
