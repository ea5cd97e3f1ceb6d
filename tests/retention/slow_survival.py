"""The same estimates, told plainly from a list of spells."""

from __future__ import annotations

import math
from collections.abc import Sequence

Spell = tuple[float, int]
"""How long, and whether it ended in the event."""


def curve(spells: Sequence[Spell]) -> list[tuple[float, float, float]]:
    """At each event time the survival and the sum that makes its variance."""
    survival, spread, found = 1.0, 0.0, []
    for time in sorted({lasted for lasted, happened in spells if happened}):
        at_risk = sum(lasted >= time for lasted, _ in spells)
        events = sum(lasted == time and happened for lasted, happened in spells)
        survival *= 1 - events / at_risk
        spread += events / (at_risk * (at_risk - events)) if at_risk > events else math.inf
        found.append((time, survival, spread))
    return found


def restricted_mean(spells: Sequence[Spell], horizon: float) -> tuple[float, float]:
    """The area below the curve and its standard error."""
    steps = [(0.0, 1.0), *((time, survival) for time, survival, _ in curve(spells) if time < horizon)]
    ends = [*(time for time, _ in steps[1:]), horizon]
    area = sum(height * (end - begin) for (begin, height), end in zip(steps, ends, strict=True))
    variance = 0.0
    for time, _ in steps[1:]:
        after = sum(
            height * (end - max(begin, time))
            for (begin, height), end in zip(steps, ends, strict=True)
            if end > time
        )
        at_risk = sum(lasted >= time for lasted, _ in spells)
        events = sum(lasted == time and happened for lasted, happened in spells)
        if at_risk > events:
            variance += after**2 * events / (at_risk * (at_risk - events))
    return area, math.sqrt(variance)


def log_rank_of_two(first: Sequence[Spell], second: Sequence[Spell]) -> float:
    """Chi-squared of two groups."""
    difference = variance = 0.0
    for time in sorted({lasted for lasted, happened in [*first, *second] if happened}):
        n1 = sum(lasted >= time for lasted, _ in first)
        n = n1 + sum(lasted >= time for lasted, _ in second)
        d1 = sum(lasted == time and happened for lasted, happened in first)
        d = d1 + sum(lasted == time and happened for lasted, happened in second)
        difference += d1 - d * n1 / n
        if n > 1:
            variance += d * n1 / n * (1 - n1 / n) * (n - d) / (n - 1)
    return difference**2 / variance if variance > 1e-12 else math.nan


def lived(spells: Sequence[Spell], begin: float, end: float) -> tuple[float, float, float]:
    """How many reached a span of age, the events in it, and the time lived through in it."""
    reached = sum(lasted > begin or begin == 0 for lasted, _ in spells)
    events = sum(
        bool(happened) and (begin < lasted <= end or begin == lasted == 0) for lasted, happened in spells
    )
    return reached, events, sum(max(min(lasted, end) - begin, 0.0) for lasted, _ in spells)
