"""The page on who leaves: a first view that has to learn, one from what is kept, and moves of its sliders."""

from __future__ import annotations

from collections.abc import Mapping
from statistics import median
from typing import Final

from benchmarks.browser import Browser
from benchmarks.pages import Lines, answered, report_of
from benchmarks.report import Figure, Report
from benchmarks.settings import Settings

MOVE_SECONDS: Final = 0.4

_MOVES: Final[tuple[Mapping[str, str], ...]] = (
    *({"contact": one} for one in ("0.5", "1", "2", "7")),
    *({"offer": one} for one in ("1", "2", "5")),
    *({"saved": one} for one in ("2", "5", "10")),
    *({"taken": one} for one in ("20", "50", "80")),
)
"""Where sliders are moved to, as the address says it; nobody has asked for any of them before."""


def run(settings: Settings) -> Report:
    """Start the server on the demonstration base, open the page, and move its sliders."""
    return report_of("churn_page", settings, _look)


async def _look(browser: Browser) -> Lines:
    first = await browser.go("churn", {"lang": "en"})
    again = await browser.go("churn", {"lang": "en"})
    moves = [await browser.go("churn", {"lang": "en", **parts}) for parts in _MOVES]
    seconds = [one.seconds for one in moves]
    return (
        Figure("the first view, which learns what the cache does not hold", first.seconds),
        Figure("the same view again", again.seconds, limit=MOVE_SECONDS),
        Figure(f"a slider is moved, median of {len(moves)}", median(seconds), limit=MOVE_SECONDS),
        Figure("a slider is moved, slowest", max(seconds)),
        answered("every view", [first, again, *moves]),
    )
