"""Revenue and customers by period, the lifecycle, and figures of spans of days."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from tests.oracle.calendars import begin_of, date_of, period_of
from tests.oracle.history import History, Row, Sale, margin


def revenue_by_period(history: History, unit: str, calendar: str) -> list[Row]:
    """What was sold in each period, and to how many."""
    sales: dict[int, list[Sale]] = defaultdict(list)
    for sale in history.sales:
        sales[period_of(sale.date, unit, calendar)].append(sale)
    buyers = _buyers(history, unit, calendar)
    orders: dict[int, int] = defaultdict(int)
    for purchase in history.purchases:
        orders[period_of(purchase.date, unit, calendar)] += 1
    first = _first_periods(history, unit, calendar)
    rows: list[Row] = []
    for period in _periods(history, unit, calendar):
        sold = sales[period]
        rows.append(
            {
                **_frame(history, period, unit, calendar),
                "revenue": sum(sale.amount for sale in sold),
                "customer_revenue": sum(sale.amount for sale in sold if sale.customer_id is not None),
                "guest_revenue": sum(sale.amount for sale in sold if sale.customer_id is None),
                "returned": sum(sale.amount for sale in sold if sale.amount < 0),
                "margin": margin(sold),
                "order_count": orders[period],
                "active_customers": len(buyers[period]),
                "new_customers": sum(1 for customer_id in buyers[period] if first[customer_id] == period),
            }
        )
    return rows


def lifecycle(history: History, unit: str, calendar: str) -> list[Row]:
    """Who bought in each period, by what they did before."""
    buyers = _buyers(history, unit, calendar)
    rows: list[Row] = []
    bought_ever: set[str] = set()
    for period in _periods(history, unit, calendar):
        now, before = buyers[period], buyers[period - 1]
        rows.append(
            {
                **_frame(history, period, unit, calendar),
                "new": len(now - bought_ever),
                "returning": len(now & before),
                "resurrected": len((now & bought_ever) - before),
                "dormant": len(before - now),
                "active": len(now),
            }
        )
        bought_ever |= now
    return rows


def span_figures(history: History, spans: Sequence[tuple[int, int]]) -> list[Row]:
    """Figures of spans of days, each with the equally long span before it."""
    rows: list[Row] = []
    for number, (first, last) in enumerate(spans):
        begin, end = date_of(first), date_of(last)
        length = last - first + 1
        active = _buyers_between(history, begin, end)
        before = _buyers_between(history, date_of(first - length), date_of(first - 1))
        sold = [sale for sale in history.sales if begin <= sale.date <= end]
        rows.append(
            {
                "span": number,
                "active_customers": len(active),
                "new_customers": len(_new_between(history, begin, end)),
                "lost_customers": len(before - active),
                "order_count": sum(1 for one in history.purchases if begin <= one.date <= end),
                "customer_revenue": sum(sale.amount for sale in sold if sale.customer_id is not None),
                "guest_revenue": sum(sale.amount for sale in sold if sale.customer_id is None),
                "revenue": sum(sale.amount for sale in sold),
                "margin": margin(sold),
            }
        )
    return rows


def customers_of_span(history: History, group: str, before: int, first: int, last: int) -> set[str]:
    """The customers behind a figure of a span."""
    begin, end = date_of(first), date_of(last)
    active = _buyers_between(history, begin, end)
    earlier = _buyers_between(history, date_of(before), date_of(first - 1))
    if group == "active":
        return active
    if group == "new":
        return _new_between(history, begin, end)
    if group == "lost":
        return earlier - active
    if group == "returning":
        return active & earlier
    if group == "returning":
        return active & earlier
    assert group == "resurrected"
    return {one for one in active if history.customers[one].first.date < begin} - earlier


def _periods(history: History, unit: str, calendar: str) -> range:
    first = period_of(history.first_date, unit, calendar)
    return range(first, period_of(history.as_of, unit, calendar) + 1)


def _frame(history: History, period: int, unit: str, calendar: str) -> Row:
    return {
        "period": period,
        "period_start": begin_of(period, unit, calendar),
        "complete": begin_of(period + 1, unit, calendar) - dt.timedelta(1) <= history.as_of,
    }


def _buyers(history: History, unit: str, calendar: str) -> dict[int, set[str]]:
    buyers: dict[int, set[str]] = defaultdict(set)
    for purchase in history.purchases:
        buyers[period_of(purchase.date, unit, calendar)].add(purchase.customer_id)
    return buyers


def _first_periods(history: History, unit: str, calendar: str) -> dict[str, int]:
    return {key: period_of(one.first.date, unit, calendar) for key, one in history.customers.items()}


def _buyers_between(history: History, begin: dt.date, end: dt.date) -> set[str]:
    return {one.customer_id for one in history.purchases if begin <= one.date <= end}


def _new_between(history: History, begin: dt.date, end: dt.date) -> set[str]:
    return {key for key, one in history.customers.items() if begin <= one.first.date <= end}
