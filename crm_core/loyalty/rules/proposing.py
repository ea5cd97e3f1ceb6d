"""A first programme from what a base's own customers do: for each goal another one, in their own sizes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from crm_core.base import CrmError
from crm_core.loyalty.rules.habits import WITHIN_DAYS, Habits, Patterns, Steps, usual_days
from crm_core.loyalty.rules.programme import (
    Band,
    Caps,
    Expiry,
    Indicator,
    IndicatorName,
    Measure,
    Members,
    Programme,
    Redemption,
    Reward,
    Rule,
    Step,
    Tiers,
)
from crm_core.loyalty.rules.rounding import power_below, sayable, sayable_below, worth_below

Goal = Literal["again", "often", "more", "wider", "punctual", "referrals"]
GOALS: Final[tuple[Goal, ...]] = ("again", "often", "more", "wider", "punctual", "referrals")
"""What a company may want its customers to do: come back after the first purchase, buy more often, spend more
each time, buy from more categories, pay on time, bring others."""
REDEMPTION: Final = Redemption(low=0.3, likely=0.5, high=0.8)
"""Assumed: before there is a programme nobody has used points."""
LARGER_PURCHASES: Final = 3
"""So many larger purchases take the small reward, where these are the goal."""

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
    "often": "purchases",
    "more": "amount",
    "wider": "variety",
    "punctual": "days_early",
    "referrals": "referrals",
}
_WEIGHT_OF_GOAL: Final = 4.0
_LARGE_FOR_SMALL: Final = 4
_SMALL_WORTH: Final = 0.8
"""What a point of the small reward is worth, of what one of the large reward is."""
_LIFTS: Final = (125, 150)
_STAMP_LIFTS: Final = (120, 150)
_PARTNER_LIFTS: Final = (110, 125)
_STAMP: Final = 10
"""Points of a purchase, whatever it comes to."""
_TIMES_USUAL: Final = 2
"""What a second purchase, or a first one from a category, gives beside: so many usual purchases' points."""
_LASTING: Final = (30, 60, 90, 120, 180, 270, 365, 545, 730)
"""Days that people say as months and years."""
_LARGEST_UNIT: Final = 1e12


@dataclass(frozen=True)
class Names:
    """What the parts of a proposed programme are called, in the words of who will run it.

    Args:
        programme: The programme.
        steps: Its tiers, lowest first: two.
        partners: Tiers of companies, lowest first: two.
        small: The small reward.
        large: The large reward.
        credit: What companies get.
        thanks: What who brings a customer gets.
    """

    programme: str
    steps: tuple[str, str]
    partners: tuple[str, str]
    small: str
    large: str
    credit: str
    thanks: str


def propose(goal: Goal, habits: Habits, patterns: Patterns, given: float, names: Names) -> Programme:
    """A programme that fits what customers do.

    Args:
        goal: What they are to do more of.
        habits: What they do, those whom the goal is about.
        patterns: What all of them do.
        given: The share of margin, or else of revenue, that rewards come to at most.
        names: What its parts are called.

    Raises:
        CrmError: There is so little margin that nothing can be given of it.
    """
    back = habits.given(given)
    if goal == "again":
        found = _second_purchases(habits, patterns, back, names)
    elif goal == "often":
        found = _stamps(habits, patterns, back, names)
    elif goal == "more":
        found = _larger_purchases(habits, patterns, back, names)
    elif goal == "wider":
        found = _categories(habits, patterns, back, names)
    elif goal == "punctual":
        found = _partners(habits, back, names)
    else:
        found = _friends(habits, back, names)
    return replace(found, redemption=REDEMPTION, indicators=proposed_indicators(habits.steps, goal))


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
    return Indicator(name, weight, bands, within_days=usual_days(name))


def _second_purchases(habits: Habits, patterns: Patterns, back: float, names: Names) -> Programme:
    """Most for the second purchase, so much that it takes a reward; points lapse for who stays away."""
    unit, usual = _unit(habits), usual_points(habits)
    second = int(sayable(_TIMES_USUAL * usual, whole=True))
    bonus = second * patterns.seconds + usual * patterns.thirds
    small = max(int(sayable_below(2 * usual + second, whole=True)), 1)
    rhythm = patterns.rhythm
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        earn=(
            Rule("amount", 1, unit=unit),
            Rule("repeat", second, number=2),
            Rule("repeat", usual, number=3),
        ),
        expiry=Expiry("inactivity", days=lasting(rhythm.most) if rhythm else WITHIN_DAYS),
        rewards=_rewards(names, small, _worth(back, patterns.spent, patterns.spent / unit + bonus), habits),
    )


def _stamps(habits: Habits, patterns: Patterns, back: float, names: Names) -> Programme:
    """As many points for each purchase, and tiers by how many there are in little time."""
    rhythm = patterns.rhythm
    if rhythm is None:
        raise CrmError("loyalty.goal.often.unknown")
    most = _STAMP * max(_STAMP_LIFTS) // 100
    least = worth_below(habits.purchase / 2, whole=habits.whole_money)
    steps = _lifted(rhythm.steps.at[-2:], names.steps, _STAMP_LIFTS)
    tiers = Tiers("purchases", steps, rhythm.window, "month" if rhythm.window <= 90 else "quarter", grace=1)
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        earn=(Rule("purchase", _STAMP, at_least=least if least >= habits.smallest else 0.0),),
        caps=Caps(day=most),
        expiry=Expiry("fixed", days=WITHIN_DAYS),
        tiers=tiers if steps else None,
        rewards=_rewards(
            names,
            _STAMP * (rhythm.times + 1),
            _worth(back, patterns.spent, float(patterns.purchases * most)),
            habits,
        ),
    )


