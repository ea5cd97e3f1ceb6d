"""The models as they fit a base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import numpy as np
import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask, AsOf, lasting
from crm_core.value import rules
from crm_core.value.metrics import grouped_cells, purchase_cells, spend_cells
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

FITS: Final[Mapping[str, tuple[type[PurchaseModel], Callable[..., PurchaseModel]]]] = {
    model.name: (model, fit)
    for model, fit in ((BgNbd, fit_bg_nbd), (MbgNbd, fit_mbg_nbd), (ParetoNbd, fit_pareto_nbd))
}
"""Models of repeat purchase by name, each with what fits it."""
SPEND_MODEL: Final = "gamma_gamma"
_COVARIANCE: Final = "covariance_"
_MOST_PARAMETERS: Final = 4
_COLUMNS: Final = (
    *("model", "parameter", "value", "standard_error", "log_likelihood", "customers", "problems"),
    *(f"{_COVARIANCE}{place}" for place in range(_MOST_PARAMETERS)),
)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that an engine gives in any order, in the same one each time: sums of doubles depend on it."""
    return rows.sort_values([name for name in rows.columns if name != "customer_id"], ignore_index=True)


def cells_of(rows: pd.DataFrame) -> PurchaseCells:
    """Cells of the rows of `purchase_cells` and the like, with time in weeks."""
    days = rows[["recency_days", "age_days"]].to_numpy("float64") / rules.DAYS_PER_WEEK
    return PurchaseCells(
        rows["frequency"].to_numpy("float64"), days[:, 0], days[:, 1], rows["customers"].to_numpy("float64")
    )


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
    _, fit = FITS[name]
    histories = rows.groupby(["frequency", "recency_days", "age_days"])["customers"].sum().reset_index()
    model = fit(cells_of(histories), start=start)
    return None if _useless(model) else model


def _useless(model: PurchaseModel | GammaGamma) -> bool:
    return bool(set(model.problems) & rules.USELESS)


@lasting
def fitted_models(ask: Ask, *, as_of: AsOf) -> pd.DataFrame:
    """Models of repeat purchase and of spend, fitted to the purchase histories of all customers.

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
    return _together([ask(fitted_model, as_of=as_of, model=name) for name in (*FITS, SPEND_MODEL)])


@lasting
def fitted_model(ask: Ask, *, as_of: AsOf, model: str) -> pd.DataFrame:
    """One of `fitted_models`, for those who need no other.

    Args:
        model: Its name.

    Returns:
        Grain: a parameter of the model; no rows where the base is too small for it. Columns as in
        `fitted_models`.
    """
    rows = in_order(ask(purchase_cells, as_of=as_of))
    if rows.empty:
        return _together([])
    cells = cells_of(rows)
    if model == SPEND_MODEL:
        spend = _spend_model(ask, as_of)
        return _together([] if spend is None else [_rows(model, spend, cells.repeat_customer_count)])
    _, fit = FITS[model]
    fitted = fit(cells)
    return _together([] if _useless(fitted) else [_rows(model, fitted, cells.customer_count)])


@lasting
def models_of_groups(ask: Ask, *, as_of: AsOf, group: Grouping, model: str) -> pd.DataFrame:
    """A model of repeat purchase fitted to the customers of each group on their own.

    Args:
        group: By what customers are parted.
        model: Name of the model.

    Returns:
        Grain: a group x a parameter; not groups of too few customers to tell anything of their own.

        - `group`: text
        - the others as in `fitted_models`

    Raises:
        NotProvided: The base does not know what the grouping needs.
    """
    whole = model_of(ask(fitted_model, as_of=as_of, model=model))
    if whole is None:
        return _together([], first=("group",))
    cells = in_order(ask(grouped_cells, as_of=as_of, group=group))
    found = []
    for name, rows in cells.groupby("group", sort=True):
        own = fitted_to(rows, model, whole.parameters)
        if own is not None:
            of_group = _rows(model, own, rows["customers"].sum())
            of_group.insert(0, "group", str(name))
            found.append(of_group)
    return _together(found, first=("group",))


def _together(parts: list[pd.DataFrame], *, first: tuple[str, ...] = ()) -> pd.DataFrame:
    some = [rows for rows in parts if not rows.empty]
    return pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=[*first, *_COLUMNS])


def _spend_model(ask: Ask, as_of: dt.date) -> GammaGamma | None:
    rows = in_order(ask(spend_cells, as_of=as_of))
    if rows.empty:
        return None
    frequency = rows["frequency"].to_numpy("float64")
    mean = rows["repeat_revenue"].to_numpy("float64") / ask.tables.money_scale / frequency
    model = fit_gamma_gamma(frequency, mean, rows["customers"].to_numpy("float64"))
    return None if _useless(model) else model


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
    named = {name: model_of(rows[rows["model"] == name]) for name in FITS}
    return {name: model for name, model in named.items() if model is not None}


def model_of(rows: pd.DataFrame) -> PurchaseModel | None:
    """The model of repeat purchase that rows of `fitted_model` tell of, if there is one."""
    return None if rows.empty else _made(FITS[str(rows["model"].iloc[0])][0], rows)


def models_by_group(rows: pd.DataFrame) -> dict[str, PurchaseModel]:
    """The models that rows of `models_of_groups` tell of, by group."""
    named = {str(group): model_of(own) for group, own in rows.groupby("group", sort=True)}
    return {group: model for group, model in named.items() if model is not None}


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
