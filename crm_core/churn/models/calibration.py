"""Bringing scores to the level of what happens: who is said to leave with 30 % leaves in 30 % of cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import scipy

from crm_core.churn.models.columns import Floats

_STEPS: Final = 100
_CLOSE: Final = 1e-12
_GENTLEST, _STEEPEST = 0.0, 2.0
_ROWS_OF_DOUBT: Final = 10.0


def shift(log_odds: Floats, churned: Floats) -> float:
    """What to add to the log-odds so that as many are expected to leave as left, and half a row each way."""
    expected = (churned.sum() + 0.5) / (churned.size + 1.0) * churned.size
    low, high = -40.0 - float(log_odds.max()), 40.0 - float(log_odds.min())

    def beyond(middle: float) -> float:
        return float(scipy.special.expit(log_odds + middle).sum() - expected)

    return float(scipy.optimize.brentq(beyond, low, high, xtol=_CLOSE))


def slope(log_odds: Floats, churned: Floats) -> float:
    """Platt's slope, halfway to 1: what to multiply the log-odds by.

    Of how much one snapshot differs from those before it, half is expected to stay, as of its level.

    Reference:
        Platt (1999), Probabilistic outputs for support vector machines.
    """
    if float(log_odds.std()) < _CLOSE:
        return 1.0
    table = np.column_stack([log_odds, np.ones(log_odds.size)])
    neutral = np.array([1.0, 0.0])
    point = neutral.copy()
    # So that scores which tell everybody apart do not ask for an endless slope.
    doubt = np.array([_ROWS_OF_DOUBT * float(log_odds.var()), 0.0])
    for _ in range(_STEPS):
        expected = scipy.special.expit(table @ point)
        gradient = table.T @ (churned - expected) - doubt * (point - neutral)
        curvature = table.T @ (table * (expected * (1 - expected))[:, None]) + np.diag(doubt + _CLOSE)
        step = np.linalg.solve(curvature, gradient)
        point = point + np.clip(step, -1, 1)
        if float(np.abs(step).max()) < _CLOSE:
            break
    return (1 + float(np.clip(point[0], _GENTLEST, _STEEPEST))) / 2


def expected_shift(latest: float, years_before: Sequence[float]) -> float:
    """The level at the cut-off, from shifts that were right before.

    How many leave depends on the season more than on most that is known of a customer. A year earlier it was
    the same season, and half of what has changed from that year to this is expected to have stayed.

    Args:
        latest: Shift of the latest snapshot whose labels are known.
        years_before: Of the snapshots of `year_before_days`: a year before the cut-off, and a year before the
            latest.
    """
    if not years_before:
        return latest
    change = latest - years_before[1] if len(years_before) > 1 else latest - years_before[0]
    return years_before[0] + change / 2
