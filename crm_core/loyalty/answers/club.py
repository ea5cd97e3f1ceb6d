"""What a programme would have cost, what members bring, and how much more they must buy for it to pay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import inf

import pandas as pd

from crm_core.base import CrmError
from crm_core.loyalty.estimates import loyalty_breakage, loyalty_cost, loyalty_months
from crm_core.loyalty.models import DAYS_OF_YEAR
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar
from crm_core.tables import Ask


class NobodyThere(CrmError):
    """Nobody would be a member of a programme, or its members bought nothing."""


@dataclass(frozen=True)
class Ranged:
    """A number where few, as many as is likely, and many members use their points, as the programme says."""

    few: float
    likely: float
    many: float

    @property
    def low(self) -> float:
        """The least of the three."""
        return min(self.few, self.likely, self.many)

    @property
    def high(self) -> float:
        """The most of the three."""
        return max(self.few, self.likely, self.many)

    @property
    def known(self) -> bool:
        """Whether it is the same whoever uses points."""
        return self.low == self.high


@dataclass(frozen=True)
class Club:
    """A programme replayed over the months up to a day; amounts in units of currency.

    Args:
        programme: Which.
        days: How many are told.
        members: At their end.
        buyers: Those of them who bought in these days.
        currency: Of all amounts.
        by_margin: Whether members bring margin; else what they bring is revenue.
        cost: In a year.
        rewards: That part of it in a year.
        discounts: That part of it in a year.
        running: That part of it in a year, whoever uses points.
        brought: By members, in a year.
        lift: By which share members must buy more than they did for the programme to pay; infinite where
            rewards and discounts take all that members bring.
        outstanding: What the points that are outstanding at the end would cost.
        months: Rows of `loyalty_months`, money in units of currency.
        breakage: Rows of `loyalty_breakage`.
    """

    programme: Programme
    days: int
    members: int
    buyers: int
    currency: str
    by_margin: bool
    cost: Ranged
    rewards: Ranged
    discounts: Ranged
    running: float
    brought: float
    lift: Ranged
    outstanding: Ranged
    months: pd.DataFrame
    breakage: pd.DataFrame

    @property
    def pays(self) -> bool:
        """Whether there is any growth with which it pays."""
        return self.lift.likely < inf


def club(
    ask: Ask, *, as_of: dt.date, programme: Programme, months: int, calendar: Calendar = "gregorian"
) -> Club:
    """A programme replayed.

    Raises:
        NobodyThere: Nobody would be a member, or members bought nothing in these months.
        NotProvided: The base lacks what the programme is about.
    """
    costs = ask(loyalty_cost, as_of=as_of, programme=programme, months=months, calendar=calendar)
    by_month = ask(loyalty_months, as_of=as_of, programme=programme, months=months, calendar=calendar)
    costs["break_even_lift"] = costs["break_even_lift"].fillna(inf)
    few, likely, many = costs.to_dict("records")
    if not likely["members"] or likely["brought"] <= 0:
        raise NobodyThere("loyalty.nobody")
    scale, days = ask.tables.money_scale, int(likely["days"])
    a_year = DAYS_OF_YEAR / days / scale

    def ranged(column: str, part: float = 1.0) -> Ranged:
        return Ranged(*(float(one[column]) * part for one in (few, likely, many)))

    return Club(
        programme=programme,
        days=days,
        members=int(likely["members"]),
        buyers=int(likely["buyers"]),
        currency=ask.tables.currency,
        by_margin=bool(likely["by_margin"]),
        cost=ranged("total_cost", a_year),
        rewards=ranged("reward_cost", a_year),
        discounts=ranged("discount", a_year),
        running=float(likely["running_cost"]) * a_year,
        brought=float(likely["brought"]) * a_year,
        lift=ranged("break_even_lift"),
        outstanding=ranged("outstanding", 1 / scale),
        months=by_month.assign(
            **{name: by_month[name] / scale for name in ("reward_cost", "discount", "outstanding")}
        ),
        breakage=ask(loyalty_breakage, as_of=as_of, programme=programme, months=months, calendar=calendar),
    )
