"""Whether the chances of a group rose by more than they usually do."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pytest
from scipy.special import expit

from crm_core.churn.models.rises import corrected, rise_of

SEEDS = 200
Floats = npt.NDArray[np.float64]


def looked_at(seed: int, customers: int, groups: int, shock: float = 0.0) -> list[float]:
    """P-values of groups whose customers buy, fall silent and leave as ever; the first group is shocked."""
    draw = np.random.default_rng(seed)
    first, gone = draw.uniform(-200, 400, customers), draw.exponential(500, customers)
    gaps = draw.exponential(1 / draw.gamma(1.0, 1 / 60, customers)[:, None], (customers, 40))
    days = first[:, None] + np.concatenate([np.zeros((customers, 1)), np.cumsum(gaps, axis=1)], axis=1)
    group = draw.integers(0, groups, customers)

    def chances(day: float, more: Floats | float = 0.0) -> Floats:
        bought = (days <= day) & (days <= (first + gone)[:, None])
        silent = day - np.where(bought, days, -1e9).max(axis=1)
        return np.where(first <= day, expit(np.log1p(np.clip(silent, 0, None)) - 3.5 + more), np.nan)

    now = chances(400, shock * (group == 0))
    before, earlier = chances(370), chances(340)
    return [rise_of(now, before, earlier, group == one, group == one).p_value for one in range(groups)]


@pytest.mark.parametrize(("customers", "groups"), [(300, 5), (1_000, 10)])
def test_false_alarms_are_rare_though_everybody_grows_older(customers: int, groups: int) -> None:
    """Nothing changes: chances rise as ever. Of 200 bases at most 5 % give any warning at all."""
    alarms = [np.nanmin(corrected(looked_at(seed, customers, groups))) <= 0.05 for seed in range(SEEDS)]
    assert np.mean(alarms) <= 0.05


def test_a_rise_is_found() -> None:
    found = [corrected(looked_at(seed, 3_000, 6, shock=0.7)) <= 0.05 for seed in range(20)]
    assert np.mean([one[0] for one in found]) >= 0.9
    assert np.mean([one[1:].any() for one in found]) <= 0.2


def test_a_group_is_compared_with_itself() -> None:
    nothing = math.nan
    now = np.array([0.5, 0.6, 0.7, 0.9, 0.3])
    before = np.array([0.4, 0.4, 0.6, 0.9, nothing])
    earlier = np.array([0.3, nothing, 0.6, 0.5, nothing])
    members = np.array([True, True, True, False, True])
    members_earlier = np.array([True, True, True, True, False])
    found = rise_of(now, before, earlier, members, members_earlier)
    assert found.customers == 3
    assert found.before == pytest.approx((0.4 + 0.4 + 0.6) / 3)
    assert found.now == pytest.approx((0.5 + 0.6 + 0.7) / 3)
    assert found.usual == pytest.approx((0.1 + 0.0 + 0.4) / 3)
    assert 0 < found.p_value < 1


def test_too_few_are_not_tested() -> None:
    one, nobody = np.array([0.5]), np.array([False])
    assert math.isnan(rise_of(one, one, one, ~nobody, ~nobody).p_value)
    assert rise_of(one, one, one, nobody, nobody).customers == 0
    assert np.isnan(corrected([math.nan])).all()
    assert corrected([0.01, math.nan, 0.04]).tolist() == pytest.approx([0.02, math.nan, 0.04], nan_ok=True)
