"""What a programme costs, and how much more members must buy for it to pay."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import NamedTuple

import numpy as np

from crm_core.loyalty.models.accounts import Floats, Held, Integers, Replay
from crm_core.loyalty.rules import Programme
from crm_core.periods import MEAN_YEAR_DAYS


@dataclass(frozen=True)
class Cost:
    """What a programme costs over a time, in money units.

    Args:
        rewards: Rewards taken.
        discounts: Discounts given, less those of returns.
        running: What it costs beside them.
    """

    rewards: float
    discounts: float
    running: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.rewards + self.discounts + self.running


def cost_of(programme: Programme, replay: Replay, member_days: int, days: int, money_scale: int) -> Cost:
    """What a replay comes to.

    Args:
        programme: Its terms.
        replay: What members were given.
        member_days: Days of membership within the replay, summed over members.
        days: Days of the replay.
        money_scale: Units of money in a unit of currency.
    """
    running = running_cost(programme, np.array([member_days], np.int64), days, money_scale)
    return Cost(
        rewards=float(rewards_cost(programme, replay.rewards, money_scale).sum()),
        discounts=float(replay.discount.sum()),
        running=float(running.sum()),
    )


def running_cost(programme: Programme, member_days: Integers, days: int, money_scale: int) -> Floats:
    """What a programme costs beside rewards and discounts, in money units, for each part of its members.

    Args:
        programme: Its terms.
        member_days: Days of membership of each part, by which is shared what does not go with members.
        days: Of the replay.
        money_scale: Units of money in a unit of currency.
    """
    running, everybody = programme.running_cost, member_days.sum()
    # Without members there are no parts to share it.
    shares = member_days / everybody if everybody else np.full(len(member_days), 1 / max(len(member_days), 1))
    of_year = running.year * days * shares + running.member_year * member_days
    return np.asarray(of_year / MEAN_YEAR_DAYS * money_scale)


def cost_of_point(programme: Programme, money_scale: int) -> float:
    """What a point costs that is used for the reward that costs most for a point, in money units."""
    return max((reward.cost / reward.points for reward in programme.rewards), default=0.0) * money_scale


class Chance(NamedTuple):
    """Which share of points will be used, 0 to 1: no less than `low`, no more than `high`.

    `likely` is NaN where nothing is known.
    """

    low: float
    likely: float
    high: float


def chance_of_use(held: Held) -> Chance:
    """The chance of use of points that members hold who use points, by what became of such points before.

    Of those that are still outstanding it is not known: `low` if none of them is used, `high` if all are, and
    `likely` if they fare as the others did.
    """
    if not held.points:
        return Chance(0.0, nan, 1.0)
    known = held.redeemed + held.lost
    return Chance(
        low=held.redeemed / held.points,
        likely=held.redeemed / known if known else nan,
        high=1 - held.lost / held.points,
    )


def rewards_cost(programme: Programme, rewards: Integers, money_scale: int) -> Floats:
    """The cost of the rewards in each row, in money units; rows x rewards.

    Of several rewards of as many points the one that costs most is taken, whichever the replay has counted.
    """
    dearest: dict[int, float] = {}
    for reward in programme.rewards:
        dearest[reward.points] = max(reward.cost, dearest.get(reward.points, 0.0))
    costs = np.array([dearest[reward.points] for reward in programme.rewards], np.float64) * money_scale
    return rewards @ costs if costs.size else np.zeros(len(rewards))


def break_even_lift(cost: Cost, margin: float) -> float | None:
    """By which share members must buy more than they would without the programme for it to pay.

    What they buy in addition brings margin m as the rest does, and costs rewards and discounts v as the rest
    does; with f what the programme costs beside them::

        lift x m = f + v + lift x v

    Args:
        cost: Of the programme, at what members buy without it.
        margin: Of what members buy without it.

    Returns:
        The share; None where rewards and discounts take all the margin, so that no lift pays.
    """
    left = margin - cost.rewards - cost.discounts
    return cost.total / left if left > 0 else None
