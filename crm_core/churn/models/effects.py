"""How often an offer keeps who would leave, learnt from campaigns from which some were held back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from crm_core.churn.models.columns import Floats, Integers, Truths

_STEPS: Final = 50
_HALVINGS: Final = 30
_CLOSE: Final = 1e-10
_SEEN: Final = (0.01, 0.99)
_DOUBT: Final = 1.0
"""Precision of what is known beforehand of every effect: that its logarithm is hardly ever beyond 2 or -2."""
_HARDLY: Final = 1e-4
"""And of the level of a campaign, of which next to nothing is."""
_STRONGEST: Final = 8.0
"""Logarithm of the factor beyond which none is looked for."""
_FASTEST: Final = 6.0
"""Logarithm of the rate at which nobody buys nothing."""
_SURE: Final = 1e-9
"""No customer is surer to leave or to stay than this far from 1 or 0."""


@dataclass(frozen=True)
class People:
    """Customers as an offer may act upon them.

    Args:
        probability: Of leaving, of each.
        margin: What each brings in a year.
        company: Who are companies.
    """

    probability: Floats
    margin: Floats
    company: Truths


@dataclass(frozen=True)
class RateEffect:
    """By how much contact raises the rate at which customers buy, by what a customer brings and is.

    Args:
        log_factor: Logarithm of what the rate is multiplied by, of a person with the `middle` margin.
        by_margin: What is added to it where the margin is e times as high.
        by_company: What is added to it for a company.
        middle: The geometric mean of the margins that it is learnt from.
        seen: The margins between which it is learnt; beyond them it is as at them.
        spread: Lower triangle, row by row, of the Cholesky factor of the covariance of the first three.
        between: Standard deviation of the campaigns' `log_factor` beyond chance.
        campaigns: How many it is learnt from.
        customers: Likewise.
    """

    log_factor: float
    by_margin: float
    by_company: float
    middle: float
    seen: tuple[float, float]
    spread: tuple[float, float, float, float, float, float]
    between: float
    campaigns: int
    customers: int

    @property
    def standard_error(self) -> float:
        """Of `log_factor`."""
        return self.spread[0]

    def save_chance(self, people: People) -> Floats:
        """Of each customer the chance that contact keeps one who would leave: 1 - p^(factor - 1).

        Who is all but sure to leave is most likely gone already, and is not kept. Where contact does not
        raise the rate it is 0.
        """
        logs, _, factor = self._at(people)
        return _saved(factor, logs)

    def save_error(self, people: People) -> Floats:
        """Its three independent standard errors, a column each, as `Offer` takes them."""
        logs, table, factor = self._at(people)
        slope = -logs * factor * np.exp((factor - 1) * logs)
        lower = np.zeros((3, 3))
        lower[np.tril_indices(3)] = self.spread
        return np.asarray(slope[:, None] * (table @ lower))

    def saving(self, share: float, people: People) -> RateEffect:
        """The same with the `log_factor` with which contact keeps a given share of who would leave.

        The share that is nearest to it, where none does.
        """
        logs, _, of_traits = replace(self, log_factor=0.0)._at(people)
        low, high = -_STRONGEST, _STRONGEST
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            enough = _share(people.probability, _saved(np.exp(middle) * of_traits, logs)) >= share
            low, high = (low, middle) if enough else (middle, high)
        return replace(self, log_factor=high)

    def share_saved(self, people: People) -> float:
        """The share of all who would leave that contact keeps; 0 where nobody would."""
        return _share(people.probability, self.save_chance(people))

    def _at(self, people: People) -> tuple[Floats, Floats, Floats]:
        place = np.log(np.clip(people.margin, *self.seen)) - np.log(self.middle)
        table = np.column_stack([np.ones_like(place), place, people.company])
        factor = np.exp(table @ np.array([self.log_factor, self.by_margin, self.by_company]))
        return np.log(_unsure(people.probability)), table, factor


def rate_effect(people: People, contacted: Floats, left: Floats, campaign: Integers) -> RateEffect:
    """How much campaigns raised the rate of buying, from who was contacted and who was held back.

    Who buys at a rate buys nothing with the probability p = exp(-rate); at a rate that is f times as high,
    with p^f. So log(-log P(left)) = log(-log p) + level + log f for those contacted: proportional hazards of
    the next purchase. Each campaign has a level, since probabilities may have been off alike for both sorts,
    and the level goes with the margin and with whether it is a company, too. f goes with both, because sums
    of money are wrong where those who bring most answer otherwise than most do. By Fisher scoring, with
    standard normal distributions of the effects beforehand. Of several campaigns `log_factor` is pooled with
    random effects: what the next one of the same sort may be expected to do on average.

    Args:
        people: The customers of the campaigns, as foretold on the day before the contact.
        contacted: 1 for who was contacted, 0 for who was held back.
        left: 1 for who left, else 0.
        campaign: In which one, 0, 1, ...

    References:
        Cox (1972), Regression models and life-tables; Prentice and Gloeckler (1978), Regression analysis of
        grouped survival data with application to breast cancer data; DerSimonian and Laird (1986),
        Meta-analysis in clinical trials.
    """
    if not 0 < contacted.mean() < 1:
        raise ValueError("some were contacted and some held back")
    paying = people.margin[people.margin > 0]
    low, high = (float(one) for one in np.quantile(paying, _SEEN)) if paying.size else (1.0, 1.0)
    logs = np.log(np.clip(people.margin, low, high))
    place, company = logs - logs.mean(), people.company.astype(np.float64)
    count = int(campaign.max()) + 1
    effects = np.column_stack([contacted, contacted * place, contacted * company])
    levels = np.column_stack([place, company, campaign[:, None] == np.arange(count)])
    known = np.log(-np.log(_unsure(people.probability)))
    doubt = np.concatenate([np.full(5, _DOUBT), np.full(count, _HARDLY)])
    point, curvature = _fitted(known, np.column_stack([effects, levels]), left, doubt)
    covariance = np.linalg.inv(curvature)[:3, :3]
    by_traits = known + np.column_stack([effects[:, 1:], levels[:, :2]]) @ point[1:5]
    alone = [
        _alone(by_traits[those], contacted[those], left[those])
        for those in (campaign == one for one in range(count))
    ]
    log_factor, more, between = _pooled(*np.array(alone).T)
    covariance[0, 0] += more
    rows = np.linalg.cholesky(covariance).tolist()
    return RateEffect(
        log_factor=log_factor,
        by_margin=float(point[1]),
        by_company=float(point[2]),
        middle=float(np.exp(logs.mean())),
        seen=(low, high),
        spread=(rows[0][0], rows[1][0], rows[1][1], rows[2][0], rows[2][1], rows[2][2]),
        between=between,
        campaigns=count,
        customers=left.size,
    )


def _alone(known: Floats, contacted: Floats, left: Floats) -> tuple[float, float]:
    """The logarithm of the factor of one campaign and its variance."""
    table = np.column_stack([contacted, np.ones_like(contacted)])
    point, curvature = _fitted(known, table, left, np.array([_DOUBT, _HARDLY]))
    return float(point[0]), float(np.linalg.inv(curvature)[0, 0])


def _fitted(known: Floats, table: Floats, left: Floats, doubt: Floats) -> tuple[Floats, Floats]:
    """The most likely effects on the logarithm of the rate, and the curvature there."""
    point, curvature = np.zeros(doubt.size), np.diag(doubt)
    for _ in range(_STEPS):
        rate = np.exp(np.minimum(known + table @ point, _FASTEST))
        buys = np.expm1(rate)
        gradient = table.T @ ((1 - left) * rate / buys - left * rate) - doubt * point
        curvature = table.T @ (table * (rate**2 / buys)[:, None]) + np.diag(doubt)
        step = np.clip(np.linalg.solve(curvature, gradient), -1, 1)
        point = point + step
        if float(np.abs(step).max()) < _CLOSE:
            break
    return point, curvature


def _pooled(effects: Floats, variance: Floats) -> tuple[float, float, float]:
    """The mean of the campaigns' effects, the variance that their differences add to it, and these.

    How much effects vary beyond chance is told by the method of moments.
    """
    weights = 1 / variance
    total = weights.sum()
    spread = float(weights @ (effects - weights @ effects / total) ** 2)
    scale = float(total - weights @ weights / total)
    between = max(0.0, (spread - (effects.size - 1)) / scale) if effects.size > 1 else 0.0
    wide = 1 / (variance + between)
    mean = float(wide @ effects / wide.sum())
    return mean, float(1 / wide.sum() - 1 / total), float(np.sqrt(between))


def _saved(factor: Floats, logs: Floats) -> Floats:
    return np.maximum(-np.expm1((factor - 1) * logs), 0.0)


def _share(probability: Floats, saved: Floats) -> float:
    leaving = float(probability.sum())
    return float(probability @ saved) / leaving if leaving else 0.0


def _unsure(probability: Floats) -> Floats:
    return np.clip(probability, _SURE, 1 - _SURE)
