"""Customers by what they are expected to be worth."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from crm_core.tables import Ask
from crm_core.value.estimates import Who, standing_of

MONEY: Final = ("customer_lifetime_value", "low", "high", "least", "recent_revenue")


def customers_by_value(
    ask: Ask,
    *,
    as_of: dt.date,
    who: Who,
    horizon_months: int,
    discount_rate: float,
) -> pd.DataFrame:
    """Some customers by what they are expected to be worth.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        who: A tenth by expected value, or who stands out.
        horizon_months: How many months to come count.
        discount_rate: By which money loses worth in a year.

    Returns:
        Rows of `value_standing`, money in units of currency.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    return in_currency(ask(standing_of, as_of=as_of, who=who, **options), ask.tables.money_scale)


def in_currency(rows: pd.DataFrame, scale: int) -> pd.DataFrame:
    """Rows of an estimate of value with money in units of currency."""
    money = [name for name in MONEY if name in rows]
    return rows.assign(**{name: rows[name].astype("float64") / scale for name in money})
