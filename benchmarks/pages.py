"""One page of the app on the demonstration base, opened by one reader."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from benchmarks.bases import demonstration_base
from benchmarks.browser import Browser, Painted
from benchmarks.report import Check, Figure, Report
from benchmarks.server import served
from benchmarks.settings import Settings

_PATIENCE_SECONDS: Final = 900.0
"""A first view may have to learn, or to replay years."""

Lines = tuple[Figure | Check, ...]


def report_of(name: str, settings: Settings, look: Callable[[Browser], Awaitable[Lines]]) -> Report:
    """Start the server and look at it; what was seen is the report of this name."""
    with served(demonstration_base(settings, settings.shop_customers), settings) as app:
        lines: Lines = asyncio.run(_looked(app.port, look)) if app.started.holds else (app.started,)
    about = f"{settings.shop_customers:,} customers, {settings.threads} threads"
    return Report(name, about, lines)


async def _looked(port: int, look: Callable[[Browser], Awaitable[Lines]]) -> Lines:
    async with Browser(port, patience_seconds=_PATIENCE_SECONDS) as browser:
        return await look(browser)


def answered(name: str, painted: Sequence[Painted]) -> Check:
    """Whether all that was painted shows an answer and no failure."""
    failures = [failure for one in painted for failure in one.failures]
    silent = sum(1 for one in painted if one.answer != one.answer)
    found = f"{len(failures)} failures, {silent} without an answer" + (
        f": {failures[0][:200]}" if failures else ""
    )
    return Check(f"{name} shows an answer and no failure", not failures and not silent, found)
