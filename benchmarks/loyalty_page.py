"""The page of the customer club: weights and bands moved, for each template in each language."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Final

from benchmarks.bases import demonstration_base
from benchmarks.browser import Browser, Painted
from benchmarks.report import Check, Figure, Report
from benchmarks.server import free_port, started, tail_of, wait_for
from benchmarks.settings import REPOSITORY, Settings
from crm_core.i18n import LANGUAGES
from crm_core.loyalty.rules import TEMPLATES

MOVE_SECONDS: Final = 0.4

_START_PATIENCE_SECONDS: Final = 60.0
_REPLAY_PATIENCE_SECONDS: Final = 900.0
_PURCHASES: Final = "purchases~2~365~2_1~5_2~10_3"
_MOVES: Final = (
    *(f"amount~{weight}~365~100_1~300_2~1000_3" for weight in (0, 1, 2, 4, 5)),
    *(f"amount~3~365~{at}_1~300_2~1000_3" for at in (50, 120, 250)),
    *(f"amount~3~365~100_1~300_{points}~1000_9" for points in (4, 6, 8)),
)
"""Weights, and bands from which value on and with how many points, as the address tells them."""


@dataclass(frozen=True)
class _Seen:
    """What came of each view of one template in one language, in their order."""

    first: Painted
    moves: tuple[Painted, ...]


def run(settings: Settings) -> Report:
    """Start the server on the demonstration base, open the page, and move weights and bands."""
    base = demonstration_base(settings, settings.shop_customers)
    port, log = free_port(), settings.directory / "server.log"
    command = [sys.executable, "-m", "crm_core", "serve", "--base", str(base), "--port", str(port)]
    lines: tuple[Figure | Check, ...]
    with started(command, REPOSITORY, log, MOSHTARI_THREADS=str(settings.threads)) as process:
        if wait_for(port, process, _START_PATIENCE_SECONDS):
            lines = _lines(asyncio.run(_look(port)))
        else:
            lines = (Check("the server starts", holds=False, found=tail_of(log)),)
    about = f"{settings.shop_customers:,} customers, {settings.threads} threads"
    return Report("loyalty_page", about, lines)


async def _look(port: int) -> Mapping[str, _Seen]:
    seen = {}
    async with Browser(port, patience_seconds=_REPLAY_PATIENCE_SECONDS) as browser:
        for code in LANGUAGES:
            for name in TEMPLATES:
                here = {"lang": code, "programme": name}
                first = await browser.go("loyalty", here)
                moves = [await browser.go("loyalty", {**here, "by": [one, _PURCHASES]}) for one in _MOVES]
                seen[f"{name}, {code}"] = _Seen(first, tuple(moves))
    return seen


def _lines(seen: Mapping[str, _Seen]) -> tuple[Figure | Check, ...]:
    every = [painted for one in seen.values() for painted in (one.first, *one.moves)]
    moves = [painted.seconds for one in seen.values() for painted in one.moves]
    failures = [failure for painted in every for failure in painted.failures]
    silent = sum(1 for painted in every if painted.answer != painted.answer)
    return (
        *(
            Figure(
                f"{name}: a weight or a band is moved, median of {len(one.moves)}",
                median(painted.seconds for painted in one.moves),
                limit=MOVE_SECONDS,
            )
            for name, one in seen.items()
        ),
        Figure(f"the slowest of all {len(moves)}", max(moves)),
        Check(
            "every view shows an answer and no failure",
            not failures and not silent,
            f"{len(failures)} failures, {silent} without an answer",
        ),
    )
