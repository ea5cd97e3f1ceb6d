"""The forecast that is relied on, tried out in money on a base's own past."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from crm_core.customers.metrics import Grouping, acquisition_channel
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, lasting
from crm_core.value.estimates.fitted import fitted_models, purchase_models_of, spend_model_of
from crm_core.value.estimates.forms import Form, Past, past_of, season_of
from crm_core.value.estimates.options import ForecastMonths
from crm_core.value.estimates.tried import best_forecast, known_days, value_trials
from crm_core.value.models.cells import Floats

_COLUMNS = ("cut_off", "forecast", "forecast_money", "actual_money", "error_of_money")


@lasting
def money_trials(ask: Ask, *, as_of: AsOf, horizon_months: ForecastMonths = 12) -> pd.DataFrame:
    """What purchases were forecast to sum to in the trials of the forecast that is relied on, and what came.

    Purchases by the model, times spend by the Gamma-Gamma model, both fitted to what had happened by then;
    before returns and cost.

    Returns:
        Grain: a cut-off of `value_trials`, the latest first; not those at which too few customers had come
        back to fit the models.

        - `cut_off`: the last day that was known
        - `forecast`: by which purchases are forecast
        - `forecast_money`: money, of the purchases of all who had bought by then, as forecast
        - `actual_money`: money, of those that came in the days that were compared
        - `error_of_money`: the one over the other, less 1; null where nothing came
    """
    tried = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
    models = purchase_models_of(ask(fitted_models, as_of=as_of)) if len(tried) else {}
    if not models:
        return pd.DataFrame(columns=[*_COLUMNS])
    form = Form.named(best_forecast(models, tried)[0])
    first_day = day_of(as_of) - known_days(ask, as_of)
    own = tried[tried["forecast"] == form.name] if (tried["forecast"] == form.name).any() else tried
    plan = dict(zip(own["cut_off"], own["horizon_days"], strict=True))
    found = [_tried(ask, cut_off, int(days), form, first_day) for cut_off, days in plan.items()]
    return pd.DataFrame([each for each in found if each], columns=[*_COLUMNS])


@lasting
def money_trials_by_group(
    ask: Ask, *, as_of: AsOf, group: Grouping, horizon_months: ForecastMonths = 12
) -> pd.DataFrame:
    """What purchases of each group were forecast to sum to in the trials of `money_trials`, and what came.

    Customers are in the group that they were in at the cut-off. Where the forecast knows the channels through
    which they were won, so do the trials of channels; in those of other groups the model is that of all
    customers, which errs no less.

    Args:
        group: By what customers are parted.

    Returns:
        Grain: a cut-off of `money_trials` x a group.

        - `cut_off`: the last day that was known
        - `group`: text, null for customers who are in none
        - `customers`: who were in it
        - `forecast_money`: money, as forecast
        - `actual_money`: money that came

    Raises:
        NotProvided: The base does not know what the grouping needs.
    """
    columns = ["cut_off", "group", "customers", "forecast_money", "actual_money"]
    plan = ask(money_trials, as_of=as_of, horizon_months=horizon_months)
    if plan.empty:
        return pd.DataFrame(columns=columns)
    tried = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
    days = dict(zip(tried["cut_off"], tried["horizon_days"], strict=True))
    first_day = day_of(as_of) - known_days(ask, as_of)
    found = []
    for cut_off, name in zip(plan["cut_off"], plan["forecast"], strict=True):
        form = Form.named(name)
        if group is not acquisition_channel:
            form = replace(form, by_channel=False)
        past = past_of(ask, day_of(cut_off), int(days[cut_off]), form, group)
        told = None if past is None else _in_money(ask, past, form, first_day)
        if past is None or told is None:
            continue
        rows = past.rows[["group", "customers"]].assign(
            forecast_money=told, actual_money=past.rows["held_out_revenue"].to_numpy("float64")
        )
        sums = rows.groupby("group", sort=True, dropna=False, as_index=False).sum()
        found.append(sums.assign(cut_off=cut_off)[columns])
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _tried(ask: Ask, cut_off: dt.date, days: int, form: Form, first_day: int) -> dict[str, object] | None:
    """The forecast at one cut-off; None where too few had come back by then."""
    past = past_of(ask, day_of(cut_off), days, form)
    told = None if past is None else _in_money(ask, past, form, first_day)
    if past is None or told is None:
        return None
    expected, came = float(told.sum()), int(past.rows["held_out_revenue"].sum())
    error = expected / came - 1 if came > 0 else None
    return dict(zip(_COLUMNS, (cut_off, form.name, round(expected), came, error), strict=True))


def _in_money(ask: Ask, past: Past, form: Form, first_day: int) -> Floats | None:
    """What the customers of each cell were forecast to spend, money; None where too few had come back."""
    spend = spend_model_of(ask(fitted_models, as_of=date_of(past.cut)))
    if spend is None:
        return None
    rows, scale = past.rows, ask.tables.money_scale
    frequency = rows["frequency"].to_numpy("float64")
    # Expected spend is linear in the mean spend of equally many purchases: the mean of a cell will do.
    repeat = rows["repeat_revenue"].to_numpy("float64") / scale
    each = spend.expected_spend(frequency, repeat / np.maximum(frequency * past.customers, 1))
    season = season_of(ask, past.cut, [past.days], form, first_day)[-1]
    told: Floats = past.expected(past.days) * each * past.customers * season * scale
    return told
