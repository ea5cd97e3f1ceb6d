"""How is our customer base doing, and what changed?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import Sentence
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.overview.answers import sentences
from crm_core.overview.answers.figures import Bridge, Figure, bridge_between, figure
from crm_core.overview.answers.highlights import GroupOfSpan, Highlight, highlights
from crm_core.overview.answers.spans import KINDS, FigureKind, FigureName, span_row
from crm_core.overview.metrics import lifecycle, revenue_by_period, span_figures
from crm_core.overview.rules import Comparison, PeriodChoice, comparison
from crm_core.periods import Calendar, Unit, date_of, day_of
from crm_core.tables import Ask

__all__ = [
    "Bridge",
    "Figure",
    "FigureKind",
    "FigureName",
    "GroupOfSpan",
    "Highlight",
    "Overview",
    "overview",
]

MONTHS_SHOWN: Final = 14


@dataclass(frozen=True)
class Overview:
    """The whole answer for one choice of period.

    Args:
        as_of: Only what happened up to the end of this day exists.
        choice: The period that was asked for.
        compared: Its days, and those it is compared with.
        headline: The answer in one sentence.
        context: What stands below it.
        customers: Everybody who ever bought, up to `as_of`.
        few: Whether these are too few to compare and to draw.
        figures: All figures, of which a page may choose.
        bridge: Why revenue changed; None where there is nothing before, or too few customers.
        months: The rows of `revenue_by_period` and `lifecycle` joined (money in units of currency), the last
            14 calendar months up to `as_of`.
        highlights: What stands out, what matters most first.
        purchases: Purchases of known customers in the period.
        currency: The base's currency.
    """

    as_of: dt.date
    choice: PeriodChoice
    compared: Comparison
    headline: Sentence
    context: Sentence
    customers: int
    few: bool
    figures: tuple[Figure, ...]
    bridge: Bridge | None
    months: pd.DataFrame
    highlights: tuple[Highlight, ...]
    purchases: int
    currency: str


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
        span: span_row(ask.tables, span, row, asked=span == compared.span)
        for span, row in zip(spans, rows.to_dict("records"), strict=True)
    }
    now = by_span[compared.span]
    before = None if compared.before is None else by_span[compared.before]
    last_year = None if compared.last_year is None else by_span[compared.last_year]
    if not (now.count("revenue") or now.count("order_count") or now.count("lost_customers")):
        return None
    months, customers = _months(ask, as_of=as_of, calendar=calendar)
    few = customers < ENOUGH_CUSTOMERS
    bridge = None if before is None else bridge_between(before, now)
    begins = None if choice == "all" else date_of(ask.tables.first_day)
    period = sentences.during(choice, compared.span)
    return Overview(
        as_of=as_of,
        choice=choice,
        compared=compared,
        headline=sentences.headline(now, None if few else before, bridge, period),
        context=sentences.few(customers) if few else sentences.context(now, before, begins),
        customers=customers,
        few=few,
        figures=tuple(figure(name, now, before, last_year, months) for name in KINDS),
        bridge=bridge,
        months=months,
        highlights=() if few else highlights(now, before, months, calendar),
        purchases=now.count("order_count"),
        currency=ask.tables.currency,
    )


def _months(ask: Ask, *, as_of: dt.date, calendar: Calendar) -> tuple[pd.DataFrame, int]:
    """The last calendar months, what was sold in them and who bought; and how many ever bought."""
    unit: Unit = "month"
    sold = ask(revenue_by_period, as_of=as_of, unit=unit, calendar=calendar).tail(MONTHS_SHOWN)
    cycle = ask(lifecycle, as_of=as_of, unit=unit, calendar=calendar)
    shown = cycle[["period", "new", "returning", "resurrected", "dormant"]].tail(MONTHS_SHOWN)
    months = sold.merge(shown, on="period")
    months["revenue"] = months["revenue"].astype("float64") / ask.tables.money_scale
    buyers = months["active_customers"].where(months["active_customers"] > 0)
    months["purchases_per_customer"] = months["order_count"] / buyers
    columns = [
        *("period", "complete", "revenue", "order_count", "active_customers", "new_customers"),
        *("new", "returning", "resurrected", "dormant", "purchases_per_customer"),
    ]
    return months[columns], int(cycle["new"].sum())
