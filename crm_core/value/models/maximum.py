"""Maximum likelihood over the logarithms of positive parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from crm_core.value.models.cells import Floats

Likelihood = Callable[[Floats], tuple[float, Floats]]
"""Log-parameters to the log-likelihood and its gradient."""

_STEP: Final = 1e-5
_ENOUGH: Final = 1e-10
_NEWTON_STEPS: Final = 30
_LEAST_CURVATURE: Final = 1e-4
"""Of the log-likelihood along a direction: a logarithm whose standard error would pass 100 is not known."""


@dataclass(frozen=True)
class Maximum:
    """Where a likelihood is largest.

    Args:
        point: The log-parameters.
        value: The log-likelihood there.
        covariance: Of the log-parameters, from the inverse Hessian; always finite.
        at_bound: Which log-parameters lie at the edge of where they were looked for.
        converged: Whether a Newton step would gain next to nothing.
    """

    point: Floats
    value: float
    covariance: Floats
    at_bound: tuple[bool, ...]
    converged: bool


def maximise(
    likelihood: Likelihood,
    start: Floats,
    lower: Floats,
    upper: Floats,
    *,
    coarse: Likelihood | None = None,
) -> Maximum:
    """The largest value of a likelihood within bounds.

    Args:
        likelihood: Of all the data.
        start: Log-parameters to begin with.
        lower: Least log-parameters.
        upper: Greatest log-parameters.
        coarse: A likelihood nearly the same that costs less, to come near with.
    """
    near = within_bounds(coarse or likelihood, start, lower, upper)
    curvature = _curvature(coarse or likelihood, near)
    point, value, gradient = _newton(likelihood, near, curvature, lower, upper)
    curvature = _curvature(likelihood, point, gradient)
    edge = 1e-3 * (upper - lower)
    at_bound = tuple(bool(one) for one in (point <= lower + edge) | (point >= upper - edge))
    free = ~np.array(at_bound)
    gain = float(gradient[free] @ np.linalg.solve(curvature[np.ix_(free, free)], gradient[free]))
    covariance: Floats = np.linalg.inv(curvature).astype(np.float64)
    return Maximum(point, value, covariance, at_bound, gain < 1e-4)


def within_bounds(likelihood: Likelihood, start: Floats, lower: Floats, upper: Floats) -> Floats:
    """A point near the largest value, found without second derivatives."""
    size = max(abs(likelihood(start)[0]), 1.0)

    def loss(point: Floats) -> tuple[float, Floats]:
        value, gradient = likelihood(point)
        return -value / size, -gradient / size

    found = scipy.optimize.minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=scipy.optimize.Bounds(lower, upper),
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-9},
    )
    return np.asarray(found.x, dtype=np.float64)


def standard_errors(parameters: Mapping[str, float], covariance: Floats) -> dict[str, float]:
    """Standard errors of parameters, from the covariance of their logarithms."""
    errors = np.sqrt(np.diag(covariance))
    return {
        name: float(value * error) for (name, value), error in zip(parameters.items(), errors, strict=True)
    }


def _newton(
    likelihood: Likelihood, point: Floats, curvature: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, float, Floats]:
    value, gradient = likelihood(point)
    gain = np.inf
    for _ in range(_NEWTON_STEPS):
        step = np.linalg.solve(curvature, gradient)
        before, gain = gain, float(gradient @ step)
        if gain < _ENOUGH:
            break
        if gain > before / 10:
            curvature = _curvature(likelihood, point, gradient)
            step = np.linalg.solve(curvature, gradient)
        for share in (1.0, 0.5, 0.25, 0.1, 0.01):
            tried = np.clip(point + share * step, lower, upper)
            tried_value, tried_gradient = likelihood(tried)
            if tried_value > value:
                break
        else:
            break
        point, value, gradient = tried, tried_value, tried_gradient
    return point, value, gradient


def _curvature(likelihood: Likelihood, point: Floats, gradient: Floats | None = None) -> Floats:
    """Minus the Hessian by differences of the gradient, made positive definite."""
    here = likelihood(point)[1] if gradient is None else gradient
    columns = [(here - likelihood(point + step)[1]) / _STEP for step in _STEP * np.eye(point.size)]
    hessian = np.array(columns)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    curvature: Floats = (vectors * np.maximum(values, _LEAST_CURVATURE)) @ vectors.T
    return curvature