def _larger_purchases(habits: Habits, patterns: Patterns, back: float, names: Names) -> Programme:
    """Points only for purchases that are larger than usual, and twice as many for much larger ones."""
    unit = _unit(habits)
    amounts = [at for at, _ in patterns.larger]
    small = max(int(sayable_below(LARGER_PURCHASES * amounts[0] / unit, whole=True)), 1)
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        earn=tuple(Rule("amount", 1, unit=unit, at_least=at) for at in amounts),
        expiry=Expiry("fixed", days=WITHIN_DAYS),
        rewards=_rewards(names, small, back * unit / len(amounts), habits),
    )


def _categories(habits: Habits, patterns: Patterns, back: float, names: Names) -> Programme:
    """Points for money, and many for each category from which somebody buys for the first time."""
    unit = _unit(habits)
    first = int(sayable(_TIMES_USUAL * usual_points(habits), whole=True))
    issued = patterns.spent / unit * max(_LIFTS) / 100 + first * patterns.widened
    thresholds = [at / unit for at in habits.steps["amount"].at[1:]]
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        earn=(Rule("amount", 1, unit=unit), Rule("variety", first)),
        expiry=Expiry("fixed", days=WITHIN_DAYS),
        tiers=_tiers("points", _lifted(thresholds, names.steps, _LIFTS)),
        rewards=_rewards(names, _of_a_year(habits), _worth(back, patterns.spent, issued), habits),
    )


def _friends(habits: Habits, back: float, names: Names) -> Programme:
    """One reward, which takes a year's purchases or one customer who is brought."""
    unit, points = _unit(habits), _of_a_year(habits)
    return Programme(
        name=names.programme,
        members=Members("everybody"),
        earn=(Rule("amount", 1, unit=unit), Rule("referral", points)),
        expiry=Expiry("year_end", years=1),
        rewards=(Reward(names.thanks, points, _cost(back * unit * points, habits)),),
    )


def _partners(habits: Habits, back: float, names: Names) -> Programme:
    """Points for money and for invoices paid in time, and more of them for early ones."""
    unit = _unit(habits)
    earn = [Rule("amount", 1, unit=unit), Rule("punctual", 1, unit=unit, days_early=0)]
    early = [int(at) for at in habits.steps["days_early"].at if at >= 1]
    if early:
        earn.append(Rule("punctual", 2, unit=unit, days_early=early[-1]))
    # A unit gives a point when it is bought, times the tier's, and as many as two when it is paid.
    worth = back * unit / (max(_PARTNER_LIFTS) / 100 + earn[-1].points)
    points = max(int(sayable_below(max(2 * habits.regular / unit, 1.0), whole=True)), 1)
    return Programme(
        name=names.programme,
        members=Members("everybody", kinds=("company",) if habits.companies else ()),
        earn=tuple(earn),
        expiry=Expiry("year_end", years=1),
        tiers=_tiers("amount", _lifted(habits.steps["amount"].at[1:], names.partners, _PARTNER_LIFTS)),
        rewards=(Reward(names.credit, points, _cost(worth * points, habits)),),
    )


def usual_points(habits: Habits) -> int:
    """What a usual purchase gives, of a point for each unit of money."""
    return max(int(habits.purchase / _unit(habits)), 1)


def lasting(days: int) -> int:
    """The least that people say of so many days, or the most that they do."""
    return next((one for one in _LASTING if one >= days), _LASTING[-1])


def _unit(habits: Habits) -> float:
    """Money for a point: a usual purchase gives 10 to 99 of them, where the currency has so small units."""
    return min(max(power_below(habits.purchase / 10), habits.smallest), _LARGEST_UNIT)


def _of_a_year(habits: Habits) -> int:
    """The points of who buys several times in a year."""
    return max(int(sayable_below(max(habits.regular / _unit(habits), 1.0), whole=True)), 1)


def _worth(back: float, spent: float, issued: float) -> float:
    """What a point may be worth, where so many are given for what was spent."""
    return back * max(spent, 0.0) / max(issued, 1.0)


def _rewards(names: Names, small: int, worth: float, habits: Habits) -> tuple[Reward, Reward]:
    large = _LARGE_FOR_SMALL * small
    return (
        Reward(names.small, small, _cost(_SMALL_WORTH * worth * small, habits)),
        Reward(names.large, large, _cost(worth * large, habits)),
    )


def _lifted(
    thresholds: list[float] | tuple[float, ...], names: tuple[str, ...], lifts: tuple[int, ...]
) -> tuple[Step, ...]:
    return tuple(
        Step(name, at, multiplier=lift) for name, at, lift in zip(names, thresholds, lifts, strict=False)
    )


def _tiers(by: Measure, steps: tuple[Step, ...]) -> Tiers | None:
    if not steps:
        return None
    return Tiers(by, steps, within_days=WITHIN_DAYS, review="quarter", grace=1)


def _cost(most: float, habits: Habits) -> float:
    """What a reward may cost: a number that people say, in coins that there are."""
    cost = worth_below(most, whole=habits.whole_money)
    if cost < habits.smallest or not math.isfinite(cost):
        raise CrmError("loyalty.proposed.no_margin")
    return cost
