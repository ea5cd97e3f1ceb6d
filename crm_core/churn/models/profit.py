"""What contacting a list of customers is expected to earn, and which list earns most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.base import NORMAL_QUANTILE
from crm_core.churn.models.columns import Floats, Integers
from crm_core.churn.models.doubts import doubt_of
from crm_core.churn.models.offers import Offer, checked_profit, ranked

_POINTS_OF_ALL: Final = 120
_POINTS_OF_BEST: Final = 80


@dataclass(frozen=True)
class Choice:
    """How many customers are contacted, and what that is expected to earn.

    Args:
        size: How many.
        profit: The sum of their expected profit.
        low: The lower end of the 95 % band of what will be earned.
        high: Its upper end.
    """

    size: int
    profit: float
    low: float
    high: float


@dataclass(frozen=True)
class ProfitCurve:
    """Expected profit against the number of customers contacted.

    Args:
        choices: From nobody to everybody, those with the highest expected profit first.
        best: The one that earns most.
        chosen: `best`, or the first of it where only so many can be contacted.
        everybody: Contacting all.
        naive: What as many customers would earn who were chosen by recency alone, for each of `choices`.
        naive_at_chosen: Likewise for as many as in `chosen`.
    """

    choices: tuple[Choice, ...]
    best: Choice
    chosen: Choice
    everybody: Choice
    naive: tuple[float, ...]
    naive_at_chosen: float


def profit_curve(
    probability: Floats,
    margin: Floats,
    recency: Integers,
    offer: Offer,
    *,
    calibration_error: float = 0.0,
    most: int | None = None,
) -> ProfitCurve:
    """Expected profit against the number of customers contacted.

    The band is of what will be earned, 1.96 standard deviations about what is expected, of three parts that
    are independent: the standard error of the chance of saving, which is wrong for all alike; the level of
    the probabilities, likewise, whose standard deviation makes `calibration_error` its mean distance; and
    chance itself, who leaves, is kept and takes the offer, each customer alone.

    Args:
        probability: Of leaving, of each customer.
        margin: Likewise what is saved when one is kept.
        recency: Likewise days since the last purchase, in whole days: the naive rule contacts the longest
            silent first, of those silent for equally long the same share.
        offer: What keeping costs and how often it works.
        calibration_error: How far probabilities were from what came, in the mean, when they were tried.
        most: How many can be contacted at the most; None for any number.
    """
    profit = checked_profit(probability, margin, offer)
    count = profit.size
    order = ranked(profit)
    best = int(np.count_nonzero(profit > 0))
    chosen = best if most is None else min(best, most)
    sizes = _sizes(best, chosen, count)
    chance, shared = doubt_of(probability, margin, offer, calibration_error)
    choices = _choices(profit[order], chance[order], [one[order] for one in shared], sizes)
    of_size = {one.size: one for one in choices}
    silent, naive = by_recency(profit, recency)
    return ProfitCurve(
        choices=choices,
        best=of_size[best],
        chosen=of_size[chosen],
        everybody=of_size[count],
        naive=tuple(float(one) for one in np.interp(sizes, silent, naive)),
        naive_at_chosen=float(np.interp(chosen, silent, naive)),
    )


def _sizes(best: int, chosen: int, count: int) -> Integers:
    """Numbers of customers: evenly from none to all, and closer together where it matters."""
    evenly = np.linspace(0, count, _POINTS_OF_ALL + 1)
    closely = np.linspace(0, min(2 * best, count), _POINTS_OF_BEST + 1)
    return np.unique(np.concatenate([evenly, closely, [best, chosen]]).round().astype(np.int64))


def _choices(profit: Floats, chance: Floats, shared: Sequence[Floats], sizes: Integers) -> tuple[Choice, ...]:
    """The lists of some sizes; customers in the order in which they are contacted."""
    sums, alone, *together = (
        np.concatenate([[0.0], np.cumsum(np.add.reduceat(one, sizes[:-1]))])
        for one in (profit, chance, *shared)
    )
    wide = NORMAL_QUANTILE * np.sqrt(np.maximum(alone, 0) + sum(one**2 for one in together))
    return tuple(
        Choice(int(size), float(one), float(one - half), float(one + half))
        for size, one, half in zip(sizes, sums, wide, strict=True)
    )


def by_recency(profit: Floats, recency: Integers) -> tuple[Integers, Floats]:
    """Numbers of customers and what they earn, the longest silent first, day by day of silence."""
    days = recency - recency.min()
    customers = np.bincount(days)[::-1]
    sums = np.bincount(days, profit)[::-1]
    some = customers > 0
    return (
        np.concatenate([[0], np.cumsum(customers[some])]),
        np.concatenate([[0.0], np.cumsum(sums[some])]),
    )
