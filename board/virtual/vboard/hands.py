"""Hands at the board's lines: see ../hands/hands.c."""

import contextlib
import dataclasses
import queue
import socket
import threading

from vboard.emulator import BoardError


@dataclasses.dataclass(frozen=True)
class Done:
    """When a plan began and ended, in nanoseconds of the board's CLOCK_MONOTONIC."""

    began: int
    ended: int


class Hands:
    """One connection; plans run beside each other."""

    LEGENDS = ("123", "456", "789", "*0#")

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.settimeout(None)
        self._lock = threading.Lock()
        self._number, self._is_gone = 0, False
        self._answers: dict[int, queue.Queue[list[str]]] = {}
        threading.Thread(target=self._read, daemon=True).start()

    @classmethod
    def place(cls, legend: str) -> tuple[int, int]:
        """The row and the column of a key."""
        for row, keys in enumerate(cls.LEGENDS):
            if legend in keys:
                return row, keys.index(legend)
        raise ValueError(f"no key {legend}")

    def key(self, legend: str, is_down: bool) -> str:
        """The step that presses a key or lets it go."""
        row, column = self.place(legend)
        return f"key {row} {column} {int(is_down)}"

    def press(self, keys: str, down_ms: int = 250, up_ms: int = 200) -> Done:
        """Presses one key after the other.

        As slowly as a deliberate person: on a computer that is busy otherwise the emulated
        processor stands still for a tenth of a second at times, and the daemon's with it.
        """
        steps = []
        for legend in keys:
            steps += [self.key(legend, True), f"wait {down_ms * 1000}"]
            steps += [self.key(legend, False), f"wait {up_ms * 1000}"]
        return self.do(*steps)

    def pull(self, line: str, is_high: bool) -> Done:
        """Pulls a line up or down, for good."""
        return self.do(f"pull {line} {int(is_high)}")

    def value(self, line: str) -> bool:
        """What is at a line."""
        number = self.begin(f"value {line}")
        value = self._answer(number)[1] == "1"
        self._finish(number)
        return value

    def do(self, *steps: str, limit: float = 60) -> Done:
        """Carries a plan out, and returns when it was."""
        return self._finish(self.begin(*steps), limit)

    def begin(self, *steps: str) -> int:
        """Begins a plan that ends by itself; nobody need wait for it."""
        with self._lock:
            if self._is_gone:
                raise BoardError("the hands were taken away")
            self._number += 1
            number = self._number
            self._answers[number] = queue.Queue()
            self._socket.sendall(f"{number} {'; '.join(steps)}\n".encode())
        return number

    def close(self) -> None:
        """Takes the hands away; plans that run go on."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _finish(self, number: int, limit: float = 60) -> Done:
        words = self._answer(number, limit)
        del self._answers[number]
        return Done(int(words[1]), int(words[2]))

    def _answer(self, number: int, limit: float = 60) -> list[str]:
        try:
            words = self._answers[number].get(timeout=limit)
        except queue.Empty:
            raise BoardError("the hands do not answer") from None
        if words[0] == "failed":
            raise BoardError(" ".join(words[1:]))
        return words

    def _read(self) -> None:
        try:
            for line in self._socket.makefile():
                number, *words = line.split()
                if waiting := self._answers.get(int(number)):
                    waiting.put(words)
        except OSError:
            pass
        finally:
            # Nobody answers any more, so nobody need wait.
            with self._lock:
                self._is_gone = True
                for waiting in self._answers.values():
                    waiting.put(["failed", "the hands were taken away"])
