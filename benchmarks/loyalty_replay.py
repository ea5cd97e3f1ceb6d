"""A year of a loyalty programme and its lead, over 10 million order lines: few, some, many use points."""

from __future__ import annotations

from functools import partial
from statistics import median
from typing import Final

from benchmarks.bases import demonstration_base, fresh, warm
from benchmarks.report import Figure, Report
from benchmarks.settings import Settings
from benchmarks.timing import seconds_of
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_cost
from crm_core.loyalty.rules import TEMPLATES, read_programme, template
from crm_core.workspace import open_base

SECONDS: Final = 20.0


def run(settings: Settings) -> Report:
    """Time each template as the first question about it, and the same programme's members after it."""
    base = demonstration_base(settings, settings.customers)
    workspace = open_base(str(base), limits=settings.limits())
    warm(workspace)
    lines: list[Figure] = []
    for name in TEMPLATES:
        programme = read_programme(template(name))
        first, then = [], []
        for _ in range(settings.pairs):
            ask = fresh(workspace)
            first.append(seconds_of(partial(ask, loyalty_cost, as_of=workspace.as_of, programme=programme)))
            then.append(
                seconds_of(partial(ask, loyalty_accounts, as_of=workspace.as_of, programme=programme))
            )
        lines.append(Figure(f"{name}: what it costs, three replays", median(first), limit=SECONDS))
        lines.append(Figure(f"{name}: its members, of one of these", median(then)))
    workspace.close()
    title = f"{settings.customers:,} customers, {settings.threads} threads, median of {settings.pairs}"
    return Report("loyalty_replay", title, tuple(lines))
