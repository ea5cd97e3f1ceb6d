"""A first programme from what a base's own customers do: terms in their own sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from crm_core.base import CrmError
from crm_core.loyalty.rules.programme import (
    Band,
    Expiry,
    Indicator,
    IndicatorName,
    Members,
    Programme,
    Redemption,
    Reward,
    Rule,
    Step,
    Tiers,
)
from crm_core.loyalty.rules.rounding import power_below, sayable, sayable_below, worth_below

Goal = Literal["again", "more", "punctual", "referrals"]
GOALS: Final[tuple[Goal, ...]] = ("again", "more", "punctual", "referrals")
"""What a company may want its customers to do more of: come back, buy more, pay in time, bring others."""
GIVEN_OF_MARGIN: Final = (0.05, 0.10, 0.15, 0.20)
"""Shares of margin that rewards and discounts may come to, when everybody uses all points."""
GIVEN_OF_REVENUE: Final = (0.01, 0.02, 0.03, 0.04)
"""Likewise of revenue, where it is not known what goods cost."""
USUAL_GIVEN: Final = 1
"""Place of the usual one among them."""
WITHIN_DAYS: Final = 365
REDEMPTION: Final = Redemption(low=0.3, likely=0.5, high=0.8)
"""Assumed: before there is a programme nobody has used points."""

_WEIGHTS: Final[Mapping[IndicatorName, float]] = {
    "amount": 3.0,
    "purchases": 2.0,
    "variety": 1.0,
    "days_early": 2.0,
    "referrals": 1.0,
    "tenure_days": 1.0,
    "returned_share": 1.0,
}
_OF_GOAL: Final[Mapping[Goal, IndicatorName]] = {
    "again": "purchases",
    "more": "amount",
    "punctual": "days_early",
    "referrals": "referrals",
}
_WEIGHT_OF_GOAL: Final = 4.0
_LARGE_FOR_SMALL: Final = 4
_SMALL_WORTH: Final = 0.8
"""What a point of the small reward is worth, of what one of the large reward is."""
_LIFTS: Final = (125, 150)
_PARTNER_LIFTS: Final = (110, 125)
_DISCOUNT_STEPS: Final = (0.5, 0.1)
_LARGEST_UNIT: Final = 1e12


@dataclass(frozen=True)
class Steps:
    """Values from which on customers stand out, in numbers that people say.

    Args:
        at: Rising.
        customers: How many come to each, of those who bought in the year.
        share: The part of the sum over all of them that these hold, 0 to 1.
    """

    at: tuple[float, ...]
    customers: tuple[int, ...]
    share: tuple[float, ...]


@dataclass(frozen=True)
class Habits:
    """What the customers of a base do in a year.

    Args:
        customers: Who bought in it.
        purchase: Money of a usual purchase, in units of currency.
        regular: What customers of several purchases usually spend in it.
        margin: Of revenue, as a share; None where it is not known what goods cost.
        companies: Whether these are companies only.
        whole_money: Whether the currency has no smaller unit.
        smallest: The smallest amount of the currency.
        steps: Where customers stand out, by what the base knows.
    """

    customers: int
    purchase: float
    regular: float
    margin: float | None
    companies: bool
    whole_money: bool
    smallest: float
    steps: Mapping[IndicatorName, Steps]

    @property
    def shares_given(self) -> tuple[float, ...]:
        """What can be given back, of margin or else of revenue."""
        return GIVEN_OF_REVENUE if self.margin is None else GIVEN_OF_MARGIN

    def given(self, share: float) -> float:
        """What is given back of a unit of revenue."""
        return share if self.margin is None else share * self.margin


@dataclass(frozen=True)
class Names:
    """What the parts of a proposed programme are called, in the words of who will run it.

    Args:
        programme: The programme.
        steps: Its tiers, lowest first: three.
        partners: Tiers of companies, lowest first: two.
        small: The small reward.
        large: The large reward.
        credit: What companies get.
    """

    programme: str
    steps: tuple[str, str, str]
    partners: tuple[str, str]
    small: str
    large: str
    credit: str


def propose(goal: Goal, habits: Habits, given: float, names: Names) -> Programme:
    """A programme that fits what customers do.

    Args:
        goal: What they are to do more of.
        habits: What they do.
        given: The share of margin, or else of revenue, that rewards and discounts come to at most.
        names: What its parts are called.

    Raises:
        CrmError: There is so little margin that nothing can be given of it.
    """
    indicators = proposed_indicators(habits.steps, goal)
    if goal == "more":
        return _ladder(habits, given, names, indicators)
    if goal == "punctual":
        return _partners(habits, given, names, indicators)
    return _club(habits, given, names, indicators, referrals=goal == "referrals")


def proposed_indicators(steps: Mapping[IndicatorName, Steps], goal: Goal) -> tuple[Indicator, ...]:
    """By what customers are ranked: what the base knows, the goal's own weighing most."""
    return tuple(
        proposed_indicator(name, found, _WEIGHT_OF_GOAL if _OF_GOAL[goal] == name else _WEIGHTS[name])
        for name, found in steps.items()
        if found.at
    )


