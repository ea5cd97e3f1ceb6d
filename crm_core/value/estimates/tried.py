"""Forecasts tried out on a base's own past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace

import pandas as pd

from crm_core.base import check_between
from crm_core.periods import date_of, day_of, months_before
from crm_core.tables import Ask, AsOf, Estimate, lasting
from crm_core.value import rules
from crm_core.value.estimates.fitted import SPEND_MODEL, fitted_models, in_order, purchase_models_of
from crm_core.value.estimates.forms import (
    Form,
    channels_known,
    past_of,
    seasonal_factors,
    snapshot_of,
)
from crm_core.value.estimates.options import ForecastMonths
from crm_core.value.metrics import held_out_cells, purchase_cells
from crm_core.value.models import PurchaseModel
from crm_core.value.models.cells import Floats
from crm_core.value.models.forecasts import NAIVE, chosen, errors, forecasts

COLUMNS = (
    *("cut_off", "horizon_days", "forecast", "customers", "purchases", "error_of_total"),
    *("mae", "rmse", "rank_correlation", "loss", "chosen"),
)


def horizon_days(as_of: dt.date, months: int) -> int:
    """Days from a date to the same day so many Gregorian months later."""
    return months_before(day_of(as_of), -months) - day_of(as_of)


def known_days(ask: Ask, as_of: dt.date) -> int:
    """Days since the first purchase of a known customer; what lies before it is no history."""
    ages = ask(purchase_cells, as_of=as_of)["age_days"]
    return 0 if ages.empty else int(ages.max())


def trials_of(ask: Ask, as_of: dt.date, horizon_months: int) -> rules.Trials:
    """On which days forecasts are tried out.

    Raises:
        InputError: There is no such horizon.
    """
    check_between("horizon_months", horizon_months, 1, rules.LONGEST_HORIZON_MONTHS)
    today = day_of(as_of)
    return rules.trials(today - known_days(ask, as_of), today, horizon_days(as_of, horizon_months))


@lasting
def value_trials(ask: Ask, *, as_of: AsOf, horizon_months: int = 12) -> pd.DataFrame:
    """Forecasts of purchases tried out on the base's own past: models and naive rules at several cut-offs.

    At each cut-off everything is fitted to what had happened by then, and compared with what came. The best
    with a model in it is tried again with the channels through which customers were won, and with the season
    as it went in years before; either enters where it has helped.

    Args:
        horizon_months: Gregorian months for which a forecast is wanted; where the history is not twice as
            long, half of the history is tried instead.

    Returns:
        Grain: a cut-off x a forecast; no rows where the history is too short to try any, or where too few
        customers had come back by then to fit a model.

        - `cut_off`: the last day that was known
        - `horizon_days`: days after it that were compared
        - `forecast`: a model, a naive rule, or the mean of a model and the recent window; `_by_channel` and
            `_in_season` at its end say what it knows besides
        - `customers`: customers who had bought by then
        - `purchases`: days with a purchase that they had in the horizon
        - `error_of_total`: forecast of these over their number, less 1; null where there were none
        - `mae`: mean absolute error, purchases per customer
        - `rmse`: root of the mean squared error, purchases per customer
        - `rank_correlation`: Spearman's, -1 to 1; null where all are forecast the same
        - `loss`: the geometric mean of `mae` and `rmse`, by which forecasts are chosen
        - `chosen`: whether this forecast was the best over all cut-offs of those with a model in them
    """
    found = trials_of(ask, as_of, horizon_months)
    tried = [_tried(ask, day, found.horizon_days) for day in found.cut_offs]
    rows = _together(tried)
    if rows.empty:
        return rows
    plain = Form.named(_best(rows))
    first_day = day_of(as_of) - known_days(ask, as_of)
    varied = [_varied(ask, day, found.horizon_days, plain, first_day) for day in found.cut_offs]
    rows = _together([*tried, *varied])
    return rows.assign(chosen=rows["forecast"] == helping(rows, plain))


def _together(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several trials, in the order of the days; none where there are none."""
    some = [rows for rows in parts if not rows.empty]
    if not some:
        return pd.DataFrame(columns=COLUMNS)
    rows = pd.concat(some, ignore_index=True).assign(chosen=False)
    return rows.sort_values("cut_off", ascending=False, kind="stable", ignore_index=True)[[*COLUMNS]]


def _tried(ask: Ask, cut: int, days: int) -> pd.DataFrame:
    """Every plain forecast at one cut-off; no rows where too few had come back by then to fit any model."""
    cut_off = date_of(cut)
    until = date_of(cut + days)
    models = purchase_models_of(ask(fitted_models, as_of=cut_off))
    if not models:
        return pd.DataFrame(columns=COLUMNS)
    histories = in_order(ask(held_out_cells, as_of=until, cut_off=cut_off, window_days=days))
    made = forecasts(snapshot_of(histories, days), tuple(models.values()), days / rules.DAYS_PER_WEEK)
    return _compared(histories, cut, days, made)


