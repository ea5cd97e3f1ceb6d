"""The lists of earlier days, and what became of the customers on them."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from crm_core.churn.estimates.backtest import trials_of
from crm_core.churn.estimates.margins import Basis, basis_of, margins_on
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.stakes import companies, stakes_on
from crm_core.customers.estimates import refusing
from crm_core.periods import date_of
from crm_core.tables import Ask, AsOf, Estimate

_COLUMNS: Final = (
    "cut_off",
    "customer_id",
    "churn_probability",
    "days_since_last_order",
    "margin",
    "kept_margin",
    "company",
    "reachable",
    "churned",
)


@Estimate
def risks_tried(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """The chances that customers were given on earlier days, what would have gone with them, and who left.

    The days are those of `churn_backtest`, and the chances those that `customer_risks` would have told on
    each: what a list made on that day would have been made of. The horizon is that of today on all of them,
    and what orders brought is counted as it is today.

    Returns:
        Grain: a cut-off x a customer. No rows where the history is too short to try any, or too few had left
        or stayed by then.

        - `cut_off`: the last day that was known
        - `customer_id`: text
        - `churn_probability`: 0 to 1, as it was told then
        - `days_since_last_order`: whole days, as in `customer_risks`
        - `margin`: money of a year up to the cut-off, as in `customer_risks`
        - `kept_margin`: money, what is saved when the customer is kept, by what was known then: what those
            who bought within the horizon brought in the year that began with it, less what those brought who
            did not but may have bought later in it, at equal margin of the year before. Learnt from customers
            as they stood a year before the cut-off (half of the history where it is shorter than two years, a
            horizon where that is longer), each sort as a straight line over the margin of the year before. Of
            who is under contract what the contracts bring in a year
        - `company`: whether the customer is a company
        - `reachable`: whether the customer had not refused every way of contact by then
        - `churned`: 1 for who left within the horizon, else 0

    Raises:
        InputError: There is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    found, basis = [], basis_of(ask, as_of)
    for trial in trials_of(ask, as_of, question):
        day = date_of(trial.day)
        rows = trial.rows[["customer_id", "days_since_last_order", "churned"]].copy()
        rows.insert(0, "cut_off", pd.Series([day] * len(rows), dtype="object"))
        rows = rows.assign(
            churn_probability=trial.chances[trial.chosen],
            reachable=~rows["customer_id"].isin(refusing(ask, as_of=day)),
            **_worth(ask, day, trial.rows, question, basis),
        )
        found.append(rows[list(_COLUMNS)].astype({"churned": "int64"}))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(_COLUMNS))


def _worth(
    ask: Ask, day: dt.date, risks: pd.DataFrame, question: Question, basis: Basis
) -> dict[str, pd.Series]:
    """What each customer brought in the year up to a day, what would be saved, and who are companies."""
    customers = risks["customer_id"]
    company = companies(ask, day, customers)
    if question.churn == "contract":
        return {"margin": risks["margin"], "kept_margin": risks["margin"], "company": company}
    brought = margins_on(ask, day, basis).reindex(customers).fillna(0).astype("int64")
    return {
        "margin": brought.set_axis(customers.index),
        "kept_margin": stakes_on(ask, day, question.horizon_days, basis).of(customers),
        "company": company,
    }
