"""BG/NBD and MBG/NBD: customers may drop out after each purchase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import numpy as np
import scipy

from crm_core.value.models.cells import Floats, PurchaseCells
from crm_core.value.models.dropout_chance import mean_over_chance
from crm_core.value.models.fitting import fit
from crm_core.value.models.maximum import Likelihood
from crm_core.value.models.purchase_model import PurchaseModel
from crm_core.value.models.sums import at_least, weighted

_USUAL: Final = {"r": 0.5, "alpha": 0.2, "a": 0.5, "b": 1.5}
_CERTAIN: Final = 50.0


class _BetaGeometric(PurchaseModel):
    """Purchases at rate lambda ~ Gamma(r, alpha) a week; dropout with chance p ~ Beta(a, b) after a purchase.

    The two models differ in whether the first purchase counts: `_chances` more than x times has a living
    customer stayed.
    """

    _chances: ClassVar[int]

    def _log_odds_of_dropout(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        r, alpha, a, b = self.parameters.values()
        stays = frequency + self._chances - 1
        odds = np.log(a) - np.log(b + np.maximum(stays, 0)) + (r + frequency) * _later(alpha, recency, age)
        return np.where(stays < 0, -np.inf, odds)

    def _mean_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        purchases, rate, a, b = self._of_living(weeks, frequency, age)

        def mean(chance: Floats) -> Floats:
            # E[(1 - exp(-p lambda t)) / p], lambda ~ Gamma(purchases), in units of `rate`.
            chance = np.maximum(chance, np.finfo(float).tiny)
            return -np.expm1(-purchases * np.log1p(chance * rate)) / chance

        return mean_over_chance(mean, purchases * rate, a, b, purchases * rate)

    def _pairs_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        purchases, rate, a, b = self._of_living(weeks, frequency, age)

        def pairs(chance: Floats) -> Floats:
            chance = np.maximum(chance, 1e-150)
            share = chance * rate / (1 + chance * rate)
            return 2 * (1 - chance) * scipy.special.betainc(2.0, purchases, share) / chance**2

        return mean_over_chance(pairs, purchases * (purchases + 1) * rate**2, a, b, purchases * rate)

    def _none_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        r, alpha, _, _ = self.parameters.values()
        none: Floats = np.exp(-(r + frequency) * np.log1p(weeks / (alpha + age)))
        return none

    def _shortest_scale(self) -> float:
        return self.parameters["alpha"]

    def _of_living(
        self, weeks: Floats, frequency: Floats, age: Floats
    ) -> tuple[Floats, Floats, Floats, Floats]:
        """Gamma's shape, the horizon in units of its rate, and the two parameters of p, after the history."""
        r, alpha, a, b = self.parameters.values()
        stays = b + frequency + self._chances
        return r + frequency, weeks / (alpha + age), np.full_like(stays, a), stays


class BgNbd(_BetaGeometric):
    """BG/NBD: dropout may follow each repeat purchase, so a customer with none is alive for certain.

    Parameters: r, alpha (weeks): shape and rate of the gamma of purchase rates; a, b: of the beta of dropout
    chances.

    Reference: Fader, Hardie, Lee (2005), "Counting Your Customers" the Easy Way: An Alternative to the
    Pareto/NBD Model, Marketing Science 24(2).
    """

    name = "bg_nbd"
    _chances = 0


class MbgNbd(_BetaGeometric):
    """MBG/NBD: dropout may follow each purchase, the first one too. Parameters as for `BgNbd`.

    Reference: Batislam, Denizel, Filiztekin (2007), Empirical validation and comparison of models for
    customer base analysis, International Journal of Research in Marketing 24(3); Hoppe, Wagner (2007),
    Customer base analysis: The case for a central variant of the Betageometric/NBD model, Marketing ZFP.
    """

    name = "mbg_nbd"
    _chances = 1


