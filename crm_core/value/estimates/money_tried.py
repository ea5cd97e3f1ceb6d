"""The forecast that is relied on, tried out in money on a base's own past."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from crm_core.periods import day_of
from crm_core.tables import Ask, lasting
from crm_core.value.estimates.fitted import fitted_models, purchase_models_of, spend_model_of
from crm_core.value.estimates.forms import Form, past_of, season_of
from crm_core.value.estimates.tried import best_forecast, known_days, value_trials

_COLUMNS = ("cut_off", "forecast", "forecast_money", "actual_money", "error_of_money")


@lasting
def money_trials(ask: Ask, *, as_of: dt.date, horizon_months: int = 12) -> pd.DataFrame:
    """What purchases were forecast to sum to in the trials of the forecast that is relied on, and what came.

    Purchases by the model, times spend by the Gamma-Gamma model, both fitted to what had happened by then;
    before returns and cost.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        horizon_months: Gregorian months for which a forecast is wanted.

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


def _tried(ask: Ask, cut_off: dt.date, days: int, form: Form, first_day: int) -> dict[str, object] | None:
    """The forecast at one cut-off; None where too few had come back by then."""
    spend = spend_model_of(ask(fitted_models, as_of=cut_off))
    past = past_of(ask, day_of(cut_off), days, form)
    if past is None or spend is None:
        return None
    rows, scale = past.rows, ask.tables.money_scale
    frequency = rows["frequency"].to_numpy("float64")
    # Expected spend is linear in the mean spend of equally many purchases: the mean of a cell will do.
    repeat = rows["repeat_revenue"].to_numpy("float64") / scale
    each = spend.expected_spend(frequency, repeat / np.maximum(frequency * past.customers, 1))
    season = season_of(ask, past.cut, [days], form, first_day)[-1]
    expected = float((past.expected(days) * each) @ past.customers) * season * scale
    came = int(rows["held_out_revenue"].sum())
    error = expected / came - 1 if came > 0 else None
    return dict(zip(_COLUMNS, (cut_off, form.name, round(expected), came, error), strict=True))
