"""What every fitted model of repeat purchases answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar, Final, Self

import numpy as np
import numpy.typing as npt
import scipy

from crm_core.value import rules
from crm_core.value.models.cells import Floats, PurchaseCells
from crm_core.value.models.quadrature import gauss_legendre
from crm_core.value.models.sums import weighted

_POINTS: Final = 24
_STEP: Final = 1e-4
_AT_ONCE: Final = 1_024


@dataclass(frozen=True)
class PurchaseModel(ABC):
    """A model of customers who buy at random while they are alive, and at some time drop out unseen.

    Arrays that a method takes are broadcast against each other; `frequency` (x), `recency` (t_x) and `age`
    (T) are those of `PurchaseCells`, times are in weeks, and what comes back has the broadcast shape.

    Args:
        parameters: By their names in the literature.
        standard_errors: Of the parameters; 0 where they are known and not estimated.
        covariance: Of the parameters' logarithms, in the order of `parameters`.
        log_likelihood: Of the data that the parameters were fitted to, with time in weeks.
        problems: Why those data do not determine the parameters, as codes: `too_few_repeat_customers`,
            `dropout_at_zero`, `heterogeneity_at_bound`, `not_converged`.
    """

    parameters: Mapping[str, float]
    standard_errors: Mapping[str, float] = field(default_factory=dict)
    covariance: Floats = field(default_factory=lambda: np.zeros((4, 4)))
    log_likelihood: float = 0.0
    problems: tuple[str, ...] = ()

    name: ClassVar[str]

    @property
    def identified(self) -> bool:
        """Whether the data determine the parameters."""
        return not rules.UNIDENTIFYING.intersection(self.problems)

    def expected_purchases(
        self, weeks: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Expected purchases in (age, age + weeks] of a customer with this history."""
        alive = self.probability_alive(frequency, recency, age)
        mean: Floats = alive * on_distinct(self._mean_if_alive, weeks, frequency, age)
        return mean

    def discounted_purchases(
        self,
        weeks: npt.ArrayLike,
        weekly_rate: float,
        frequency: npt.ArrayLike,
        recency: npt.ArrayLike,
        age: npt.ArrayLike,
    ) -> Floats:
        """The same, each purchase counted as exp(-weekly_rate * weeks from the cut-off to it)."""

        def discounted(weeks: Floats, frequency: Floats, age: Floats) -> Floats:
            return self._discounted_if_alive(weeks, weekly_rate, frequency, age)

        alive = self.probability_alive(frequency, recency, age)
        mean: Floats = alive * on_distinct(discounted, weeks, frequency, age)
        return mean

    def probability_of_none(
        self, weeks: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Probability of no purchase in (age, age + weeks], whether dropped out already or not."""
        alive = self.probability_alive(frequency, recency, age)
        none: Floats = 1 - alive * (1 - on_distinct(self._none_if_alive, weeks, frequency, age))
        return none

    def probability_alive(
        self, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Probability that a customer with this history has not dropped out by the cut-off."""
        arrays = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in (frequency, recency, age)))
        alive: Floats = scipy.special.expit(-self._log_odds_of_dropout(*arrays))
        return alive

    def variance_of_purchases(
        self, weeks: npt.ArrayLike, frequency: npt.ArrayLike, recency: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Variance of the number of purchases in (age, age + weeks] of a customer with this history."""
        alive = self.probability_alive(frequency, recency, age)
        mean = alive * on_distinct(self._mean_if_alive, weeks, frequency, age)
        pairs = alive * on_distinct(self._pairs_if_alive, weeks, frequency, age)
        return np.maximum(pairs + mean - mean**2, 0.0)

    def rate_shape(self, frequency: npt.ArrayLike) -> Floats:
        """Shape of the gamma of a customer's purchase rate, given the history: r + x."""
        shape: Floats = self.parameters["r"] + np.asarray(frequency, dtype=np.float64)
        return shape

    def total(self, weeks: float, cells: PurchaseCells) -> tuple[float, float]:
        """Expected purchases of all customers in the weeks after their cut-off, and its standard error.

        The standard error holds both that the parameters are estimated (the delta method) and that
        customers buy at random.
        """

        history = (cells.frequency, cells.recency, cells.age)
        slopes = [weighted(one, cells.customers) for one in self.slopes(weeks, *history)]
        chance = weighted(self.variance_of_purchases(weeks, *history), cells.customers)
        expected = weighted(self.expected_purchases(weeks, *history), cells.customers)
        return expected, float(np.sqrt(slopes @ self.covariance @ slopes + chance))

    def slopes(self, weeks: float, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """By how much expected purchases grow with the logarithm of each parameter: parameter x customer."""
        logarithms = np.log(list(self.parameters.values()))

        def expected(step: Floats) -> Floats:
            return self._at(logarithms + step).expected_purchases(weeks, frequency, recency, age)

        return np.stack(
            [(expected(step) - expected(-step)) / (2 * _STEP) for step in _STEP * np.eye(logarithms.size)]
        )

    @abstractmethod
    def _log_odds_of_dropout(self, frequency: Floats, recency: Floats, age: Floats) -> Floats:
        """Logarithm of the odds of having dropped out by the cut-off."""

    @abstractmethod
    def _mean_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        """Expected purchases in the weeks to come of a customer who is alive at the cut-off."""

    @abstractmethod
    def _pairs_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        """E[N (N - 1)] of the same purchases."""

    @abstractmethod
    def _none_if_alive(self, weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        """Probability that there are none."""

    @abstractmethod
    def _shortest_scale(self) -> float:
        """Weeks within which the expected purchases of a new customer bend."""

    def _discounted_if_alive(
        self, weeks: Floats, weekly_rate: float, frequency: Floats, age: Floats
    ) -> Floats:
        """Integral of exp(-rate t) over the expected purchases, by parts: they are needed, not their rate."""
        scale = self._shortest_scale() + age
        stretch = np.log1p(weeks / scale)
        total = np.exp(-weekly_rate * weeks) * self._mean_if_alive(weeks, frequency, age)
        for point, weight in zip(*gauss_legendre(_POINTS), strict=True):
            time = scale * np.expm1(point * stretch)
            density = weight * stretch * (scale + time) * weekly_rate * np.exp(-weekly_rate * time)
            total = total + density * self._mean_if_alive(time, frequency, age)
        return total

    def _at(self, logarithms: Floats) -> Self:
        values = np.exp(logarithms).tolist()
        return replace(self, parameters=dict(zip(self.parameters, values, strict=True)))


def on_distinct(
    function: Callable[[Floats, Floats, Floats], Floats],
    weeks: npt.ArrayLike,
    frequency: npt.ArrayLike,
    age: npt.ArrayLike,
) -> Floats:
    """Values of a function that is costly, worked out once for each distinct set of arguments."""
    arrays = np.broadcast_arrays(*(np.asarray(one, np.float64) for one in (weeks, frequency, age)))
    if arrays[0].size == 0:
        return np.zeros(arrays[0].shape)
    code = np.zeros(arrays[0].size, np.int64)
    for values in arrays:
        distinct, place = np.unique(values, return_inverse=True)
        code = code * distinct.size + place.ravel()
        code = np.unique(code, return_inverse=True)[1]
    first = np.unique(code, return_index=True)[1]
    parts = np.split(first, range(_AT_ONCE, first.size, _AT_ONCE))
    found = [function(*(values.ravel()[part] for values in arrays)) for part in parts]
    return np.concatenate(found)[code].reshape(arrays[0].shape)
