"""How likely customers would be to leave if one thing were otherwise."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import scipy

from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.scores import Scored, scored_on
from crm_core.churn.estimates.snapshots import NO_PURCHASE, log_odds_of
from crm_core.churn.models import AdditiveModel
from crm_core.churn.models.columns import Column, Columns, Floats
from crm_core.churn.models.otherwise import CHANGES
from crm_core.periods import day_of
from crm_core.tables import Ask, AsOf, Estimate


@Estimate
def churn_otherwise(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """How likely each customer would be to leave if one thing were otherwise that can be changed.

    The score is a sum of one part for each feature; the parts of the features that hang on the change are
    replaced, and all others stay. So it is told how the same model scores customers who differ by this alone;
    that bringing the change about brings the chance about is not said. What gives the chance of no purchase
    is asked once more for it after a purchase more, with `once_more`.

    Returns:
        Grain: a customer as in `churn_scores` x a change that can be thought of.

        - `customer_id`: text
        - `change`: `bought_today`: a purchase more on `as_of`, as large as the customer's mean, with the
            usual discount; `complaints_settled`: no complaint open; `invoices_paid`: no invoice overdue;
            `contacted_today`: a contact more on `as_of`
        - `churn_probability`: 0 to 1, as in `churn_scores`
        - `probability_otherwise`: 0 to 1, with the change

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    return _otherwise(ask, as_of, question, scored_on(ask, day_of(as_of), question))


@Estimate
def customer_otherwise(
    ask: Ask,
    *,
    as_of: AsOf,
    customer_id: str,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """What `churn_otherwise` says of one customer, without asking it of all.

    Args:
        customer_id: Who.

    Returns:
        Rows of `churn_otherwise`; none of who is not scored.

    Raises:
        As `churn_otherwise`.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    return _otherwise(ask, as_of, question, scored_on(ask, day_of(as_of), question, only=customer_id))


def _otherwise(ask: Ask, as_of: dt.date, question: Question, scored: Scored) -> pd.DataFrame:
    """Rows of `churn_otherwise` of the customers who are scored."""
    known, model = scored.known, scored.stored.model
    log_odds = model.log_odds(scored.columns)
    found = []
    for change, otherwise in CHANGES.items():
        possible, changed = otherwise(known.columns)
        if change == "bought_today" and question.no_purchase is not None and NO_PURCHASE in known.columns:
            options = {"horizon_days": question.horizon_days, "once_more": True}
            told = ask(question.no_purchase, as_of=as_of, **options)
            changed[NO_PURCHASE] = log_odds_of(told, known.ids)
        rows = np.flatnonzero(possible)
        with_it = log_odds + _difference(model, scored.columns, changed)
        found.append(
            pd.DataFrame(
                {
                    "customer_id": known.ids.iloc[rows],
                    "change": change,
                    "churn_probability": scipy.special.expit(log_odds[rows]),
                    "probability_otherwise": scipy.special.expit(with_it[rows]),
                }
            )
        )
    return pd.concat(found, ignore_index=True)


def _difference(model: AdditiveModel, columns: Columns, changed: dict[str, Column]) -> Floats:
    """By how much the log-odds are otherwise."""
    found = np.zeros(len(next(iter(columns.values()))))
    for term in model.terms:
        if term.feature in changed:
            found += term.of(changed[term.feature]) - term.of(columns[term.feature])
    return found