def fit_bg_nbd(cells: PurchaseCells, start: Mapping[str, float] | None = None) -> BgNbd:
    """The BG/NBD model that makes the cells likeliest; `start`: parameters to begin with."""

    def of_cells(cells: PurchaseCells) -> Likelihood:
        return _likelihood(cells, BgNbd._chances)

    return fit(BgNbd, of_cells, ("alpha",), ("a", "b"), cells, _USUAL, start)


def fit_mbg_nbd(cells: PurchaseCells, start: Mapping[str, float] | None = None) -> MbgNbd:
    """The MBG/NBD model that makes the cells likeliest; `start`: parameters to begin with."""

    def of_cells(cells: PurchaseCells) -> Likelihood:
        return _likelihood(cells, MbgNbd._chances)

    return fit(MbgNbd, of_cells, ("alpha",), ("a", "b"), cells, _USUAL, start)


def _likelihood(cells: PurchaseCells, chances: int) -> Likelihood:
    """The log-likelihood of cells and its gradient, both of (log r, log alpha, log a, log b).

    It is Gamma(r + x) / Gamma(r) alpha^r times B(a, b + n) / B(a, b) (alpha + T)^-(r + x) times one plus the
    odds of dropout, where n = x + `chances` is how often a living customer has stayed.
    """
    frequency, customers = cells.frequency.astype(np.int64), cells.customers
    by_frequency: Floats = np.bincount(frequency, customers).astype(np.float64)
    by_stays = np.concatenate([np.zeros(chances), by_frequency])
    # Of how many customers the i-th factor of a rising factorial is one.
    buying, staying = at_least(by_frequency), at_least(by_stays)
    buys, stays = np.arange(buying.size), np.arange(staying.size)
    stayed = np.arange(by_frequency.size) + chances - 1
    everyone = customers.sum()
    # Times are few: what depends on one of them alone is worked out once and looked up.
    ages, aged = np.unique(cells.age, return_inverse=True)
    by_age, bought_by_age = np.bincount(aged, customers), np.bincount(aged, customers * frequency)
    may_drop = np.flatnonzero(frequency + chances > 0)
    aged, frequency, customers = aged[may_drop], frequency[may_drop], customers[may_drop]
    recencies, recent = np.unique(cells.recency[may_drop], return_inverse=True)

    def likelihood(logarithms: Floats) -> tuple[float, Floats]:
        r, alpha, a, b = np.exp(logarithms)
        older, newer = alpha + ages, alpha + recencies
        log_older = np.log(older)
        later = log_older[aged] - np.log(newer)[recent]
        power = r + frequency
        first_odds = np.log(a) - np.log(b + np.maximum(stayed, 0))
        odds = first_odds[frequency] + power * later
        # Its exponential would overflow where the logarithm of one more is the number itself.
        exponential = np.exp(np.minimum(odds, _CERTAIN))
        either = np.log1p(exponential) + np.maximum(odds - _CERTAIN, 0.0)
        dropped = customers * (exponential / (1 + exponential))
        dropped_power = dropped * power
        bought = r * by_age + bought_by_age
        value = buying @ np.log(r + buys) + everyone * r * np.log(alpha)
        value += staying @ -np.log1p(a / (b + stays))
        value += weighted(customers, either) - bought @ log_older
        slope_r = buying @ (1 / (r + buys)) + everyone * np.log(alpha) + weighted(dropped, later)
        slope_r -= by_age @ log_older
        slope_alpha = everyone * r / alpha - bought @ (1 / older)
        slope_alpha += weighted(dropped_power, (1 / older)[aged] - (1 / newer)[recent])
        slope_a = dropped.sum() / a - staying @ (1 / (a + b + stays))
        slope_b = staying @ (a / ((b + stays) * (a + b + stays)))
        slope_b -= weighted(dropped, (1 / (b + np.maximum(stayed, 0)))[frequency])
        slopes = np.array([slope_r * r, slope_alpha * alpha, slope_a * a, slope_b * b])
        return float(value), slopes

    return likelihood


def _later(alpha: float, recency: Floats, age: Floats) -> Floats:
    later: Floats = np.log1p((age - recency) / (alpha + recency))
    return later
