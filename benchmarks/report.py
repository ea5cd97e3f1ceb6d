"""What a benchmark found: figures, each against its limit, and a verdict."""

from __future__ import annotations

from dataclasses import dataclass

_HOLDS = {True: "holds", False: "DOES NOT HOLD", None: ""}


@dataclass(frozen=True)
class Figure:
    """Something that was measured.

    Args:
        name: What it is.
        value: How much, in `unit`; NaN where it could not be measured, which never holds.
        unit: `s`, `MB`, or `x` for a ratio of two times of the same run.
        limit: The most that holds; None where there is nothing to hold.
    """

    name: str
    value: float
    unit: str = "s"
    limit: float | None = None

    @property
    def holds(self) -> bool | None:
        """Whether it keeps its limit; None when it has none."""
        return None if self.limit is None else self.value <= self.limit

    def cells(self) -> tuple[str, str, str, str]:
        """Name, value, limit and verdict as the table shows them."""
        limit = "" if self.limit is None else _shown(self.limit, self.unit)
        return self.name, _shown(self.value, self.unit), limit, _HOLDS[self.holds]


@dataclass(frozen=True)
class Check:
    """Something that is so or is not, such as two results being equal.

    Args:
        name: What has to be so.
        holds: Whether it is.
        found: What was found instead.
    """

    name: str
    holds: bool
    found: str = ""

    def cells(self) -> tuple[str, str, str, str]:
        """Name, what was found, nothing and verdict as the table shows them."""
        return self.name, "yes" if self.holds else self.found or "no", "yes", _HOLDS[self.holds]


@dataclass(frozen=True)
class Report:
    """What one benchmark found.

    Args:
        name: The benchmark.
        about: What was measured, on how much data.
        lines: Figures and checks, in the order of the table.
        left_out: What could not be measured, and why.
    """

    name: str
    about: str
    lines: tuple[Figure | Check, ...]
    left_out: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing failed; a benchmark that measured nothing has failed."""
        return bool(self.lines) and all(line.holds is not False for line in self.lines)

    def table(self) -> str:
        """The report as plain text."""
        rows = [("figure", "value", "limit", "verdict"), *(line.cells() for line in self.lines)]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        shown = [
            f"{name:<{widths[0]}}  {value:>{widths[1]}}  {limit:>{widths[2]}}  {verdict}".rstrip()
            for name, value, limit, verdict in rows
        ]
        shown.insert(1, "-" * max(len(row) for row in shown))
        left_out = [f"LEFT OUT: {reason}" for reason in self.left_out]
        return "\n".join([f"{self.name}: {self.about}", *shown, *left_out])


def _shown(value: float, unit: str) -> str:
    digits = {"s": 3, "x": 2}.get(unit, 0)
    return f"{value:,.{digits}f} {unit}"
