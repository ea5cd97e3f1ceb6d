"""Customers by what contacting them is expected to earn, page by page, with why they may leave."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from crm_core.churn.answers.keeping import Kind, Terms, learnt, profits
from crm_core.churn.answers.leaving import Asked, leaving
from crm_core.churn.metrics.stakes import customers_named
from crm_core.customers.answers import LISTED, Beside, CustomerList, Listing, customers_behind
from crm_core.customers.metrics import customer_summary
from crm_core.tables import Ask

MOST_FIRST: Final = Listing(sort="expected_profit")
_EVERYBODY: Final = 2**31 - 1


def customers_of_kind(
    ask: Ask,
    *,
    as_of: dt.date,
    kind: Kind,
    asked: Asked,
    terms: Terms,
    limit: int = LISTED,
    skip: int = 0,
    listing: Listing = MOST_FIRST,
    beside: Beside | None = None,
) -> CustomerList:
    """The customers of one kind when an offer is thought of.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        kind: Which.
        asked: What is asked of the customers.
        terms: What is said of the offer.
        limit: How many to list at the most.
        skip: How many to leave out before them.
        listing: In which order, by a column of the rows, and by which ids.
        beside: Another room's function of one row a customer, whose columns are put beside the summary's.

    Returns:
        The list. Its rows have the columns of `customer_risks`, too, with `expected_profit` and, in place of
        `margin`, `margin_of_year`, in units of currency.

    Raises:
        InputError: The history is too short, or too few have left or stayed.
    """
    offer = learnt(ask, as_of=as_of, asked=asked).offer(terms)
    rows = profits(leaving(ask, as_of=as_of, asked=asked), offer)
    rows = rows[rows["kind"] == kind].rename(columns={"margin": "margin_of_year"})
    if listing.beginnings:
        rows = rows[rows["customer_id"].str.startswith(listing.beginnings)]
    by = ["customer_id"] if listing.sort == "customer_id" else [listing.sort, "customer_id"]
    ordered = rows.sort_values(by, ascending=[not listing.descending, True][: len(by)])
    page = ordered.iloc[skip : skip + limit].drop(columns="kind")
    known = _known(ask, page["customer_id"], as_of=as_of, beside=beside)
    known = known.drop(columns=[name for name in page if name in known and name != "customer_id"])
    return CustomerList(len(rows), page.merge(known, on="customer_id", how="left"), ask.tables.currency)


def _known(ask: Ask, ids: pd.Series, *, as_of: dt.date, beside: Beside | None) -> pd.DataFrame:
    """What is known of some customers; of many, what is known of all takes less time than their names."""
    if len(ids) <= LISTED:
        named = tuple(ids)
        found = customers_behind(
            ask, customers_named, as_of=as_of, limit=len(named), beside=beside, ids=named
        )
    else:
        found = customers_behind(ask, customer_summary, as_of=as_of, limit=_EVERYBODY, beside=beside)
    return found.rows
