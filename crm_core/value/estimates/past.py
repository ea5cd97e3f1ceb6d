"""The forecast that is relied on, against what came after the last day on which it was tried."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import fitted_models, in_order, purchase_models_of
from crm_core.value.estimates.tried import best_forecast, snapshot_of, trials_of, value_trials
from crm_core.value.metrics import held_out_cells, purchases_after
from crm_core.value.models import PurchaseModel
from crm_core.value.models.cells import Floats
from crm_core.value.models.forecasts import Snapshot, by_decile, forecasts

STEP_DAYS = 28


@dataclass(frozen=True)
class _Trial:
    cut_off: dt.date
    days: int
    forecast: str
    models: tuple[PurchaseModel, ...]
    snapshot: Snapshot
    held_out: Floats

    def expected(self, days: int) -> Floats:
        """Purchases that were forecast for so many days after the cut-off, by cell."""
        return forecasts(self.snapshot, self.models, days / rules.DAYS_PER_WEEK)[self.forecast]


def _last_trial(ask: Ask, as_of: dt.date, horizon_months: int) -> _Trial | None:
    """The latest trial of the forecast that is relied on; None where none was possible."""
    found = trials_of(ask, as_of, horizon_months)
    models = purchase_models_of(ask(fitted_models, as_of=as_of))
    if not found.cut_offs or not models:
        return None
    tried = ask(value_trials, as_of=as_of, horizon_months=horizon_months)
    cut_off, days = date_of(found.cut_offs[0]), found.horizon_days
    # The likeliest model of all that is known today need not have been fitted to what was known then.
    forecast = best_forecast(models, tried)[0]
    then = purchase_models_of(ask(fitted_models, as_of=cut_off))
    rows = in_order(ask(held_out_cells, as_of=as_of, cut_off=cut_off, window_days=days))
    if rows.empty:
        return None
    snapshot = snapshot_of(rows, days)
    if forecast not in forecasts(snapshot, tuple(then.values()), days / rules.DAYS_PER_WEEK):
        return None
    held_out = rows["held_out"].to_numpy("float64")
    return _Trial(cut_off, days, forecast, tuple(then.values()), snapshot, held_out)


@Estimate
def forecast_by_decile(ask: Ask, *, as_of: dt.date, horizon_months: int = 12) -> pd.DataFrame:
    """Purchases forecast on the last day of trial and those that came, customers in ten equal parts.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        horizon_months: Gregorian months for which a forecast is wanted.

    Returns:
        Grain: a tenth of the customers known on that day, by their forecast; no rows where no trial was
        possible.

        - `cut_off`: the last day that was known
        - `decile`: 1 (the lowest forecasts) to 10
        - `customers`: in it; a share of customers with equal histories may be in two
        - `expected`: days with a purchase per customer that were forecast
        - `actual`: those that came
    """
    trial = _last_trial(ask, as_of, horizon_months)
    if trial is None:
        return pd.DataFrame(columns=["cut_off", "decile", "customers", "expected", "actual"])
    parts = by_decile(trial.expected(trial.days), trial.held_out, trial.snapshot.cells.customers)
    rows = pd.DataFrame(dict(parts))
    rows.insert(0, "cut_off", pd.Series([trial.cut_off] * len(rows), dtype="object"))
    rows.insert(1, "decile", np.arange(1, len(rows) + 1))
    return rows


@Estimate
def forecast_over_time(ask: Ask, *, as_of: dt.date, horizon_months: int = 12) -> pd.DataFrame:
    """Purchases of all customers forecast on the last day of trial, and those that came, step by step.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        horizon_months: Gregorian months for which a forecast is wanted.

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
    customers, cut = trial.snapshot.cells.customers, day_of(trial.cut_off)
    expected = [0.0] + [float(trial.expected(end) @ customers) for end in ends[1:]]
    after = ask(purchases_after, as_of=as_of, cut_off=trial.cut_off)
    came = [int(after.loc[after["day"] <= cut + end, "purchases"].sum()) for end in ends]
    return pd.DataFrame(
        {
            "cut_off": pd.Series([trial.cut_off] * steps, dtype="object"),
            "last_day": [cut + end for end in ends[1:]],
            "days": np.diff(ends),
            "expected": np.diff(expected),
            "actual": np.diff(came),
        }
    )
