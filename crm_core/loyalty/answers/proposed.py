"""A first programme for a company that has none, from what its own customers do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.base import CrmError, Money, NotProvided, Sentence, Share
from crm_core.loyalty.answers.patterns import EVERYBODY, begin_of_year, patterns_of
from crm_core.loyalty.estimates.bought import brought_by, costs_known
from crm_core.loyalty.metrics import Looked, loyalty_bought, loyalty_indicators, loyalty_members
from crm_core.loyalty.models import steps_of
from crm_core.loyalty.models.accounts import Flags, Floats
from crm_core.loyalty.rules import (
    GOALS,
    USUAL_GIVEN,
    Goal,
    Habits,
    IndicatorName,
    Members,
    Names,
    Patterns,
    Programme,
    propose,
    smallest_amount,
    usual_days,
)
from crm_core.tables import Ask

_NEEDS: Final[Mapping[IndicatorName, tuple[str, ...]]] = {
    "amount": (),
    "purchases": (),
    "variety": ("orders.category",),
    "days_early": ("payments.customer_id", "payments.paid_at"),
    "referrals": ("customers.customer_id", "customers.referred_by"),
    "tenure_days": (),
    "returned_share": (),
}
"""Columns without which a base does not know an indicator; `channel_share` is of channels to be chosen."""
_COMPANIES: Final = Members("everybody", kinds=("company",))
_FEWEST_COMPANIES: Final = 10
"""Who bought in the year; of fewer, a programme for companies cannot be derived."""


@dataclass(frozen=True)
class Question:
    """What a company may want its customers to do more of.

    Args:
        goal: Which.
        told: What its customers do now; or, where the base does not know, what to bring.
        known: Whether the base knows.
    """

    goal: Goal
    told: Sentence
    known: bool


@dataclass(frozen=True)
class Start:
    """What a first programme can begin with.

    Args:
        habits: What customers do in a year.
        companies: What companies among them do; None where the base has not enough of them.
        patterns: What came back, grew and widened.
        questions: In the order in which they are asked.
        currency: Of all amounts.
    """

    habits: Habits
    companies: Habits | None
    patterns: Patterns
    questions: tuple[Question, ...]
    currency: str

    def of(self, goal: Goal) -> Habits:
        """What those customers do whom a programme for a goal is for."""
        return self.companies if goal == "punctual" and self.companies is not None else self.habits

    def share(self, goal: Goal, place: int | None = None) -> float:
        """The share of margin or revenue that is given back, by its place among those that are offered."""
        return self.of(goal).shares_given[USUAL_GIVEN if place is None else place]

    def question(self, goal: Goal) -> Question:
        """What is asked of a goal."""
        return next(one for one in self.questions if one.goal == goal)

    def programme(self, goal: Goal, share: float, names: Names) -> Programme:
        """The programme that is proposed.

        Raises:
            CrmError: There is so little margin that nothing can be given of it.
            NotProvided: The base does not know what the goal is about.
        """
        if not self.question(goal).known:
            raise NotProvided(f"loyalty.goal.{goal}.unknown")
        return propose(goal, self.of(goal), self.patterns, share, names)


def known_indicators(ask: Ask) -> tuple[IndicatorName, ...]:
    """By what a base's customers can be ranked, whatever channels it knows."""
    provided = ask.tables.provided
    return tuple(name for name, columns in _NEEDS.items() if provided.issuperset(columns))


