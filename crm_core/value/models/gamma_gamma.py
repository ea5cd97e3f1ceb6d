"""Gamma-Gamma: what customers spend on a purchase day, apart from how often they buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from crm_core.value import rules
from crm_core.value.models.cells import Floats
from crm_core.value.models.identification import unknown_parameters
from crm_core.value.models.maximum import Likelihood, Maximum, maximise, standard_errors
from crm_core.value.models.sums import weighted

_USUAL: Final = {"p": 2.0, "q": 3.0, "gamma": 1.0}
_MANY: Final = 5_000
_STEPS_IN_AN_E_FOLD: Final = 10
_LOWEST: Final = np.log([1e-3, 1.01, 1e-6])
_HIGHEST: Final = np.log([1e5, 1e5, 1e6])
_LEAST_SURPLUS: Final = 0.1


@dataclass(frozen=True)
class GammaGamma:
    """A day's spend ~ Gamma(p, nu) with the customer's own nu ~ Gamma(q, gamma), whatever the frequency.

    In all methods `frequency` (x) is a customer's repeat purchase days and `mean_spend` the mean spend of
    these days; where `frequency` is 0, `mean_spend` counts for nothing. Arrays are broadcast against each
    other.

    Args:
        parameters: p, q, and gamma in money.
        standard_errors: Of the parameters; 0 where they are known and not estimated.
        covariance: Of the parameters' logarithms, in the order of `parameters`.
        log_likelihood: Of the mean spends that the parameters were fitted to.
        problems: Why those data do not determine the parameters, as codes: `too_few_repeat_customers`,
            `heterogeneity_at_bound`, `not_converged`; `spend_variance_infinite` (q of 2 or less) leaves them
            identified.

    Reference: Fader, Hardie (2013), The Gamma-Gamma Model of Monetary Value,
    http://brucehardie.com/notes/025/.
    """

    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    covariance: Floats = field(default_factory=lambda: np.zeros((3, 3)))
    log_likelihood: float = 0.0
    problems: tuple[str, ...] = ()

    @property
    def identified(self) -> bool:
        """Whether the data determine the parameters."""
        return not rules.UNIDENTIFYING.intersection(self.problems)

    def expected_spend(self, frequency: npt.ArrayLike, mean_spend: npt.ArrayLike) -> Floats:
        """What a customer with this history is expected to spend on a purchase day."""
        p = self.parameters["p"]
        expected: Floats = p * self.scale(frequency, mean_spend) / (self.shape(frequency) - 1)
        return expected

    def slopes(self, frequency: npt.ArrayLike, mean_spend: npt.ArrayLike) -> Floats:
        """By how much expected spend grows with the logarithm of each parameter: parameter x customer."""
        p, q, gamma = self.parameters.values()
        x = np.asarray(frequency, np.float64)
        expected, room = self.expected_spend(x, mean_spend), self.shape(x) - 1
        share = gamma / self.scale(x, mean_spend)
        return np.stack([expected * (1 - p * x / room), -expected * q / room, expected * share])

    def variance_of_spend(self, frequency: npt.ArrayLike, mean_spend: npt.ArrayLike) -> Floats:
        """Variance of a customer's own mean spend, which is not known; what days differ by is on top.

        It is infinite where q + p x is 2 or less; there it is what 2.1 gives.
        """
        surplus = np.maximum(self.shape(frequency) - 2, _LEAST_SURPLUS)
        variance: Floats = self.expected_spend(frequency, mean_spend) ** 2 / surplus
        return variance

    def variance_of_value(
        self,
        mean_purchases: npt.ArrayLike,
        variance_purchases: npt.ArrayLike,
        frequency: npt.ArrayLike,
        mean_spend: npt.ArrayLike,
    ) -> Floats:
        """Variance of what a customer spends on a random number of days.

        Args:
            mean_purchases: Mean of that number.
            variance_purchases: Its variance.
            frequency: Repeat purchase days so far.
            mean_spend: Mean spend of these days.
        """
        mean = np.asarray(mean_purchases, dtype=np.float64)
        spend = self.expected_spend(frequency, mean_spend)
        square = spend**2 + self.variance_of_spend(frequency, mean_spend)
        of_days = np.asarray(variance_purchases) + mean**2
        variance: Floats = square * (mean / self.parameters["p"] + of_days) - (mean * spend) ** 2
        return variance

    def shape(self, frequency: npt.ArrayLike) -> Floats:
        """Shape of the gamma of a customer's nu, given the history: q + p x."""
        shape: Floats = self.parameters["q"] + self.parameters["p"] * np.asarray(frequency, np.float64)
        return shape

    def scale(self, frequency: npt.ArrayLike, mean_spend: npt.ArrayLike) -> Floats:
        """Rate of the gamma of a customer's nu, in money: gamma + x m. Spend is proportional to it."""
        spent: Floats = np.asarray(frequency, np.float64) * np.asarray(mean_spend, np.float64)
        return self.parameters["gamma"] + spent


