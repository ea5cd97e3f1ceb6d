"""What the models are worth on public data: fitted to the past, held against what came."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.churn.models import Trained, measures, train, training_days, year_before_days
from tests.churn import public

RECENT_DAYS = 180
RULES = {"recency": "days_since_last_order", "overdue": "overdue"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("load", "auc", "auc_of_recent"),
    [
        pytest.param(public.online_retail, 0.804, 0.763, id="online-retail"),
        pytest.param(public.cdnow, 0.839, 0.728, id="cdnow"),
    ],
)
def test_who_stops_buying(
    shared_data: Path, load: Callable[[Path], pd.DataFrame], auc: float, auc_of_recent: float
) -> None:
    """The last 90 days are what came; all that is learnt had happened before them."""
    orders = load(shared_data)
    first, cut_off = int(orders["day"].min()), int(orders["day"].max()) - public.HORIZON
    days = training_days(first, cut_off, public.HORIZON)
    years_before = year_before_days(first, cut_off, public.HORIZON)
    trained = train(
        [public.snapshot(orders, day) for day in days],
        year_before=[public.snapshot(orders, day) for day in years_before],
        cut_off=cut_off,
        horizon_days=public.HORIZON,
        rules=RULES,
        no_purchase="none",
    )
    later = public.snapshot(orders, cut_off)
    recent = np.asarray(later.columns["days_since_last_order"]) < RECENT_DAYS
    chance = trained.model.probability(later.columns)
    found = measures(later.churned, chance)
    assert found.auc >= auc
    assert measures(later.churned[recent], chance[recent]).auc >= auc_of_recent
    assert found.calibration_error <= 0.02
    for rule in trained.rules:
        naive = measures(later.churned, trained.models[rule].probability(later.columns))
        assert found.log_loss < naive.log_loss - 0.02
        assert found.auc > naive.auc
    log_odds = trained.model.log_odds(later.columns)
    total = log_odds.mean() + trained.model.reasons(later.columns).sum(axis=1)
    assert np.abs(total - log_odds).max() < 1e-9


def test_whose_contract_ends(shared_data: Path) -> None:
    """Five folds with the seed that others report theirs with."""
    from sklearn.model_selection import StratifiedKFold

    customers = public.telco(shared_data)
    chance = np.empty(customers.churned.size)
    aucs, briers = [], []
    folds = StratifiedKFold(5, shuffle=True, random_state=42)
    for learnt, held_out in folds.split(customers.churned, customers.churned):
        trained: Trained = train(
            [customers.at(learnt)], cut_off=0, horizon_days=0, rules={"tenure": "tenure"}
        )
        rest = customers.at(held_out)
        chance[held_out] = trained.model.probability(rest.columns)
        found = measures(rest.churned, chance[held_out])
        aucs.append(found.auc)
        briers.append(found.brier)
    assert np.mean(aucs) >= 0.849
    assert np.mean(briers) <= 0.1337
    assert measures(customers.churned, chance).calibration_error <= 0.02
