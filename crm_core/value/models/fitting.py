"""Fitting a model of repeat purchases to cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

import numpy as np

from crm_core.value.models.cells import Floats, PurchaseCells
from crm_core.value.models.identification import problems_of
from crm_core.value.models.maximum import Likelihood, maximise, standard_errors, within_bounds
from crm_core.value.models.purchase_model import PurchaseModel
from crm_core.value.models.sums import weighted

Model = TypeVar("Model", bound=PurchaseModel)
LikelihoodOf = Callable[[PurchaseCells], Likelihood]

_COARSE_STEPS: Final = 40
_MANY_CELLS: Final = 5_000
_LOWEST, _HIGHEST = np.log(1e-5), np.log(1e5)


def fit(
    model: type[Model],
    likelihood_of: LikelihoodOf,
    times: Sequence[str],
    dropout: tuple[str, str],
    cells: PurchaseCells,
    usual: Mapping[str, float],
    start: Mapping[str, float] | None,
) -> Model:
    """The model whose parameters make the cells likeliest.

    Args:
        model: What to make.
        likelihood_of: The log-likelihood of cells, as a function of log-parameters in the order of `usual`.
        times: Which parameters are in weeks.
        dropout: The parameter that is 0 when nobody drops out, and the one that then means nothing.
        cells: Histories.
        usual: Parameters to begin with when nothing better is known, with the longest age as unit of time.
        start: Parameters to begin with.
    """
    if cells.customers.size == 0:
        raise ValueError("a model is fitted to at least one customer")
    unit = float(cells.age.max()) or 1.0
    per_unit = np.array([unit if name in times else 1.0 for name in usual])
    begin = np.log(list(usual.values()))
    if start is not None:
        begin = np.log([start[name] for name in usual] / per_unit)
    scaled = cells.per(unit)
    likelihood = likelihood_of(scaled)
    coarse = likelihood_of(scaled.coarser(_COARSE_STEPS)) if scaled.age.size > _MANY_CELLS else None
    lower, upper = np.full(begin.size, _LOWEST), np.full(begin.size, _HIGHEST)
    begin = np.clip(begin, lower, upper)
    maximum = maximise(likelihood, begin, lower, upper, coarse=coarse)
    held = [name in dropout for name in usual]
    gain = _gain_of_dropout(coarse or likelihood, maximum.point, held, list(usual).index(dropout[0]))
    problems = problems_of(cells, maximum, gain)
    values = np.exp(maximum.point) * per_unit
    parameters = dict(zip(usual, values.tolist(), strict=True))
    return model(
        parameters=parameters,
        standard_errors=standard_errors(parameters, maximum.covariance),
        covariance=maximum.covariance,
        # The density of x moments has the unit weeks ** -x.
        log_likelihood=maximum.value - weighted(cells.frequency, cells.customers) * float(np.log(unit)),
        problems=problems,
    )


def _gain_of_dropout(likelihood: Likelihood, point: Floats, held: Sequence[bool], dropout: int) -> float:
    """How much more the log-likelihood is at its maximum than where nobody drops out."""
    without = point.copy()
    without[dropout] = _LOWEST
    lower, upper = np.where(held, without, _LOWEST), np.where(held, without, _HIGHEST)
    return likelihood(point)[0] - likelihood(within_bounds(likelihood, without, lower, upper))[0]
