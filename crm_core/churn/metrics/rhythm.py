"""How long a base has been watched and in which rhythm its customers buy: what a horizon is proposed from."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from crm_core.churn.metrics.contracts import contracts_begun
from crm_core.churn.metrics.features import Churn
from crm_core.customers.metrics import NO_DAY_BEFORE, purchase_days
from crm_core.periods import day_of
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


def churn_history(tables: Tables, *, as_of: dt.date, churn: Churn = "purchases") -> ir.Table:
    """Since when it is known what ends when a customer leaves: purchases, or contracts.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies; or
            `contracts` (contract).
        as_of: Only what happened up to the end of this day exists.
        churn: `purchases` or `contract`.

    Returns:
        Grain: one row.

        - `first_day`: day number of the first purchase, or of the first day of a contract; null where there
            is none
        - `last_day`: that of the last one
        - `customers`: whose they are

    Raises:
        NotProvided: `churn` is `contract`, and the base has no contracts.
    """
    past = tables.until(as_of)
    rows = contracts_begun(past, day_of(as_of)) if churn == "contract" else purchase_days(past)
    return rows.agg(
        first_day=rows.day.min().cast("int64"),
        last_day=rows.day.max().cast("int64"),
        customers=rows.customer_id.nunique(),
    )
