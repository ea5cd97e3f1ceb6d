"""Cohorts, customer by customer and day by day."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Sequence

from tests.oracle.calendars import begin_of, period_of
from tests.oracle.history import Customer, History, Order, Row, margin

MONTHS = {"month": 1, "quarter": 3, "year": 12}
QUANTILE = 1.959963984540054

Groups = dict[str, str | None]


def first_channel(history: History) -> Groups:
    """The channel of the first purchase."""
    return _first(history, lambda order: [sale.line.channel for sale in order.sales])


def first_category(history: History) -> Groups:
    """The category of what was bought first."""
    return _first(history, lambda order: [s.line.category for s in order.sales if s.at == order.at])


def first_product(history: History) -> Groups:
    """The product that most was paid for in the first purchase."""
    found: Groups = {}
    for customer_id, one in history.customers.items():
        paid: dict[str, int] = defaultdict(int)
        for order in one.purchases:
            for sale in order.sales if order.at == one.first.at else ():
                if sale.at == order.at and sale.line.product_id is not None:
                    paid[sale.line.product_id] += sale.amount
        bought = {name: amount for name, amount in paid.items() if amount > 0}
        found[customer_id] = min(bought, key=lambda name: (-bought[name], name), default=None)
    return found


def region(history: History) -> Groups:
    """Where the customer lives."""
    return dict(history.base.regions)


def cohort_retention(
    history: History,
    unit: str = "month",
    calendar: str = "gregorian",
    counting: str = "on",
    brackets: Sequence[int] = (),
    groups: Groups | None = None,
    parted_on: dt.date | None = None,
) -> list[Row]:
    """Of each cohort, who came back in which period; parted on a day, of each part."""
    if parted_on is not None:
        before = parted_on - dt.timedelta(1)
        parts = {False: {"won_to": before}, True: {"won_from": parted_on}}
        return [
            {**({} if groups is None else {"group": row["group"]}), "new": new, **row}
            for new, won in parts.items()
            for row in _of_cohorts(history, unit, calendar, counting, brackets, groups, **won)
        ]
    return _of_cohorts(history, unit, calendar, counting, brackets, groups)


def _of_cohorts(
    history: History,
    unit: str,
    calendar: str,
    counting: str,
    brackets: Sequence[int],
    groups: Groups | None,
    *,
    won_from: dt.date = dt.date.min,
    won_to: dt.date = dt.date.max,
) -> list[Row]:
    current = period_of(history.as_of, unit, calendar)
    rows: list[Row] = []
    for (group, cohort), members in _cohorts(history, unit, calendar, groups, won_from, won_to).items():
        cells = [(k, k) for k in range(current - cohort + 1)]
        if brackets:
            cells = [(begin, end - 1) for begin, end in itertools.pairwise(brackets)]
        for first, last in cells:
            if cohort + first > current:
                continue
            spans = [_span(one, first, last, unit, calendar, counting) for one in members]
            there = [one for one in members if _came_back(one, first, last, unit, calendar, counting)]
            orders = [
                order
                for one, (begin, end) in zip(members, spans, strict=True)
                for order in one.orders
                if begin <= order.date < end
            ]
            low, high = wilson(len(there), len(members))
            rows.append(
                {
                    **({} if groups is None else {"group": group}),
                    "cohort": cohort,
                    "period": first,
                    "cohort_size": len(members),
                    "retained": len(there),
                    "retention_rate": len(there) / len(members),
                    "complete": all(end - dt.timedelta(1) <= history.as_of for _, end in spans),
                    "low": low,
                    "high": high,
                    "order_count": sum(order.is_purchase for order in orders),
                    "revenue": sum(order.revenue for order in orders),
                    "margin": margin([sale for order in orders for sale in order.sales]),
                }
            )
    return rows


def customers_of_cohort(
    history: History,
    cohort: int,
    period: int | None = None,
    came_back: bool = True,
    unit: str = "month",
    calendar: str = "gregorian",
    counting: str = "on",
    brackets: Sequence[int] = (),
    groups: Groups | None = None,
    within: str | None = None,
    won_from: dt.date = dt.date.min,
    won_to: dt.date = dt.date.max,
) -> set[str]:
    """The customers behind a cell."""
    key = (None if groups is None else within, cohort)
    members = _cohorts(history, unit, calendar, groups, won_from, won_to).get(key, [])
    if period is None:
        return {one.customer_id for one in members}
    last = period
    if brackets:
        last = brackets[list(brackets).index(period) + 1] - 1
    return {
        one.customer_id
        for one in members
        if _came_back(one, period, last, unit, calendar, counting) == came_back
    }


def retention_by_group(history: History, groups: Groups, days: int) -> list[Row]:
    """Of those who could be watched for so long, who bought again in that time; without any contacts."""
    watched: dict[str | None, list[bool]] = defaultdict(list)
    for one in history.customers.values():
        first, span = one.first.date, dt.timedelta(days)
        if first + span <= history.as_of:
            again = any(first < order.date <= first + span for order in one.purchases)
            watched[groups.get(one.customer_id)].append(again)
    rows: list[Row] = []
    for group, kept in watched.items():
        low, high = wilson(sum(kept), len(kept))
        rows.append(
            {
                "group": group,
                "customers": len(kept),
                "retained": sum(kept),
                "retention_rate": sum(kept) / len(kept),
                "low": low,
                "high": high,
                "contact_cost": None,
            }
        )
    return rows


def reactivation(history: History, unit: str, calendar: str, silent: int) -> list[Row]:
    """Of those who had been silent for so long, who bought."""
    bought = [
        {period_of(order.date, unit, calendar) for order in one.purchases}
        for one in history.customers.values()
    ]
    begin = period_of(history.first_date, unit, calendar)
    rows: list[Row] = []
    for period in range(begin, period_of(history.as_of, unit, calendar) + 1):
        quiet = [
            periods
            for periods in bought
            if max((one for one in periods if one < period), default=period) < period - silent
        ]
        back = sum(period in periods for periods in quiet)
        low, high = wilson(back, len(quiet)) if quiet else (None, None)
        rows.append(
            {
                "period": period,
                "period_start": begin_of(period, unit, calendar),
                "complete": begin_of(period + 1, unit, calendar) - dt.timedelta(1) <= history.as_of,
                "customers": len(quiet),
                "reactivated": back,
                "reactivation_rate": back / len(quiet) if quiet else None,
                "low": low,
                "high": high,
            }
        )
    return rows


def wilson(count: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share: the roots of (p - count / of)^2 = z^2 p (1 - p) / of."""
    square = QUANTILE * QUANTILE
    spread = math.sqrt(float(count) * (float(of) - float(count)) / float(of) + square / 4) * QUANTILE
    low, high = (count + square / 2 - spread) / (of + square), (count + square / 2 + spread) / (of + square)
    return 0.0 if count == 0 else low, 1.0 if count == of else high


