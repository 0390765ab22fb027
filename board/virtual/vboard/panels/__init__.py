"""Emulated displays.

A further one is a USB device (`vboard.usb`) with a `glass` that it paints on; it is listed here.
"""

from vboard.panels.ax206 import AX206Panel
from vboard.panels.foreign import ForeignPanel
from vboard.panels.turing import TuringPanel
from vboard.panels.weact import WeActPanel

Panel = WeActPanel | TuringPanel | AX206Panel | ForeignPanel
