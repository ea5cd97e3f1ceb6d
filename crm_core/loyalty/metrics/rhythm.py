"""After how many days customers come back."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics import purchase_days
from crm_core.periods import day_of
from crm_core.tables import Tables

_LATER: Final = 4
"""Purchases from this number on are not told apart."""


def loyalty_rhythm(tables: Tables, *, as_of: dt.date, begin: dt.date) -> ir.Table:
    """How often customers came back after so many days.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        begin: The first day on which coming back counts.

    Returns:
        Grain: a number of days and which purchase came after them, in this order.

        - `days`: between two consecutive days of purchase of a customer, 1 or more
        - `number`: of the later one among the customer's days of purchase: 2, 3, or 4 for all others
        - `times`: how often, 1 or more
    """
    days = purchase_days(tables.until(as_of))
    number = ibis.row_number().over(group_by=days.customer_id, order_by=days.day) + 1
    days = days.mutate(number=ibis.least(number, _LATER).cast("int64"))
    again = days.filter(days.number > 1, days.day >= day_of(begin))
    gaps = again.select("number", days=again.day - again.previous_purchase_day)
    counted = gaps.group_by("days", "number").agg(times=gaps.count().cast("int64"))
    return counted.order_by("days", "number")
