"""The integral over the moment of dropping out that the Pareto/NBD model is made of."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from crm_core.value.models.cells import Floats
from crm_core.value.models.quadrature import gauss_legendre

_NEGLIGIBLE: Final = 37.0
"""exp(-37) is less than what a float holds beside 1."""

_CUTS: Final = 5
_AT_ONCE: Final = 4_096
_RULES: Final = (
    (8, 1.5, 1.5),
    (12, 10.0, 2.5),
    (20, np.inf, 4.5),
    (40, np.inf, 10.0),
    (96, np.inf, np.inf),
)
"""Points of Gauss and Legendre, and the greatest fall and width for which they give ten digits."""


class DropoutIntegral(NamedTuple):
    """The integral of (alpha + u)^-power (beta + u)^-fall, and means over u with that density.

    Args:
        logarithm: Of the integral.
        log_alpha: Mean of log(alpha + u).
        log_beta: Mean of log(beta + u).
        inverse_alpha: Mean of 1 / (alpha + u).
        inverse_beta: Mean of 1 / (beta + u).
    """

    logarithm: Floats
    log_alpha: Floats
    log_beta: Floats
    inverse_alpha: Floats
    inverse_beta: Floats


def dropout_integral(
    power: npt.ArrayLike,
    fall: npt.ArrayLike,
    alpha: npt.ArrayLike,
    beta: npt.ArrayLike,
    begin: npt.ArrayLike,
    end: npt.ArrayLike,
) -> DropoutIntegral:
    """Integrals from `begin` to `end`, to ten digits whichever of `alpha` and `beta` is the larger.

    It is what Schmittlein, Morrison and Colombo (1987) write with Gauss's hypergeometric function. Over the
    logarithm of u plus the smaller of `alpha` and `beta`, the integrand is log-concave and has no singularity
    within pi of the real line, so that few points do once its tail is cut off.
    """
    arrays = np.broadcast_arrays(
        *(np.asarray(one, np.float64) for one in (power, fall, alpha, beta, begin, end))
    )
    shape = arrays[0].shape
    power, fall, alpha, beta, begin, end = (one.ravel() for one in arrays)
    swapped = beta < alpha
    # Of the two factors, that with the smaller offset comes first.
    first, second = np.where(swapped, fall, power), np.where(swapped, power, fall)
    near, apart = np.minimum(alpha, beta) + begin, np.abs(alpha - beta)
    width = np.log1p((end - begin) / near)
    width, drop = _cut(first, second, near, apart, width)
    found = np.empty((5, power.size))
    left = np.ones(power.size, dtype=bool)
    for points, greatest_drop, greatest_width in _RULES:
        these = np.flatnonzero(left & (drop <= greatest_drop) & (width <= greatest_width))
        left[these] = False
        for part in np.split(these, range(_AT_ONCE, these.size, _AT_ONCE)):
            found[:, part] = _by_points(points, *(one[part] for one in (first, second, near, apart, width)))
    logarithm, log_near, log_far, inverse_near, inverse_far = (one.reshape(shape) for one in found)
    swapped = swapped.reshape(shape)
    return DropoutIntegral(
        logarithm,
        np.where(swapped, log_far, log_near),
        np.where(swapped, log_near, log_far),
        np.where(swapped, inverse_far, inverse_near),
        np.where(swapped, inverse_near, inverse_far),
    )


def _cut(first: Floats, second: Floats, near: Floats, apart: Floats, width: Floats) -> tuple[Floats, Floats]:
    """Widths without the tail that is negligible, and how far the integrand's logarithm then falls."""

    def logarithm(stretch: Floats, first: Floats, second: Floats, near: Floats, apart: Floats) -> Floats:
        grown = near * np.exp(stretch)
        height: Floats = (1 - first) * stretch - second * np.log((grown + apart) / (near + apart))
        return height

    shape = (first, second, near, apart)
    # Where the integrand is largest: inside only if `first` is less than 1.
    turn = np.maximum((1 - first) * apart / (first + second - 1), near)
    peak = np.minimum(np.log(turn / near), width)
    top = logarithm(peak, *shape)
    drop = top - logarithm(width, *shape)
    cut = np.flatnonzero(drop > _NEGLIGIBLE)
    first, second, near, apart = (one[cut] for one in shape)
    stretch, level = width[cut], top[cut] - _NEGLIGIBLE
    # A tangent of a concave function crosses the level outside of where the function does.
    for _ in range(_CUTS):
        grown = near * np.exp(stretch)
        slope = 1 - first - second * grown / (grown + apart)
        stretch = stretch + (level - logarithm(stretch, first, second, near, apart)) / slope
    width = width.copy()
    width[cut] = stretch
    drop[cut] = top[cut] - logarithm(stretch, first, second, near, apart)
    return width, np.maximum(drop, top)


def _by_points(
    points: int, first: Floats, second: Floats, near: Floats, apart: Floats, width: Floats
) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    places, weights = gauss_legendre(points)
    stretch = places[:, np.newaxis] * width
    grown = near * np.exp(stretch)
    far = grown + apart
    far_logarithm = np.log(far)
    height = (1 - first) * stretch - second * far_logarithm
    top = height.max(axis=0)
    density = np.exp(height - top)
    density *= weights[:, np.newaxis]
    total = density.sum(axis=0)
    begin = np.log(near)
    with np.errstate(divide="ignore"):  # of no width: the integral is 0
        logarithm = np.log(total * width) + top + (1 - first) * begin
    return (
        logarithm,
        begin + width * np.einsum("i,ij->j", places, density) / total,
        np.einsum("ij,ij->j", density, far_logarithm) / total,
        (density / grown).sum(axis=0) / total,
        (density / far).sum(axis=0) / total,
    )
