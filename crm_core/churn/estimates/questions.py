"""What is asked of who leaves: the question that all estimates of a base's customers share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from crm_core.base import check_between
from crm_core.churn import rules
from crm_core.churn.metrics import Churn, churn_history, purchase_rhythm
from crm_core.periods import day_of
from crm_core.tables import Ask, Estimate


@dataclass(frozen=True)
class Question:
    """What is asked of a base's customers.

    Args:
        horizon_days: Length of the time looked ahead; 0 for the horizon that is proposed.
        churn: What ends when a customer leaves.
        no_purchase: Gives each customer's `probability_of_none` in so many days.
    """

    horizon_days: int = 0
    churn: Churn = "purchases"
    no_purchase: Estimate | None = None

    @property
    def options(self) -> Mapping[str, object]:
        """As options of an estimate."""
        return {"horizon_days": self.horizon_days, "churn": self.churn, "no_purchase": self.no_purchase}


def question_of(ask: Ask, as_of: dt.date, given: Question) -> Question:
    """The question, with the horizon that is proposed where none is told.

    Raises:
        InputError: There is no such horizon.
    """
    check_between("horizon_days", given.horizon_days, 0, rules.LONGEST_HORIZON_DAYS)
    days = given.horizon_days or horizon_of(ask, as_of, given.churn).days
    # Who is bound by a contract does not leave by buying nothing.
    return Question(days, given.churn, given.no_purchase if given.churn == "purchases" else None)


def horizon_of(ask: Ask, as_of: dt.date, churn: Churn) -> rules.ProposedHorizon:
    """The horizon that fits the rhythm in which customers buy; of contracts, which have none, the usual."""
    first = first_day(ask, as_of, churn)
    gaps = []
    if churn == "purchases":
        rows = ask(purchase_rhythm, as_of=as_of)
        gaps = list(zip(rows["gap_days"].tolist(), rows["gaps"].tolist(), strict=True))
    return rules.proposed_horizon(gaps, day_of(as_of) - first)


def first_day(ask: Ask, as_of: dt.date, churn: Churn) -> int:
    """Number of the first day of which something is known; the day itself where nothing is."""
    found = ask(churn_history, as_of=as_of, churn=churn)["first_day"]
    return day_of(as_of) if found.isna().all() else int(found.iloc[0])