def proposed_indicator(name: IndicatorName, steps: Steps, weight: float) -> Indicator:
    """An indicator with a band from each step on: a point more each, or less where it is about returns."""
    sign = -1 if name == "returned_share" else 1
    bands = tuple(Band(at, float(sign * points)) for points, at in enumerate(steps.at, 1))
    return Indicator(name, weight, bands, within_days=0 if name == "tenure_days" else WITHIN_DAYS)


def _club(
    habits: Habits, given: float, names: Names, indicators: tuple[Indicator, ...], *, referrals: bool
) -> Programme:
    """Points for money, rewards for points, more points for those who earn many."""
    unit = _unit(habits)
    earn = [Rule("amount", 1, unit=unit)]
    if referrals:
        # Who brings a customer is thanked with what a usual purchase gives.
        earn.append(Rule("referral", max(int(sayable(habits.purchase / unit, whole=True)), 1)))
    thresholds = [at / unit for at in habits.steps["amount"].at[1:]]
    small = max(int(sayable_below(max(habits.regular / unit, 1.0), whole=True)), 1)
    large = int(sayable(_LARGE_FOR_SMALL * small, whole=True))
    worth = habits.given(given) * unit / (max(_LIFTS) / 100)
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        earn=tuple(earn),
        expiry=Expiry("fixed", days=WITHIN_DAYS),
        tiers=_tiers("points", _lifted(thresholds, names.steps[1:], _LIFTS)),
        rewards=(
            Reward(names.small, small, _cost(_SMALL_WORTH * worth * small, habits)),
            Reward(names.large, large, _cost(worth * large, habits)),
        ),
        redemption=REDEMPTION,
        indicators=indicators,
    )


def _ladder(habits: Habits, given: float, names: Names, indicators: tuple[Indicator, ...]) -> Programme:
    """A discount that rises with what is bought in a year."""
    steps = habits.steps["amount"]
    # At the first tier one step of discount, at the second two, at the third three.
    most = 100 * habits.given(given) / sum(steps.share)
    size = next((size for size in _DISCOUNT_STEPS if most >= size), None)
    if size is None:
        raise CrmError("loyalty.proposed.no_margin")
    discount = round(100 * size * math.floor(most / size))
    found = tuple(
        Step(name, at, discount=place * discount)
        for place, (name, at) in enumerate(zip(names.steps, steps.at, strict=False), 1)
    )
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        tiers=_tiers("amount", found),
        indicators=indicators,
    )


def _partners(habits: Habits, given: float, names: Names, indicators: tuple[Indicator, ...]) -> Programme:
    """Points for money and for invoices paid in time, and more of them for early ones."""
    unit = _unit(habits)
    earn = [Rule("amount", 1, unit=unit), Rule("punctual", 1, unit=unit, days_early=0)]
    early = [int(at) for at in habits.steps["days_early"].at if at >= 1]
    if early:
        earn.append(Rule("punctual", 2, unit=unit, days_early=early[-1]))
    # A unit gives a point when it is bought, times the tier's, and as many as two when it is paid.
    worth = habits.given(given) * unit / (max(_PARTNER_LIFTS) / 100 + earn[-1].points)
    points = max(int(sayable_below(max(2 * habits.regular / unit, 1.0), whole=True)), 1)
    return Programme(
        name=names.programme,
        members=Members("everybody", kinds=("company",) if habits.companies else ()),
        earn=tuple(earn),
        expiry=Expiry("year_end", years=1),
        tiers=_tiers("amount", _lifted(habits.steps["amount"].at[1:], names.partners, _PARTNER_LIFTS)),
        rewards=(Reward(names.credit, points, _cost(worth * points, habits)),),
        redemption=REDEMPTION,
        indicators=indicators,
    )


def _unit(habits: Habits) -> float:
    """Money for a point: a usual purchase gives 10 to 99 of them, where the currency has so small units."""
    return min(max(power_below(habits.purchase / 10), habits.smallest), _LARGEST_UNIT)


def _lifted(
    thresholds: list[float] | tuple[float, ...], names: tuple[str, ...], lifts: tuple[int, ...]
) -> tuple[Step, ...]:
    return tuple(
        Step(name, at, multiplier=lift) for name, at, lift in zip(names, thresholds, lifts, strict=False)
    )


def _tiers(by: Literal["amount", "points"], steps: tuple[Step, ...]) -> Tiers | None:
    if not steps:
        return None
    return Tiers(by, steps, within_days=WITHIN_DAYS, review="quarter", grace=1)


def _cost(most: float, habits: Habits) -> float:
    """What a reward may cost: a number that people say, in coins that there are."""
    cost = worth_below(most, whole=habits.whole_money)
    if cost < habits.smallest:
        raise CrmError("loyalty.proposed.no_margin")
    return cost
