#!/usr/bin/env python3
"""A frame buffer and a graphics card that do not exist: /dev/fb0 and /dev/dri/card0 of a mocked
/dev, made with umockdev, for programs that show pictures on them. It is told what to do line by
line on its standard input; every line is answered by one.

    screens.py [--size WxH] [--pad BYTES] [--depth 16|32]

It first says `root FOLDER`; see ax206.py.

    picture fb|card FILE  writes what the screen shows: two bytes a pixel, little-endian, row by row
    state                 what happened so far, as JSON
    connect yes|no        whether a screen is plugged into the card
    master yes|no         whether the card may be taken
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

# linux/fb.h
FB_VARIABLE, FB_FIXED, FB_BLANK = 0x4600, 0x4602, 0x4611
# drm.h: the number, and the size of what is passed.
RESOURCES, GET_CRTC, SET_CRTC = 0xC04064A0, 0xC06864A1, 0xC06864A2
ENCODER, CONNECTOR = 0xC01464A6, 0xC05064A7
ADD_FB, RM_FB, DIRTY = 0xC01C64AE, 0xC00464AF, 0xC01864B1
CREATE, MAP, DESTROY = 0xC02064B2, 0xC01064B3, 0xC00464B4

CRTC, OTHER_CRTC, ENCODER_ID, CONNECTOR_ID, UNPLUGGED_ID = 41, 40, 61, 72, 71


def mode(width, height, name):
    """struct drm_mode_modeinfo"""
    return struct.pack(
        "<IHHHHHHHHHHIII32s", 60000, width, width, width, width, 0, height, height, height,
        height, 0, 60, 0, 0, name.encode())


class Screen:
    """A node whose file is the memory that is shown."""

    def __init__(self, bed, node, subsystem, numbers):
        self.bed, self.node = bed, node
        name = node.split("/")[-1]
        major, minor = numbers
        bed.add_from_string(
            f"P: /devices/virtual/{subsystem}/{name}\nN: {node}=00\nE: DEVNAME=/dev/{node}\n"
            f"E: SUBSYSTEM={subsystem}\nE: MAJOR={major}\nE: MINOR={minor}\n")
        self.handler = UMockdev.IoctlBase()
        self.handler.connect("handle-ioctl", self.on_ioctl)
        bed.attach_ioctl(f"/dev/{node}", self.handler)
        self.file = os.path.join(bed.get_root_dir(), "dev", node)
        self.calls = []

    def on_ioctl(self, _handler, client):
        try:
            result, code = self.call(client.get_request() & 0xFFFFFFFF, client.get_arg())
            client.complete(result, code)
        except GLib.Error:
            pass  # The program was killed in the middle of a call.
        return True

    def memory(self, size):
        with open(self.file, "rb") as file:
            return file.read(size).ljust(size, b"\0")


class FrameBuffer(Screen):
    def __init__(self, bed, width, height, pad, depth):
        super().__init__(bed, "fb0", "graphics", (29, 0))
        self.width, self.height, self.depth = width, height, depth
        self.pitch = width * depth // 8 + pad

    def call(self, request, argument):
        self.calls.append(request)
        if request == FB_VARIABLE:
            channels = [(11, 5), (5, 6), (0, 5)] if self.depth == 16 else [(16, 8), (8, 8), (0, 8)]
            said = struct.pack(
                "<8I", self.width, self.height, self.width, self.height, 0, 0, self.depth, 0)
            said += b"".join(struct.pack("<3I", offset, bits, 0) for offset, bits in channels)
            argument.resolve(0, 160).update(0, list(said.ljust(160, b"\0")))
        elif request == FB_FIXED:
            # struct fb_fix_screeninfo: id, start, length, type, aux, visual, three steps, line.
            said = struct.pack("<16sQIIIIHHHxxI", b"mocked", 0, 0, 0, 0, 2, 0, 0, 0, self.pitch)
            argument.resolve(0, 80).update(0, list(said.ljust(80, b"\0")))
        elif request != FB_BLANK:
            return -1, errno.ENOTTY
        return 0, 0

    def picture(self):
        memory = self.memory(self.pitch * self.height)
        return pixels(memory, self.width, self.height, self.pitch, self.depth)


class Card(Screen):
    """What the kernel's drivers do about mode setting, for one screen of two connectors."""

    def __init__(self, bed, width, height, pad):
        super().__init__(bed, "dri/card0", "drm", (226, 0))
        self.width, self.height, self.pad = width, height, pad
        self.connected = self.may_be_taken = True
        self.buffer = self.shown = None
        self.before = 7
        self.current = self.before
        self.flushes, self.faults = 0, []

    def ask(self, argument, size, layout):
        data = argument.resolve(0, size)
        return data, list(struct.unpack(layout, bytes(data.retrieve())))

    def put(self, data, layout, values):
        data.update(0, list(struct.pack(layout, *values)))

    def put_list(self, data, place, items, room):
        """Fills an array of the caller's if it is large enough, as the kernel does."""
        if room >= len(items) and items:
            size = len(items[0])
            data.resolve(place, len(items) * size).update(0, list(b"".join(items)))

    def call(self, request, argument):
        self.calls.append(request)
        numbers = {
            RESOURCES: self.resources, CONNECTOR: self.connector, ENCODER: self.encoder,
            GET_CRTC: self.get_crtc, SET_CRTC: self.set_crtc, CREATE: self.create, MAP: self.map,
            DESTROY: self.destroy, ADD_FB: self.add, RM_FB: self.remove, DIRTY: self.dirty}
        if request not in numbers:
            return -1, errno.ENOTTY
        code = numbers[request](argument) or 0
        return (-1, code) if code else (0, 0)

    def resources(self, argument):
        data, said = self.ask(argument, 64, "<4Q8I")
        ids = [struct.pack("<I", number) for number in (UNPLUGGED_ID, CONNECTOR_ID)]
        crtcs = [struct.pack("<I", number) for number in (OTHER_CRTC, CRTC)]
        self.put_list(data, 8, crtcs, said[5])
        self.put_list(data, 16, ids, said[6])
        self.put(data, "<4Q8I", said[:4] + [0, 2, 2, 1, 0, 8192, 0, 8192])

    def connector(self, argument):
        data, said = self.ask(argument, 80, "<4Q12I")
        number = said[8]
        there = self.connected and number == CONNECTOR_ID
        modes = [mode(1920, 1080, "favourite"), mode(self.width, self.height, "fitting")]
        modes = modes if there else []
        encoders = [struct.pack("<I", ENCODER_ID)]
        self.put_list(data, 0, encoders, said[6])
        self.put_list(data, 8, modes, said[4])
        self.put(data, "<4Q12I", said[:4] + [
            len(modes), 0, 1, 0, number, 11, 1, 1 if there else 2, 0, 0, 0, 0])

    def encoder(self, argument):
        data, said = self.ask(argument, 20, "<5I")
        # The second engine alone can feed it.
        self.put(data, "<5I", [said[0], 2, 0, 0b10, 0])

    def get_crtc(self, argument):
        data, said = self.ask(argument, 104, "<Q7I68s")
        self.put(data, "<Q7I68s", [
            said[0], 0, said[2], self.current, 0, 0, 0, 1, mode(1024, 768, "before")])

    def set_crtc(self, argument):
        _data, said = self.ask(argument, 104, "<Q7I68s")
        if not self.may_be_taken:
            return errno.EACCES
        if said[2] != CRTC or said[1] != 1 or not said[7]:
            self.faults.append(f"set {said[:8]}")
        self.current = said[3]
        size = struct.unpack_from("<H10xH", said[8], 4)
        if self.current != self.before and size != (self.width, self.height):
            self.faults.append(f"mode {size}")
        return 0

    def create(self, argument):
        data, said = self.ask(argument, 32, "<6IQ")
        height, width, bits = said[:3]
        pitch = width * bits // 8 + self.pad
        self.buffer = (width, height, pitch)
        os.truncate(self.file, pitch * height)
        self.put(data, "<6IQ", [height, width, bits, 0, 5, pitch, pitch * height])

    def map(self, argument):
        data, _said = self.ask(argument, 16, "<IIQ")
        self.put(data, "<IIQ", [5, 0, 0])

    def add(self, argument):
        data, said = self.ask(argument, 28, "<7I")
        if tuple(said[1:4]) != self.buffer or said[4:] != [32, 24, 5]:
            self.faults.append(f"buffer {said}")
        self.put(data, "<7I", [9] + said[1:])

    def dirty(self, argument):
        data, said = self.ask(argument, 24, "<4IQ")
        if said[0] != 9 or said[3] != 1:
            self.faults.append(f"dirty {said}")
        x1, y1, x2, y2 = struct.unpack("<4H", bytes(data.resolve(16, 8).retrieve()))
        if not (x1 < x2 <= self.width and y1 < y2 <= self.height):
            self.faults.append(f"dirty {x1},{y1} {x2},{y2}")
        self.flushes += 1

    def remove(self, _argument):
        if self.current == 9:
            self.faults.append("taken away while it is shown")

    def destroy(self, _argument):
        self.buffer = None

    def picture(self):
        width, height, pitch = self.buffer
        return pixels(self.memory(pitch * height), width, height, pitch, 32)


