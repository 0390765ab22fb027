"""Figures that a run measures, and prints at its end."""


class Figures:
    """Values by what they are of; several of one kind become a distribution."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}
        self._units: dict[str, str] = {}

    def note(self, what: str, value: float, unit: str) -> None:
        """Keeps a value."""
        self._values.setdefault(what, []).append(value)
        self._units[what] = unit

    def lines(self) -> list[str]:
        """One line for each kind."""
        return [self._line(what, sorted(values)) for what, values in self._values.items()]

    def _line(self, what: str, values: list[float]) -> str:
        unit = self._units[what]
        if len(values) == 1:
            return f"{what}: {values[0]:.4g} {unit}"
        middle = values[len(values) // 2]
        return (f"{what}: {len(values)} times, {values[0]:.4g} to {values[-1]:.4g} {unit}, "
                f"median {middle:.4g}")


FIGURES = Figures()
