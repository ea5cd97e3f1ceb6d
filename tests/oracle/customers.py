"""One row a customer, and the orders of one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from tests.oracle.history import History, Row


def customer_summary(history: History) -> list[Row]:
    """Each customer with a purchase."""
    return [
        {
            "customer_id": one.customer_id,
            "first_ordered_at": one.first.at,
            "last_ordered_at": one.last.at,
            "days_since_first_order": (history.as_of - one.first.date).days,
            "days_since_last_order": (history.as_of - one.last.date).days,
            "order_count": len(one.purchases),
            "return_count": len(one.orders) - len(one.purchases),
            "revenue": one.revenue,
            "margin": one.margin,
        }
        for one in history.customers.values()
    ]


def listed_customers(
    history: History,
    which: Collection[object],
    limit: int,
    skip: int = 0,
    sort: str = "revenue",
    descending: bool = True,
    ranks: Sequence[str] = (),
    beginnings: Sequence[str] = (),
    beside: Sequence[Row] = (),
) -> list[Row]:
    """Some of them in the order of a column, what is not known last, ties by id."""
    more = {row["customer_id"]: row for row in beside}
    found = [
        {**row, **more.get(row["customer_id"], {})}
        for row in customer_summary(history)
        if row["customer_id"] in which
    ]
    if beginnings:
        found = [row for row in found if str(row["customer_id"]).startswith(tuple(beginnings))]
    found.sort(key=lambda row: str(row["customer_id"]))
    known = [row for row in found if row[sort] is not None]
    known.sort(
        key=lambda row: ranks.index(str(row[sort])) if ranks else cast(Any, row[sort]), reverse=descending
    )
    found = known + [row for row in found if row[sort] is None]
    return [{**row, "all_customers": len(found)} for row in found[skip : skip + limit]]


def orders_of_customer(history: History, customer_id: str) -> list[Row]:
    """One customer's orders, the latest first, ties by id."""
    orders = [one for one in history.orders if one.customer_id == customer_id]
    orders.sort(key=lambda one: str(one.order))
    orders.sort(key=lambda one: one.at, reverse=True)
    return [
        {
            "order_id": one.order,
            "ordered_at": one.at,
            "revenue": one.revenue,
            "line_count": len(one.sales),
            "margin": one.margin,
        }
        for one in orders
    ]


def lines_of_order(history: History, customer_id: str, order_id: str) -> list[Row]:
    """The lines of one order."""
    return [
        {
            "ordered_at": sale.at,
            "product_id": sale.line.product_id,
            "product": None,
            "category": sale.line.category,
            "channel": sale.line.channel,
            "quantity": sale.line.quantity,
            "amount": sale.amount,
        }
        for sale in history.sales
        if (sale.customer_id, sale.order) == (customer_id, order_id)
    ]
