"""A board and the payment platform that it sells through."""

import pathlib
from types import TracebackType

from vboard.board import Board
from vboard.platform import Platform
from vboard.panels import Panel


class Scene:
    """Both, from their beginning to their end."""

    def __init__(self, image: pathlib.Path, programs: pathlib.Path, work: pathlib.Path,
                 panel: Panel | None = None, platform: Platform | None = None) -> None:
        self.work = work
        work.mkdir(parents=True, exist_ok=True)
        self.platform = platform or Platform(programs, work)
        self.board = Board(image, work / "board", panel)

    def start(self, sample: str = "with-drop-sensor", is_cold: bool = False,
              changes: dict[str, str] | None = None) -> float:
        """Starts a machine on a fresh disk; returns the seconds it took."""
        files = self.platform.machine_files(self.work / "etc", sample, changes)
        if is_cold:
            return self.board.boot_machine(files)
        return self.board.restore_machine(files)

    def close(self) -> None:
        """Ends both."""
        self.board.stop()
        self.platform.stop()

    def __enter__(self) -> "Scene":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()
