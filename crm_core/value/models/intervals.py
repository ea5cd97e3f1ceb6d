"""Between what bounds the future value of a customer lies."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from crm_core.value.models.cells import Floats, Integers
from crm_core.value.models.gamma_gamma import GammaGamma
from crm_core.value.models.quadrature import gauss_legendre

_LEAST_CHANCE: Final = 1e-12
_SHARES: Final = 3
_WIDER: Final = 12.0
"""Logarithm: how far from the first guess a bound is looked for."""


def value_interval(
    probability_of_none: npt.ArrayLike,
    mean_purchases: npt.ArrayLike,
    variance_purchases: npt.ArrayLike,
    rate_shape: npt.ArrayLike,
    frequency: npt.ArrayLike,
    mean_spend: npt.ArrayLike,
    spend: GammaGamma,
    *,
    cell: Integers | None = None,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """Bounds within which the spend of customers in a horizon lies with a given probability or more.

    Spend is W / nu. nu is the customer's Gamma(q + p x, gamma + x m); W given N purchases is Gamma(p N, 1).
    Where no purchase is likelier than (1 - level) / 2, the interval begins at 0, and W given N > 0 is taken
    for a gamma of the same mean and variance; above lies (1 - level) of the probability where N = 0 is
    unlikely and, evenly, half of it where it is nearly certain. For everybody else (1 - level) / 2 is left
    out on either side, and N is that of customers of whom some stay through the horizon and the others drop
    out at any time within it, as many as give N its mean and variance: those who stop early are the tail
    below.

    Args:
        probability_of_none: Of each cell, in the horizon.
        mean_purchases: Likewise.
        variance_purchases: Likewise.
        rate_shape: Shape of the gamma of purchase rates, given the history: `PurchaseModel.rate_shape`.
        frequency: Repeat purchase days so far, of each cell.
        mean_spend: Mean spend of these days, of each customer.
        spend: The model of spend.
        cell: The place of each customer's cell; None where each customer has a cell of their own. What is
            costly is worked out by cell: by customer only the scale of spend differs.
        level: The probability.

    Returns:
        The lower and the upper bound of each customer, in money.
    """
    arrays = (probability_of_none, mean_purchases, variance_purchases, rate_shape, frequency)
    none, mean, variance, rate, x = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in arrays))
    low, high = np.zeros(none.shape), np.zeros(none.shape)
    tail = (1 - level) / 2
    p, below = spend.parameters["p"], spend.shape(x)
    above = 2 * tail * (1 - none / 2)
    often = none < tail
    rarely = ~often & (none < 1 - above) & (none < 1 - _LEAST_CHANCE)
    high[rarely] = _if_any(p, above[rarely], *(one[rarely] for one in (none, mean, variance, below)))
    of_often = (one[often] for one in (mean, variance, rate, below))
    low[often], high[often] = _of_frequent(p, tail, *of_often)
    if cell is None:
        scale = spend.scale(x, mean_spend)
        return low * scale, high * scale
    scale = spend.scale(x[cell], mean_spend)
    return low[cell] * scale, high[cell] * scale


def interval_of_sum(
    mean: npt.ArrayLike, variance: npt.ArrayLike, *, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Bounds within which a sum of spend lies with a given probability.

    A sum over few customers is skewed like what they spend and never below 0: it is taken for a gamma of its
    mean and variance, which of many customers is a normal distribution.

    Args:
        mean: Of each sum, 0 or more.
        variance: Of each; 0 where it is known.
        level: The probability.
    """
    means, variances = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(variance, np.float64))
    low, high = means.copy(), means.copy()
    unknown = (means > 0) & (variances > 0)
    shape = means[unknown] ** 2 / variances[unknown]
    for bound, probability in ((low, (1 - level) / 2), (high, (1 + level) / 2)):
        bound[unknown] = scipy.special.gammaincinv(shape, probability) / shape * means[unknown]
    return low, high


def _if_any(p: float, above: Floats, none: Floats, mean: Floats, variance: Floats, below: Floats) -> Floats:
    """What W / nu, in units of the scale of spend, passes with the probability `above`."""
    buys = 1 - none
    mean_if_any = np.maximum(mean / buys, 1.0)
    variance_if_any = np.maximum((variance + mean**2) / buys - mean_if_any**2, 0.0)
    spread = 1 + p * variance_if_any / mean_if_any
    share = scipy.special.betaincinv(below, p * mean_if_any / spread, above / buys)
    quantile: Floats = spread * (1 - share) / np.maximum(share, np.finfo(float).tiny)
    return quantile


def _of_frequent(
    p: float, tail: float, mean: Floats, variance: Floats, rate: Floats, below: Floats
) -> tuple[Floats, Floats]:
    """The bounds of W / nu, in units of the scale of spend, that leave out a tail on either side."""
    if mean.size == 0:
        return mean, mean
    # With S staying and the others leaving at a uniform moment, E[N (N - 1)] / E[N]^2 / (1 + 1 / rate) is
    # 4 (1 + 2 S) / (3 (1 + S)^2).
    pairs = np.clip((variance / mean**2 + 1 - 1 / mean) / (1 + 1 / rate), 1.0, 4 / 3)
    stay = (8 - 6 * pairs + np.sqrt(np.maximum(64 - 48 * pairs, 0.0))) / (6 * pairs)
    of_stayers = 2 * mean / (1 + stay)
    places, weights = gauss_legendre(_SHARES)
    means = np.stack([of_stayers, *(place * of_stayers for place in places)])
    chances = np.stack([stay, *(weight * (1 - stay) for weight in weights)])
    # Of a gamma with the mean and variance of W given N, negative binomial: mean, and mean + mean^2 / rate.
    spreads = 1 + p * (1 + means / rate)
    shapes = p * means / spreads

    def beyond(logarithm: Floats, probability: Floats, *cells: Floats) -> Floats:
        spreads, shapes, chances = (np.stack(cells[part : part + 4]) for part in (0, 4, 8))
        value = np.exp(logarithm)
        below = scipy.special.betainc(shapes, cells[12], value / (spreads + value))
        difference: Floats = (chances * below).sum(axis=0) - probability
        return difference

    guess = np.log(p * mean / below)
    cells = (*spreads, *shapes, *chances, below)
    # Loaded here: it takes longer than all else that a page needs to begin.
    from scipy.optimize.elementwise import find_root

    bounds = []
    for probability in (tail, 1 - tail):
        found = find_root(
            beyond,
            (guess - _WIDER, guess + _WIDER),
            args=(np.full(mean.shape, probability), *cells),
            tolerances={"xatol": 1e-4, "xrtol": 0.0, "fatol": 0.0, "frtol": 0.0},
        )
        bounds.append(np.exp(found.x))
    return bounds[0], bounds[1]
