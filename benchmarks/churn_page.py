"""The page on who leaves: a first view that has to learn, one from what is kept, and moves of its sliders."""

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

MOVE_SECONDS: Final = 0.4

_START_PATIENCE_SECONDS: Final = 60.0
_LEARNING_PATIENCE_SECONDS: Final = 900.0
_MOVES: Final[tuple[Mapping[str, str], ...]] = (
    *({"contact": one} for one in ("0.5", "1", "2", "7")),
    *({"offer": one} for one in ("1", "2", "5")),
    *({"saved": one} for one in ("2", "5", "10")),
    *({"taken": one} for one in ("20", "50", "80")),
)
"""Where sliders are moved to, as the address says it; nobody has asked for any of them before."""


@dataclass(frozen=True)
class _Seen:
    """What came of each view, in their order."""

    first: Painted
    again: Painted
    moves: tuple[Painted, ...]


def run(settings: Settings) -> Report:
    """Start the server on the demonstration base, open the page, and move its sliders."""
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
    return Report("churn_page", about, lines)


async def _look(port: int) -> _Seen:
    async with Browser(port, patience_seconds=_LEARNING_PATIENCE_SECONDS) as browser:
        first = await browser.go("churn", {"lang": "en"})
        again = await browser.go("churn", {"lang": "en"})
        moves = [await browser.go("churn", {"lang": "en", **parts}) for parts in _MOVES]
    return _Seen(first, again, tuple(moves))


def _lines(seen: _Seen) -> tuple[Figure | Check, ...]:
    every = (seen.first, seen.again, *seen.moves)
    failures = [failure for one in every for failure in one.failures]
    silent = sum(1 for one in every if one.answer != one.answer)
    return (
        Figure("the first view, which learns what the cache does not hold", seen.first.seconds),
        Figure("the same view again", seen.again.seconds, limit=MOVE_SECONDS),
        Figure(
            f"a slider is moved, median of {len(seen.moves)}",
            median(one.seconds for one in seen.moves),
            limit=MOVE_SECONDS,
        ),
        Figure("a slider is moved, slowest", max(one.seconds for one in seen.moves)),
        Check(
            "every view shows an answer and no failure",
            not failures and not silent,
            f"{len(failures)} failures, {silent} without an answer",
        ),
    )
