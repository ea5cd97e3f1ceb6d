"""Customers by what contacting them is expected to earn, page by page, with why they may leave."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Final

from crm_core.churn.answers.keeping import Kind, Terms, learnt, profits
from crm_core.churn.answers.leaving import Asked, leaving
from crm_core.churn.models import ranked
from crm_core.customers.answers import LISTED, Beside, CustomerList, Listing, listed, owned, page_of
from crm_core.tables import Ask

MOST_FIRST: Final = Listing(sort="expected_profit")


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
        terms: What is said of the offer; who is reached is listed, and of those worth keeping as many
            as can be contacted.
        limit: How many to list at the most.
        skip: How many to leave out before them.
        listing: In which order, by a column of the rows, and by which ids.
        beside: Another room's function of one row a customer, whose columns are put beside the summary's.

    Returns:
        The list. Its rows have the columns of `customer_risks`, too, with those of `profits` and, in place of
        `margin`, `margin_of_year`, in units of currency; `owner` where any of those listed has one.

    Raises:
        InputError: The history is too short, or too few have left or stayed.
    """
    found = leaving(ask, as_of=as_of, asked=asked)
    deal = learnt(ask, as_of=as_of, asked=asked).deal(terms, found)
    rows = profits(found.reached(terms.way), deal)
    rows = rows[rows["kind"] == kind]
    if kind == "worth_keeping":
        profit, cost = (rows[name].to_numpy("float64") for name in ("expected_profit", "expected_cost"))
        rows = rows.iloc[ranked(profit)[: terms.many(profit, cost)]]
    rows = listed(rows.rename(columns={"margin": "margin_of_year"}), listing)
    page = page_of(ask, rows.drop(columns="kind"), as_of=as_of, limit=limit, skip=skip, beside=beside)
    return replace(page, rows=owned(ask, page.rows, as_of=as_of))
