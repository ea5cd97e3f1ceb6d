"""The least loss of a regularised logistic regression of many rows and hundreds of columns."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from crm_core.churn.models.columns import Floats

_SOME: Final = 8
"""One row in so many tells where to begin."""
_LEAST_OF_EACH: Final = 50
_ROUGHLY: Final = 1e-2
_CLOSE: Final = 1e-5
"""A step of all coefficients, of columns of unit variance, below which nothing is left to be gained."""
_NOISE: Final = 1e-7
"""By how much the loss of equal points may differ in single precision."""
_SLOW: Final = 0.3
"""A step that is longer than so much of the one before gains little."""
_STEPS: Final = 100

Table = npt.NDArray[np.float32]


def least_loss(table: Table, outcome: Floats, penalty: float) -> tuple[float, Floats]:
    """The constant and the coefficients of least loss: of the mean log-loss and half the penalised squares.

    Newton's method, from where some of the rows lead. The curvature is worked out again only where steps made
    with an earlier one gain little: it costs as much as a hundred steps.

    Args:
        table: A row for each outcome, in an order as if drawn by lot; columns have a mean of 0.
        outcome: 0 or 1.
        penalty: Of the squared coefficients; above 0. The constant is free.
    """
    point = np.zeros(table.shape[1] + 1)
    rows = outcome.size // _SOME
    if min(outcome[:rows].sum(), rows - outcome[:rows].sum()) >= _LEAST_OF_EACH:
        point = _walk(table[:rows], outcome[:rows], penalty, point, _ROUGHLY)
    point = _walk(table, outcome, penalty, point, _CLOSE)
    return float(point[0]), point[1:]


def _walk(table: Table, outcome: Floats, penalty: float, point: Floats, close: float) -> Floats:
    loss, chances = _loss(table, outcome, penalty, point)
    curvature = None
    before = np.inf
    for _ in range(_STEPS):
        fresh = curvature is None
        if curvature is None:
            curvature = _curvature(table, chances, penalty)
        step = scipy.linalg.cho_solve(curvature, _slope(table, outcome, chances, penalty, point))
        length = float(np.abs(step).max())
        if length <= close:
            return np.asarray(point - step)
        found, then = _loss(table, outcome, penalty, point - step)
        # Newton's direction leads down, if not always as far as it says.
        while fresh and not found <= loss + _NOISE and length > close:
            step, length = step / 2, length / 2
            found, then = _loss(table, outcome, penalty, point - step)
        leads = found <= loss + _NOISE
        if leads:
            point, loss, chances = point - step, found, then
        elif fresh:
            return point
        if not fresh and (not leads or length > _SLOW * before):
            curvature = None
        before = length
    return point


def _loss(table: Table, outcome: Floats, penalty: float, point: Floats) -> tuple[float, Floats]:
    scores = point[0] + (table @ point[1:].astype(np.float32)).astype(np.float64)
    loss = float(np.mean(np.logaddexp(0.0, scores) - outcome * scores))
    return loss + penalty / 2 * float(point[1:] @ point[1:]), np.asarray(scipy.special.expit(scores))


def _slope(table: Table, outcome: Floats, chances: Floats, penalty: float, point: Floats) -> Floats:
    missed = chances - outcome
    slope = (missed.astype(np.float32) @ table).astype(np.float64) / outcome.size
    return np.concatenate([[missed.mean()], slope + penalty * point[1:]])


def _curvature(table: Table, chances: Floats, penalty: float) -> tuple[Floats, bool]:
    """The factors of the second derivatives."""
    roots = np.sqrt(chances * (1 - chances) / chances.size).astype(np.float32)
    weighted = table * roots[:, None]
    among = (weighted.T @ weighted).astype(np.float64)
    among[np.diag_indices_from(among)] += penalty
    beside = (roots @ weighted).astype(np.float64)
    corner = float((roots.astype(np.float64) ** 2).sum())
    return scipy.linalg.cho_factor(np.block([[corner, beside[None, :]], [beside[:, None], among]]))
