"""Purchase histories the slow way: customer by customer, day by day."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable

from tests.oracle.calendars import day_number
from tests.oracle.history import Customer, History, Row, margin
from tests.oracle.retention import Groups

HISTORY = ("frequency", "recency_days", "age_days")


def purchase_histories(history: History, window_days: int = 365) -> list[Row]:
    """One row a customer."""
    return [
        {"customer_id": name, **_history(customer, history.as_of, window_days)}
        for name, customer in history.customers.items()
    ]


def purchase_cells(history: History) -> list[Row]:
    """Customers with equal histories together."""
    return _together(purchase_histories(history), HISTORY, ("repeat_revenue",))


def spend_cells(history: History) -> list[Row]:
    """Those who came back, by how often and for how much in all."""
    rows = [row for row in purchase_histories(history) if row["frequency"]]
    return _together(rows, ("frequency", "repeat_revenue"), ())


def held_out_cells(history: History, earlier: History, window_days: int) -> list[Row]:
    """What followed the histories of an earlier day."""
    rows: list[Row] = []
    for name, customer in earlier.customers.items():
        later = history.customers.get(name)
        after = {} if later is None else _days(later)
        after = {day: amount for day, amount in after.items() if day > earlier.as_of}
        rows.append(
            {
                **_history(customer, earlier.as_of, window_days),
                "held_out": len(after),
                "held_out_revenue": sum(after.values()),
            }
        )
    keys = (*HISTORY, "window_frequency", "held_out")
    return _together(rows, keys, ("repeat_revenue", "held_out_revenue"))


def worth_of_purchases(history: History, window_days: int) -> list[Row]:
    """What was bought in the last days, and what is left of it."""
    begins = history.as_of - dt.timedelta(window_days)
    orders = [order for order in history.orders if order.date > begins]
    return [
        {
            "purchased": sum(order.revenue for order in orders if order.is_purchase),
            "revenue": sum(order.revenue for order in orders),
            "margin": margin([sale for order in orders for sale in order.sales]),
        }
    ]


def customers_in_groups(history: History, groups: Groups) -> list[Row]:
    """The group of each customer."""
    return [{"customer_id": name, "group": groups.get(name)} for name in history.customers]


def grouped_cells(history: History, groups: Groups) -> list[Row]:
    """Customers with equal histories together, group by group."""
    rows = [{"group": groups.get(str(row["customer_id"])), **row} for row in purchase_histories(history)]
    return _together(rows, ("group", *HISTORY), ("repeat_revenue",))


def revenue_of_window(history: History, window_days: int = 365) -> list[Row]:
    """What each customer brought in the last days."""
    begins = history.as_of - dt.timedelta(window_days)
    return [
        {
            "customer_id": name,
            "revenue": sum(order.revenue for order in customer.orders if order.date > begins),
        }
        for name, customer in history.customers.items()
    ]


def purchases_after(history: History, earlier: History) -> list[Row]:
    """On each later day, how many of the customers of an earlier one bought."""
    days = [
        day
        for name in earlier.customers
        if name in history.customers
        for day in _days(history.customers[name])
        if day > earlier.as_of
    ]
    return [{"day": day_number(day), "purchases": count} for day, count in Counter(days).items()]


def _days(customer: Customer) -> dict[dt.date, int]:
    days: dict[dt.date, int] = defaultdict(int)
    for one in customer.purchases:
        days[one.date] += one.revenue
    return days


def _history(customer: Customer, as_of: dt.date, window_days: int) -> Row:
    days = _days(customer)
    begins = as_of - dt.timedelta(window_days)
    first, *repeats = sorted(days)
    return {
        "frequency": len(repeats),
        "recency_days": (max(days) - first).days,
        "age_days": (as_of - first).days,
        "window_frequency": sum(day > begins for day in repeats),
        "repeat_revenue": sum(days[day] for day in repeats),
    }


def _together(rows: Iterable[Row], keys: tuple[str, ...], summed: tuple[str, ...]) -> list[Row]:
    cells: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        cells[tuple(row[key] for key in keys)].append(row)
    return [
        {
            **dict(zip(keys, cell, strict=True)),
            "customers": len(found),
            **{name: sum(int(str(row[name])) for row in found) for name in summed},
        }
        for cell, found in cells.items()
    ]
