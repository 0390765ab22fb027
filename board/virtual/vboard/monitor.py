"""QEMU's machine protocol (QMP): one command, one answer."""

import json
import pathlib
import socket
from typing import Any


class MonitorError(Exception):
    """QEMU refused a command; in its own words."""


class Monitor:
    """A connection to a running emulator's monitor."""

    def __init__(self, path: pathlib.Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rw")
        self._file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command: str, **arguments: Any) -> Any:
        """Has a command carried out, and returns what it answers; events in between are dropped."""
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        while line := self._file.readline():
            answer = json.loads(line)
            if "error" in answer:
                raise MonitorError(answer["error"]["desc"])
            if "return" in answer:
                return answer["return"]
        raise MonitorError("the emulator has ended")

    def close(self) -> None:
        """Lets the emulator go."""
        self._file.close()
        self._socket.close()