def _varied(ask: Ask, cut: int, days: int, plain: Form, first_day: int) -> pd.DataFrame:
    """A form at one cut-off with what else could be known then; no rows where nothing could."""
    forms = [plain, replace(plain, by_channel=True)] if channels_known(ask) else [plain]
    rows, factors = [], None
    for form in forms:
        past = past_of(ask, cut, days, form)
        if past is None:
            break
        made = {form.name: past.expected(days)} if form.by_channel else {}
        if form is plain:
            factors = seasonal_factors(ask, cut, [days], form, first_day)
        if factors is not None:
            made[replace(form, in_season=True).name] = past.expected(days) * factors[-1]
        if made:
            rows.append(_compared(past.rows, cut, days, made))
    return _together(rows)


def _compared(histories: pd.DataFrame, cut: int, days: int, made: Mapping[str, Floats]) -> pd.DataFrame:
    customers = histories["customers"].to_numpy("float64")
    held_out = histories["held_out"].to_numpy("float64")
    off = [errors(each, held_out, customers) for each in made.values()]
    rows = pd.DataFrame([{**asdict(one), "loss": one.loss} for one in off])
    rows.insert(0, "cut_off", pd.Series([date_of(cut)] * len(rows), dtype="object"))
    rows.insert(1, "horizon_days", days)
    rows.insert(2, "forecast", list(made))
    rows.insert(3, "customers", int(customers.sum()))
    rows.insert(4, "purchases", int(held_out @ customers))
    return rows


def _best(rows: pd.DataFrame) -> str:
    """The best forecast with a model in it: naive rules are what it is held against.

    However well they do in all, they say 0 of everybody who has not come back yet.
    """
    losses = rows[~rows["forecast"].isin(NAIVE)]
    return chosen(
        [dict(zip(each["forecast"], each["loss"], strict=True)) for _, each in losses.groupby("cut_off")]
    )


def helping(rows: pd.DataFrame, plain: Form) -> str:
    """The best of a form and of those that know more, each held against it where both were tried."""
    losses = rows.pivot(index="cut_off", columns="forecast", values="loss")
    found = {plain.name: 1.0}
    for name in map(str, losses):
        ratios = (losses[name] / losses[plain.name]).dropna()
        more = Form.named(name).plain == plain.plain and name != plain.name
        if more and len(ratios) >= rules.FEWEST_TRIALS_OF_MORE:
            found[name] = float(ratios.mean())
    return min(found, key=lambda name: found[name])


def best_forecast(models: Mapping[str, PurchaseModel], tried: pd.DataFrame) -> tuple[str, PurchaseModel]:
    """The forecast of purchases to rely on, and the model in it.

    Args:
        models: What could be fitted to all that is known, by name; at least one.
        tried: Rows of `value_trials`. Where there are none, the likeliest model is taken.

    Returns:
        The name of the forecast, and the model in it.
    """
    if tried.empty:
        likeliest = max(models.values(), key=lambda model: model.log_likelihood)
        return likeliest.name, likeliest
    forecast = str(tried.loc[tried["chosen"].astype(bool), "forecast"].iloc[0])
    name = Form.named(forecast).model
    if name in models:
        return forecast, models[name]
    # It could be fitted to the past and cannot be to the present.
    of_models = tried[tried["forecast"].isin(models)].groupby("forecast")["loss"].mean()
    best = str(of_models.idxmin()) if len(of_models) else next(iter(models))
    return best, models[best]


@Estimate
def purchase_models(ask: Ask, *, as_of: AsOf, horizon_months: ForecastMonths = 12) -> pd.DataFrame:
    """The parameters of the models of repeat purchase and of spend, and which of them is relied on.

    Returns:
        Grain: a parameter of a model. A model that the base is too small for is not there.

        - `model`: `bg_nbd`, `mbg_nbd`, `pareto_nbd` or `gamma_gamma`
        - `parameter`: its name in the literature
        - `value`: the estimate, time in weeks and money in units of currency
        - `standard_error`: of the estimate
        - `log_likelihood`: of the model, likewise
        - `customers`: customers whose histories it was fitted to
        - `problems`: codes of what keeps it from being identified, separated by blanks
        - `chosen`: whether it is the one that did best in trials, or the only one of its kind
    """
    rows = ask(fitted_models, as_of=as_of)
    models = purchase_models_of(rows)
    relied_on = {SPEND_MODEL}
    if models:
        tried = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
        relied_on.add(best_forecast(models, tried)[1].name)
    rows["chosen"] = rows["model"].isin(relied_on)
    return rows.loc[:, ~rows.columns.str.startswith("covariance_")]
