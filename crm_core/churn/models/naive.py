"""The rules of thumb that a model has to beat, as models of one feature."""

from __future__ import annotations

from typing import Final

import numpy as np
import scipy

from crm_core.churn.models.additive import AdditiveModel, Term
from crm_core.churn.models.columns import Categories, Sample

BINS: Final = 20

_HALF: Final = 0.5


def fit_rule(sample: Sample, feature: str) -> AdditiveModel:
    """The longer, the likelier to have left: shares of who left by a feature, none below a lower one's.

    Args:
        sample: What to learn from.
        feature: A number that rises with the risk, such as days since the last order.

    Raises:
        ValueError: When the feature is not a number.
    """
    column = sample.columns[feature]
    if isinstance(column, Categories):
        raise ValueError("a rule goes by a number")
    missing = np.isnan(column)
    numbers, churned = column[~missing], sample.churned[~missing]
    gone = sample.churned[missing]
    of_missing = float(scipy.special.logit((gone.sum() + _HALF) / (gone.size + 2 * _HALF)))
    if not numbers.size:
        return AdditiveModel(0.0, (Term(feature, "step", (), (), (of_missing,), of_missing),))
    points = np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1], method="nearest"))
    points = points[points > numbers.min()]
    place = np.searchsorted(points, numbers, side="right")
    count = np.bincount(place, minlength=points.size + 1)
    # Half a customer on either side: a share of nobody or of everybody has no odds.
    shares = (np.bincount(place, churned, minlength=points.size + 1) + _HALF) / (count + 2 * _HALF)
    rising = scipy.special.logit(scipy.optimize.isotonic_regression(shares, weights=count + 2 * _HALF).x)
    return AdditiveModel(
        0.0, (Term(feature, "step", tuple(points.tolist()), (), tuple(rising.tolist()), of_missing),)
    )
