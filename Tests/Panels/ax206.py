#!/usr/bin/env python3
"""A USB frame of the AX206 class on a USB that does not exist: programs with the real libusb
(0.1 or 1.0) find it, open it and send it pictures. It is made with umockdev, and is told what to do
and what to do wrong line by line on its standard input; every line is answered by one.

    ax206.py [--size WxH] [--place 1-1.2]

It first says `root FOLDER`: a program meets the device when it runs with
LD_PRELOAD=libumockdev-preload.so.0 and UMOCKDEV_DIR=FOLDER.

    picture FILE       writes what its memory shows: two bytes a pixel, little-endian, row by row
    fill HEX           fills its memory with one colour, as RGB565
    state              what happened so far, as JSON
    reset-state        forgets what happened so far
    status N           what it says to pictures and brightness: 0 as clones, 1 as the old firmware
    lose N             the next N statuses are lost
    garble N           the next N statuses are garbage
    stall N            the next N commands stall
    short N            takes at most N bytes of each transfer (0: all)
    deaf reset|ever|no takes and says nothing until a reset, or ever
    waiting N          waits for N more bytes of a picture whose sender was killed
    unplug-after N     is pulled out after N bytes
    unplug             is pulled out
    plug [PLACE]       is put in (again), under another number
    busy yes|no        whether another program has claimed it
    class N            the class of its interface
    node MODE          the rights of its node, in octal; everything around it is everybody's
    quit
"""
import argparse
import errno
import json
import os
import struct

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

# linux/usbdevice_fs.h, on 64 bits.
GET_CAPABILITIES = 0x8004551A
CLAIM = 0x8004550F
RELEASE = 0x80045510
SET_CONFIGURATION = 0x80045505
CLEAR_HALT = 0x80045515
RESET = 0x5514
GET_DRIVER = 0x41045508
CONNECT_INFO = 0x40085511
DISCONNECT_CLAIM = 0x8108551B
IOCTL = 0xC0105512
SUBMIT = 0x8038550A
REAP = 0x4008550C
REAP_NO_DELAY = 0x4008550D
DISCARD = 0x550B
URB_SIZE = 56
BULK = 3
OUT, IN = 0x01, 0x81

TAG = bytes.fromhex("deadbeef")


def descriptors(interface_class):
    """As the open firmware dpf-ax says them."""
    device = struct.pack(
        "<BBHBBBBHHHBBBB", 18, 1, 0x0110, 0xFF, 0xFF, 0xFF, 8, 0x1908, 0x0102, 0x0200, 2, 3, 1, 1)
    ends = b"".join(struct.pack("<BBBBHB", 7, 5, end, 2, 64, 0) for end in (IN, OUT))
    interface = struct.pack("<BBBBBBBBB", 9, 4, 0, 0, 2, interface_class, 0, 0, 0)
    total = 9 + len(interface) + len(ends)
    configuration = struct.pack("<BBHBBBBB", 9, 2, total, 1, 1, 0, 0x80, 100)
    return device + configuration + interface + ends