def _cohorts(
    history: History, unit: str, calendar: str, groups: Groups | None, won_from: dt.date, won_to: dt.date
) -> dict[tuple[str | None, int], list[Customer]]:
    found: dict[tuple[str | None, int], list[Customer]] = defaultdict(list)
    for one in history.customers.values():
        if not won_from <= one.first.date <= won_to:
            continue
        group = None if groups is None else groups.get(one.customer_id)
        found[group, period_of(one.first.date, unit, calendar)].append(one)
    return found


def _came_back(one: Customer, first: int, last: int, unit: str, calendar: str, counting: str) -> bool:
    begin, end = _span(one, first, last, unit, calendar, counting)
    if counting == "on_or_after":
        end = dt.date.max
    return any(begin <= order.date < end for order in one.purchases)


def _span(
    one: Customer, first: int, last: int, unit: str, calendar: str, counting: str
) -> tuple[dt.date, dt.date]:
    """The first day of some periods of a customer, and the day after them."""
    if counting == "rolling":
        return _later(one.first.date, first, unit, calendar), _later(one.first.date, last + 1, unit, calendar)
    cohort = period_of(one.first.date, unit, calendar)
    return begin_of(cohort + first, unit, calendar), begin_of(cohort + last + 1, unit, calendar)


def _later(date: dt.date, periods: int, unit: str, calendar: str) -> dt.date:
    """The same day of the month so much later, or the next day that there is."""
    if unit == "week":
        return date + dt.timedelta(7 * periods)
    month = period_of(date, "month", calendar)
    day = (date - begin_of(month, "month", calendar)).days
    begin = begin_of(month + MONTHS[unit] * periods, "month", calendar)
    following = begin_of(month + MONTHS[unit] * periods + 1, "month", calendar)
    return min(begin + dt.timedelta(day), following)


def _first(history: History, texts: Callable[[Order], list[str | None]]) -> Groups:
    found: Groups = {}
    for customer_id, one in history.customers.items():
        first = [order for order in one.purchases if order.at == one.first.at]
        known = [text for order in first for text in texts(order) if text is not None]
        found[customer_id] = min(known, default=None)
    return found
