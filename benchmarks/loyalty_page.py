"""The page of the customer club: weights and bands moved, for each template in each language."""

from __future__ import annotations

from statistics import median
from typing import Final

from benchmarks.browser import Browser
from benchmarks.pages import Lines, answered, report_of
from benchmarks.report import Figure, Report
from benchmarks.settings import Settings
from crm_core.i18n import LANGUAGES
from crm_core.loyalty.rules import TEMPLATES

MOVE_SECONDS: Final = 0.4

_PURCHASES: Final = "purchases~2~365~2_1~5_2~10_3"
_MOVES: Final = (
    *(f"amount~{weight}~365~100_1~300_2~1000_3" for weight in (0, 1, 2, 4, 5)),
    *(f"amount~3~365~{at}_1~300_2~1000_3" for at in (50, 120, 250)),
    *(f"amount~3~365~100_1~300_{points}~1000_9" for points in (4, 6, 8)),
)
"""Weights, and bands from which value on and with how many points, as the address tells them."""


def run(settings: Settings) -> Report:
    """Start the server on the demonstration base, open the page, and move weights and bands."""
    return report_of("loyalty_page", settings, _look)


async def _look(browser: Browser) -> Lines:
    every, moved, figures = [], [], []
    for code in LANGUAGES:
        for name in TEMPLATES:
            here = {"lang": code, "programme": name}
            first = await browser.go("loyalty", here)
            moves = [await browser.go("loyalty", {**here, "by": [one, _PURCHASES]}) for one in _MOVES]
            seconds = [one.seconds for one in moves]
            told = f"{name}, {code}: a weight or a band is moved, median of {len(moves)}"
            figures.append(Figure(told, median(seconds), limit=MOVE_SECONDS))
            every += [first, *moves]
            moved += seconds
    return (
        *figures,
        Figure(f"the slowest of all {len(moved)}", max(moved)),
        answered("every view", every),
    )
