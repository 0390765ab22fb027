"""A strict reader of audit files of EVA-DTS 6.1, written from the standard and from nothing of ours.

There is no such package on PyPI. Types and lengths are those of the standard's data dictionary
(appendix A, December 2012) for the segments that vending machines of our kind send; a segment or an
element that is not in the table is refused, and so is whatever the sums do not allow.
"""

import datetime
import re

# Each element: type, least and most characters. N: digits; C: an amount, digits with an implied
# point; A: printable ASCII; D: a date; T: a time; 0: must be empty in this kind of file.
N, C, A, D, T = "N", "C", "A", "D", "T"
SEGMENTS = {
    "DXS": [(A, 10, 10), (A, 2, 2), (A, 4, 12), (N, 1, 5), (A, 1, 10), (A, 1, 1)],
    "ST": [(A, 3, 3), (A, 4, 9)],
    "ID1": [(A, 1, 20), (A, 1, 20), (N, 1, 4), (A, 1, 30), (A, 1, 12), (A, 1, 20), (N, 1, 2),
            (N, 1, 4)],
    "ID4": [(N, 1, 1), (N, 4, 4), (A, 3, 3)],
    "ID5": [(D, 6, 8), (T, 4, 6), (N, 1, 2), (A, 2, 3)],
    "CB1": [(A, 1, 20), (A, 1, 20), (A, 1, 20), (A, 1, 12), (A, 1, 20)],
    "VA1": [(C, 1, 8), (N, 1, 8), (C, 1, 8), (N, 1, 8)],
    "VA2": [(C, 1, 8), (N, 1, 8), (C, 1, 6), (N, 1, 4)],
    "VA3": [(C, 1, 8), (N, 1, 8), (C, 1, 8), (N, 1, 8)],
    "DA1": [(A, 1, 20), (A, 1, 20), (N, 1, 4), (A, 1, 12), (A, 1, 20)],
    "DA2": [(C, 1, 8), (N, 1, 8), (C, 1, 8), (N, 1, 8)],
    "PA1": [(A, 1, 8), (C, 1, 8), (A, 1, 20), (N, 1, 4), (N, 1, 4), (N, 1, 4), (N, 1, 1),
            (N, 1, 4), (N, 1, 4)],
    "PA2": [(N, 1, 8), (C, 1, 8), (N, 1, 6), (C, 1, 8)],
    "PA3": [(N, 1, 8), (C, 1, 8), (N, 1, 6), (C, 1, 8)],
    "PA7": [(A, 1, 8), (A, 1, 2), (N, 1, 3), (C, 1, 8), (N, 1, 8), (C, 1, 8), (N, 1, 6),
            (C, 1, 8)],
    "EA1": [(A, 1, 20), (D, 6, 8), (T, 4, 6), (N, 1, 8), (N, 1, 12), (A, 1, 12)],
    "EA2": [(A, 1, 20), (N, 1, 6), (N, 1, 6), (A, 1, 12), (N, 1, 1), (N, 1, 8)],
    "EA3": [(N, 1, 8), (D, 6, 8), (T, 4, 6), (A, 1, 20), (D, 6, 8), (T, 4, 6), (A, 1, 12),
            (A, 1, 12), (N, 1, 8), (N, 1, 8)],
    "EA5": [(D, 6, 8), (T, 4, 6), (A, 1, 12), (A, 1, 12), (N, 1, 3)],
    "EA7": [(N, 1, 6), (N, 1, 6)],
    "G85": [(A, 4, 4)],
    "SE": [(N, 1, 6), (A, 4, 9)],
    "DXE": [(N, 1, 5), (N, 1, 6)],
}
# An event's code: the group's letters, and for some of them what it is about.
EVENT = re.compile(r"[DEO][A-Z]{1,2}[0-9]?[A-Z0-9]?(_[A-Za-z0-9]+)?")


class Refused(Exception):
    """The file is not one of EVA-DTS 6.1, and why."""


def crc16(data):
    """G(x) = x16 + x15 + x2 + 1, each byte's lowest bit first, from zero (2.4.3)."""
    register = 0
    for byte in data:
        for place in range(8):
            bit = (byte >> place ^ register) & 1
            register = register >> 1 ^ (0xA001 if bit else 0)
    return register


def check(name, place, text):
    kind, least, most = SEGMENTS[name][place]
    element = f"{name}{place + 1:02}"
    if not least <= len(text) <= most:
        raise Refused(f"{element} has {len(text)} characters: {least} to {most}")
    if kind in (N, C, D, T) and not text.isdigit():
        raise Refused(f"{element} is {text!r}: digits")
    if kind == D:
        form = "%y%m%d" if len(text) == 6 else "%Y%m%d"
        try:
            datetime.datetime.strptime(text, form)
        except ValueError as error:
            raise Refused(f"{element}: {error}") from None
    if kind == T and not (int(text[:2]) < 24 and all(int(t) < 60 for t in re.findall("..", text)[1:])):
        raise Refused(f"{element} is {text}: no time")
    return int(text) if kind in (N, C) else text


