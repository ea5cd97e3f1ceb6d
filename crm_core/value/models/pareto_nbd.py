"""Pareto/NBD: customers may drop out at any moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import scipy

from crm_core.value.models.cells import Floats, PurchaseCells
from crm_core.value.models.dropout_integral import dropout_integral
from crm_core.value.models.fitting import fit
from crm_core.value.models.maximum import Likelihood
from crm_core.value.models.purchase_model import PurchaseModel
from crm_core.value.models.sums import at_least, weighted

_USUAL: Final = {"r": 0.5, "alpha": 0.2, "s": 0.5, "beta": 0.2}


class ParetoNbd(PurchaseModel):
    """Pareto/NBD: purchases at rate lambda ~ Gamma(r, alpha), dropout at rate mu ~ Gamma(s, beta), a week.

    Parameters: r, alpha (weeks): shape and rate of the gamma of purchase rates; s, beta (weeks): of the gamma
    of dropout rates.

    Reference: Schmittlein, Morrison, Colombo (1987), Counting Your Customers: Who Are They and What Will They
    Do Next?, Management Science 33(1); Fader, Hardie (2005), http://brucehardie.com/notes/009/.
    """

    name = "pareto_nbd"

    def _log_odds_of_dropout(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        r, alpha, s, beta = self.parameters.values()
        power = r + frequency
        dropped = dropout_integral(power, s + 1, alpha, beta, recency, age).logarithm
        odds: Floats = np.log(s) + dropped + power * np.log(alpha + age) + s * np.log(beta + age)
        return odds

    def _mean_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        r, alpha, s, beta = self.parameters.values()
        lasting = beta + age
        stretch = np.log1p(weeks / lasting)
        weeks_alive = lasting * stretch * scipy.special.exprel((1 - s) * stretch)
        mean: Floats = (r + frequency) / (alpha + age) * weeks_alive
        return mean

    def _pairs_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        r, alpha, s, beta = self.parameters.values()
        power, lasting = r + frequency, beta + age
        stretch = np.log1p(weeks / lasting)
        later = stretch * (scipy.special.exprel((2 - s) * stretch) - scipy.special.exprel((1 - s) * stretch))
        pairs: Floats = 2 * power * (power + 1) * (lasting / (alpha + age)) ** 2 * later
        return pairs

    def _none_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        r, alpha, s, beta = self.parameters.values()
        power, buying, lasting = r + frequency, alpha + age, beta + age
        lasts = np.exp(-power * np.log1p(weeks / buying) - s * np.log1p(weeks / lasting))
        drops = dropout_integral(power, s + 1, buying, lasting, 0.0, weeks).logarithm
        none: Floats = lasts + np.exp(np.log(s) + drops + power * np.log(buying) + s * np.log(lasting))
        return none

    def _shortest_scale(self) -> float:
        return min(self.parameters["alpha"], self.parameters["beta"])


def fit_pareto_nbd(cells: PurchaseCells, start: Mapping[str, float] | None = None) -> ParetoNbd:
    """The Pareto/NBD model that makes the cells likeliest; `start`: parameters to begin with."""
    return fit(ParetoNbd, _likelihood, ("alpha", "beta"), ("s", "beta"), cells, _USUAL, start)


def _likelihood(cells: PurchaseCells) -> Likelihood:
    """The log-likelihood of cells and its gradient, both of (log r, log alpha, log s, log beta).

    It is Gamma(r + x) / Gamma(r) alpha^r beta^s times the sum of (alpha + T)^-(r + x) (beta + T)^-s, for a
    living customer, and s times the dropout integral from t_x to T, for one who has gone.
    """
    frequency, recency, age, customers = cells.frequency, cells.recency, cells.age, cells.customers
    buying = at_least(np.bincount(frequency.astype(np.int64), customers).astype(np.float64))
    buys = np.arange(buying.size)
    everyone = customers.sum()

    def likelihood(logarithms: Floats) -> tuple[float, Floats]:
        r, alpha, s, beta = np.exp(logarithms)
        power = r + frequency
        log_alpha, log_beta = np.log(alpha + age), np.log(beta + age)
        alive = -power * log_alpha - s * log_beta
        gone = dropout_integral(power, s + 1, alpha, beta, recency, age)
        dropped = np.log(s) + gone.logarithm
        either = np.logaddexp(alive, dropped)
        lives = customers * np.exp(alive - either)
        drops = customers * np.exp(dropped - either)
        value = buying @ np.log(r + buys) + everyone * (r * np.log(alpha) + s * np.log(beta))
        value += weighted(customers, either)
        slope_r = buying @ (1 / (r + buys)) + everyone * np.log(alpha)
        slope_r -= weighted(lives, log_alpha) + weighted(drops, gone.log_alpha)
        slope_alpha = everyone * r / alpha
        slope_alpha -= weighted(lives, power / (alpha + age)) + weighted(drops, power * gone.inverse_alpha)
        slope_s = everyone * np.log(beta) + drops.sum() / s
        slope_s -= weighted(lives, log_beta) + weighted(drops, gone.log_beta)
        slope_beta = everyone * s / beta - s * weighted(lives, 1 / (beta + age))
        slope_beta -= (s + 1) * weighted(drops, gone.inverse_beta)
        slopes = np.array([slope_r * r, slope_alpha * alpha, slope_s * s, slope_beta * beta])
        return float(value), slopes

    return likelihood