def fit_gamma_gamma(
    frequency: npt.ArrayLike, mean_spend: npt.ArrayLike, customers: npt.ArrayLike
) -> GammaGamma:
    """The Gamma-Gamma model that makes mean spends likeliest.

    Args:
        frequency: Repeat purchase days, 1 or more.
        mean_spend: Mean spend of these days, more than 0.
        customers: How many customers have both.

    Raises:
        ValueError: When the arrays are not of one length, are empty, or hold something else.
    """
    x, mean, count = (np.asarray(one, dtype=np.float64) for one in (frequency, mean_spend, customers))
    if not x.shape == mean.shape == count.shape or x.size == 0:
        raise ValueError("frequency, mean_spend and customers are arrays of one length, with a customer")
    if not ((x >= 1) & (mean > 0) & (count > 0) & np.isfinite(x) & np.isfinite(mean)).all():
        raise ValueError("spend is more than 0, of customers with a repeat purchase")
    unit = weighted(mean, count) / float(count.sum())
    likelihood = _likelihood(x, mean / unit, count)
    coarse = _likelihood(*_coarser(x, mean / unit, count)) if x.size > _MANY else None
    maximum = maximise(likelihood, np.log(list(_USUAL.values())), _LOWEST, _HIGHEST, coarse=coarse)
    values = np.exp(maximum.point) * [1.0, 1.0, unit]
    parameters = dict(zip(_USUAL, values.tolist(), strict=True))
    problems = _problems_of(float(count.sum()), maximum)
    infinite = ("spend_variance_infinite",) if parameters["q"] <= 2 else ()
    return GammaGamma(
        parameters=parameters,
        standard_errors=standard_errors(parameters, maximum.covariance),
        covariance=maximum.covariance,
        log_likelihood=maximum.value - float(count.sum() * np.log(unit)),
        problems=problems + infinite,
    )


def _problems_of(customers: float, maximum: Maximum) -> tuple[str, ...]:
    found = {
        "too_few_repeat_customers": customers < rules.FEWEST_REPEAT_CUSTOMERS,
        "heterogeneity_at_bound": unknown_parameters(maximum).any(),
        "not_converged": not maximum.converged,
    }
    return tuple(code for code, holds in found.items() if holds)


def _likelihood(frequency: Floats, mean_spend: Floats, customers: Floats) -> Likelihood:
    """The log-likelihood of mean spends and its gradient, both of (log p, log q, log gamma)."""
    digamma, gammaln = scipy.special.digamma, scipy.special.gammaln
    distinct, place = np.unique(frequency, return_inverse=True)
    of_frequency = np.bincount(place, customers)
    spent = frequency * mean_spend
    spent_logarithm = np.log(spent)
    logarithms_of_frequency = np.bincount(place, customers * spent_logarithm)
    everyone = customers.sum()
    of_mean = weighted(customers, np.log(mean_spend))

    def likelihood(logarithms: Floats) -> tuple[float, Floats]:
        p, q, gamma = np.exp(logarithms)
        days, shape = p * distinct, p * distinct + q
        rate = gamma + spent
        rates = np.bincount(place, customers * np.log(rate))
        value = of_frequency @ (gammaln(shape) - gammaln(days)) - everyone * gammaln(q)
        value += everyone * q * np.log(gamma) + days @ logarithms_of_frequency - of_mean - shape @ rates
        above = digamma(shape)
        slope_p = distinct @ (of_frequency * (above - digamma(days)) + logarithms_of_frequency - rates)
        slope_q = of_frequency @ above - everyone * (digamma(q) - np.log(gamma)) - rates.sum()
        inverses = np.bincount(place, customers / rate)
        slope_gamma = everyone * q / gamma - shape @ inverses
        return float(value), np.array([slope_p * p, slope_q * q, slope_gamma * gamma])

    return likelihood


def _coarser(frequency: Floats, mean_spend: Floats, customers: Floats) -> tuple[Floats, Floats, Floats]:
    steps = np.round(np.log(mean_spend) * _STEPS_IN_AN_E_FOLD)
    places = np.stack([frequency, steps])
    cells, place = np.unique(places, axis=1, return_inverse=True)
    count: Floats = np.bincount(place, customers).astype(np.float64)
    logarithm = np.bincount(place, customers * np.log(mean_spend)) / count
    return cells[0], np.exp(logarithm), count
