"""What may be asked of who leaves: the options that all estimates of a base's customers share."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Final, get_type_hints

import pandas as pd

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


_TOLD: Final = """\
        horizon_days: Over how many days it is asked whether a customer leaves, up to 3,650; 0 for the
            horizon that fits the rhythm of purchases.
        churn: `purchases`: who does not buy within the horizon leaves; `contract`: whose contract ends.
        no_purchase: Gives each customer's chance of no purchase by a model of repeat purchases, as one more
            feature; without it there is none.
"""
_OPTIONS: Final = tuple(inspect.signature(Question).parameters)


def of_question(build: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    """Make of a function of a `question` one of the options that a question is made of.

    In its docstring they stand in place of the line of `question`, with the words that all have in common.
    """

    @wraps(build)
    def asked(ask: Ask, **options: object) -> pd.DataFrame:
        own = {name: options.pop(name) for name in _OPTIONS if name in options}
        return build(ask, question=Question(**own), **options)  # type: ignore[arg-type]  # as the caller has it

    signature, hints = inspect.signature(build), get_type_hints(Question)
    parameters: list[inspect.Parameter] = []
    for one in signature.parameters.values():
        shared = [
            inspect.Parameter(name, one.kind, default=getattr(Question, name), annotation=hints[name])
            for name in _OPTIONS
        ]
        parameters += shared if one.name == "question" else [one]
    asked.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]  # read by inspect
    asked.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": pd.DataFrame}
    lines = (build.__doc__ or "").splitlines(keepends=True)
    asked.__doc__ = "".join(_TOLD if line.startswith("        question: ") else line for line in lines)
    return asked


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
