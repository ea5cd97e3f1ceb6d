"""The models as they fit a base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from crm_core.tables import Ask, lasting
from crm_core.value import rules
from crm_core.value.metrics import purchase_cells, spend_cells
from crm_core.value.models import (
    BgNbd,
    GammaGamma,
    MbgNbd,
    ParetoNbd,
    PurchaseCells,
    PurchaseModel,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_nbd,
    fit_pareto_nbd,
)

FITS: Final = (fit_bg_nbd, fit_mbg_nbd, fit_pareto_nbd)
PURCHASE_MODELS: Final[Mapping[str, type[PurchaseModel]]] = {
    model.name: model for model in (BgNbd, MbgNbd, ParetoNbd)
}
SPEND_MODEL: Final = "gamma_gamma"
_COVARIANCE: Final = "covariance_"
_MOST_PARAMETERS: Final = 4


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that an engine gives in any order, in the same one each time: sums of doubles depend on it."""
    return rows.sort_values([name for name in rows.columns if name != "customer_id"], ignore_index=True)


def cells_of(rows: pd.DataFrame) -> PurchaseCells:
    """Cells of the rows of `purchase_cells` and the like, with time in weeks."""
    days = rows[["recency_days", "age_days"]].to_numpy("float64") / rules.DAYS_PER_WEEK
    return PurchaseCells(
        rows["frequency"].to_numpy("float64"), days[:, 0], days[:, 1], rows["customers"].to_numpy("float64")
    )


def _fit_all(cells: PurchaseCells) -> list[PurchaseModel]:
    """Every model of repeat purchase that these cells make converge."""
    fitted = [fit(cells) for fit in FITS]
    return [model for model in fitted if not set(model.problems) & rules.USELESS]


def fitted_to(
    rows: pd.DataFrame, name: str, start: Mapping[str, float] | None = None
) -> PurchaseModel | None:
    """A model fitted to some of the customers; None where they are too few to tell anything of their own.

    Args:
        rows: Their histories, as those of `purchase_cells`; the same one may stand there several times.
        name: Of the model.
        start: Parameters to begin with, of the same day or an earlier one.
    """
    if rows["customers"].sum() < rules.FEWEST_WON or not (rows["frequency"] > 0).any():
        return None
    fit = dict(zip(PURCHASE_MODELS, FITS, strict=True))[name]
    histories = rows.groupby(["frequency", "recency_days", "age_days"])["customers"].sum().reset_index()
    model = fit(cells_of(histories), start=start)
    return None if set(model.problems) & rules.USELESS else model


@lasting
def fitted_models(ask: Ask, *, as_of: dt.date) -> pd.DataFrame:
    """Models of repeat purchase and of spend, fitted to the purchase histories of all customers.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a parameter of a model. A model that the base is too small for is not there.

        - `model`: `bg_nbd`, `mbg_nbd`, `pareto_nbd` or `gamma_gamma`
        - `parameter`: its name in the literature
        - `value`: the estimate, time in weeks and money in units of currency
        - `standard_error`: of the estimate
        - `log_likelihood`: of the model, likewise
        - `customers`: customers whose histories it was fitted to
        - `problems`: codes of what keeps it from being identified, separated by blanks
        - `covariance_0`, `covariance_1`, `covariance_2`, `covariance_3`: of the parameter's logarithm with
          that of the model's first, second, ... parameter; null where it has no such
    """
    rows = in_order(ask(purchase_cells, as_of=as_of))
    found = []
    if not rows.empty:
        cells = cells_of(rows)
        found = [_rows(model.name, model, cells.customer_count) for model in _fit_all(cells)]
        spend = _spend_model(ask, as_of)
        if spend is not None:
            found.append(_rows(SPEND_MODEL, spend, cells.repeat_customer_count))
    columns = ["model", "parameter", "value", "standard_error", "log_likelihood", "customers", "problems"]
    columns += [f"{_COVARIANCE}{place}" for place in range(_MOST_PARAMETERS)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _spend_model(ask: Ask, as_of: dt.date) -> GammaGamma | None:
    rows = in_order(ask(spend_cells, as_of=as_of))
    if rows.empty:
        return None
    frequency = rows["frequency"].to_numpy("float64")
    mean = rows["repeat_revenue"].to_numpy("float64") / ask.tables.money_scale / frequency
    model = fit_gamma_gamma(frequency, mean, rows["customers"].to_numpy("float64"))
    return None if set(model.problems) & rules.USELESS else model


def _rows(name: str, model: PurchaseModel | GammaGamma, customers: float) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "model": name,
            "parameter": list(model.parameters),
            "value": list(model.parameters.values()),
            "standard_error": list(model.standard_errors.values()),
            "log_likelihood": model.log_likelihood,
            "customers": int(customers),
            "problems": " ".join(model.problems),
        }
    )
    for place in range(_MOST_PARAMETERS):
        there = place < len(model.parameters)
        rows[f"{_COVARIANCE}{place}"] = model.covariance[:, place] if there else np.nan
    return rows


def purchase_models_of(rows: pd.DataFrame) -> dict[str, PurchaseModel]:
    """The models of repeat purchase that rows of `fitted_models` tell of, by name."""
    there = set(rows["model"])
    return {
        name: _made(model, rows[rows["model"] == name])
        for name, model in PURCHASE_MODELS.items()
        if name in there
    }


def spend_model_of(rows: pd.DataFrame) -> GammaGamma | None:
    """The model of spend that rows of `fitted_models` tell of, if there is one."""
    of_model = rows[rows["model"] == SPEND_MODEL]
    return None if of_model.empty else _made(GammaGamma, of_model)


Fitted = TypeVar("Fitted", PurchaseModel, GammaGamma)


def _made(model: type[Fitted], rows: pd.DataFrame) -> Fitted:
    covariance = rows[[f"{_COVARIANCE}{place}" for place in range(len(rows))]]
    return model(
        parameters=dict(zip(rows["parameter"], rows["value"], strict=True)),
        standard_errors=dict(zip(rows["parameter"], rows["standard_error"], strict=True)),
        covariance=covariance.to_numpy("float64"),
        log_likelihood=float(rows["log_likelihood"].iloc[0]),
        problems=tuple(str(rows["problems"].iloc[0]).split()),
    )
