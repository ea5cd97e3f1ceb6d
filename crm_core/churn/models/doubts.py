"""By what the sum of a list is off that is expected of an offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.base import NORMAL_QUANTILE
from crm_core.churn.models.columns import Floats
from crm_core.churn.models.offers import Offer

_MEAN_TO_DEVIATION: Final = float(np.sqrt(np.pi / 2))
"""What the mean distance from the truth is multiplied by to be a standard deviation, if it is normal."""


@dataclass(frozen=True)
class Doubt:
    """By what the sum of a list is off.

    Args:
        alone: The variance of what customers bring to it, each drawn for himself.
        shared: Its standard error from each error that all lists share.
    """

    alone: float
    shared: tuple[float, ...]

    @property
    def half_width(self) -> float:
        """Of the 95 % interval."""
        return NORMAL_QUANTILE * float(np.sqrt(self.alone + sum(one**2 for one in self.shared)))


def doubt_of(
    probability: Floats, margin: Floats, offer: Offer, calibration_error: float
) -> tuple[Floats, list[Floats]]:
    """By what a customer's profit is off: by chance alone, squared; and for each error that all share."""
    saved = margin - offer.offer_cost
    given_away = offer.taken_by_stayers * offer.offer_cost
    worth = offer.save_chance * saved + given_away
    off = _MEAN_TO_DEVIATION * calibration_error
    mean = probability * worth - given_away
    squared = probability * (offer.save_chance * saved**2) + (1 - probability) * given_away * offer.offer_cost
    return squared - mean**2, [*offer_doubt(probability, margin, offer), off * worth]


def offer_doubt(probability: Floats, margin: Floats, offer: Offer) -> list[Floats]:
    """By what a customer's profit is off where the chance of saving is, for each of its errors."""
    saved = probability * (margin - offer.offer_cost)
    return [np.asarray(one * saved) for one in _columns(offer.save_error)]


def _columns(errors: float | Floats) -> list[float | Floats]:
    """Independent errors one by one, each for all or of each customer."""
    if isinstance(errors, np.ndarray) and errors.ndim > 1:
        return list(errors.T)
    return [errors]


def summed(chance: Floats, shared: Sequence[Floats]) -> Doubt:
    """By what the sum of customers is off of whom each is off by so much."""
    return Doubt(float(chance.sum()), tuple(float(one.sum()) for one in shared))
