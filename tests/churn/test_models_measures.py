"""Measures against scikit-learn, plain loops and figures made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn import metrics

from crm_core.churn.models import Categories, deciles, gain, measures, stability_index
from crm_core.churn.models.calibration import expected_shift, shift, slope
from crm_core.churn.models.measures import wilson


def _made(count: int = 2_000) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(7)
    probability = np.round(draw.beta(1, 2, count), 2)
    return (draw.random(count) < probability).astype(np.float64), probability


def test_measures_are_those_of_scikit_learn() -> None:
    churned, probability = _made()
    found = measures(churned, probability)
    assert found.auc == pytest.approx(metrics.roc_auc_score(churned, probability), abs=1e-12)
    assert found.pr_auc == pytest.approx(metrics.average_precision_score(churned, probability), abs=1e-12)
    assert found.brier == pytest.approx(metrics.brier_score_loss(churned, probability), abs=1e-12)
    assert found.log_loss == pytest.approx(metrics.log_loss(churned, probability), abs=1e-9)
    assert found.churn_rate == churned.mean()
    assert found.customers == churned.size


def test_deciles_without_ties_are_plain_slices() -> None:
    draw = np.random.default_rng(3)
    probability = draw.permutation(np.linspace(0.01, 0.99, 1_003))
    churned = (draw.random(1_003) < probability).astype(np.float64)
    found = deciles(churned, probability)
    highest_first = sorted(range(1_003), key=lambda row: -probability[row])
    borders = [number * 1_003 // 10 for number in range(11)]
    for number, part in enumerate(found):
        rows = highest_first[borders[number] : borders[number + 1]]
        share = sum(churned[row] for row in rows) / len(rows)
        assert part.customers == len(rows)
        assert part.churn_rate == pytest.approx(share, abs=1e-12)
        assert part.mean_probability == pytest.approx(np.mean([probability[row] for row in rows]), abs=1e-12)
        assert part.lift == pytest.approx(share / churned.mean(), abs=1e-12)
        assert part.low <= part.churn_rate <= part.high
    gaps = [abs(part.mean_probability - part.churn_rate) * part.customers / 1_003 for part in found]
    assert measures(churned, probability).calibration_error == pytest.approx(sum(gaps), abs=1e-12)


def test_customers_of_one_score_are_alike_whatever_their_order() -> None:
    churned, _ = _made(1_000)
    same = np.full(1_000, 0.3)
    for part in deciles(churned, same):
        assert part.lift == pytest.approx(1.0)
    order = np.random.default_rng(1).permutation(1_000)
    assert deciles(churned, same) == deciles(churned[order], same)


def test_a_gain_is_the_difference_of_losses() -> None:
    churned, probability = _made()
    alike = np.full(churned.size, churned.mean())
    found = gain(churned, probability, alike)
    expected = measures(churned, alike).log_loss - measures(churned, probability).log_loss
    assert found.log_loss == pytest.approx(expected)
    assert found.log_loss > 4 * found.standard_error > 0
    assert gain(churned, alike, probability).log_loss == pytest.approx(-expected)
    assert gain(churned, alike, alike) == gain(churned, probability, probability)


def test_what_nobody_or_everybody_did_has_no_auc() -> None:
    nobody = measures(np.zeros(30), np.full(30, 0.1))
    assert math.isnan(nobody.auc)
    assert math.isnan(nobody.pr_auc)
    assert math.isnan(nobody.lift_at_10)
    assert math.isnan(measures(np.ones(30), np.full(30, 0.1)).auc)


def test_fewer_than_ten_customers_are_fewer_parts() -> None:
    parts = deciles(np.array([1.0, 0.0, 1.0]), np.array([0.9, 0.1, 0.5]))
    assert sum(part.customers for part in parts) == 3


def test_wilson_by_hand() -> None:
    """10 of 100, as in Newcombe (1998): 0.0552 to 0.1744."""
    assert wilson(0.1, 100.0) == pytest.approx((0.0552, 0.1744), abs=5e-5)
    assert wilson(0.0, 10.0)[0] == 0.0
    assert wilson(1.0, 10.0)[1] == pytest.approx(1.0)


def test_stability_by_hand() -> None:
    before = Categories.of(["a"] * 50 + ["b"] * 50)
    now = Categories.of(["a"] * 80 + ["b"] * 20)
    expected = 0.3 * math.log(0.8 / 0.5) - 0.3 * math.log(0.2 / 0.5)
    assert stability_index(before, now) == pytest.approx(expected)
    assert stability_index(before, before) == 0


def test_stability_of_numbers() -> None:
    draw = np.random.default_rng(5)
    before = draw.normal(size=5_000)
    assert stability_index(before, draw.normal(size=5_000)) < 0.01
    assert stability_index(before, draw.normal(size=5_000) + 1) > 0.25
    assert stability_index(before, np.where(draw.random(5_000) < 0.5, np.nan, before)) > 0.25
    with pytest.raises(ValueError, match="names now"):
        stability_index(before, Categories.of(["a"]))


def test_a_shift_brings_the_level() -> None:
    churned, probability = _made()
    scores = logit(np.clip(probability, 0.01, 0.99)) + 2
    moved = expit(scores + shift(scores, churned))
    assert moved.mean() == pytest.approx(churned.mean(), abs=1e-3)
    assert math.isfinite(shift(scores, np.ones(scores.size)))


def test_a_slope_goes_halfway() -> None:
    draw = np.random.default_rng(2)
    scores = draw.normal(size=200_000)
    churned = (draw.random(200_000) < expit(1.6 * scores)).astype(np.float64)
    assert slope(scores, churned) == pytest.approx(1.3, abs=0.01)
    assert slope(np.zeros(50), np.ones(50)) == 1.0
    assert math.isfinite(slope(scores, (scores > 0).astype(np.float64)))


def test_the_level_of_a_season_is_the_last_one_and_half_of_the_change() -> None:
    assert expected_shift(0.2, []) == 0.2
    assert expected_shift(0.2, [-0.6]) == pytest.approx(-0.2)
    assert expected_shift(0.2, [-0.6, 0.1]) == pytest.approx(-0.55)