class Panel:
    """The firmware: bytes come in, bytes go out; what no sender may do is written down."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.memory = bytearray(b"\xff\xff" * (width * height))
        self.status = 1
        self.brightness = None
        self.lost = self.garbled = self.stalls = 0
        self.deaf = None
        self.clear()
        self.idle()

    def clear(self):
        self.violations = []
        self.commands = []
        self.received = self.pictures = self.resets = self.halts = 0

    def idle(self):
        """After power or a reset."""
        self.area, self.left, self.at, self.rest = None, 0, 0, b""
        self.outbox = []
        self.stalled = False

    def reset(self):
        self.resets += 1
        if self.deaf == "reset":
            self.deaf = None
        if self.deaf is None:
            self.idle()

    def take(self, data):
        """How many bytes it takes; None when it stalls."""
        if self.stalled:
            return None
        self.received += len(data)
        if self.left:
            used = min(self.left, len(data))
            self.pixels(data[:used])
            if used < len(data):
                self.stalled = True
                return None
            return used
        if len(data) != 31 or data[:4] != b"USBC" or self.stalls:
            self.stalls = max(0, self.stalls - 1)
            self.stalled = True
            return None
        self.command(data)
        return len(data)

    def command(self, block):
        tag, length, _flags, lun, size = block[4:8], *struct.unpack("<IBBB", block[8:15])
        cdb = block[15:31]
        if tag != TAG or lun != 0 or size != 16:
            self.violations.append(f"framing {block.hex()}")
        self.commands.append(cdb.hex())
        if cdb[0] == 0xCD and cdb[5] == 2:
            if length != 5:
                self.violations.append(f"parameters of {length} bytes")
            self.outbox.append(struct.pack("<HHB", self.width, self.height, 0xFF))
            self.say(0)
        elif cdb[0] == 0xCD and cdb[5] == 3:
            self.say(1)
        elif cdb[0] == 0xCD and cdb[5] == 6 and cdb[6] == 1:
            what, value = struct.unpack("<HH", cdb[7:11])
            if what != 1 or value > 7:
                self.violations.append(f"property {what} = {value}")
            self.brightness = value
            self.say(self.status)
        elif cdb[0] == 0xCD and cdb[5] == 6 and cdb[6] == 0x12:
            x0, y0, x1, y1 = struct.unpack("<HHHH", cdb[7:15])
            fits = x0 <= x1 < self.width and y0 <= y1 < self.height
            if not fits or length != (x1 - x0 + 1) * (y1 - y0 + 1) * 2:
                self.violations.append(f"{length} bytes for {x0},{y0} to {x1},{y1}")
            self.area, self.left, self.at, self.rest = (x0, y0, x1, y1), length, 0, b""
        else:
            # Memory, flash and applets: a real one can be ruined by it.
            self.violations.append(f"forbidden {cdb.hex()}")
            self.say(1)

    def pixels(self, data):
        """Big-endian words, put where the rectangle says, until all that were promised are in."""
        self.left -= len(data)
        data = self.rest + data
        self.rest = data[len(data) & ~1:]
        x0, y0, x1, _y1 = self.area
        columns = x1 - x0 + 1
        start, words = 0, len(data) // 2
        while start < words:
            row, column = divmod(self.at, columns)
            count = min(columns - column, words - start)
            place = ((y0 + row) * self.width + x0 + column) * 2
            if place + count * 2 <= len(self.memory):
                part = data[start * 2:(start + count) * 2]
                self.memory[place:place + count * 2:2] = part[1::2]
                self.memory[place + 1:place + count * 2:2] = part[0::2]
            self.at += count
            start += count
        if not self.left:
            self.pictures += 1
            self.say(self.status)

    def say(self, status):
        if self.lost:
            self.lost -= 1
            return
        # What stands in the four bytes before the status is garbage in the old firmware.
        answer = b"USBS" + TAG + bytes.fromhex("5a5aa5a5") + bytes([status])
        if self.garbled:
            self.garbled -= 1
            answer = bytes(13)
        self.outbox.append(answer)


class Bus:
    """The kernel's part: a device in sysfs, its node, and the calls on it."""

    def __init__(self, panel, place):
        self.bed = UMockdev.Testbed.new()
        self.panel = panel
        self.place = place
        self.number = 3
        self.path = None
        self.mode = None
        self.short = 0
        self.busy = False
        self.interface_class = 0xFF
        self.unplug_after = None
        self.generation = 0
        # The URBs that wait for the device, and those that wait to be fetched.
        self.waiting, self.done = [], []
        self.handler = UMockdev.IoctlBase()
        self.handler.connect("handle-ioctl", self.on_ioctl)
        self.handler.connect("handle-read", self.on_read)
        self.handler.connect("client-connected", self.on_client)
        self.clients = {}

    def plug(self, place=None):
        self.place = place or self.place
        self.number += 1
        self.generation += 1
        bus = int(self.place.split("-")[0])
        path = f"/devices/pci0000:00/0000:00:14.0/usb{bus}/{self.place}"
        node = f"bus/usb/{bus:03}/{self.number:03}"
        text = (
            f"P: {path}\nN: {node}\nE: DEVNAME=/dev/{node}\nE: DEVTYPE=usb_device\n"
            f"E: SUBSYSTEM=usb\nE: MAJOR=189\nE: MINOR={(bus - 1) * 128 + self.number - 1}\n"
            f"E: BUSNUM={bus:03}\nE: DEVNUM={self.number:03}\n"
            f"A: busnum={bus}\\n\nA: devnum={self.number}\\n\nA: speed=12\\n\n"
            f"A: bConfigurationValue=1\\n\nA: idVendor=1908\\n\nA: idProduct=0102\\n\n"
            f"A: manufacturer=hackfin\\n\nA: product=USB-Display\\n\n"
            f"H: descriptors={descriptors(self.interface_class).hex()}\n")
        self.bed.add_from_string(text)
        self.bed.attach_ioctl(f"/dev/{node}", self.handler)
        self.node = os.path.join(self.bed.get_root_dir(), "dev", node)
        if self.mode is not None:
            self.share()
        self.path = f"/sys{path}"

    def share(self):
        """Lets other users' programs meet the device."""
        root = self.bed.get_root_dir()
        os.chmod(root, 0o755)
        for folder, folders, files in os.walk(root):
            for name in folders + files:
                path = os.path.join(folder, name)
                if not os.path.islink(path):
                    os.chmod(path, 0o777)
        os.chmod(self.node, self.mode)

    def unplug(self):
        if self.path is None:
            return
        node, path = self.node, self.path
        self.path = None
        self.unplug_after = None
        for urb in self.waiting:
            urb.end(-errno.ESHUTDOWN, 0)
            self.done.append(urb)
        self.waiting = []
        self.panel.idle()
        self.bed.detach_ioctl(node[len(self.bed.get_root_dir()):])
        self.bed.remove_device(path)
        if os.path.exists(node):
            os.unlink(node)

    # MARK: Calls

    def on_client(self, _handler, client):
        """An opened file begins at its beginning."""
        self.clients[hash(client)] = 0

    def on_read(self, _handler, client):
        """libusb reads a device's descriptors from its node."""
        data = descriptors(self.interface_class)
        count = len(client.get_arg().retrieve())
        offset = self.clients.get(hash(client), 0)
        part = data[offset:offset + count]
        self.clients[hash(client)] = offset + len(part)
        argument = client.get_arg()
        argument.update(0, list(part))
        client.complete(len(part), 0)
        return True

    def on_ioctl(self, _handler, client):
        request = client.get_request()
        is_ours = client.get_devnode().endswith(f"/{self.number:03}")
        try:
            result, code = self.call(request, client, self.path is not None and is_ours)
            client.complete(result, code)
        except GLib.Error:
            pass  # The program was killed in the middle of a call.
        return True

    def call(self, request, client, is_there):
        argument = client.get_arg()
        if request in (REAP, REAP_NO_DELAY):
            if self.done:
                urb = self.done.pop(0)
                argument.resolve(0, 8).set_ptr(0, urb.data)
                return 0, 0
            return -1, errno.EAGAIN if is_there else errno.ENODEV
        if not is_there:
            return -1, errno.ENODEV
        if request == GET_CAPABILITIES:
            # Neither scatter-gather nor transfers without a limit: 16 KiB a URB, as older hosts.
            argument.resolve(0, 4).update(0, list(struct.pack("<I", 0)))
            return 0, 0
        if request == CONNECT_INFO:
            argument.resolve(0, 8).update(0, list(struct.pack("<IB3x", self.number, 0)))
            return 0, 0
        if request in (CLAIM, DISCONNECT_CLAIM):
            return (-1, errno.EBUSY) if self.busy else (0, 0)
        if request in (RELEASE, SET_CONFIGURATION, IOCTL):
            return 0, 0
        if request == GET_DRIVER:
            return -1, errno.ENODATA
        if request == CLEAR_HALT:
            self.panel.halts += 1
            self.panel.stalled = False
            return 0, 0
        if request == RESET:
            self.panel.reset()
            return 0, 0
        if request == SUBMIT:
            urb = URB(argument.resolve(0, URB_SIZE))
            self.waiting.append(urb)
            self.serve()
            return (0, 0) if self.path is not None or urb in self.done else (-1, errno.ENODEV)
        if request == DISCARD:
            return self.discard(argument)
        return -1, errno.ENOTTY

    def discard(self, argument):
        address = struct.unpack("<Q", bytes(argument.retrieve()))[0]
        for urb in self.waiting:
            if urb.address == address:
                self.waiting.remove(urb)
                urb.end(-errno.ENOENT, urb.moved)
                self.done.append(urb)
                return 0, 0
        return -1, errno.EINVAL

    def serve(self):
        """Carries what can be carried; the rest waits for the device, or for being discarded."""
        moved = True
        while moved and self.path is not None:
            moved = False
            for urb in list(self.waiting):
                if self.path is None:
                    return
                if not self.panel.deaf and self.carry(urb):
                    if urb in self.waiting:
                        self.waiting.remove(urb)
                        self.done.append(urb)
                    moved = True

    def carry(self, urb):
        """Whether the URB has ended."""
        panel = self.panel
        if urb.end_address == OUT:
            data = urb.bytes()
            if self.unplug_after is not None and len(data) >= self.unplug_after:
                panel.take(data[:self.unplug_after])
                self.unplug()
                return True
            if self.short and len(data) > self.short and panel.left:
                data = data[:self.short]
            taken = panel.take(data)
            if self.unplug_after is not None:
                self.unplug_after -= len(data)
            urb.end(0 if taken is not None else -errno.EPIPE, taken or 0)
            return True
        if panel.stalled:
            urb.end(-errno.EPIPE, 0)
            return True
        if not panel.outbox:
            return False
        answer = panel.outbox.pop(0)
        if len(answer) > urb.length:
            urb.end(-errno.EOVERFLOW, 0)
            return True
        urb.fill(answer)
        urb.end(0, len(answer))
        return True


