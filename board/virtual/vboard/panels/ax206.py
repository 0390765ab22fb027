"""A USB frame of the AX206 class, 3.5 inch, 480x320, as the open firmware dpf-ax answers.

Commands come in the framing of USB mass storage (Bulk-Only Transport 1.0, section 5): a block of 31
bytes, data, and a status of 13. What is no block where one is due is answered by a stall.
"""

import struct

from vboard.panels.glass import Brush, Glass
from vboard.usb.device import BULK, Device, Endpoint, Identity, Interface

BLOCK_BYTES = 31
IN = 1
WIDTH, HEIGHT = 480, 320


class AX206Panel(Device):
    """The panel; its pixels come big-endian."""

    identity = Identity(
        0x1908, 0x0102, "hackfin", "USB-Display", "20120504", (0xFF, 0xFF, 0xFF), release=0x0200)
    interfaces = (
        Interface((0xFF, 0, 0), (Endpoint(0x81, BULK, 64), Endpoint(0x01, BULK, 64))),)

    def __init__(self) -> None:
        super().__init__()
        self.glass = Glass(WIDTH, HEIGHT)
        self._brush = Brush(self.glass)
        self._tag = bytes(4)
        self._odd = b""
        # Transfers that were no block: a driver that is well sends none.
        self.strange = 0

    def plugged(self) -> None:
        self._brush, self._odd = Brush(self.glass), b""
        self.glass.black_out()

    def detach(self) -> None:
        super().detach()
        self.glass.black_out()

    def received(self, endpoint: int, data: bytes) -> None:
        if self._brush.missing:
            self._pixels(data)
        elif len(data) == BLOCK_BYTES and data.startswith(b"USBC"):
            self._obey(data)
        else:
            self.strange += 1
            self.stalls = 2

    def _pixels(self, data: bytes) -> None:
        data = self._odd + data
        even = len(data) & ~1
        self._odd = data[even:]
        swapped = bytearray(even)
        swapped[0::2], swapped[1::2] = data[1:even:2], data[0:even:2]
        self._brush.feed(bytes(swapped))
        if not self._brush.missing:
            self._end(1)

    def _obey(self, block: bytes) -> None:
        self._tag, command = block[4:8], block[15:31]
        if command[5] == 2:
            self.send(IN, struct.pack("<HHB", WIDTH, HEIGHT, 0xFF))
            self._end(0)
        elif command[5:7] == b"\x06\x01":
            name, value = struct.unpack("<HH", command[7:11])
            if name == 1:
                self.glass.shine(value / 7)
            self._end(1)
        elif command[5:7] == b"\x06\x12":
            x, y, right, bottom = struct.unpack("<HHHH", command[7:15])
            self._odd = b""
            self._brush.begin(x, y, right - x + 1, bottom - y + 1)
        else:
            self._end(1)

    def _end(self, status: int) -> None:
        """The firmware says 1 for success where it has nothing to hand over."""
        self.send(IN, b"USBS" + self._tag + bytes(4) + bytes([status]))
