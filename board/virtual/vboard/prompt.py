"""A prompt on the board, for a person."""

import pathlib
import sys

from vboard.board import Board
from vboard.emulator import BoardError
from vboard.scene import Scene


class Prompt:
    """Reads lines and carries them out, on the board or outside of it."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @property
    def _board(self) -> Board:
        return self._scene.board

    def run(self) -> None:
        """Goes on until the lines or the board end."""
        while self._board.is_on:
            print("board# ", end="", flush=True)
            line = sys.stdin.readline()
            if not line or line.split() == [".cut"]:
                return
            try:
                print(self.carry_out(line.strip()), end="", flush=True)
            except (BoardError, TimeoutError, ValueError, OSError) as error:
                print(f"{type(error).__name__}: {error}", flush=True)

    def carry_out(self, line: str) -> str:
        """Carries out one line, and returns what there is to say."""
        if not line.startswith("."):
            return self._board.run(line, check=False) if line else ""
        name, *words = line[1:].split()
        match name, words:
            case "keys", [keys]:
                self._board.hands.press(keys)
            case "pay", []:
                self._scene.platform.pay(self._board.code(limit=10))
            case "drop", []:
                self._board.hands.do("pull DROP 1", "wait 30000", "pull DROP 0")
            case "pull", [at, value]:
                self._board.hands.pull(at, value == "1")
            case "plug", []:
                self._board.plug()
            case "unplug", []:
                self._board.unplug()
            case "pulses", []:
                return "".join(f"{pulse}\n" for pulse in self._board.lines.pulses())
            case "picture", [file]:
                pathlib.Path(file).write_bytes(self._board.panel.glass.png())
            case _:
                return f"unknown: {line}; see board/virtual/boot --help\n"
        return ""
