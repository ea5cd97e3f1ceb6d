"""The repeat ladder: from each purchase to the next."""

from __future__ import annotations

import datetime as dt
import math
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.base import InputError
from crm_core.customers.metrics import NO_DAY_AFTER, Grouping
from crm_core.expressions import wilson_interval
from crm_core.periods import day_of
from crm_core.retention.metrics.spells import MOST_RUNGS, counted, numbered_purchase_days, purchases_numbered
from crm_core.tables import Tables

_SAME: Final = 1e-9
_NOBODY_LEFT: Final = -1_000.0
"""Stands for the logarithm of 0."""


def repeat_ladder(
    tables: Tables, *, as_of: dt.date, group: Grouping | None = None, rungs: int = 5
) -> ir.Table:
    """How many customers who bought so many times bought once more, and how long it takes them.

    Purchases are purchase days: several orders of one day count once.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted: the name of a grouping.
        rungs: How many purchases to count from, 1 to 10.

    Returns:
        Grain: the number of a purchase that somebody has made. With `group`, of each group: its text is in a
        column `group` before all others, null for customers who are in none.

        - `purchase`: number of the purchase, 1 to `rungs`
        - `customers`: customers who made it, 1 or more
        - `next_customers`: those of them who have made the next one up to `as_of`
        - `repeat_rate`: `next_customers` / `customers`, 0 to 1; who bought lately has had little time
        - `low`: 95 % Wilson interval of that share, its lower end, 0 to 1
        - `high`: its upper end, 0 to 1
        - `median_days`: days until half of them have made the next one (Kaplan-Meier, which counts who
          bought lately only for as long as could be seen); null where it does not come to a half

    Raises:
        InputError: `rungs` is out of its range.

    References:
        E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    spells = ladder_spells(tables, as_of=as_of, group=group, rungs=rungs)
    keys = ["purchase"] if group is None else ["group", "purchase"]
    at = _lasting(spells, keys)
    rows = at.group_by(keys).agg(
        customers=at.spells.sum().cast("int64"),
        next_customers=at.events.sum().cast("int64"),
        median_days=at.duration_days.min(where=at.logarithm <= math.log(0.5) + _SAME),
    )
    low, high = wilson_interval(rows.next_customers, rows.customers)
    return rows.select(
        *keys,
        "customers",
        "next_customers",
        repeat_rate=rows.next_customers.cast("float64") / rows.customers.cast("float64"),
        low=low,
        high=high,
        median_days=rows.median_days,
    ).order_by(keys)


def _lasting(spells: ir.Table, keys: list[str]) -> ir.Table:
    """By duration how many times there are, how many ended, and the `logarithm` of the survival curve."""
    at = spells.group_by([*keys, "duration_days"]).agg(
        spells=spells.spells.sum().cast("int64"),
        events=(spells.spells * spells.observed).sum().cast("int64"),
    )
    longer = ibis.cumulative_window(group_by=keys, order_by=at.duration_days.desc())
    at = at.mutate(at_risk=at.spells.sum().over(longer).cast("int64"))
    left = ibis.greatest(at.at_risk - at.events, 1).cast("float64") / at.at_risk.cast("float64")
    at = at.mutate(step=ibis.ifelse(at.events < at.at_risk, left.ln(), _NOBODY_LEFT))
    shorter = ibis.cumulative_window(group_by=keys, order_by=at.duration_days)
    return at.mutate(logarithm=at.step.sum().over(shorter))


def ladder_spells(
    tables: Tables, *, as_of: dt.date, group: Grouping | None = None, rungs: int = 5
) -> ir.Table:
    """Times from each of the first purchases to the next one, as far as they are known by a day.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted: the name of a grouping.
        rungs: How many purchases to count from, 1 to 10.

    Returns:
        Grain: the number of a purchase x a duration x whether it ended in the next purchase; with `group` as
        in `repeat_ladder`.

        - `purchase`: number of the purchase, 1 to `rungs`
        - `duration_days`: days to the next purchase, 1 or more, or to `as_of`, 0 or more
        - `observed`: 1 when the next purchase came, else 0
        - `spells`: customers

    Raises:
        InputError: `rungs` is out of its range.
    """
    if not 1 <= rungs <= MOST_RUNGS:
        raise InputError("metric.bad_option", option="rungs", value=rungs, allowed=f"1-{MOST_RUNGS}")
    past = tables.until(as_of)
    days = numbered_purchase_days(past)
    return counted(
        days.filter(days.purchase <= rungs), "next_purchase_day", day_of(as_of), past, group, "purchase"
    )


def customers_on_rung(tables: Tables, *, as_of: dt.date, purchase: int) -> ir.Table:
    """The customers who bought so many times and not once more; days with several orders count once.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        purchase: How many purchases they made, 1 to 10.

    Returns:
        Grain: a customer.

        - `customer_id`: text

    Raises:
        InputError: `purchase` is out of its range.
    """
    days = purchases_numbered(tables.until(as_of), purchase)
    return days.filter(days.next_purchase_day == NO_DAY_AFTER).select("customer_id")
