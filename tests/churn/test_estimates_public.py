"""How well it is foretold on public data who leaves, from the order lines alone, as a reader asks for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm_core.churn.estimates import churn_backtest, churn_reasons, churn_scores
from crm_core.churn.metrics import churn_features, churn_labels
from crm_core.churn.models import measures
from crm_core.value.estimates import probability_of_none
from crm_core.workspace.asking import Answers, Asking
from tests.engines import open_engine
from tests.oracle.data import cdnow, online_retail
from tests.oracle.history import Base
from tests.oracle.loading import load, materialise

HORIZON = 90
RECENT_DAYS = 180
ASKED: dict[str, Any] = {"horizon_days": HORIZON, "no_purchase": probability_of_none}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("base", "auc", "auc_of_recent"),
    [
        pytest.param(online_retail, 0.804, 0.763, id="online-retail"),
        pytest.param(cdnow, 0.839, 0.728, id="cdnow"),
    ],
)
def test_who_stops_buying(
    shared_data: Path, tmp_path: Path, base: Callable[[Path], Base], auc: float, auc_of_recent: float
) -> None:
    """The last 90 days are what came; all that is learnt had happened before them."""
    with open_engine("duckdb", tmp_path) as engine:
        loaded = materialise(load(engine, base(shared_data)))
        last = dt.date(1970, 1, 1) + dt.timedelta(days=loaded.tables.last_day)
        cut_off = last - dt.timedelta(days=HORIZON)
        ask = Asking(Answers(loaded.connection, loaded.tables, narrows=False))
        scores = ask(churn_scores, as_of=cut_off, **ASKED).set_index("customer_id")
        labels = ask(churn_labels, as_of=last, cut_off=cut_off, horizon_days=HORIZON)
        features = ask(churn_features, as_of=cut_off).set_index("customer_id")
        reasons = ask(churn_reasons, as_of=cut_off, **ASKED).groupby("customer_id")["contribution"].sum()
        tried = ask(churn_backtest, as_of=last, **ASKED)
    churned = labels.set_index("customer_id")["churned"].reindex(scores.index).to_numpy("float64")
    chance = scores["churn_probability"].to_numpy("float64")
    recent = features["days_since_last_order"].reindex(scores.index).to_numpy() < RECENT_DAYS
    found = measures(churned, chance)
    assert found.auc >= auc
    assert measures(churned[recent], chance[recent]).auc >= auc_of_recent
    assert found.calibration_error <= 0.02
    total = reasons.reindex(scores.index) + scores["base_value"]
    assert np.abs(total - scores["log_odds"]).max() < 1e-6
    latest = tried[tried["chosen"]].sort_values("cut_off").iloc[-1]
    assert latest["auc"] == pytest.approx(found.auc)
    assert latest["calibration_error"] == pytest.approx(found.calibration_error)
    naive = tried[(tried["cut_off"] == latest["cut_off"]) & tried["rule"]]
    assert (naive["lost_more"] > 2 * naive["lost_more_error"]).all()
