"""Expectations over a beta-distributed chance of dropping out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import scipy

from crm_core.value.models.cells import Floats

_POINTS: Final = 128
_NEGLIGIBLE: Final = 37.0
"""exp(-37) is less than what a float holds beside 1."""


def mean_over_chance(
    function: Callable[[Floats], Floats], at_zero: Floats, a: Floats, b: Floats, bend: Floats
) -> Floats:
    """E[f(p)], p ~ Beta(a, b), for a convex f of one scale, however near 0 or 1 the beta gathers.

    The chord of f from 0 to 1 is integrated exactly. What remains vanishes at both ends, so that its integral
    over the logit of p is one over the whole line of a function that falls off at least like exp(-|logit|):
    equal steps converge faster than any power of the step.

    Args:
        function: f, of an array with one more axis in front than the others.
        at_zero: f(0).
        a: Parameters of the beta.
        b: Likewise.
        bend: 1 / p beyond which f is far from its tangent at 0.
    """
    at_one = function(np.ones_like(a))
    chord = (b * at_zero + a * at_one) / (a + b)
    left, right = _range(a, b, bend)
    logit = left + np.linspace(0.0, 1.0, _POINTS)[:, np.newaxis] * (right - left)
    chance, staying = scipy.special.expit(logit), scipy.special.expit(-logit)
    logarithm = -a * np.logaddexp(0.0, -logit) - b * np.logaddexp(0.0, logit)
    density = np.exp(logarithm - scipy.special.betaln(a, b))
    below = np.maximum(staying * at_zero + chance * at_one - function(chance), 0.0)
    mean: Floats = chord - (density * below).sum(axis=0) * (right - left) / (_POINTS - 1)
    return mean


def _range(a: Floats, b: Floats, bend: Floats) -> tuple[Floats, Floats]:
    """Logits outside of which the remainder is negligible."""
    mode = np.log((a + 1) / (b + 1))
    top = _log_density(mode, a, b)
    # Below the bend of f what remains goes as p times the density: log-concave, so halving finds the ends.
    left_of = np.minimum(mode, -np.log1p(bend))
    low, high = left_of - _NEGLIGIBLE / np.minimum(a + 1, 1.0) - 1, left_of
    left = _halve(low, high, _log_density(left_of, a, b) - _NEGLIGIBLE, a, b)
    right = _halve(mode + _NEGLIGIBLE + 1, mode, top - _NEGLIGIBLE, a, b)
    return left, right


def _halve(outside: Floats, inside: Floats, level: Floats, a: Floats, b: Floats) -> Floats:
    for _ in range(30):
        middle = (outside + inside) / 2
        beyond = _log_density(middle, a, b) < level
        outside, inside = np.where(beyond, middle, outside), np.where(beyond, inside, middle)
    return outside


def _log_density(logit: Floats, a: Floats, b: Floats) -> Floats:
    return -(a + 1) * np.logaddexp(0.0, -logit) - (b + 1) * np.logaddexp(0.0, logit)
