"""Between what bounds the future value of a customer lies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from crm_core.value.models.cells import Floats, Integers
from crm_core.value.models.gamma_gamma import GammaGamma


def value_interval(
    probability_of_none: npt.ArrayLike,
    mean_purchases: npt.ArrayLike,
    variance_purchases: npt.ArrayLike,
    frequency: npt.ArrayLike,
    mean_spend: npt.ArrayLike,
    spend: GammaGamma,
    *,
    cell: Integers | None = None,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    """Bounds within which the spend of customers in a horizon lies with a given probability.

    The number of purchases N is 0 with its own probability. Where it is not, spend is W / nu: W given N is
    Gamma(p N, 1), here a gamma with the mean and variance that W has given N > 0; nu is the customer's
    Gamma(q + p x, gamma + x m), so that their ratio is a beta prime, heavy tail and all. Shares of (1 -
    level) / 2 are left out on either side; a bound is 0 where no purchase is likelier than that.

    Args:
        probability_of_none: Of each cell, in the horizon.
        mean_purchases: Likewise.
        variance_purchases: Likewise.
        frequency: Repeat purchase days so far, of each cell.
        mean_spend: Mean spend of these days, of each customer.
        spend: The model of spend.
        cell: The place of each customer's cell; None where each customer has a cell of their own. What is
            costly is worked out by cell: by customer only the scale of spend differs.
        level: The probability.

    Returns:
        The lower and the upper bound of each customer, in money.
    """
    arrays = (probability_of_none, mean_purchases, variance_purchases, frequency)
    none, mean, variance, x = (np.asarray(one, dtype=np.float64) for one in arrays)
    # A chance to buy that is lost in 1 - none is at most the mean.
    buys = np.maximum(np.where(none < 1, 1 - none, mean), np.finfo(float).tiny)
    mean_if_any = np.maximum(mean / buys, 1.0)
    variance_if_any = np.maximum((variance + mean**2) / buys - mean_if_any**2, 0.0)
    p = spend.parameters["p"]
    spread = 1 + p * variance_if_any / mean_if_any
    shape = p * mean_if_any / spread
    tail = (1 - level) / 2
    low = spread * _ratio_quantile((tail - none) / buys, shape, spend.shape(x))
    high = spread * _ratio_quantile((1 - tail - none) / buys, shape, spend.shape(x))
    if cell is None:
        scale = spend.scale(x, mean_spend)
        return low * scale, high * scale
    scale = spend.scale(x[cell], mean_spend)
    return low[cell] * scale, high[cell] * scale


def _ratio_quantile(probability: Floats, above: Floats, below: Floats) -> Floats:
    """Quantile of Gamma(above) / Gamma(below); 0 where the probability is 0 or less."""
    quantile = np.zeros(np.broadcast_shapes(probability.shape, above.shape, below.shape))
    positive = np.broadcast_to(probability > 0, quantile.shape)
    chance, above, below = (
        np.broadcast_to(one, quantile.shape)[positive] for one in (probability, above, below)
    )
    # The smaller of the two shares is the one that a float tells apart from 0.
    share = betaincinv(below, above, 1 - chance)
    small = betaincinv(above, below, np.where(share > 0.5, chance, 0.5))
    quantile[positive] = np.where(share > 0.5, small / (1 - small), (1 - share) / share)
    return quantile
