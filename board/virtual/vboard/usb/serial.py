"""A USB serial port of the class CDC-ACM: /dev/ttyACMn on the board."""

import struct

from vboard.usb.device import BULK, INTERRUPT, Device, Endpoint, Interface

SET_LINE_CODING, GET_LINE_CODING, SET_CONTROL_LINES = 0x20, 0x21, 0x22


class SerialDevice(Device):
    """A kind of port overrides `wrote`, and answers with `say`."""

    interfaces = (
        Interface(
            (2, 2, 1), (Endpoint(0x83, INTERRUPT, 8, 16),),
            # Header, abstract control, union, call management (CDC 1.1, section 5.2.3).
            bytes.fromhex("0524000110" "04240202" "0524060001" "0524010001"),
        ),
        Interface((10, 0, 0), (Endpoint(0x81, BULK, 64), Endpoint(0x02, BULK, 64))),
    )

    def __init__(self) -> None:
        super().__init__()
        self.coding = struct.pack("<IBBB", 9600, 0, 0, 8)

    def wrote(self, data: bytes) -> None:
        """Takes what the board wrote to the port."""

    def say(self, data: bytes) -> None:
        """Gives the board bytes to read."""
        self.send(1, data)

    def received(self, endpoint: int, data: bytes) -> None:
        self.wrote(data)

    def class_control(self, kind: int, request: int, value: int, data: bytes) -> bytes | None:
        if request == SET_LINE_CODING:
            self.coding = data
        elif request == GET_LINE_CODING:
            return self.coding
        return b""
