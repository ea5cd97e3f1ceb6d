"""What two features say together is found where it is, and is not taken for what is chance."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from crm_core.churn.models import AdditiveModel, Categories, Sample, Snapshot, measures
from crm_core.churn.models.boosted import fit_boosted
from crm_core.churn.models.columns import Column
from crm_core.churn.models.pairs import fit_pairs
from crm_core.churn.models.plain import train_plain
from crm_core.churn.models.training import PAIRS


def _customers(count: int, seed: int, together: float) -> Snapshot:
    """Who has a dear plan leaves where the bill is high and stays where it is low; age says nothing."""
    draw = np.random.default_rng(seed)
    bill, age = draw.normal(size=count), draw.normal(size=count)
    bill[draw.random(count) < 0.1] = np.nan
    plan = draw.choice(["dear", "fair", "cheap"], count)
    log_odds = 0.8 * np.nan_to_num(bill) - 1 + together * (plan == "dear") * np.sign(np.nan_to_num(bill))
    churned = draw.random(count) < expit(log_odds)
    columns: dict[str, Column] = {"bill": bill, "age": age, "plan": Categories.of(plan.tolist())}
    return Snapshot(0, columns, churned.astype(np.float64))


@pytest.fixture(scope="module")
def fitted() -> tuple[AdditiveModel, AdditiveModel]:
    sample = Sample.of([_customers(4_000, 1, 2.0)], 0, 10_000)
    alone = fit_boosted(sample, 0)
    return alone, fit_pairs(sample, alone)


def test_what_two_say_together_is_found(fitted: tuple[AdditiveModel, AdditiveModel]) -> None:
    later = _customers(4_000, 2, 2.0)
    alone, together = (measures(later.churned, one.probability(later.columns)).auc for one in fitted)
    assert together > alone + 0.02
    assert {"bill", "plan"} in [set(pair.features) for pair in fitted[1].pairs]


def test_reasons_add_up_with_pairs(fitted: tuple[AdditiveModel, AdditiveModel]) -> None:
    model, later = fitted[1].scaled(0.9, 0.1), _customers(500, 3, 2.0).columns
    log_odds = model.log_odds(later)
    assert np.abs(model.constant + model.parts(later).sum(axis=1) - log_odds).max() < 1e-9
    assert np.abs(log_odds - 0.9 * fitted[1].log_odds(later) - 0.1).max() < 1e-9


def test_a_pair_says_nothing_of_one_feature(fitted: tuple[AdditiveModel, AdditiveModel]) -> None:
    learnt = _customers(4_000, 1, 2.0).columns
    assert fitted[1].pairs
    for pair in fitted[1].pairs:
        added = pair.of(learnt)
        for one in (pair.first, pair.second):
            codes = one.codes(learnt[one.feature])
            assert np.abs(np.bincount(codes, added)).max() / added.size < 1e-6


@pytest.mark.parametrize(("together", "chosen"), [(2.0, True), (0.0, False)])
def test_pairs_are_chosen_where_they_gain_more_than_chance(together: float, chosen: bool) -> None:
    rows = _customers(3_000, 5, together)
    found = train_plain(rows.columns, rows.churned)
    assert (found.chosen == PAIRS) is chosen
    assert bool(found.model.pairs) is chosen


def test_one_feature_makes_no_pair() -> None:
    one = _customers(1_000, 7, 0.0)
    sample = Sample.of([Snapshot(0, {"bill": one.columns["bill"]}, one.churned)], 0, 10_000)
    assert fit_pairs(sample, fit_boosted(sample, 0)).pairs == ()


def test_a_model_with_pairs_is_not_stored(fitted: tuple[AdditiveModel, AdditiveModel]) -> None:
    with pytest.raises(ValueError, match="pairs"):
        fitted[1].rows()
