"""Customers by what they are expected to be worth, page by page."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from crm_core.customers.answers import LISTED, Beside, CustomerList, Listing, listed, page_of
from crm_core.tables import Ask
from crm_core.value.estimates import Who, standing_of

MONEY: Final = ("customer_lifetime_value", "low", "high", "least", "recent_revenue")
DEAREST: Final = Listing(sort="customer_lifetime_value")


def customers_by_value(
    ask: Ask,
    *,
    as_of: dt.date,
    who: Who,
    horizon_months: int,
    discount_rate: float,
    limit: int = LISTED,
    skip: int = 0,
    listing: Listing = DEAREST,
    beside: Beside | None = None,
) -> CustomerList:
    """Some customers by what they are expected to be worth.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        who: A tenth by expected value, or who stands out.
        horizon_months: How many months to come count.
        discount_rate: By which money loses worth in a year.
        limit: How many to list at the most.
        skip: How many to leave out before them.
        listing: In which order, by a column of `value_standing`, and by which ids.
        beside: Another room's function of one row a customer, whose columns are put beside the summary's.

    Returns:
        The list. Its rows have the columns of `value_standing`, too.
    """
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    rows = listed(ask(standing_of, as_of=as_of, who=who, **options), listing)
    told = in_currency(rows, ask.tables.money_scale)
    return page_of(ask, told, as_of=as_of, limit=limit, skip=skip, beside=beside)


def in_currency(rows: pd.DataFrame, scale: int) -> pd.DataFrame:
    """Rows of an estimate of value with money in units of currency."""
    money = [name for name in MONEY if name in rows]
    return rows.assign(**{name: rows[name].astype("float64") / scale for name in money})
