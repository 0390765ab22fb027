"""What the relays did, as the board's kernel told it at once: see ../modules/line-witness.c."""

import dataclasses
import pathlib
import time

# The order of the names in ../guest/usr/lib/vboard/lines.
LINES = ("RELAY1", "RELAY2", "RELAY3", "RELAY4", "RELAY5", "RELAY6", "DROP", "DOOR")
RELAYS = LINES[:6]


@dataclasses.dataclass(frozen=True)
class Pulse:
    """A line that was on, in nanoseconds of the board's CLOCK_MONOTONIC."""

    line: str
    began: int
    ended: int | None

    @property
    def milliseconds(self) -> float:
        """How long it was on."""
        assert self.ended is not None, "the pulse has not ended"
        return (self.ended - self.began) / 1e6


class Witness:
    """Reads the emulator's witness file, which outlives every kind of cut."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path

    def pulses(self, line: str | None = None) -> list[Pulse]:
        """Every pulse since the power came, of one line or of all, in order of their beginning."""
        pulses: list[Pulse] = []
        began: dict[str, int] = {}
        for at, name, value in self._changes():
            if value == "1":
                began.setdefault(name, at)
            elif name in began:
                # A line that was let go has its pull again, which is off.
                pulses.append(Pulse(name, began.pop(name), at))
        pulses += [Pulse(name, at, None) for name, at in began.items()]
        pulses = [pulse for pulse in pulses if line in (None, pulse.line)]
        return sorted(pulses, key=lambda pulse: pulse.began)

    def is_on(self, line: str) -> bool:
        """Whether the line is on by the last that was told."""
        return any(pulse.ended is None for pulse in self.pulses(line))

    def wait_for_pulse(self, line: str, number: int = 1, whole: bool = False,
                       limit: float = 60) -> Pulse:
        """Waits for the `number`th pulse to begin, or to be over."""
        end = time.monotonic() + limit
        while True:
            found = self.pulses(line)
            if len(found) >= number and (not whole or found[number - 1].ended is not None):
                return found[number - 1]
            if time.monotonic() > end:
                raise TimeoutError(f"{line}: {len(found)} pulses in {limit:.0f} s")
            time.sleep(0.01)

    def _changes(self) -> list[tuple[int, str, str]]:
        text = self.path.read_text() if self.path.exists() else ""
        changes = []
        # What stands after the last line end was cut in the middle.
        for row in text.split("\n")[:-1]:
            at, offset, value = row.split()
            if int(offset) < len(LINES):
                changes.append((int(at), LINES[int(offset)], value))
        return changes
