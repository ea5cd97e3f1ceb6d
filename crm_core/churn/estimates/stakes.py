"""What is saved when a customer is kept."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_core.base import NotProvided
from crm_core.churn.estimates.margins import Basis, basis_of, margins_on
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, first_day, question_of
from crm_core.churn.estimates.risks import customer_risks
from crm_core.churn.metrics import churn_labels
from crm_core.churn.models.saved import SavedMargin, saved_margin
from crm_core.customers.metrics import customers_in_groups, kind
from crm_core.periods import YEAR_DAYS, date_of, day_of
from crm_core.tables import Ask, AsOf, Estimate


@dataclass(frozen=True)
class Stakes:
    """What there is to win by keeping customers of a day.

    Args:
        margin: What each brought in the last `days`, money, by `customer_id`; of who is not in it nothing.
        saved: What is saved of it.
        days: Over how many days what is saved is counted, from the cut-off on.
        learnt_on: The earlier day whose customers it is learnt from.
    """

    margin: pd.Series
    saved: SavedMargin
    days: int
    learnt_on: dt.date

    def of(self, customers: pd.Series) -> pd.Series:
        """What is saved when each of some customers is kept, whole money."""
        before = self.margin.reindex(customers).fillna(0).to_numpy("float64")
        return pd.Series(np.rint(self.saved.of(before)).astype(np.int64), index=customers.index)


def stakes_on(ask: Ask, as_of: dt.date, horizon_days: int, basis: Basis) -> Stakes:
    """What is saved by keeping customers, as far as it was known on a day.

    Learnt from customers as they stood a year before (half of the history where it is shorter than two
    years, a horizon where that is longer): what those who bought within the horizon brought in the year that
    began with it, less what those brought who did not but may have bought later in it, at equal margin of
    the year before. So it is the same year whatever the horizon: of a short one little is saved, since many
    who miss it come back by themselves.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        horizon_days: Within how many days a customer buys who stays.
        basis: What is counted.
    """
    today = day_of(as_of)
    days = max(1, min(YEAR_DAYS, (today - first_day(ask, as_of, "purchases")) // 2))
    cut = today - max(days, horizon_days)
    on, until = date_of(cut), date_of(cut + horizon_days)
    labels = ask(churn_labels, as_of=until, cut_off=on, horizon_days=horizon_days).set_index("customer_id")
    before, after = (
        margins_on(ask, day, basis, days).reindex(labels.index).fillna(0).to_numpy("float64")
        for day in (on, date_of(cut + days))
    )
    left = labels["churned"].to_numpy("float64")
    return Stakes(margins_on(ask, as_of, basis, days), saved_margin(before, after, left), days, on)


@Estimate
def customer_stakes(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """What is saved when each customer of `customer_risks` is kept.

    What an order brought is its revenue less its cost where the orders whose every line has a cost make up at
    least half of the revenue of the last 365 days; of the other orders the share is taken that is left of
    these together. Elsewhere it is the revenue. On every earlier day that is looked at beside it the same is
    counted.

    Returns:
        Grain: a customer as in `customer_risks`, in the same order.

        - `customer_id`: text
        - `kept_margin`: money, as in `stakes_on`; of who is under contract what the contracts bring in a year
        - `company`: whether the customer is a company
        - `days`: over how many days it is counted
        - `learnt_on`: the earlier day whose customers it is learnt from; null of contracts

    Raises:
        InputError: As `customer_risks`.
        NotProvided: As `customer_risks`.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    risks = ask(customer_risks, as_of=as_of, **question.options)
    customers = risks["customer_id"]
    company = companies(ask, as_of, customers)
    if question.churn == "contract":
        told: dict[str, object] = {"kept_margin": risks["margin"], "company": company}
        return pd.DataFrame({"customer_id": customers, **told, "days": YEAR_DAYS, "learnt_on": None})
    stakes = stakes_on(ask, as_of, question.horizon_days, basis_of(ask, as_of))
    return pd.DataFrame(
        {
            "customer_id": customers,
            "kept_margin": stakes.of(customers),
            "company": company,
            "days": stakes.days,
            "learnt_on": stakes.learnt_on,
        }
    )


def companies(ask: Ask, as_of: dt.date, customers: pd.Series) -> pd.Series:
    """Which of some customers are companies; none where the base does not know it."""
    try:
        rows = ask(customers_in_groups, as_of=as_of, group=kind)
    except NotProvided:
        return pd.Series(False, index=customers.index)
    return customers.isin(rows.loc[rows["group"] == "company", "customer_id"])
