"""What a USB device is and answers: descriptors, control requests, bulk data.

Source: the USB 2.0 specification, chapter 9.
"""

import dataclasses
import struct
from typing import Protocol

FULL_SPEED, HIGH_SPEED = 2, 3
BULK, INTERRUPT = 2, 3
DEVICE, CONFIGURATION, STRING, QUALIFIER = 1, 2, 3, 6
# Standard requests.
GET_STATUS, GET_DESCRIPTOR, GET_CONFIGURATION, GET_INTERFACE = 0, 6, 8, 10


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """An endpoint; bit 7 of the address means towards the board."""

    address: int
    kind: int
    size: int
    interval: int = 0


@dataclasses.dataclass(frozen=True)
class Interface:
    """An interface with its class's own descriptors."""

    code: tuple[int, int, int]
    endpoints: tuple[Endpoint, ...]
    extra: bytes = b""


@dataclasses.dataclass(frozen=True)
class Identity:
    """What a device says of itself."""

    vendor: int
    product: int
    maker: str
    name: str
    serial: str
    code: tuple[int, int, int] = (0, 0, 0)
    speed: int = FULL_SPEED
    release: int = 0x0100


class Wire(Protocol):
    """Where the answers to the board's requests go."""

    def answer(self, request: int, status: int, data: bytes, length: int) -> None:
        """Completes a request."""

    def cut(self) -> None:
        """Pulls the plug."""

    def revive(self) -> None:
        """Answers what was asked of a device that hung."""


class Device:
    """A device on a port of its own. A kind of device overrides `class_control` and `received`."""

    identity: Identity
    interfaces: tuple[Interface, ...] = ()

    def __init__(self) -> None:
        self.wire: Wire | None = None
        self._waiting: dict[int, dict[int, int]] = {}
        # What waits to be read: each of its parts ends with a short packet, and with it a transfer.
        self._ready: dict[int, list[bytes]] = {}
        # How many further bulk transfers end with a stall.
        self.stalls = 0
        # While false, it is plugged in and answers nothing.
        self.is_alive = True

    # For a kind of device

    def class_control(self, kind: int, request: int, value: int, data: bytes) -> bytes | None:
        """Answers a request of the device's class or vendor; None stalls."""
        del kind, request, value, data
        return None

    def received(self, endpoint: int, data: bytes) -> None:
        """Takes what the board wrote."""

    def plugged(self) -> None:
        """Begins as after power on."""

    def send(self, endpoint: int, data: bytes) -> None:
        """Gives bytes to the board, once it reads; a transfer does not go on behind them."""
        self._ready.setdefault(endpoint, []).append(data)
        self._serve(endpoint)

    # For the server

    def attach(self, wire: Wire) -> None:
        """The board has plugged it in."""
        self.wire = wire
        self.is_alive = True
        self._waiting.clear()
        self._ready.clear()
        self.plugged()

    def detach(self) -> None:
        """The board, or somebody, has pulled it out."""
        self.wire = None

    def control(self, setup: bytes, data: bytes) -> bytes | None:
        """Answers a control request; None stalls."""
        kind, request, value, _, size = struct.unpack("<BBHHH", setup)
        if kind & 0x60:
            reply = self.class_control(kind, request, value, data)
        else:
            reply = self._standard(request, value)
        return reply if reply is None else reply[:size]

    def read(self, endpoint: int, request: int, length: int) -> None:
        """The board waits for data; a queue keeps its requests in order."""
        self._waiting.setdefault(endpoint, {})[request] = length
        self._serve(endpoint)

    def forget(self, request: int) -> bool:
        """The board gives a request up; whether it was still waiting."""
        return any(queue.pop(request, None) is not None for queue in self._waiting.values())

    def _serve(self, endpoint: int) -> None:
        queue = self._waiting.get(endpoint, {})
        ready = self._ready.get(endpoint, [])
        while self.wire and queue and ready:
            request = next(iter(queue))
            length = queue.pop(request)
            part, rest = ready[0][:length], ready[0][length:]
            ready[:1] = [rest] if rest else []
            self.wire.answer(request, 0, part, len(part))

    def _standard(self, request: int, value: int) -> bytes | None:
        if request == GET_DESCRIPTOR:
            return self._descriptor(value >> 8, value & 0xFF)
        answers = {GET_STATUS: b"\0\0", GET_CONFIGURATION: b"\1", GET_INTERFACE: b"\0"}
        return answers.get(request, b"")

    def _descriptor(self, kind: int, index: int) -> bytes | None:
        about = self.identity
        if kind == DEVICE:
            return struct.pack(
                "<BBHBBBBHHHBBBB", 18, DEVICE, 0x0200, *about.code, 64, about.vendor,
                about.product, about.release, 1, 2, 3, 1,
            )
        if kind == CONFIGURATION:
            return self._configuration()
        if kind == STRING and index == 0:
            return b"\x04\x03\x09\x04"
        if kind == STRING and index <= 3:
            text = (about.maker, about.name, about.serial)[index - 1].encode("utf-16-le")
            return bytes([len(text) + 2, STRING]) + text
        if kind == QUALIFIER and about.speed == HIGH_SPEED:
            return struct.pack("<BBHBBBBBB", 10, QUALIFIER, 0x0200, *about.code, 64, 1, 0)
        return None

    def _configuration(self) -> bytes:
        body = b""
        for number, interface in enumerate(self.interfaces):
            points = interface.endpoints
            body += bytes([9, 4, number, 0, len(points), *interface.code, 0]) + interface.extra
            for point in points:
                body += struct.pack(
                    "<BBBBHB", 7, 5, point.address, point.kind, point.size, point.interval)
        head = struct.pack(
            "<BBHBBBBB", 9, CONFIGURATION, 9 + len(body), len(self.interfaces), 1, 0, 0x80, 250)
        return head + body
