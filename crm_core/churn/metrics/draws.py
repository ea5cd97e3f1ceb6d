"""A fair draw of customers: of very many, a model learns all it can from some."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics import order_lines, order_totals, purchase_days
from crm_core.tables import Tables

_WHOLE: Final = 2**32
_GOLDEN: Final = 2_654_435_769
"""2**32 over the golden ratio: its multiples fall evenly on the circle, with no period of their own."""
_DAY: Final = 1_013_904_223


def drawn(people: ir.Table, most: int, today: int) -> ir.Table:
    """About so many of the customers, spread evenly over all ids; others every day, on every engine the same.

    Args:
        people: One row a customer.
        most: How many, about; all where there are no more.
        today: Number of the day.

    Returns:
        Grain: a customer. `customer_id`.
    """
    place = ibis.row_number().over(order_by=people.customer_id)
    placed = people.select("customer_id", place=place.cast("int64"), count=people.count().over())
    # Remainders of days before 1970 have the sign that an engine gives them.
    turn = (today * _DAY % _WHOLE + _WHOLE) % _WHOLE
    at = (placed.place * _GOLDEN + turn) % _WHOLE
    return placed.filter(at * placed["count"] < most * _WHOLE).select("customer_id")


def of_customers(tables: Tables, some: ir.Table) -> Tables:
    """The rows that belong to some customers, as far as features are made of them.

    Args:
        tables: The tables.
        some: Grain: a customer. `customer_id`.
    """

    def theirs(rows: ir.Table) -> ir.Table:
        return rows.inner_join(some, "customer_id") if "customer_id" in rows.columns else rows

    # Not a semi-join, for which SQLite looks through all of them once for each row.
    return replace(
        tables,
        others={name: theirs(rows) for name, rows in tables.others.items()},
        derived={one.name: theirs(one(tables)) for one in (order_lines, order_totals, purchase_days)},
    )
