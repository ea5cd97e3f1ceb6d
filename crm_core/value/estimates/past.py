"""The forecast that is relied on, against what came after the last day on which it was tried."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, lasting
from crm_core.value.estimates.fitted import fitted_models, purchase_models_of
from crm_core.value.estimates.forms import Form, Past, past_of, season_of
from crm_core.value.estimates.options import ForecastMonths
from crm_core.value.estimates.tried import best_forecast, known_days, trials_of, value_trials
from crm_core.value.metrics import purchases_after
from crm_core.value.models.cells import Floats
from crm_core.value.models.forecasts import by_tenth

STEP_DAYS = 28


def _last_trial(ask: Ask, as_of: dt.date, horizon_months: int) -> Past | None:
    """The latest trial of the forecast that is relied on; None where none was possible."""
    found = trials_of(ask, as_of, horizon_months)
    models = purchase_models_of(ask(fitted_models, as_of=as_of))
    if not found.cut_offs or not models:
        return None
    tried = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
    form = Form.named(best_forecast(models, tried)[0])
    # The likeliest model of all that is known today need not have been fitted to what was known then.
    return past_of(ask, found.cut_offs[0], found.horizon_days, form)


def _seasons(ask: Ask, past: Past, ends: list[int], as_of: dt.date) -> Floats:
    """By what the season raised or lowered the forecast up to each day."""
    return season_of(ask, past.cut, ends, past.fitted.form, day_of(as_of) - known_days(ask, as_of))


@lasting
def forecast_by_tenth(ask: Ask, *, as_of: AsOf, horizon_months: ForecastMonths = 12) -> pd.DataFrame:
    """Purchases forecast on the last day of trial and those that came, customers in ten equal parts.

    Returns:
        Grain: a tenth of the customers known on that day, by their forecast; no rows where no trial was
        possible.

        - `cut_off`: the last day that was known
        - `tenth`: 1 (the highest forecasts) to 10
        - `customers`: in it; a share of customers with equal histories may be in two
        - `expected`: days with a purchase per customer that were forecast
        - `actual`: those that came
    """
    trial = _last_trial(ask, as_of, horizon_months)
    if trial is None:
        return pd.DataFrame(columns=["cut_off", "tenth", "customers", "expected", "actual"])
    expected = trial.expected(trial.days) * _seasons(ask, trial, [trial.days], as_of)
    rows = pd.DataFrame(dict(by_tenth(expected, trial.held_out, trial.customers)))
    rows.insert(0, "cut_off", pd.Series([date_of(trial.cut)] * len(rows), dtype="object"))
    rows.insert(1, "tenth", np.arange(1, len(rows) + 1))
    return rows


@lasting
def forecast_over_time(ask: Ask, *, as_of: AsOf, horizon_months: ForecastMonths = 12) -> pd.DataFrame:
    """Purchases of all customers forecast on the last day of trial, and those that came, step by step.

    Returns:
        Grain: four weeks after that day, the last step with what is left of them; no rows where no trial was
        possible.

        - `cut_off`: the last day that was known
        - `last_day`: day number of the last day of the step
        - `days`: its length, 28 or up to 55
        - `expected`: days with a purchase of the customers known at the cut-off, as forecast
        - `actual`: those that came
    """
    trial = _last_trial(ask, as_of, horizon_months)
    if trial is None:
        return pd.DataFrame(columns=["cut_off", "last_day", "days", "expected", "actual"])
    steps = max(trial.days // STEP_DAYS, 1)
    ends = [STEP_DAYS * step for step in range(steps)] + [trial.days]
    cut, cut_off = trial.cut, date_of(trial.cut)
    told = np.array([trial.expected(end) @ trial.customers for end in ends[1:]])
    expected = np.concatenate([[0.0], told * _seasons(ask, trial, ends[1:], as_of)])
    after = ask(purchases_after, as_of=as_of, cut_off=cut_off)
    came = [int(after.loc[after["day"] <= cut + end, "purchases"].sum()) for end in ends]
    return pd.DataFrame(
        {
            "cut_off": pd.Series([cut_off] * steps, dtype="object"),
            "last_day": [cut + end for end in ends[1:]],
            "days": np.diff(ends),
            "expected": np.diff(expected),
            "actual": np.diff(came),
        }
    )
