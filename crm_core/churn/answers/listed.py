"""Customers by what contacting them is expected to earn, with why they may leave."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from crm_core.churn.answers.keeping import Kind, Terms, learnt, profits
from crm_core.churn.answers.leaving import Asked, leaving
from crm_core.churn.models import ranked
from crm_core.tables import Ask


def customers_of_kind(
    ask: Ask,
    *,
    as_of: dt.date,
    kind: Kind,
    asked: Asked,
    terms: Terms,
) -> pd.DataFrame:
    """The customers of one kind when an offer is thought of.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        kind: Which.
        asked: What is asked of the customers.
        terms: What is said of the offer; who is reached is listed, and of those worth keeping as many
            as can be contacted.

    Returns:
        A row for each, with the columns of `customer_risks` and of `profits` and, in place of `margin`,
        `margin_of_year`, in units of currency.

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
    return rows.rename(columns={"margin": "margin_of_year"}).drop(columns="kind")
