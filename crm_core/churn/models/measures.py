"""How well probabilities of leaving foretold who left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.base import NORMAL_QUANTILE
from crm_core.churn.models.columns import Categories, Column, Floats

PARTS: Final = 10
_LEAST: Final = 1e-15
_FLOOR: Final = 1e-4


@dataclass(frozen=True)
class Measures:
    """What a set of probabilities was worth.

    Args:
        customers: How many were scored.
        churn_rate: Share of them who left.
        auc: Probability that who left scores above who stayed, ties counting half; NaN if all did the same.
        pr_auc: Average precision; NaN if nobody left.
        brier: Mean squared difference of probability and outcome.
        log_loss: Mean of minus the logarithm of the probability of what happened.
        calibration_error: Mean over ten equal parts by score of how far mean probability and share who left
            are apart.
        mean_probability: Mean of the probabilities.
        lift_at_10: Share who left among the tenth with the highest scores, over that among all.
    """

    customers: int
    churn_rate: float
    auc: float
    pr_auc: float
    brier: float
    log_loss: float
    calibration_error: float
    mean_probability: float
    lift_at_10: float


@dataclass(frozen=True)
class Decile:
    """A tenth of the customers by their score; the first has the highest.

    Args:
        decile: 1 to 10.
        customers: How many are in it.
        mean_probability: What was expected.
        churn_rate: Share who left, and with `low` and `high` its 95 % interval (Wilson).
        lift: `churn_rate` over that of all customers; NaN if nobody left.
        lift_low: `low` over the same.
        lift_high: `high` over the same.
    """

    decile: int
    customers: int
    mean_probability: float
    churn_rate: float
    low: float
    high: float
    lift: float
    lift_low: float
    lift_high: float


def log_loss(churned: Floats, probability: Floats) -> float:
    """Mean of minus the logarithm of the probability of what happened."""
    likely = np.clip(probability, _LEAST, 1 - _LEAST)
    return float(-np.mean(churned * np.log(likely) + (1 - churned) * np.log1p(-likely)))


@dataclass(frozen=True)
class Gain:
    """By how much less one forecast lost than another, of the same customers.

    Args:
        log_loss: Mean of the differences; above 0 the first was better.
        standard_error: Of that mean, customers drawn at random.
    """

    log_loss: float
    standard_error: float


def gain(churned: Floats, probability: Floats, other: Floats) -> Gain:
    """What a forecast gained on another: a rule of thumb, or the same chance for all.

    Args:
        churned: Who left.
        probability: The forecast.
        other: What it is held against.
    """
    ours, theirs = (np.clip(one, _LEAST, 1 - _LEAST) for one in (probability, other))
    each = np.where(churned > 0, np.log(ours / theirs), np.log((1 - ours) / (1 - theirs)))
    return Gain(float(each.mean()), float(each.std() / np.sqrt(each.size)))


def measures(churned: Floats, probability: Floats) -> Measures:
    """Hold probabilities against who left."""
    rate = float(churned.mean())
    parts = deciles(churned, probability)
    apart = [abs(part.mean_probability - part.churn_rate) * part.customers for part in parts]
    return Measures(
        customers=churned.size,
        churn_rate=rate,
        auc=auc_of(churned, probability) if 0 < rate < 1 else float("nan"),
        pr_auc=_average_precision(churned, probability) if rate else float("nan"),
        brier=float(np.mean((probability - churned) ** 2)),
        log_loss=log_loss(churned, probability),
        calibration_error=sum(apart) / churned.size,
        mean_probability=float(probability.mean()),
        lift_at_10=parts[0].lift,
    )


def auc_of(churned: Floats, scores: Floats) -> float:
    """Chance that who left has the higher score, ties counting half; by the sum of ranks of Mann and Whitney.

    Args:
        churned: 1 for who left, 0 for who stayed; some of each.
        scores: Of each.
    """
    _, place, tied = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(tied) - (tied - 1) / 2)[place]
    left = float(churned.sum())
    above = float(ranks @ churned) - left * (left + 1) / 2
    return above / (left * (churned.size - left))


def _average_precision(churned: Floats, probability: Floats) -> float:
    """Mean over who left of the share who left among those with a score as high."""
    _, place, tied = np.unique(-probability, return_inverse=True, return_counts=True)
    left = np.bincount(place, churned)
    return float(left @ (np.cumsum(left) / np.cumsum(tied)) / left.sum())


def deciles(churned: Floats, probability: Floats) -> list[Decile]:
    """Ten equal parts by score, highest first: the lift, and read the other way the calibration curve.

    Customers of one score count in each part by the share of them that falls into it, so that their order
    says nothing.
    """
    order = np.argsort(-probability, kind="stable")
    scores, place, tied = np.unique(-probability[order], return_inverse=True, return_counts=True)
    rates = np.bincount(place, churned[order]) / tied
    ends = np.cumsum(tied)
    borders = np.floor(np.arange(PARTS + 1) * churned.size / PARTS)
    rate = float(churned.mean())
    found = []
    for number in range(PARTS):
        low, high = borders[number], borders[number + 1]
        inside = np.clip(np.minimum(ends, high) - np.maximum(ends - tied, low), 0, None)
        count = high - low
        if not count:
            continue
        share = float(inside @ rates / count)
        ends_of = wilson(share, float(count))
        lifts = [one / rate if rate else float("nan") for one in (share, *ends_of)]
        mean = float(inside @ -scores / count)
        found.append(Decile(number + 1, int(count), mean, share, *ends_of, *lifts))
    return found


def wilson(share: float, count: float) -> tuple[float, float]:
    """The 95 % interval of a share of so many.

    Reference:
        Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    z = NORMAL_QUANTILE
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z / (1 + z**2 / count) * np.sqrt(share * (1 - share) / count + z**2 / (4 * count**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def stability_index(before: Column, now: Column) -> float:
    """Population stability index of a feature or a score: 0 is unchanged, above 0.25 another population.

    Numbers are cut at the deciles of `before`; missing is a part of its own. Parts that nobody is in count
    as one in ten thousand.
    """
    shares = [np.maximum(part / part.sum(), _FLOOR) for part in _counts(before, now)]
    return float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())


def _counts(before: Column, now: Column) -> Sequence[Floats]:
    if isinstance(before, Categories) or isinstance(now, Categories):
        if not (isinstance(before, Categories) and isinstance(now, Categories)):
            raise ValueError("a feature is numbers before and names now, or the other way round")
        levels = tuple(sorted({*before.levels, *now.levels}))
        codes = [np.where(one.missing, len(levels), one.coded_as(levels)) for one in (before, now)]
        return [np.bincount(one, minlength=len(levels) + 1).astype(np.float64) for one in codes]
    known = before[~np.isnan(before)]
    points = np.unique(np.quantile(known, np.arange(1, PARTS) / PARTS)) if known.size else np.empty(0)
    places = [np.searchsorted(points, one, side="left") for one in (before, now)]
    parts = [
        np.where(np.isnan(one), points.size + 1, at) for one, at in zip((before, now), places, strict=True)
    ]
    return [np.bincount(one, minlength=points.size + 2).astype(np.float64) for one in parts]
