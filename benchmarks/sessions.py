"""The app as readers meet it: a cold start, a click, and many of them at once."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from benchmarks.bases import demonstration_base
from benchmarks.browser import Address, Browser, Painted
from benchmarks.pages import answered
from benchmarks.report import Check, Figure, Report
from benchmarks.server import processor_seconds, served
from benchmarks.settings import Settings
from crm_core.i18n import LANGUAGES
from crm_core.overview.rules import PERIOD_CHOICES
from crm_core.workspace import Choices, open_base

COLD_START_SECONDS: Final = 4.0
CLICK_SECONDS: Final = 0.4
MANY_SECONDS: Final = 0.5

_STARTING_SECONDS: Final = 10.0
"""A server that has just begun has nothing in memory yet, and then fifty readers ask for fifty things."""
_SEED: Final = 7
_PAGES: Final = ("overview", "segments")
_HABITS: Final = {"page": 5, "period": 3, "filter": 5, "language": 1}
"""What readers do next, by weight; a filter that is set is let go before another one is chosen."""


@dataclass(frozen=True)
class _Clicks:
    """What single clicks took."""

    first_page: Painted
    listening: float
    language: list[Painted]
    new_filter: list[Painted]
    known_filter: list[Painted]


def run(settings: Settings) -> Report:
    """Start the server on the demonstration base, click through it, and let many readers in."""
    base = demonstration_base(settings, settings.shop_customers)
    workspace = open_base(str(base), limits=settings.limits())
    choices = workspace.choices
    workspace.close()
    lines: Sequence[Figure | Check]
    with served(base, settings) as app:
        lines = (app.started,)
        if app.started.holds:
            clicks = asyncio.run(_click(app.port, choices, app.seconds))
            before = processor_seconds(app.process)
            many = asyncio.run(_many(app.port, choices, settings))
            busy = processor_seconds(app.process) - before
            lines = [*_of_clicks(clicks), *_of_many(many, busy, settings)]
    about = f"{settings.shop_customers:,} customers, {settings.threads} threads"
    return Report("sessions", about, tuple(lines))


async def _click(port: int, choices: Choices, listening: float) -> _Clicks:
    """One reader, one click after the other."""
    async with Browser(port) as browser:
        first = await browser.go("", {})
        for page in _PAGES:
            await browser.go(page, {"lang": "en"})
        spoken = [
            await browser.go(page, {"lang": code})
            for page in _PAGES
            for code in (*LANGUAGES[1:], LANGUAGES[0])
        ]
        filters = list(_filters(choices))
        new = [await browser.go(page, {"lang": "en", **parts}) for parts in filters for page in _PAGES]
        known = [await browser.go(page, {"lang": "en", **parts}) for parts in filters[-3:] for page in _PAGES]
    return _Clicks(first, listening, spoken, new, known)


def _filters(choices: Choices) -> Iterator[Mapping[str, str]]:
    """One click on each kind of filter, and a few more."""
    for period in PERIOD_CHOICES[1:4]:
        yield {"period": period}
    for name, values in (
        ("channel", choices.channels),
        ("category", choices.categories),
        ("region", choices.regions),
    ):
        for value in values[:2]:
            yield {name: value}


async def _many(port: int, choices: Choices, settings: Settings) -> list[tuple[float, Painted]]:
    """Many readers with an open page, each acting again and again after a pause; none waits for another.

    Returns:
        Each action, and how many seconds after all pages were open it began.
    """
    all_open = asyncio.Barrier(settings.sessions)

    async def reader(number: int) -> list[tuple[float, Painted]]:
        visit = _Visit(choices, random.Random(_SEED + number))  # noqa: S311 - no secret is made of it
        painted = []
        async with Browser(port) as browser:
            await browser.go(*visit.address)
            await all_open.wait()
            begin = time.perf_counter()
            await asyncio.sleep(visit.chance.random() * settings.pause)
            while (at := time.perf_counter() - begin) < _STARTING_SECONDS + settings.seconds:
                due = time.perf_counter() + settings.pause
                painted.append((at, await browser.go(*visit.next())))
                await asyncio.sleep(max(due - time.perf_counter(), 0.0))
        return painted

    found = await asyncio.gather(*(reader(number) for number in range(settings.sessions)))
    return [one for of_reader in found for one in of_reader]


class _Visit:
    """Where one of many readers is, and where the next click leads: it changes one thing."""

    def __init__(self, choices: Choices, chance: random.Random) -> None:
        self.chance = chance
        self._page = _PAGES[0]
        self._parts = {"lang": chance.choice(LANGUAGES)}
        kinds = {"channel": choices.channels, "category": choices.categories, "region": choices.regions}
        self._filters = [(name, value) for name, values in kinds.items() for value in values]

    @property
    def address(self) -> Address:
        """Where the reader is."""
        return self._page, dict(self._parts)

    def next(self) -> Address:
        """Where the reader is after one more click."""
        habit = self.chance.choices(list(_HABITS), list(_HABITS.values()))[0]
        if habit == "page":
            self._page = _PAGES[1 - _PAGES.index(self._page)]
        elif habit == "period":
            self._parts["period"] = self.chance.choice(PERIOD_CHOICES)
        elif habit == "language":
            self._parts["lang"] = self.chance.choice(LANGUAGES)
        elif not any(self._parts.pop(name, None) for name in ("channel", "category", "region")):
            self._parts |= dict([self.chance.choice(self._filters)])
        return self.address


def _of_clicks(clicks: _Clicks) -> Iterator[Figure | Check]:
    yield Figure("cold start: the server listens", clicks.listening)
    yield Figure(
        "cold start: first text", clicks.listening + clicks.first_page.first_text, limit=COLD_START_SECONDS
    )
    yield Figure("cold start: the answer", clicks.listening + clicks.first_page.answer)
    yield Figure("cold start: the whole page", clicks.listening + clicks.first_page.seconds)
    for name, painted in (
        ("another language", clicks.language),
        ("a filter that nobody has asked for", clicks.new_filter),
        ("a filter asked for before", clicks.known_filter),
    ):
        seconds = median(one.seconds for one in painted)
        yield Figure(f"click: {name}, median of {len(painted)}", seconds, limit=CLICK_SECONDS)
    yield answered(
        "every click", [clicks.first_page, *clicks.language, *clicks.new_filter, *clicks.known_filter]
    )


def _of_many(acted: list[tuple[float, Painted]], busy: float, settings: Settings) -> Iterator[Figure | Check]:
    name = f"{settings.sessions} sessions acting every {settings.pause:g} s for {settings.seconds:g} s"
    painted = [one for _, one in acted]
    seconds = [one.seconds for at, one in acted if at >= _STARTING_SECONDS]
    if len(seconds) < 2:
        yield Check(f"{name}: enough actions", holds=False, found=f"{len(seconds)}")
        return
    yield Figure(f"{name}: p50 of {len(seconds)}", median(seconds))
    yield Figure(f"{name}: p95", quantiles(seconds, n=20, method="inclusive")[-1], limit=MANY_SECONDS)
    yield Figure(f"{name}: slowest", max(seconds))
    starting = [one.seconds for at, one in acted if at < _STARTING_SECONDS]
    if len(starting) > 1:
        p95 = quantiles(starting, n=20, method="inclusive")[-1]
        yield Figure(f"the {_STARTING_SECONDS:g} s before them, on a server that has just begun: p95", p95)
    yield Figure("the server's processor time for each of these actions", busy / len(painted))
    yield answered("every action", painted)
