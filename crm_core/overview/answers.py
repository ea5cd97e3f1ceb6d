"""How is our customer base doing, and what changed?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import log
from typing import Literal, cast

import pandas as pd

from crm_core.base import Money, Sentence, Share
from crm_core.overview.metrics import lifecycle, revenue_by_period, span_figures
from crm_core.overview.rules import (
    Comparison,
    Group,
    PeriodChoice,
    Span,
    comparison,
    direction,
    revenue_bridge,
)
from crm_core.periods import Calendar, Unit, date_of, day_of, first_day, last_day
from crm_core.tables import Ask

FigureName = Literal[
    "revenue",
    "margin",
    "order_count",
    "average_order_value",
    "active_customers",
    "new_customers",
    "lost_customers",
    "purchases_per_customer",
]


@dataclass(frozen=True)
class Figure:
    """A figure of a period, what it was before, and its course.

    Args:
        name: What it is.
        kind: `money` (in units of currency), `count` or `ratio`.
        value: Now; None where the base cannot say.
        before: In the period before; None where there is no such period or it cannot say.
        last_year: In the same period a year earlier; None likewise.
        trend: The figure in the last whole calendar months up to `as_of`, oldest first; empty where one
            of them cannot say.
        more_is_better: Whether a rise is good news.
    """

    name: FigureName
    kind: Literal["money", "count", "ratio"]
    value: float | None
    before: float | None
    last_year: float | None
    trend: tuple[float, ...] = ()
    more_is_better: bool = True


@dataclass(frozen=True)
class Bridge:
    """Revenue before, what each cause added, and revenue now, in units of currency."""

    before: float
    steps: tuple[tuple[str, float], ...]
    now: float


@dataclass(frozen=True)
class Highlight:
    """One of the things that changed most: what, in words, and whose customers it is about.

    Args:
        name: What changed: the name of a figure, or a state of the lifecycle in the last whole month.
        now: Its value now.
        before: Its value before.
        told: The sentence about it.
        group: Which customers are behind it, as `customers_of_span` takes it.
        before_first: Day number on which the days before the span begin.
        span: The days in which they were counted.
    """

    name: str
    now: int
    before: int
    told: Sentence
    group: Group
    before_first: int
    span: Span


@dataclass(frozen=True)
class Overview:
    """The whole answer for one choice of period.

    `months` has the rows of `revenue_by_period` and `lifecycle` joined (money in units of currency), the last
    14 calendar months up to `as_of`.
    """

    as_of: dt.date
    choice: PeriodChoice
    compared: Comparison
    headline: Sentence
    context: Sentence
    figures: tuple[Figure, ...]
    bridge: Bridge | None
    months: pd.DataFrame
    highlights: tuple[Highlight, ...]
    purchases: int
    currency: str


MONTHS_SHOWN = 14

REACH_TOLERANCE = 7
"""Days that may be missing at the beginning of a span of which it is said that the base reaches it."""


def overview(
    ask: Ask, *, as_of: dt.date, choice: PeriodChoice, calendar: Calendar = "gregorian"
) -> Overview | None:
    """How the customer base did in a period, against the period before and the same one a year earlier.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        choice: The period.
        calendar: Whose months and years.

    Returns:
        The answer, or None when there is not one order line to speak of.
    """
    if day_of(as_of) < ask.tables.first_day:
        return None
    compared = comparison(choice, day_of(as_of), ask.tables.first_day, calendar)
    spans = tuple(
        dict.fromkeys(span for span in (compared.span, compared.before, compared.last_year) if span)
    )
    rows = ask(span_figures, as_of=as_of, spans=tuple((span.first, span.last) for span in spans))
    by_span = {
        span: _Figures(ask, span, row) for span, row in zip(spans, rows.to_dict("records"), strict=True)
    }
    for figures in by_span.values():
        if figures.span != compared.span and not figures.reaches_back:
            # With nothing known before it, nearly everybody in it would pass for new.
            figures.row["new_customers"] = None
    now = by_span[compared.span]
    before = None if compared.before is None else by_span[compared.before]
    last_year = None if compared.last_year is None else by_span[compared.last_year]
    if not (now.row["revenue"] or now.row["order_count"] or now.row["lost_customers"]):
        return None
    months = _months(ask, as_of=as_of, calendar=calendar)
    bridge = None if before is None else _bridge(now, before)
    during = _during(choice, compared.span)
    return Overview(
        as_of=as_of,
        choice=choice,
        compared=compared,
        headline=_headline(now, before, bridge, during),
        context=_context(now, before, None if choice == "all" else date_of(ask.tables.first_day)),
        figures=tuple(_figure(name, now, before, last_year, months) for name in _KINDS),
        bridge=bridge,
        months=months,
        highlights=() if before is None else _highlights(now, before, months, calendar),
        purchases=int(now.row["order_count"] or 0),
        currency=ask.tables.currency,
    )


class _Figures:
    """One row of `span_figures`, with the figures that follow from it."""

    def __init__(self, ask: Ask, span: Span, row: Mapping[Hashable, object]) -> None:
        self.span = span
        self.scale = ask.tables.money_scale
        self.currency = ask.tables.currency
        self.row = {str(name): _whole(value) for name, value in row.items()}
        self.reaches_back = span.first - span.days + REACH_TOLERANCE >= ask.tables.first_day
        if not self.reaches_back:
            self.row["lost_customers"] = None

    def __getitem__(self, name: FigureName) -> float | None:
        orders, customers = self.row["order_count"] or 0, self.row["active_customers"] or 0
        if name == "average_order_value":
            return (self.row["customer_revenue"] or 0) / self.scale / orders if orders else None
        if name == "purchases_per_customer":
            return orders / customers if customers else None
        value = self.row[name]
        if value is None:
            return None
        return value / self.scale if _KINDS[name] == "money" else value

    def money(self, name: FigureName) -> Money:
        """A figure as an amount to be said."""
        return Money(self[name] or 0.0, self.currency)


def _whole(value: object) -> int | None:
    """A cell of whole numbers, which pandas gives as floats beside a missing one."""
    number = cast(float | None, value)
    return None if number is None or number != number else int(number)


_LIFECYCLE_GROUPS: dict[str, Group] = {"resurrected": "resurrected", "dormant": "lost"}

_GROUPS: dict[FigureName, Group] = {
    "new_customers": "new",
    "lost_customers": "lost",
    "active_customers": "active",
}

_KINDS: dict[FigureName, Literal["money", "count", "ratio"]] = {
    "revenue": "money",
    "margin": "money",
    "order_count": "count",
    "average_order_value": "money",
    "active_customers": "count",
    "new_customers": "count",
    "lost_customers": "count",
    "purchases_per_customer": "ratio",
}


def _figure(
    name: FigureName, now: _Figures, before: _Figures | None, last_year: _Figures | None, months: pd.DataFrame
) -> Figure:
    whole = months[months["complete"]]
    trend = whole[name].tolist() if name in whole and whole[name].notna().all() else []
    return Figure(
        name=name,
        kind=_KINDS[name],
        value=now[name],
        before=None if before is None else before[name],
        last_year=None if last_year is None else last_year[name],
        trend=tuple(float(value) for value in trend),
        more_is_better=name != "lost_customers",
    )


def _bridge(now: _Figures, before: _Figures) -> Bridge | None:
    steps = revenue_bridge(_causes(before), _causes(now))
    if steps is None:
        return None
    return Bridge(
        before=(before.row["revenue"] or 0) / now.scale,
        steps=tuple((step.cause, step.amount / now.scale) for step in steps),
        now=(now.row["revenue"] or 0) / now.scale,
    )


def _causes(figures: _Figures) -> tuple[int, int, int, int]:
    row = figures.row
    return (
        row["active_customers"] or 0,
        row["order_count"] or 0,
        row["customer_revenue"] or 0,
        row["guest_revenue"] or 0,
    )


def _months(ask: Ask, *, as_of: dt.date, calendar: Calendar) -> pd.DataFrame:
    """The last calendar months: what was sold in them, and who bought."""
    unit: Unit = "month"
    sold = ask(revenue_by_period, as_of=as_of, unit=unit, calendar=calendar).tail(MONTHS_SHOWN)
    cycle = ask(lifecycle, as_of=as_of, unit=unit, calendar=calendar).tail(MONTHS_SHOWN)
    months = sold.merge(cycle.drop(columns=["period_start", "complete"]), on="period")
    scale = ask.tables.money_scale
    money = ["revenue", "customer_revenue", "guest_revenue", "returned", "margin"]
    months[money] = months[money].astype("float64") / scale
    buyers = months["active_customers"].where(months["active_customers"] > 0)
    orders = months["order_count"].where(months["order_count"] > 0)
    months["average_order_value"] = months["customer_revenue"] / orders
    months["purchases_per_customer"] = months["order_count"] / buyers
    return months


def _during(choice: PeriodChoice, span: Span) -> Sentence:
    """The period in words that follow a verb."""
    if choice in ("last_12_months", "last_3_months"):
        return Sentence(f"overview.during.{choice}")
    if choice == "all":
        return Sentence("overview.during.all", {"first": date_of(span.first)})
    return Sentence(f"overview.during.{choice}", {"last": date_of(span.last)})


def _headline(now: _Figures, before: _Figures | None, bridge: Bridge | None, during: Sentence) -> Sentence:
    revenue, was = now["revenue"] or 0.0, 0.0 if before is None else before["revenue"] or 0.0
    values: dict[str, object] = {"revenue": now.money("revenue"), "period": during}
    if before is None:
        return Sentence("overview.headline.alone", {**values, "count": now.row["active_customers"] or 0})
    if was <= 0:
        return Sentence("overview.headline.from_nothing", values)
    reason = _reason(bridge)
    if reason is not None:
        values["reason"] = reason
    change = direction(revenue, was)
    if change != "held":
        values["change"] = _share_of_change(revenue, was)
    return Sentence(f"overview.headline.{change}" if reason else f"overview.headline.{change}.plain", values)


def _reason(bridge: Bridge | None) -> Sentence | None:
    """The largest cause, and the next one when it is at least half as large; None when nothing changed."""
    causes = [] if bridge is None else sorted(bridge.steps, key=lambda step: -abs(step[1]))
    if not causes or not causes[0][1]:
        return None
    (first, amount), (second, other) = causes[0], causes[1]
    if abs(other) < abs(amount) / 2:
        return _cause(first, amount)
    joined = "overview.reason.and" if (other > 0) == (amount > 0) else "overview.reason.but"
    return Sentence(joined, {"first": _cause(first, amount), "second": _cause(second, other)})


def _cause(cause: str, amount: float) -> Sentence:
    return Sentence(f"overview.cause.{cause}.{'up' if amount > 0 else 'down'}")


def _context(now: _Figures, before: _Figures | None, begins: dt.date | None) -> Sentence:
    """How many bought and how many of them first, what guests brought, and why nothing is compared."""
    values: dict[str, object] = {
        "count": now.row["active_customers"] or 0,
        "new": now.row["new_customers"] or 0,
    }
    said = Sentence("overview.context.alone", values)
    if before is None and begins is None:
        said = Sentence(
            "overview.context.all",
            {"count": now.row["order_count"] or 0, "each": now["purchases_per_customer"] or 0.0},
        )
    if before is not None and (was := before.row["new_customers"]) is not None:
        said = Sentence("overview.context.compared", {**values, "new_before": was})
    guests, revenue = now.row["guest_revenue"] or 0, now.row["revenue"] or 0
    if 0 < guests <= revenue:
        share = Share(guests / revenue)
        said = Sentence("overview.context.with_guests", {"customers": said, "guest_share": share})
    if before is None and begins is not None:
        return Sentence("overview.context.uncompared", {"customers": said, "date": begins})
    return said


def _highlights(
    now: _Figures, before: _Figures, months: pd.DataFrame, calendar: Calendar
) -> tuple[Highlight, ...]:
    """The three counts of customers that changed most, relative to what they were."""
    found = [
        _highlight(name, group, int(value), int(was), now.span.first - now.span.days, now.span)
        for name, group in _GROUPS.items()
        if (value := now[name]) is not None and (was := before[name])
    ]
    whole = months[months["complete"]]
    if len(whole) > 12:
        last, year_before = whole.iloc[-1], whole.iloc[-13]
        month = int(last["period"])
        span = Span(first_day(month, "month", calendar), last_day(month, "month", calendar))
        previous = first_day(month - 1, "month", calendar)
        found += [
            _highlight(name, group, int(last[name]), int(year_before[name]), previous, span)
            for name, group in _LIFECYCLE_GROUPS.items()
            if year_before[name]
        ]
    return tuple(sorted(found, key=lambda one: -abs(log(max(one.now, 1) / one.before)))[:3])


def _highlight(name: str, group: Group, now: int, before: int, before_first: int, span: Span) -> Highlight:
    change = direction(now, before)
    values: dict[str, object] = {} if change == "held" else {"change": _share_of_change(now, before)}
    if name in _LIFECYCLE_GROUPS:
        values["last"] = date_of(span.last)
    told = Sentence(f"overview.highlight.{name}.{change}", values)
    return Highlight(name, now, before, told, group, before_first, span)


def _share_of_change(now: float, before: float) -> Share:
    """How much more or less, without its sign: the words say which."""
    return Share(abs(now / before - 1))
