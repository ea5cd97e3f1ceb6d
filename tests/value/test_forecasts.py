"""Forecasts by naive rules, and how errors are counted, against the same customer by customer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from crm_core.value.models import PurchaseCells, fit_bg_nbd
from crm_core.value.models.forecasts import (
    Snapshot,
    by_tenth,
    chosen,
    errors,
    forecasts,
    rank_correlation,
)

CELLS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 8), st.integers(1, 5)), min_size=2, max_size=30
).map(lambda rows: tuple(np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)))


@given(CELLS)
def test_errors_of_cells_are_those_of_their_customers(
    cells: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    forecast, actual, customers = cells
    one, other = (np.repeat(values, customers.astype(int)) for values in (forecast, actual))
    found = errors(forecast, actual, customers)
    assert found.mae == pytest.approx(np.abs(one - other).mean())
    assert found.rmse == pytest.approx(np.sqrt(((one - other) ** 2).mean()))
    if other.sum():
        assert found.error_of_total == pytest.approx(one.sum() / other.sum() - 1)
    else:
        assert np.isnan(found.error_of_total)
    if np.unique(one).size > 1 and np.unique(other).size > 1:
        assert found.rank_correlation == pytest.approx(spearmanr(one, other).statistic)
    else:
        assert np.isnan(found.rank_correlation)


@given(CELLS)
def test_tenths_hold_every_customer_once(cells: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    forecast, actual, customers = cells
    found = by_tenth(forecast, actual, customers)
    assert found["customers"] == pytest.approx(np.full(10, customers.sum() / 10))
    assert found["customers"] @ found["expected"] == pytest.approx(forecast @ customers)
    assert found["customers"] @ found["actual"] == pytest.approx(actual @ customers)
    assert (np.diff(found["expected"]) <= 1e-9).all()


def test_naive_rules_of_three_customers() -> None:
    # A year old: one who came back five times, two of them lately; one who never did; and one of today.
    cells = PurchaseCells(
        np.array([5.0, 0.0, 0.0]), np.array([50.0, 0.0, 0.0]), np.array([52.0, 52.0, 0.0]), np.ones(3)
    )
    found = forecasts(Snapshot(cells, np.array([2.0, 0.0, 0.0]), 13.0), [], 26.0)
    assert found["same_rate"].tolist() == [2.5, 0.0, 0.0]
    assert found["recent_window"].tolist() == [4.0, 0.0, 0.0]
    # Two purchases in two times thirteen weeks that were seen.
    assert found["everybody_average"].tolist() == [2.0, 2.0, 2.0]


def test_a_model_is_also_averaged_with_the_recent_window() -> None:
    random = np.random.default_rng(1)
    frequency = random.poisson(2, 200).astype(np.float64)
    recency = np.where(frequency > 0, random.uniform(1, 50, 200), 0)
    cells = PurchaseCells(frequency, recency, np.full(200, 52.0), np.ones(200))
    model = fit_bg_nbd(cells)
    found = forecasts(Snapshot(cells, frequency, 52.0), [model], 52.0)
    assert found["bg_nbd_and_recent_window"] == pytest.approx((found["bg_nbd"] + frequency) / 2)


def test_ranks_of_cells_share_ties() -> None:
    one, other = np.array([1.0, 1.0, 2.0]), np.array([3.0, 5.0, 4.0])
    customers = np.array([2.0, 1.0, 3.0])
    expanded = spearmanr([1, 1, 1, 2, 2, 2], [3, 3, 5, 4, 4, 4]).statistic
    assert rank_correlation(one, other, customers) == pytest.approx(expanded)


def test_each_trial_counts_as_much_as_the_others() -> None:
    small, large = {"a": 1.0, "b": 2.0}, {"a": 150.0, "b": 100.0}
    assert chosen([small, large]) == "a"
    assert chosen([large]) == "b"
    assert chosen([{"a": 1.0, "b": 1.0, "c": 0.1}, {"b": 2.0, "a": 2.0}]) == "a"
