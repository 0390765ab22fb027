"""USB devices as Python objects, which the board's kernel attaches over USB/IP."""
