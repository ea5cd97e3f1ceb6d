"""Who left after a day: what models of leaving are taught, and what they are tried on."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.base import InputError, check_between
from crm_core.churn.metrics.contracts import contract_ends
from crm_core.churn.metrics.features import Churn
from crm_core.churn.metrics.purchases import buyers
from crm_core.churn.rules import LONGEST_HORIZON_DAYS
from crm_core.customers.metrics import purchase_days
from crm_core.periods import day_of
from crm_core.tables import Tables


def churn_labels(
    tables: Tables, *, as_of: dt.date, cut_off: dt.date, horizon_days: int, churn: Churn = "purchases"
) -> ir.Table:
    """Who of the customers of a cut-off left within the horizon after it.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies; or
            `contracts` (contract).
        as_of: Only what happened up to the end of this day exists.
        cut_off: The day whose customers are told; the horizon begins on the day after it.
        horizon_days: How many days it has, 1 to 3,650; the last of them lies up to `as_of`.
        churn: `purchases`: who has bought up to the cut-off, and has left who does not buy within the
            horizon. `contract`: who is under contract then, the last day of a contract included, and has
            left who is under none on some day of the horizon. A contract that ends on the last day of the
            horizon may be renewed on the next one: its customer has not left within the horizon.

    Returns:
        Grain: a customer, the same ones as in `churn_features` as of the cut-off.

        - `customer_id`: text
        - `churned`: 1 for who has left, else 0

    Raises:
        InputError: The horizon goes on after `as_of`, or is out of its range.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    check_between("horizon_days", horizon_days, 1, LONGEST_HORIZON_DAYS)
    cut, last = day_of(cut_off), day_of(cut_off) + horizon_days
    if last > day_of(as_of):
        raise InputError("churn.outcome_not_known", cut_off=cut_off, days=horizon_days, as_of=as_of)
    if churn == "contract":
        ends = contract_ends(tables.until(as_of), cut, last)
        return ends.select("customer_id", churned=ibis.ifelse(ends.end < last, 1, 0).cast("int64"))
    days = purchase_days(tables.until(as_of))
    days = days.filter(days.day > cut, days.day <= last)
    after = days.group_by("customer_id").agg(came_back=days.count())
    known = buyers(tables.until(cut_off))
    both = known.left_join(after, "customer_id")
    return both.select("customer_id", churned=ibis.ifelse(both.came_back.isnull(), 1, 0).cast("int64"))