def parse(data):
    """The file's segments in their order, each a name and its elements, None where one is empty."""
    if any(byte not in (10, 13) and not 0x20 <= byte <= 0x7E for byte in data):
        raise Refused("a character that is not printable ASCII")
    lines = data.split(b"\r\n")
    if lines.pop() != b"" or any(b"\r" in line or b"\n" in line for line in lines):
        raise Refused("a line that does not end with CR LF")
    segments = []
    for line in lines:
        name, *elements = line.decode("ascii").split("*")
        if name not in SEGMENTS:
            raise Refused(f"segment {name!r}")
        if len(elements) > len(SEGMENTS[name]):
            raise Refused(f"{name} has {len(elements)} elements")
        segments.append(
            (name, [check(name, i, e) if e else None for i, e in enumerate(elements)]))
    envelope(data, segments)
    return segments


def envelope(data, segments):
    names = [name for name, _ in segments]
    if names[:2] != ["DXS", "ST"] or names[-3:] != ["G85", "SE", "DXE"]:
        raise Refused("headers and trailers are not DXS, ST ... G85, SE, DXE")
    for name in ("DXS", "ST", "G85", "SE", "DXE", "ID1", "VA1", "EA3"):
        if names.count(name) != 1:
            raise Refused(f"{name} is there {names.count(name)} times")
    first = dict(segments)
    if first["DXS"][:4] != [first["DXS"][0], "VA", "V0/6", 1]:
        raise Refused("DXS is not of a vending audit of level 6")
    if not re.fullmatch("[A-Z]{3}[0-9]{7}", first["DXS"][0]):
        raise Refused("DXS01 is not three letters and seven digits")
    if first["ST"] != ["001", "0001"] or first["DXE"] != [1, 1]:
        raise Refused("more than one set")
    if first["SE"] != [len(names) - 2, "0001"]:
        raise Refused(f"SE01 is {first['SE'][0]}, there are {len(names) - 2} segments")
    body = data[data.index(b"ST*"):data.index(b"G85*")]
    if first["G85"][0] != f"{crc16(body):04X}":
        raise Refused(f"G85 is {first['G85'][0]}, the sum is {crc16(body):04X}")


class Audit:
    """What a management system takes out of the file, with the sums that must agree."""

    def __init__(self, data):
        self.segments = parse(data)
        self.by_name = {}
        for name, elements in self.segments:
            self.by_name.setdefault(name, []).append(elements)
        self.products = {}
        product = None
        for name, elements in self.segments:
            padded = elements + [None] * (9 - len(elements))
            if name == "PA1":
                product = {"price": padded[1], "name": padded[2], "capacity": padded[3],
                           "level": padded[7], "count": 0, "value": 0, "tests": 0}
                if elements[0] in self.products:
                    raise Refused(f"PA101 {elements[0]} is there twice")
                self.products[elements[0]] = product
            elif name in ("PA2", "PA3", "PA7") and product is None:
                raise Refused(f"{name} before any PA1")
            elif name == "PA2":
                product["count"], product["value"] = padded[0], padded[1]
            elif name == "PA3":
                product["tests"] = padded[0]
            elif name == "PA7":
                if self.products.get(padded[0]) is not product or padded[1] != "DA":
                    raise Refused("PA7 of another product or payment")
                if (padded[4], padded[5]) != (product["count"], product["value"]):
                    raise Refused(f"PA7 of {padded[0]} is not its PA2")
        self.sums()
        self.events = {}
        for elements in self.by_name.get("EA2", []):
            if not EVENT.fullmatch(elements[0]):
                raise Refused(f"EA201 {elements[0]}")
            padded = elements + [None] * (6 - len(elements))
            self.events[elements[0]] = {
                "count": padded[2], "active": padded[4], "minutes": padded[5]}

    def sums(self):
        value, count = self.by_name["VA1"][0][:2]
        # VA101 = CA201 + DA201 + DB201 + TA201 + TA205, and only DA is here.
        if self.by_name["DA2"][0][:2] != [value, count]:
            raise Refused("VA1 is not the sum of what was paid")
        if sum(p["value"] for p in self.products.values()) > value:
            raise Refused("the products were sold for more than all that was sold")
        if sum(p["count"] for p in self.products.values()) > count:
            raise Refused("more products than sales")
        self.value, self.count = value, count