def pixels(memory, width, height, pitch, depth):
    """As RGB565, whatever they were."""
    if depth == 16:
        return b"".join(memory[row * pitch:row * pitch + width * 2] for row in range(height))
    result = bytearray()
    for row in range(height):
        for word in struct.unpack_from(f"<{width}I", memory, row * pitch):
            red, green, blue = word >> 16 & 255, word >> 8 & 255, word & 255
            result += struct.pack("<H", (red >> 3) << 11 | (green >> 2) << 5 | blue >> 3)
    return bytes(result)


def obey(screens, loop, verb, words):
    card = screens["card"]
    if verb == "picture":
        with open(words[1], "wb") as file:
            file.write(screens[words[0]].picture())
    elif verb == "state":
        return json.dumps({
            "shows": card.current == 9, "restored": card.current == card.before,
            "flushes": card.flushes, "faults": card.faults,
            "lights": FB_BLANK in screens["fb"].calls})
    elif verb == "connect":
        card.connected = words[0] == "yes"
    elif verb == "master":
        card.may_be_taken = words[0] == "yes"
    elif verb == "quit":
        loop.quit()
    else:
        return f"error no such word {verb}"
    return "ok"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--size", default="480x320")
    arguments.add_argument("--pad", type=int, default=0)
    arguments.add_argument("--depth", type=int, default=16)
    options = arguments.parse_args()
    width, height = (int(side) for side in options.size.split("x"))
    bed = UMockdev.Testbed.new()
    screens = {
        "fb": FrameBuffer(bed, width, height, options.pad, options.depth),
        "card": Card(bed, width, height, options.pad)}
    loop = GLib.MainLoop()
    rest = b""

    def on_input(*_):
        nonlocal rest
        data = os.read(0, 65536)
        if not data:
            loop.quit()
            return False
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            words = line.decode().split()
            try:
                print(obey(screens, loop, words[0], words[1:]), flush=True)
            except Exception as error:  # noqa: BLE001  Whoever asked must hear of it.
                print(f"error {error!r}", flush=True)
        return True

    GLib.io_add_watch(
        0, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, on_input)
    print(f"root {bed.get_root_dir()}", flush=True)
    loop.run()


if __name__ == "__main__":
    main()
