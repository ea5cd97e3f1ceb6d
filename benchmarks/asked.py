"""Every question that the pages ask of a base, found by letting them ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, cast

import ibis.expr.types as ir
import pandas as pd

from crm_core.customers.answers import Listing, customer, customers_behind, order
from crm_core.customers.metrics import customer_summary
from crm_core.overview.answers import overview
from crm_core.overview.metrics import customers_of_span
from crm_core.overview.rules import Group
from crm_core.periods import Calendar, period_of
from crm_core.retention.answers import Shape, cohorts
from crm_core.retention.metrics import customers_of_cohort
from crm_core.segments.answers import segments
from crm_core.segments.metrics import customers_of_segment, rfm
from crm_core.segments.rules import SEGMENTS
from crm_core.tables import Ask, Tables

Build = Callable[..., ir.Table]

_GROUPS_LED_TO: Final[tuple[Group, ...]] = ("active", "new", "lost")
"""Whose lists the overview leads to."""
_MONTHS_LED_TO: Final = 6
"""How old the cohort is whose list the retention page leads to."""


@dataclass(frozen=True)
class Question:
    """One call of a page's `ask`.

    Args:
        about: What it is asked for, where the same metric is asked for several things; may be empty.
        build: The metric.
        options: What it is asked with, beside `as_of`.
    """

    about: str
    build: Build
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """What the table of figures calls it."""
        return f"{self.build.__name__} ({self.about})" if self.about else self.build.__name__

    def put(self, ask: Ask, as_of: dt.date) -> pd.DataFrame:
        """Ask it."""
        return ask(self.build, as_of=as_of, **self.options)


@dataclass
class _Recording:
    """Asks as the pages do, and notes what was asked."""

    ask: Ask
    about: str = ""
    questions: list[Question] = field(default_factory=list)

    @property
    def tables(self) -> Tables:
        """The base's tables."""
        return self.ask.tables

    def __call__(self, build: Build, *, as_of: dt.date, **options: object) -> pd.DataFrame:
        """The answer of the base; a question that was put already is not noted again."""
        known = {(one.build, *sorted(one.options.items())) for one in self.questions}
        if (build, *sorted(options.items())) not in known:
            self.questions.append(Question(self.about, build, options))
        return self.ask(build, as_of=as_of, **options)


def questions_of_pages(ask: Ask, as_of: dt.date) -> list[Question]:
    """What the overview, the segments, the retention, the lists behind them and one customer ask.

    Args:
        ask: A base; all the questions are put to it on the way.
        as_of: Only what happened up to the end of this day exists.
    """
    recording = _Recording(ask)
    for calendar in cast(tuple[Calendar, ...], ("gregorian", "jalali")):
        recording.about = "" if calendar == "gregorian" else calendar
        found = overview(recording, as_of=as_of, choice="last_12_months", calendar=calendar)
        segments(recording, as_of=as_of)
        cohorts(recording, as_of=as_of, shape=Shape(calendar=calendar))
        if calendar == "gregorian" and found is not None:
            span = found.compared.span
            for group in _GROUPS_LED_TO:
                recording.about = f"group {group}"
                customers_behind(
                    recording,
                    customers_of_span,
                    as_of=as_of,
                    group=group,
                    before=span.first - span.days,
                    first=span.first,
                    last=span.last,
                    beside=rfm,
                )
    for about, options in _groups_of_segments():
        recording.about = about
        customers_behind(recording, customers_of_segment, as_of=as_of, beside=rfm, **options)
    for came_back in (True, False):
        recording.about = "came back" if came_back else "stayed away"
        customers_behind(
            recording,
            customers_of_cohort,
            as_of=as_of,
            beside=rfm,
            cohort=period_of(ask.tables.last_day, "month") - _MONTHS_LED_TO,
            period=_MONTHS_LED_TO - 1,
            came_back=came_back,
            unit="month",
            calendar="gregorian",
        )
    recording.about = "by segment"
    by_segment = Listing(sort="segment", descending=False, ranks=SEGMENTS)
    customers_behind(recording, customer_summary, as_of=as_of, listing=by_segment, beside=rfm)
    recording.about = "everybody"
    everybody = customers_behind(recording, customer_summary, as_of=as_of, beside=rfm)
    customer_id = str(everybody.rows["customer_id"].iloc[0])
    recording.about = "begins like the first"
    named = Listing(beginnings=(customer_id[:-1],))
    customers_behind(recording, customer_summary, as_of=as_of, listing=named, beside=rfm)
    recording.about = "one customer"
    found_customer = customer(recording, customer_id, as_of=as_of, beside=rfm)
    if found_customer is not None:
        order(recording, customer_id, str(found_customer.orders["order_id"].iloc[0]), as_of=as_of)
    return recording.questions


def _groups_of_segments() -> Iterable[tuple[str, dict[str, Any]]]:
    yield "segment", {"segment": "champions"}
    yield "cell", {"r_score": 3, "value_score": 3}
    yield "class", {"abc_class": "A"}
