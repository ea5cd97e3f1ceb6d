"""How is our customer base doing, and what changed?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import log
from typing import Literal

import pandas as pd

from crm_core.base import Change, Money, Sentence, Share
from crm_core.overview.metrics import lifecycle, revenue_by_period, span_figures
from crm_core.overview.rules import (
    BridgeStep,
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
        trend: The figure in the calendar months up to `as_of`, oldest first (the last may be incomplete).
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
        name: What changed.
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


def overview(ask: Ask, *, as_of: dt.date, choice: PeriodChoice, calendar: Calendar = "gregorian") -> Overview | None:
    """How the customer base did in a period, against the period before and the same one a year earlier.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        choice: The period.
        calendar: Whose months and years.

    Returns:
        The answer, or None when there is not one order line to speak of.
    """
    compared = comparison(choice, day_of(as_of), ask.tables.first_day, calendar)
    spans = [span for span in (compared.span, compared.before, compared.last_year) if span is not None]
    rows = ask(span_figures, as_of=as_of, spans=tuple((span.first, span.last) for span in dict.fromkeys(spans)))
    by_span = dict(zip(dict.fromkeys(spans), rows.to_dict("records"), strict=True))
    now = _Figures(ask, compared.span, by_span[compared.span])
    before = None if compared.before is None else _Figures(ask, compared.before, by_span[compared.before])
    last_year = None if compared.last_year is None else _Figures(ask, compared.last_year, by_span[compared.last_year])
    if not (now.row["revenue"] or now.row["order_count"] or now.row["lost_customers"]):
        return None
    months = _months(ask, as_of=as_of, calendar=calendar)
    return Overview(
        as_of=as_of,
        compared=compared,
        headline=_headline(now, before),
        context=_context(now, before),
        figures=tuple(_figure(name, now, before, last_year, months) for name in _KINDS),
        bridge=None if before is None else _bridge(now, before),
        months=months,
        highlights=() if before is None else _highlights(now, before, months, calendar),
        purchases=int(now.row["order_count"]),
        currency=ask.tables.currency,
    )


class _Figures:
    """One row of `span_figures`, with the figures that follow from it."""

    def __init__(self, ask: Ask, span: Span, row: dict[str, object]) -> None:
        self.span = span
        self.scale = ask.tables.money_scale
        self.currency = ask.tables.currency
        self.row = {name: None if pd.isna(value) else int(value) for name, value in row.items()}  # type: ignore[call-overload,arg-type]  # a cell of a frame
        if span.first - span.days < ask.tables.first_day:
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


_LIFECYCLE_GROUPS: dict[str, Group] = {"resurrected": "resurrected", "dormant": "lost"}

_GROUPS: dict[FigureName, Group] = {"new_customers": "new", "lost_customers": "lost", "active_customers": "active"}

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
    return Figure(
        name=name,
        kind=_KINDS[name],
        value=now[name],
        before=None if before is None else before[name],
        last_year=None if last_year is None else last_year[name],
        trend=tuple(months[name].dropna().tolist()) if name in months else (),
        more_is_better=name != "lost_customers",
    )


def _bridge(now: _Figures, before: _Figures) -> Bridge | None:
    names = ("active_customers", "order_count", "customer_revenue", "guest_revenue")
    first, second = (tuple(figures.row[name] or 0 for name in names) for figures in (before, now))
    steps: tuple[BridgeStep, ...] | None = revenue_bridge(first, second)  # type: ignore[arg-type]  # four each
    if steps is None:
        return None
    return Bridge(
        before=(before.row["revenue"] or 0) / now.scale,
        steps=tuple((step.cause, step.amount / now.scale) for step in steps),
        now=(now.row["revenue"] or 0) / now.scale,
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


def _headline(now: _Figures, before: _Figures | None) -> Sentence:
    if before is None:
        return Sentence("overview.headline.alone", {"revenue": now.money("revenue"), "count": now["active_customers"]})
    change = direction(now["revenue"] or 0, before["revenue"] or 0)
    return Sentence(
        f"overview.headline.{change}",
        {
            "revenue": now.money("revenue"),
            "change": _change(now["revenue"], before["revenue"]),
            "reason": _reason(now, before),
        },
    )


def _reason(now: _Figures, before: _Figures) -> Sentence:
    """The largest cause, and the largest that pulled the other way when it was at least half as large."""
    bridge = _bridge(now, before)
    causes = [] if bridge is None else sorted(bridge.steps, key=lambda step: -abs(step[1]))
    if not causes or not causes[0][1]:
        return Sentence("overview.reason.none")
    first, amount = causes[0]
    against = next(((c, a) for c, a in causes[1:] if a * amount < 0 and abs(a) >= abs(amount) / 2), None)
    if against is None:
        return _cause(first, amount)
    return Sentence("overview.reason.but", {"first": _cause(first, amount), "second": _cause(*against)})


def _cause(cause: str, amount: float) -> Sentence:
    return Sentence(f"overview.cause.{cause}.{'up' if amount > 0 else 'down'}")


def _context(now: _Figures, before: _Figures | None) -> Sentence:
    values: dict[str, object] = {"count": now["active_customers"], "new": now["new_customers"]}
    guests = now.row["guest_revenue"] or 0
    if guests and now.row["revenue"]:
        values["guest_share"] = Share(guests / now.row["revenue"])
        return Sentence("overview.context.with_guests", values)
    return Sentence("overview.context.plain", values)


def _highlights(
    now: _Figures, before: _Figures, months: pd.DataFrame, calendar: Calendar
) -> tuple[Highlight, ...]:
    """The three counts of customers that changed most, relative to what they were."""
    found = []
    for figure, group in _GROUPS.items():
        value, was = now[figure], before[figure]
        if value is not None and was:
            found.append(_highlight(figure, group, int(value), int(was), now.span.first - now.span.days, now.span))
    whole = months[months["complete"]]
    if len(whole) > 12:
        last, year_before = whole.iloc[-1], whole.iloc[-13]
        month = int(last["period"])
        span = Span(first_day(month, "month", calendar), last_day(month, "month", calendar))
        previous = first_day(month - 1, "month", calendar)
        for name, group in _LIFECYCLE_GROUPS.items():
            if year_before[name]:
                found.append(_highlight(name, group, int(last[name]), int(year_before[name]), previous, span))
    return tuple(sorted(found, key=lambda one: -abs(log(max(one.now, 1) / one.before)))[:3])


def _highlight(name: str, group: Group, now: int, before: int, before_first: int, span: Span) -> Highlight:
    told = Sentence(
        f"overview.highlight.{name}.{direction(now, before)}",
        {"now": now, "before": before, "change": _change(now, before), "month": date_of(span.last)},
    )
    return Highlight(name, now, before, told, group, before_first, span)


def _change(now: float | None, before: float | None) -> Change:
    return Change((now or 0) / before - 1 if before else 0.0)


