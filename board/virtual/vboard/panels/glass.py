"""What a customer sees of a panel: pixels, brightness, and whether there is power."""

import pathlib
import struct
import subprocess
import tempfile
import threading
import zlib


class Glass:
    """A frame of RGB565 pixels, little-endian as a panel's memory has it; safe between threads."""

    def __init__(self, width: int, height: int) -> None:
        self._lock = threading.Lock()
        self._size = (width, height)
        self._pixels = bytearray(width * height * 2)
        self._brightness = 0.0
        self._paints = 0

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in the present orientation."""
        return self._size

    @property
    def paints(self) -> int:
        """How many times something was painted."""
        return self._paints

    def turn(self, is_landscape: bool) -> None:
        """Changes the orientation; what is in the memory is shown otherwise."""
        with self._lock:
            if (self._size[0] > self._size[1]) != is_landscape:
                self._size = self._size[::-1]

    def shine(self, part: float) -> None:
        """Sets the light behind the glass, 0 to 1."""
        self._brightness = part

    def black_out(self) -> None:
        """Power has gone."""
        with self._lock:
            self._pixels[:] = bytes(len(self._pixels))
            self._brightness = 0.0
            self._paints += 1

    def paint(self, x: int, y: int, width: int, data: bytes) -> None:
        """Paints rows of `width` pixels from a corner on; `data` may end in the middle of one."""
        with self._lock:
            for row in range(0, len(data), width * 2):
                start = ((y + row // (width * 2)) * self._size[0] + x) * 2
                part = data[row : row + width * 2]
                if start + len(part) <= len(self._pixels):
                    self._pixels[start : start + len(part)] = part
            self._paints += 1

    def png(self) -> bytes:
        """What is on the panel, as a PNG file."""
        with self._lock:
            (width, height), pixels = self._size, bytes(self._pixels)
        values = struct.unpack(f"<{width * height}H", pixels)
        rows = bytearray()
        for y in range(height):
            rows.append(0)
            for value in values[y * width : (y + 1) * width]:
                rows += _RGB[value]
        head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head)
            + _chunk(b"IDAT", zlib.compress(bytes(rows), 1)) + _chunk(b"IEND", b"")
        )

    def code(self) -> str | None:
        """What a phone reads off it: the text of the one QR code, by a decoder that is not ours."""
        return None if self._brightness == 0 else self.scan(self.png())

    @staticmethod
    def scan(png: bytes) -> str | None:
        """The text of the one QR code in a picture."""
        with tempfile.TemporaryDirectory() as folder:
            picture = pathlib.Path(folder, "glass.png")
            picture.write_bytes(png)
            done = subprocess.run(
                ["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
                capture_output=True, text=True, check=False)
        codes = done.stdout.splitlines()
        return codes[0] if len(codes) == 1 else None

    def is_dark(self) -> bool:
        """Whether nothing can be seen."""
        with self._lock:
            return self._brightness == 0 or not any(self._pixels)


class Brush:
    """Paints a bitmap that comes in pieces of any length."""

    def __init__(self, glass: Glass) -> None:
        self._glass = glass
        self._corner, self._width, self._painted = (0, 0), 1, 0
        # How many bytes of the bitmap are still to come.
        self.missing = 0

    def begin(self, x: int, y: int, width: int, height: int) -> None:
        """Promises a bitmap."""
        self._corner, self._width, self._painted = (x, y), width, 0
        self.missing = width * height * 2

    def feed(self, data: bytes) -> int:
        """Paints with the beginning of `data`; returns how many bytes belonged to the bitmap."""
        part = data[: self.missing]
        taken, row_bytes = len(part), self._width * 2
        self.missing -= taken
        x, y = self._corner
        while part:
            row, column = divmod(self._painted, row_bytes)
            # To the end of a row begun, then whole rows at once.
            room = row_bytes - column if column else max(len(part) // row_bytes, 1) * row_bytes
            piece, part = part[:room], part[room:]
            self._glass.paint(x + column // 2, y + row, self._width, piece)
            self._painted += len(piece)
        return taken


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


# Of each RGB565 value, its three bytes.
_RGB = [
    bytes(((v >> 11) * 255 // 31, (v >> 5 & 63) * 255 // 63, (v & 31) * 255 // 31))
    for v in range(1 << 16)
]
