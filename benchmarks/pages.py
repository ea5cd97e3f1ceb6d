"""One page of the app on the demonstration base, opened by one reader."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from benchmarks.bases import demonstration_base
from benchmarks.browser import Browser, Painted
from benchmarks.report import Check, Figure, Report
from benchmarks.server import free_port, started, tail_of, wait_for
from benchmarks.settings import REPOSITORY, Settings

_START_PATIENCE_SECONDS: Final = 60.0
_PATIENCE_SECONDS: Final = 900.0
"""A first view may have to learn, or to replay years."""

Lines = tuple[Figure | Check, ...]


def report_of(name: str, settings: Settings, look: Callable[[Browser], Awaitable[Lines]]) -> Report:
    """Start the server and look at it; what was seen is the report of this name."""
    base = demonstration_base(settings, settings.shop_customers)
    port, log = free_port(), settings.directory / "server.log"
    command = [sys.executable, "-m", "crm_core", "serve", "--base", str(base), "--port", str(port)]
    lines: Lines
    with started(command, REPOSITORY, log, MOSHTARI_THREADS=str(settings.threads)) as process:
        if wait_for(port, process, _START_PATIENCE_SECONDS):
            lines = asyncio.run(_looked(port, look))
        else:
            lines = (Check("the server starts", holds=False, found=tail_of(log)),)
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
