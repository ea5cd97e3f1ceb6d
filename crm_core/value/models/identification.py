"""Whether data determine the parameters of a model, and if not, why."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from crm_core.value.models.cells import PurchaseCells
from crm_core.value.models.maximum import Maximum
from crm_core.value.rules import FEWEST_REPEAT_CUSTOMERS

_UNKNOWN_LOGARITHM: Final = 2.0
"""A standard error at which the parameter could as well be fifty times as large."""

_NO_GAIN: Final = 1.353
"""Half the 95 % point of chi-square(1) at a boundary, 2.706: dropout that gains less may be none."""


def problems_of(cells: PurchaseCells, maximum: Maximum, gain_of_dropout: float) -> tuple[str, ...]:
    """Codes of what keeps a model of repeat purchases from being identified; empty when nothing does.

    Args:
        cells: What it was fitted to.
        maximum: Where its likelihood is largest.
        gain_of_dropout: How much more the log-likelihood is than without dropout.
    """
    problems = []
    if cells.repeat_customer_count < FEWEST_REPEAT_CUSTOMERS:
        problems.append("too_few_repeat_customers")
    without_dropout = gain_of_dropout < _NO_GAIN
    if without_dropout:
        problems.append("dropout_at_zero")
    unknown = unknown_parameters(maximum)
    if unknown[:2].any() or (unknown.any() and not without_dropout):
        problems.append("heterogeneity_at_bound")
    if not maximum.converged:
        problems.append("not_converged")
    return tuple(problems)


def unknown_parameters(maximum: Maximum) -> npt.NDArray[np.bool_]:
    """Which parameters lie at a bound or could as well be far from where they are."""
    errors = np.sqrt(np.diag(maximum.covariance))
    unknown: npt.NDArray[np.bool_] = np.array(maximum.at_bound) | (errors > _UNKNOWN_LOGARITHM)
    return unknown
