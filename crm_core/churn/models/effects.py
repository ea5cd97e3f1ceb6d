"""How often an offer keeps who would leave, learnt from campaigns from which some were held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.churn.models.columns import Floats, Integers

_STEPS: Final = 50
_CLOSE: Final = 1e-10
_SEEN: Final = (0.01, 0.99)
_DOUBT: Final = 1.0
_SURE: Final = 1e-9
"""No customer is surer to leave or to stay than this far from 1 or 0."""


@dataclass(frozen=True)
class SaveChance:
    """The chance that an offer keeps a customer who would leave.

    Args:
        chance: At most 1; below 0 where more left of those contacted.
        standard_error: Of it.
        between: Standard deviation of the campaigns' effects beyond chance, on the logarithm of 1 - `chance`.
        campaigns: How many it is learnt from.
    """

    chance: float
    standard_error: float
    between: float
    campaigns: int


@dataclass(frozen=True)
class RateEffect:
    """By how much contact raises the rate at which customers buy, by what a customer brings.

    Args:
        log_factor: Logarithm of what the rate is multiplied by, of customers with the `middle` margin.
        by_margin: What is added to it where the margin is e times as high.
        middle: The geometric mean of the margins that it is learnt from.
        seen: The margins between which it is learnt; beyond them it is as at them.
        spread: Lower triangle of the Cholesky factor of the covariance of `log_factor` and `by_margin`: of
            the first on itself, of the second on the first, of the second on itself.
        customers: How many it is learnt from.
    """

    log_factor: float
    by_margin: float
    middle: float
    seen: tuple[float, float]
    spread: tuple[float, float, float]
    customers: int

    @property
    def standard_error(self) -> float:
        """Of `log_factor`."""
        return self.spread[0]

    def save_chance(self, probability: Floats, margin: Floats) -> Floats:
        """Of each customer the chance that contact keeps one who would leave: 1 - p^(factor - 1).

        Who is all but sure to leave is most likely gone already, and is not kept. Where contact does not
        raise the rate it is 0.
        """
        logs, _, factor = self._at(probability, margin)
        return np.maximum(-np.expm1((factor - 1) * logs), 0.0)

    def save_error(self, probability: Floats, margin: Floats) -> Floats:
        """Its two independent standard errors, a column each, as `Offer` takes them."""
        logs, place, factor = self._at(probability, margin)
        slope = -logs * factor * np.exp((factor - 1) * logs)
        first, shared, second = self.spread
        return np.column_stack([slope * (first + place * shared), slope * place * second])

    def _at(self, probability: Floats, margin: Floats) -> tuple[Floats, Floats, Floats]:
        place = np.log(np.clip(margin, *self.seen)) - np.log(self.middle)
        return np.log(_unsure(probability)), place, np.exp(self.log_factor + self.by_margin * place)


def rate_effect(
    probability: Floats, margin: Floats, contacted: Floats, left: Floats, campaign: Integers
) -> RateEffect:
    """How much campaigns raised the rate of buying, from who was contacted and who was held back.

    Who buys at a rate buys nothing with the probability p = exp(-rate); at a rate that is f times as high,
    with p^f. So log(-log P(left)) = log(-log p) + level + log f for those contacted: proportional hazards of
    the next purchase. Each campaign has a level, since probabilities may have been off alike for both sorts,
    and the level goes with the margin too. f goes with the margin, because sums of money are wrong where
    those who bring most answer otherwise than most do. By Fisher scoring.

    Args:
        probability: Of leaving, of each customer of the campaigns, as foretold on the day before the contact.
        margin: What was saved if one was kept.
        contacted: 1 for who was contacted, 0 for who was held back.
        left: 1 for who left, else 0.
        campaign: In which one, 0, 1, ...

    References:
        Cox (1972), Regression models and life-tables; Prentice and Gloeckler (1978), Regression analysis of
        grouped survival data with application to breast cancer data.
    """
    if not 0 < contacted.mean() < 1:
        raise ValueError("some were contacted and some held back")
    low, high = (float(one) for one in np.quantile(margin[margin > 0], _SEEN))
    logs = np.log(np.clip(margin, low, high))
    place = logs - logs.mean()
    levels = campaign[:, None] == np.arange(campaign.max() + 1)
    # So that margins which are all the same say nothing of how it goes with them, and break nothing.
    doubt = np.zeros(3 + levels.shape[1])
    doubt[1:3] = _DOUBT
    table = np.column_stack([contacted, contacted * place, place, levels])
    known = np.log(-np.log(_unsure(probability)))
    point, curvature = np.zeros(doubt.size), np.diag(doubt)
    for _ in range(_STEPS):
        rate = np.exp(known + table @ point)
        buys = np.expm1(rate)
        gradient = table.T @ ((1 - left) * rate / buys - left * rate) - doubt * point
        curvature = table.T @ (table * (rate**2 / buys)[:, None]) + np.diag(doubt)
        step = np.clip(np.linalg.solve(curvature, gradient), -1, 1)
        point = point + step
        if float(np.abs(step).max()) < _CLOSE:
            break
    spread = np.linalg.cholesky(np.linalg.inv(curvature)[:2, :2])
    return RateEffect(
        log_factor=float(point[0]),
        by_margin=float(point[1]),
        middle=float(np.exp(logs.mean())),
        seen=(low, high),
        spread=(float(spread[0, 0]), float(spread[1, 0]), float(spread[1, 1])),
        customers=left.size,
    )


def _unsure(probability: Floats) -> Floats:
    return np.clip(probability, _SURE, 1 - _SURE)


def save_chance(
    treatment: Floats, treatment_left: Floats, control: Floats, control_left: Floats
) -> SaveChance:
    """One chance of past campaigns, with as much doubt as they differ.

    An offer that keeps each customer who would leave with the chance s leaves the share 1 - s of those who
    leave without it. So 1 - s is the risk of leaving after contact over that without, and its logarithms are
    pooled with random effects: what the next campaign of the same sort may be expected to do on average. To
    campaigns where all or none of a group left, half a customer of each outcome is added.

    It is one chance for all. Where it is known how likely each was to leave, `rate_effect` tells the likely
    from the lost.

    Args:
        treatment: Customers contacted, by campaign.
        treatment_left: Those of them who left.
        control: Customers held back.
        control_left: Those of them who left.

    References:
        DerSimonian and Laird (1986), Meta-analysis in clinical trials; Haldane (1956) for the half.
    """
    counts = np.column_stack([treatment, treatment_left, control, control_left]).astype(np.float64)
    if not len(counts) or counts[:, [0, 2]].min() < 1:
        raise ValueError("a campaign has customers contacted and held back")
    all_or_none = (counts[:, [1, 3]] == 0) | (counts[:, [1, 3]] == counts[:, [0, 2]])
    counts[all_or_none.any(axis=1)] += np.array([1.0, 0.5, 1.0, 0.5])
    size, left, held, gone = counts.T
    logs = np.log(left / size) - np.log(gone / held)
    variance = 1 / left - 1 / size + 1 / gone - 1 / held
    between = _between(logs, variance)
    weights = 1 / (variance + between)
    log = float(weights @ logs / weights.sum())
    remains = float(np.exp(log))
    return SaveChance(
        1 - remains, remains * float(1 / np.sqrt(weights.sum())), float(np.sqrt(between)), len(counts)
    )


def _between(effects: Floats, variance: Floats) -> float:
    """How much effects vary beyond chance, by the method of moments."""
    weights = 1 / variance
    total = weights.sum()
    spread = float(weights @ (effects - weights @ effects / total) ** 2)
    scale = float(total - weights @ weights / total)
    return max(0.0, (spread - (effects.size - 1)) / scale) if scale > 0 else 0.0
