"""What readers notice of somebody else having models fitted to a million customers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from statistics import median, quantiles
from typing import Final

from benchmarks.bases import simulated_base
from benchmarks.browser import Address, Browser, Painted
from benchmarks.report import Check, Figure, Report
from benchmarks.server import served
from benchmarks.settings import Settings
from crm_core.overview.rules import PERIOD_CHOICES

READER_SECONDS: Final = 0.5
PROGRESS_SECONDS: Final = 1.0

_READERS: Final = 10
_PAUSE_SECONDS: Final = 1.0
_BEFORE_SECONDS: Final = 20.0

_ADDRESSES: Final[tuple[Address, ...]] = tuple(
    (page, {"lang": language, "period": period})
    for period in PERIOD_CHOICES[:2]
    for language in ("en", "fa")
    for page in ("overview", "segments")
)


def run(settings: Settings) -> Report:
    """Let some readers click through the app, alone and while the page of values is worked out."""
    base = simulated_base(settings, settings.fitted_customers)
    lines: Sequence[Figure | Check]
    with served(base, settings) as app:
        lines = list(asyncio.run(_read(app.port))) if app.started.holds else (app.started,)
    about = f"{settings.fitted_customers:,} customers, {settings.threads} threads, {_READERS} readers"
    return Report("fit_beside_readers", about, tuple(lines))


async def _read(port: int) -> Iterator[Figure | Check]:
    acted: list[tuple[float, Painted]] = []
    over = asyncio.Event()

    async def reader(number: int) -> None:
        async with Browser(port) as browser:
            for place in _ADDRESSES:
                await browser.go(*place)
            all_ready.release()
            await begun.wait()
            await asyncio.sleep(_PAUSE_SECONDS * number / _READERS)
            step = number
            while not over.is_set():
                step += 1
                at = time.perf_counter()
                acted.append((at, await browser.go(*_ADDRESSES[step % len(_ADDRESSES)])))
                await asyncio.sleep(max(at + _PAUSE_SECONDS - time.perf_counter(), 0.0))

    all_ready, begun = asyncio.Semaphore(0), asyncio.Event()
    readers = [asyncio.create_task(reader(number)) for number in range(_READERS)]
    for _ in readers:
        await all_ready.acquire()
    begun.set()
    await asyncio.sleep(_BEFORE_SECONDS)
    fit_begins = time.perf_counter()
    async with Browser(port) as browser:
        fitted = await browser.go("value", {"lang": "en"})
    fit_ends = time.perf_counter()
    over.set()
    await asyncio.gather(*readers)
    alone = [one for at, one in acted if at < fit_begins]
    beside = [one for at, one in acted if fit_begins <= at < fit_ends]
    return _lines(alone, beside, fitted)


def _lines(alone: list[Painted], beside: list[Painted], fitted: Painted) -> Iterator[Figure | Check]:
    yield Figure("the page of values: first words of progress", fitted.first_text, limit=PROGRESS_SECONDS)
    yield Figure("the page of values: its answer", fitted.answer)
    for name, painted, limit in (
        ("readers alone", alone, None),
        ("readers beside it", beside, READER_SECONDS),
    ):
        seconds = [one.seconds for one in painted]
        if len(seconds) < 2:
            yield Check(f"{name}: enough actions", holds=False, found=f"{len(seconds)}")
            continue
        yield Figure(f"{name}: p50 of {len(seconds)}", median(seconds))
        p95 = quantiles(seconds, n=20, method="inclusive")[-1]
        yield Figure(f"{name}: p95", p95, limit=limit)
        yield Figure(f"{name}: slowest", max(seconds))
    failures = [failure for one in (*alone, *beside, fitted) for failure in one.failures]
    yield Check("every page shows no failure", not failures, "; ".join(failures[:2])[:200])
