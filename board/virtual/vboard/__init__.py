"""Drives the virtual board: the emulator, what is wired to it, and the people who use it."""