def start(ask: Ask, *, as_of: dt.date) -> Start:
    """What a first programme can begin with.

    Raises:
        CrmError: Nobody has bought in the last year.
    """
    names = known_indicators(ask)
    looked = tuple(Looked(name, within_days=usual_days(name)) for name in names)
    rows = ask(loyalty_indicators, as_of=as_of, looked=(*looked, Looked("purchases")))
    values = {name: rows[f"value_{place}"].to_numpy(np.float64) for place, name in enumerate(names)}
    ever = rows[f"value_{len(names)}"].to_numpy(np.float64)
    everybody = _habits(ask, as_of, EVERYBODY, values, np.ones(len(rows), bool))
    if everybody is None:
        raise CrmError("loyalty.proposed.nobody")
    companies = None
    if "customers.kind" in ask.tables.provided:
        begin = begin_of_year(as_of)
        people = ask(loyalty_members, as_of=as_of, members=_COMPANIES, begin=begin)
        some = rows["customer_id"].isin(people["customer_id"]).to_numpy(bool)
        companies = _habits(ask, as_of, _COMPANIES, values, some)
        if companies is not None and companies.customers < _FEWEST_COMPANIES:
            companies = None
    found = patterns_of(ask, as_of, everybody, values, ever)
    told = {
        "again": _once(found, ever),
        "often": _often(found),
        "more": _larger(everybody, found, ask),
        "wider": _narrow(everybody, found),
        "punctual": _paid(values),
        "referrals": _referred(values),
    }
    questions = tuple(
        Question(goal, told[goal] or Sentence(f"loyalty.goal.{goal}.unknown"), told[goal] is not None)
        for goal in GOALS
    )
    return Start(everybody, companies, found, questions, ask.tables.currency)


def _habits(
    ask: Ask, as_of: dt.date, members: Members, values: Mapping[IndicatorName, Floats], who: Flags
) -> Habits | None:
    """What those of some customers do who bought in the year; None where nobody of them did."""
    smallest = smallest_amount(ask.tables.money_scale)
    bought = who & (values["purchases"] > 0) & (values["amount"] > 0)
    if not bought.any():
        return None
    amount, purchases = values["amount"][bought], values["purchases"][bought]
    several = amount[purchases > 1] if (purchases > 1).any() else amount
    rows = ask(loyalty_bought, as_of=as_of, members=members, begin=begin_of_year(as_of))
    margin = None
    if costs_known(ask, rows):
        margin = float(brought_by(rows, by_margin=True).sum()) / float(rows["revenue"].sum())
    return Habits(
        customers=int(bought.sum()),
        purchase=float(np.median(amount / purchases)),
        regular=float(np.median(several)),
        margin=margin,
        companies=members is _COMPANIES,
        whole_money=smallest == 1,
        smallest=smallest,
        steps={name: steps_of(name, found[bought], smallest) for name, found in values.items()},
    )


def _once(found: Patterns, ever: Floats) -> Sentence:
    share = Share(found.once / int((ever > 0).sum()), 0)
    return Sentence("loyalty.goal.again.told", {"share": share, "count": found.once})


def _often(found: Patterns) -> Sentence | None:
    if found.rhythm is None:
        return None
    return Sentence("loyalty.goal.often.told", {"count": found.rhythm.usual})


def _larger(habits: Habits, found: Patterns, ask: Ask) -> Sentence:
    at, times = found.larger[0]
    return Sentence(
        "loyalty.goal.more.told",
        {
            "usual": Money(habits.purchase, ask.tables.currency),
            "share": Share(times / found.purchases, 0),
            "amount": Money(at, ask.tables.currency),
        },
    )


def _narrow(habits: Habits, found: Patterns) -> Sentence | None:
    if found.widest < 2:
        return None
    values = {"share": Share(found.narrow / habits.customers, 0), "most": found.widest}
    return Sentence("loyalty.goal.wider.told", values)


def _paid(values: Mapping[IndicatorName, Floats]) -> Sentence | None:
    days = values.get("days_early")
    if days is None or np.isnan(days).all():
        return None
    days = days[~np.isnan(days)]
    late = int((days < 0).sum())
    return Sentence("loyalty.goal.punctual.told", {"count": days.size, "share": Share(late / days.size, 0)})


def _referred(values: Mapping[IndicatorName, Floats]) -> Sentence | None:
    if "referrals" not in values:
        return None
    brought = values["referrals"]
    if not brought.any():
        return Sentence("loyalty.goal.referrals.nobody")
    told = {"count": int((brought > 0).sum()), "brought": int(brought.sum())}
    return Sentence("loyalty.goal.referrals.told", told)
