"""What a programme would have cost, what members bring, and how much more they must buy for it to pay."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import inf
from typing import Final

import pandas as pd

from crm_core.base import CrmError
from crm_core.loyalty.estimates import loyalty_breakage, loyalty_cost, loyalty_months
from crm_core.loyalty.estimates.bought import brought_by, costs_known
from crm_core.loyalty.metrics import loyalty_bought
from crm_core.loyalty.rules import Programme
from crm_core.periods import LONGEST_YEAR_DAYS, MEAN_YEAR_DAYS, YEAR_DAYS, Calendar, date_of, day_of
from crm_core.tables import Ask

MONTHS_MONEY: Final = (
    *("outstanding", "expected_use", "expected_use_low", "expected_use_high"),
    *("reward_cost", "discount"),
)
"""Of each month."""


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
        members_before: A year before; None where not a whole year is told.
        buyers: Those of them who bought in these days.
        currency: Of all amounts.
        by_margin: Whether members bring margin; else what they bring is revenue.
        cost: In a year.
        rewards: That part of it in a year.
        discounts: That part of it in a year.
        running: That part of it in a year, whoever uses points.
        brought: By members, in a year.
        brought_before: By those who were members in the year before, in it; None where not a whole year is
            told, the base begins later, or costs are not known alike.
        lift: By which share members must buy more than they did for the programme to pay; infinite where
            rewards and discounts take all that members bring.
        outstanding: What the points that are outstanding at the end would cost, were all of them used.
        expected_use: What of it is to be expected, with what it may be at the least and at the most; None
            where nothing is known of it yet.
        use_chance: Which share of the points outstanding is expected to be used; None likewise.
        months: Rows of `loyalty_months`, money in units of currency.
        breakage: Rows of `loyalty_breakage`.
    """

    programme: Programme
    days: int
    members: int
    members_before: int | None
    buyers: int
    currency: str
    by_margin: bool
    cost: Ranged
    rewards: Ranged
    discounts: Ranged
    running: float
    brought: float
    brought_before: float | None
    lift: Ranged
    outstanding: Ranged
    expected_use: Ranged | None
    use_chance: float | None
    months: pd.DataFrame
    breakage: pd.DataFrame

    def lift_with(self, ratio: float) -> Ranged:
        """`lift` where members already bring `ratio` times what they would without the programme.

        Without it they would bring the `ratio`th part, and be given the `ratio`th part of rewards and
        discounts; what the programme costs beside them stays.
        """

        def needed(rewards: float, discounts: float) -> float:
            given = rewards + discounts
            left = self.brought - given
            return (given + ratio * self.running) / left if left > 0 else inf

        rewards, discounts = self.rewards, self.discounts
        return Ranged(
            few=needed(rewards.few, discounts.few),
            likely=needed(rewards.likely, discounts.likely),
            many=needed(rewards.many, discounts.many),
        )

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
    a_year = MEAN_YEAR_DAYS / days / scale

    def ranged(column: str, part: float = 1.0) -> Ranged:
        return Ranged(*(float(one[column]) * part for one in (few, likely, many)))

    return Club(
        programme=programme,
        days=days,
        members=int(likely["members"]),
        members_before=int(likely["members_before"]) if _is_year(days) else None,
        buyers=int(likely["buyers"]),
        currency=ask.tables.currency,
        by_margin=bool(likely["by_margin"]),
        cost=ranged("total_cost", a_year),
        rewards=ranged("reward_cost", a_year),
        discounts=ranged("discount", a_year),
        running=float(likely["running_cost"]) * a_year,
        brought=float(likely["brought"]) * a_year,
        brought_before=_brought_before(ask, as_of, programme, days, by_margin=bool(likely["by_margin"])),
        lift=ranged("break_even_lift"),
        outstanding=ranged("outstanding", 1 / scale),
        expected_use=_expected_use(costs, scale),
        use_chance=None if pd.isna(likely["use_chance"]) else float(likely["use_chance"]),
        months=by_month.assign(**{name: by_month[name] / scale for name in MONTHS_MONEY}),
        breakage=ask(loyalty_breakage, as_of=as_of, programme=programme, months=months, calendar=calendar),
    )


def _is_year(days: int) -> bool:
    return YEAR_DAYS <= days <= LONGEST_YEAR_DAYS


def _brought_before(
    ask: Ask, as_of: dt.date, programme: Programme, days: int, *, by_margin: bool
) -> float | None:
    """What members brought in the year before that which is told."""
    last = day_of(as_of) - days
    begin = last - days + 1
    if not _is_year(days) or begin < ask.tables.first_day:
        return None
    rows = ask(loyalty_bought, as_of=date_of(last), members=programme.members, begin=date_of(begin))
    if by_margin and not costs_known(ask, rows):
        return None
    return float(brought_by(rows, by_margin=by_margin).sum()) * MEAN_YEAR_DAYS / days / ask.tables.money_scale


def _expected_use(costs: pd.DataFrame, scale: int) -> Ranged | None:
    likely = costs["expected_use"].iloc[1]
    if pd.isna(likely):
        return None
    low, high = costs["expected_use_low"].min(), costs["expected_use_high"].max()
    return Ranged(float(low) / scale, float(likely) / scale, float(high) / scale)
