"""The chance of keeping who would leave, learnt from campaigns with control groups."""

from __future__ import annotations

import numpy as np
import pytest

from crm_core.churn.models import save_chance


def test_one_campaign_is_the_ratio_of_those_who_left() -> None:
    found = save_chance(np.array([400.0]), np.array([60.0]), np.array([200.0]), np.array([40.0]))
    assert found.chance == pytest.approx(1 - 0.15 / 0.20)
    log_error = np.sqrt(1 / 60 - 1 / 400 + 1 / 40 - 1 / 200)
    assert found.standard_error == pytest.approx(0.75 * log_error)
    assert (found.between, found.campaigns) == (0.0, 1)


def test_two_campaigns_alike_are_surer_than_one() -> None:
    one = save_chance(np.array([400.0]), np.array([60.0]), np.array([200.0]), np.array([40.0]))
    two = save_chance(*(np.array([value, value]) for value in (400.0, 60.0, 200.0, 40.0)))
    assert two.chance == pytest.approx(one.chance)
    assert two.standard_error == pytest.approx(one.standard_error / np.sqrt(2))


def test_campaigns_that_differ_are_less_sure() -> None:
    """The three by DerSimonian and Laird, step by step."""
    size, left = np.array([1000.0, 1000, 1000]), np.array([150.0, 300, 90])
    held, gone = np.array([500.0, 500, 500]), np.array([150.0, 150, 100])
    logs = np.log((left / size) / (gone / held))
    variance = 1 / left - 1 / size + 1 / gone - 1 / held
    fixed = sum(logs / variance) / sum(1 / variance)
    q = sum((logs - fixed) ** 2 / variance)
    c = sum(1 / variance) - sum(1 / variance**2) / sum(1 / variance)
    tau = (q - 2) / c
    weights = 1 / (variance + tau)
    found = save_chance(size, left, held, gone)
    assert found.between == pytest.approx(np.sqrt(tau))
    assert found.chance == pytest.approx(1 - np.exp(weights @ logs / weights.sum()))
    assert found.standard_error == pytest.approx((1 - found.chance) / np.sqrt(weights.sum()))


def test_a_campaign_after_which_nobody_left_is_no_certainty() -> None:
    found = save_chance(np.array([50.0]), np.array([0.0]), np.array([50.0]), np.array([10.0]))
    assert 0.9 < found.chance < 1
    assert found.standard_error > 0.02


def test_a_campaign_that_drove_customers_away_is_below_nothing() -> None:
    assert save_chance(np.array([500.0]), np.array([200.0]), np.array([500.0]), np.array([100.0])).chance < 0


def test_the_interval_holds_the_true_chance() -> None:
    draw, true, within = np.random.default_rng(7), 0.2, 0
    held, gone = np.full(4, 900.0), draw.binomial(900, 0.3, (1_000, 4)).astype(np.float64)
    left = draw.binomial(2_100, 0.3 * (1 - true), (1_000, 4)).astype(np.float64)
    for place in range(1_000):
        found = save_chance(np.full(4, 2_100.0), left[place], held, gone[place])
        within += abs(found.chance - true) <= 1.96 * found.standard_error
    assert 0.93 <= within / 1_000 <= 0.98


def test_without_campaigns_nothing_is_learnt() -> None:
    none = np.empty(0)
    with pytest.raises(ValueError, match="campaign"):
        save_chance(none, none, none, none)
