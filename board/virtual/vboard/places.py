"""Where things are in the project's tree."""

import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
VIRTUAL = ROOT / "board" / "virtual"
KEPT = ROOT / ".virtual"
SAMPLES = ROOT / "board" / "samples"
BOARDS = ROOT / "board" / "boards"


def image() -> pathlib.Path:
    """Makes what is missing of the board's image, and returns its folder."""
    return pathlib.Path(_last_line([VIRTUAL / "build"]))


def simulator() -> pathlib.Path:
    """Builds vendsim, the payment platform, and vendctl beside it; returns their folder."""
    return pathlib.Path(_last_line([ROOT / "board" / "build"]))


def board_file(*replacements: tuple[str, str]) -> str:
    """The virtual board's file, in which each of these texts, which must be there, is replaced."""
    text = (BOARDS / "virtual.toml").read_text()
    for old, new in replacements:
        if old not in text:
            raise ValueError(f"virtual.toml has no {old!r}")
        text = text.replace(old, new)
    return text


def _last_line(command: list[pathlib.Path]) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]