class URB:
    """struct usbdevfs_urb, in the memory of the program that submitted it."""

    def __init__(self, data):
        self.data = data
        self.address = data.client_addr
        raw = bytes(data.retrieve())
        self.kind, self.end_address = raw[0], raw[1]
        self.length = struct.unpack_from("<i", raw, 24)[0]
        self.moved = 0
        self.buffer = data.resolve(16, self.length) if self.length else None

    def bytes(self):
        return bytes(self.buffer.retrieve()) if self.buffer else b""

    def fill(self, answer):
        self.buffer.update(0, list(answer))

    def end(self, status, moved):
        self.moved = moved
        self.data.update(4, list(struct.pack("<i", status)))
        self.data.update(28, list(struct.pack("<i", moved)))


class Control:
    """One line in, one line out."""

    def __init__(self, bus, loop):
        self.bus, self.loop, self.rest = bus, loop, b""
        GLib.io_add_watch(
            0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, self.on_input)

    def on_input(self, *_):
        data = os.read(0, 65536)
        if not data:
            self.loop.quit()
            return False
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            words = line.decode().split()
            if words:
                self.answer(words[0], words[1:])
        return True

    def answer(self, verb, words):
        try:
            say = self.obey(verb, words)
        except Exception as error:  # noqa: BLE001  A model that dies silently helps nobody.
            say = f"error {error!r}"
        print(say or "ok", flush=True)

    def obey(self, verb, words):
        bus, panel = self.bus, self.bus.panel
        first = words[0] if words else None
        if verb == "picture":
            with open(first + ".new", "wb") as file:
                file.write(panel.memory)
            os.rename(first + ".new", first)
        elif verb == "fill":
            panel.memory[:] = struct.pack("<H", int(first, 16)) * (panel.width * panel.height)
        elif verb == "state":
            return json.dumps({
                "width": panel.width, "height": panel.height, "brightness": panel.brightness,
                "received": panel.received, "pictures": panel.pictures, "resets": panel.resets,
                "halts": panel.halts, "violations": panel.violations,
                "commands": len(panel.commands), "plugged": bus.path is not None})
        elif verb == "reset-state":
            panel.clear()
        elif verb == "status":
            panel.status = int(first)
        elif verb in ("lose", "garble", "stall"):
            setattr(panel, {"lose": "lost", "garble": "garbled", "stall": "stalls"}[verb],
                    int(first))
        elif verb == "short":
            bus.short = int(first)
        elif verb == "deaf":
            panel.deaf = None if first == "no" else first
        elif verb == "waiting":
            panel.area = (0, 0, panel.width - 1, panel.height - 1)
            panel.left, panel.at, panel.rest = int(first), 0, b""
        elif verb == "unplug-after":
            bus.unplug_after = int(first)
        elif verb == "unplug":
            bus.unplug()
        elif verb == "plug":
            bus.plug(first)
        elif verb == "busy":
            bus.busy = first == "yes"
        elif verb == "class":
            bus.interface_class = int(first)
        elif verb == "node":
            bus.mode = int(first, 8)
            bus.share()
        elif verb == "quit":
            self.loop.quit()
        else:
            return f"error no such word {verb}"
        return None


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", default="480x320")
    arguments.add_argument("--place", default="1-1.2")
    options = arguments.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    bus = Bus(Panel(width, height), options.place)
    bus.plug()
    loop = GLib.MainLoop()
    Control(bus, loop)
    print(f"root {bus.bed.get_root_dir()}", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
