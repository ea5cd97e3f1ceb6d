"""The repeat ladder: from each purchase to the next."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from crm_core.base import check_between
from crm_core.customers.metrics import NO_DAY_AFTER, Grouping
from crm_core.periods import day_of
from crm_core.retention.metrics.spells import (
    MOST_RUNGS,
    USUAL_RUNGS,
    counted,
    numbered_purchase_days,
    of_won,
    purchases_numbered,
)
from crm_core.tables import Tables


def ladder_spells(
    tables: Tables,
    *,
    as_of: dt.date,
    group: Grouping | None = None,
    rungs: int = USUAL_RUNGS,
    won_from: dt.date | None = None,
) -> ir.Table:
    """Times from each of the first purchases to the next one, as far as they are known by a day.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted: the name of a grouping.
        rungs: How many purchases to count from, 1 to 10.
        won_from: Only of customers whose first purchase lies on this day or later.

    Returns:
        Grain: the number of a purchase x a duration x whether it ended in the next purchase; with `group`
        also of each group: its text is in a column `group` before all others, null for customers who are in
        none.

        - `purchase`: number of the purchase, 1 to `rungs`
        - `duration_days`: days to the next purchase, 1 or more, or to `as_of`, 0 or more
        - `observed`: 1 when the next purchase came, else 0
        - `spells`: customers

    Raises:
        InputError: `rungs` is out of its range.
    """
    check_between("rungs", rungs, 1, MOST_RUNGS)
    past = tables.until(as_of)
    days = of_won(numbered_purchase_days(past), past, won_from)
    return counted(
        days.filter(days.purchase <= rungs), "next_purchase_day", day_of(as_of), past, group, "purchase"
    )


def customers_on_rung(
    tables: Tables, *, as_of: dt.date, purchase: int, won_from: dt.date | None = None
) -> ir.Table:
    """The customers who bought so many times and not once more; days with several orders count once.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        purchase: How many purchases they made, 1 to 10.
        won_from: Only those whose first purchase lies on this day or later.

    Returns:
        Grain: a customer.

        - `customer_id`: text

    Raises:
        InputError: `purchase` is out of its range.
    """
    past = tables.until(as_of)
    days = of_won(purchases_numbered(past, purchase), past, won_from)
    return days.filter(days.next_purchase_day == NO_DAY_AFTER).select("customer_id")
