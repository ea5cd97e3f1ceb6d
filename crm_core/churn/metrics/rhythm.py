"""In which rhythm the customers of a base buy: what a horizon is proposed from."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from crm_core.customers.metrics import NO_DAY_BEFORE, purchase_days
from crm_core.tables import Tables


def purchase_rhythm(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How many days lie between one day on which a customer bought and the next.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a number of days that lie between two such days of at least one customer.

        - `gap_days`: days between them, 1 or more
        - `gaps`: how many times
    """
    days = purchase_days(tables.until(as_of))
    again = days.filter(days.previous_purchase_day != NO_DAY_BEFORE)
    gaps = again.select(gap_days=(again.day - again.previous_purchase_day).cast("int64"))
    return gaps.group_by("gap_days").agg(gaps=gaps.count())
