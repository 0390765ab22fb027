"""A USB/IP server on the loopback, from which the board attaches devices.

Source: Documentation/usb/usbip_protocol.rst of the kernel.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from vboard.usb.device import Device

EPIPE, ECONNRESET = -32, -104
VERSION = 0x0111
IMPORT, SUBMIT, UNLINK = 0x8003, 1, 2

Result = TypeVar("Result")


class Link:
    """The traffic of one attached device."""

    def __init__(self, device: Device, reader: asyncio.StreamReader,
                 writer: asyncio.StreamWriter) -> None:
        self._device, self._reader, self._writer = device, reader, writer
        # What a device that hangs has not answered.
        self._held: dict[int, tuple[int, bool, int, int, bytes, bytes]] = {}

    def answer(self, request: int, status: int, data: bytes, length: int) -> None:
        """Completes a request."""
        head = struct.pack(">IIIII", 3, request, 0, 0, 0)
        self._writer.write(head + struct.pack(">iiiii", status, length, 0, 0, 0) + bytes(8) + data)

    def cut(self) -> None:
        """Pulls the plug."""
        self._writer.transport.abort()

    def revive(self) -> None:
        """A device that hung goes on where it was."""
        for wish in self._held.values():
            self._submit(*wish)
        self._held.clear()

    async def run(self) -> None:
        """Serves requests until either end pulls the plug."""
        device = self._device
        device.attach(self)
        try:
            while True:
                head = await self._reader.readexactly(48)
                command, request, _, is_in, endpoint = struct.unpack_from(">IIIII", head)
                if command == SUBMIT:
                    (length,) = struct.unpack_from(">i", head, 24)
                    data = b"" if is_in else await self._reader.readexactly(length)
                    wish = (request, bool(is_in), endpoint, length, head[40:48], data)
                    if device.is_alive:
                        self._submit(*wish)
                    else:
                        self._held[request] = wish
                elif command == UNLINK:
                    # That is the host controller's work: it succeeds with a device that hangs, too.
                    (victim,) = struct.unpack_from(">I", head, 20)
                    is_found = self._held.pop(victim, None) or device.forget(victim)
                    status = ECONNRESET if is_found else 0
                    self._writer.write(struct.pack(">IIIIIi", 4, request, 0, 0, 0, status)
                                       + bytes(24))
                await self._writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            device.detach()

    def _submit(self, request: int, is_in: bool, endpoint: int, length: int, setup: bytes,
                data: bytes) -> None:
        device = self._device
        if endpoint == 0:
            reply = device.control(setup, data)
            if reply is None:
                self.answer(request, EPIPE, b"", 0)
            elif is_in:
                self.answer(request, 0, reply, len(reply))
            else:
                self.answer(request, 0, b"", length)
        elif device.stalls:
            device.stalls -= 1
            self.answer(request, EPIPE, b"", 0)
        elif is_in:
            device.read(endpoint, request, length)
        else:
            self.answer(request, 0, b"", length)
            device.received(endpoint, data)


class Server:
    """Devices by bus name ("1-1"), served by a thread of their own."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        server = self.run(asyncio.start_server, self._serve, "127.0.0.1", 0)
        self.port: int = server.sockets[0].getsockname()[1]

    def add(self, name: str, device: Device) -> None:
        """Offers a device; in place of the one that had the name."""
        self._devices[name] = device

    def run(self, action: Callable[..., Coroutine[Any, Any, Result]], *arguments: Any) -> Result:
        """Runs a coroutine in the devices' thread, and waits for it."""
        return asyncio.run_coroutine_threadsafe(action(*arguments), self._loop).result(60)

    def unplug(self, name: str) -> None:
        """Pulls a device out."""
        async def cut() -> None:
            if wire := self._devices[name].wire:
                wire.cut()
        self.run(cut)

    def hold(self, name: str, is_alive: bool) -> None:
        """Lets a device hang, plugged in; or go on."""
        async def change() -> None:
            device = self._devices[name]
            device.is_alive = is_alive
            if is_alive and device.wire:
                device.wire.revive()
        self.run(change)

    def stop(self) -> None:
        """Ends the server, and pulls every plug."""
        async def end() -> None:
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
        self.run(end)
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            _, code, _ = struct.unpack(">HHI", await reader.readexactly(8))
            if code == IMPORT:
                await self._import(reader, writer)
        writer.close()

    async def _import(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readexactly(32)).rstrip(b"\0").decode()
        device = self._devices.get(name)
        if device is None or device.wire is not None:
            writer.write(struct.pack(">HHI", VERSION, 3, 1))
            return
        writer.write(struct.pack(">HHI", VERSION, 3, 0) + self._record(name, device))
        await writer.drain()
        await Link(device, reader, writer).run()

    @staticmethod
    def _record(name: str, device: Device) -> bytes:
        about = device.identity
        bus, port = (int(part) for part in name.split("-"))
        path = f"/sys/devices/virtual-board/{name}".encode()
        return (
            path.ljust(256, b"\0") + name.encode().ljust(32, b"\0")
            + struct.pack(">III", bus, port, about.speed)
            + struct.pack(">HHH", about.vendor, about.product, about.release)
            + bytes([*about.code, 1, 1, len(device.interfaces)])
        )
