"""The forecast that is relied on, tried out in money on a base's own past."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import (
    fitted_models,
    in_order,
    purchase_models_of,
    spend_model_of,
)
from crm_core.value.estimates.tried import best_forecast, snapshot_of, value_trials
from crm_core.value.metrics import held_out_cells
from crm_core.value.models.forecasts import forecasts

_COLUMNS = ("cut_off", "forecast", "forecast_money", "actual_money", "error_of_money")


@Estimate
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
    forecast, _ = best_forecast(models, tried)
    plan = dict(zip(tried["cut_off"], tried["horizon_days"], strict=True))
    found = [_tried(ask, cut_off, int(days), forecast) for cut_off, days in plan.items()]
    return pd.DataFrame([each for each in found if each], columns=[*_COLUMNS])


def _tried(ask: Ask, cut_off: dt.date, days: int, forecast: str) -> dict[str, object] | None:
    """The forecast at one cut-off; None where too few had come back by then."""
    until = date_of(day_of(cut_off) + days)
    rows = in_order(ask(held_out_cells, as_of=until, cut_off=cut_off, window_days=days))
    fitted = ask(fitted_models, as_of=cut_off)
    models, spend = tuple(purchase_models_of(fitted).values()), spend_model_of(fitted)
    if rows.empty or spend is None:
        return None
    snapshot, scale = snapshot_of(rows, days), ask.tables.money_scale
    purchases = forecasts(snapshot, models, days / rules.DAYS_PER_WEEK).get(forecast)
    if purchases is None:
        return None
    cells, repeat = snapshot.cells, rows["repeat_revenue"].to_numpy("float64") / scale
    # Expected spend is linear in the mean spend of equally many purchases: the mean of a cell will do.
    mean = repeat / np.maximum(cells.frequency * cells.customers, 1)
    each = spend.expected_spend(cells.frequency, mean)
    expected = float((purchases * each) @ cells.customers) * scale
    came = int(rows["held_out_revenue"].sum())
    error = expected / came - 1 if came > 0 else None
    return dict(zip(_COLUMNS, (cut_off, forecast, round(expected), came, error), strict=True))
