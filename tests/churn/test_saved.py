"""What is saved when a customer is kept: lines that add up, one year for all horizons, one basis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.churn.estimates.margins import basis_of, margins_on
from crm_core.churn.estimates.stakes import stakes_on
from crm_core.churn.models.saved import saved_margin
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import bring, load_mapping

MAPPING = "orders: {columns: {customer_id: who, ordered_at: day, amount: amount, cost: cost}}"
FIRST, LAST = dt.date(2021, 1, 1), dt.date(2023, 12, 31)
YEAR = dt.timedelta(365)


def rows_of(customers: int, seed: int = 3) -> pd.DataFrame:
    """Three years of customers who come in rhythms of their own and stay away for good at some time."""
    draw = np.random.default_rng(seed)
    days = (LAST - FIRST).days + 1
    rows = []
    for one in range(customers):
        start, stay, gap = draw.integers(days), draw.exponential(500), draw.uniform(10, 60)
        moments = start + np.cumsum(draw.exponential(gap, 150))
        for moment in [start, *moments[moments < start + stay]]:
            if moment < days:
                amount = int(draw.integers(5, 90))
                rows.append((f"c{one}", FIRST + dt.timedelta(days=int(moment)), amount, amount * 0.6))
    return pd.DataFrame(rows, columns=["who", "day", "amount", "cost"])


def brought(directory: Path, rows: pd.DataFrame) -> Workspace:
    directory.mkdir(exist_ok=True)
    file = directory / "orders.csv"
    rows.to_csv(file, index=False)
    bring(directory / "base", file, load_mapping(MAPPING), source_name=file.name)
    return open_base(str(directory / "base"))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return rows_of(500)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, rows: pd.DataFrame) -> Iterator[Workspace]:
    opened = brought(tmp_path_factory.mktemp("saved") / "base", rows)
    yield opened
    opened.close()


def test_lines_add_up_to_what_each_sort_brought() -> None:
    draw = np.random.default_rng(1)
    before = np.maximum(draw.lognormal(3, 1.2, 3_000) - 5, 0)
    left = (draw.random(3_000) < 0.5).astype(np.float64)
    after = np.where(left == 1, 2 + 0.2 * before, 20 + 1.1 * before) * draw.gamma(2, 0.5, 3_000)
    found = saved_margin(before, after, left)
    for (amount, share), those in ((found.stayed, left == 0), (found.left, left == 1)):
        assert (amount + share * before[those]).sum() == pytest.approx(after[those].sum())
    saved = found.of(np.array([0.0, 50.0, 400.0, -30.0]))
    assert saved == pytest.approx([18.0, 18 + 45, 18 + 360, 18.0], rel=0.1)


def test_lines_are_those_of_weighted_least_squares() -> None:
    draw = np.random.default_rng(2)
    before, after = draw.gamma(1, 30, 60), draw.gamma(1, 30, 60)
    left = np.repeat([0.0, 1.0], 30)
    found = saved_margin(before, after, left)
    for (amount, share), those in ((found.stayed, left == 0), (found.left, left == 1)):
        x, y, weights = before[those], after[those], 1 / (before[those] + before.mean())
        mean_x, mean_y = weights @ x / weights.sum(), weights @ y / weights.sum()
        slope = weights @ ((x - mean_x) * (y - mean_y)) / (weights @ (x - mean_x) ** 2)
        assert (amount, share) == pytest.approx((mean_y - slope * mean_x, slope))


def test_who_leaves_brings_nothing_where_nobody_left() -> None:
    found = saved_margin(np.array([10.0, 20.0]), np.array([10.0, 20.0]), np.zeros(2))
    assert found.of(np.array([30.0])) == pytest.approx([30.0])
    assert saved_margin(np.zeros(4), np.zeros(4), np.ones(4)).of(np.array([8.0])) == pytest.approx([8.0])


def test_who_brings_all_the_same_is_a_mean() -> None:
    found = saved_margin(np.full(4, 5.0), np.array([4.0, 8.0, 1.0, 3.0]), np.array([0.0, 0.0, 1.0, 1.0]))
    assert found.of(np.array([5.0])) == pytest.approx([4.0])


def margins(rows: pd.DataFrame, until: dt.date, days: int) -> pd.Series:
    """What each brought in the days up to one, by hand."""
    lately = rows[(rows["day"] <= until) & (rows["day"] > until - dt.timedelta(days))]
    return (lately["amount"] - lately["cost"]).groupby(lately["who"]).sum()


@pytest.mark.parametrize("horizon", [30, 90, 365])
def test_what_is_saved_is_the_year_after_of_who_stayed_less_that_of_who_left(
    workspace: Workspace, rows: pd.DataFrame, horizon: int
) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    scale, cut = ask.tables.money_scale, as_of - YEAR
    known = sorted(rows.loc[rows["day"] <= cut, "who"].unique())
    later = rows[(rows["day"] > cut) & (rows["day"] <= cut + dt.timedelta(horizon))]["who"].unique()
    left = np.array([float(one not in set(later)) for one in known])
    before, after = (
        margins(rows, day, 365).reindex(known).fillna(0).to_numpy("float64") for day in (cut, as_of)
    )
    expected = saved_margin(before, after, left)
    found = stakes_on(ask, as_of, horizon, basis_of(ask, as_of))
    assert (found.days, found.learnt_on) == (365, cut)
    customers = pd.Series(sorted(rows["who"].unique()))
    by_hand = expected.of(margins(rows, as_of, 365).reindex(customers).fillna(0).to_numpy())
    assert found.of(customers).to_numpy() / scale == pytest.approx(by_hand, rel=1e-6, abs=2 / scale)
    # All that customers of then brought later is what is expected of who stayed and of who left.
    lines = np.where(
        left == 1,
        found.saved.left[0] / scale + found.saved.left[1] * before,
        found.saved.stayed[0] / scale + found.saved.stayed[1] * before,
    )
    assert lines.sum() == pytest.approx(after.sum(), rel=1e-5)


def test_of_a_short_horizon_less_is_saved_since_many_come_back(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    customers = pd.Series([f"c{one}" for one in range(500)])
    found = [stakes_on(ask, as_of, days, basis_of(ask, as_of)) for days in (10, 30, 90, 365)]
    left = [one.saved.left for one in found]
    assert [share for _, share in left] == sorted((share for _, share in left), reverse=True)
    assert left[-1] == pytest.approx((0.0, 0.0), abs=1e-6)
    assert found[0].of(customers).sum() < found[1].of(customers).sum() < found[2].of(customers).sum()


def test_of_a_short_history_half_of_it_is_looked_at(tmp_path: Path, rows: pd.DataFrame) -> None:
    as_of = FIRST + dt.timedelta(399)
    opened = brought(tmp_path / "short", rows[rows["day"] <= as_of])
    found = stakes_on(opened.ask(), opened.as_of, 90, basis_of(opened.ask(), opened.as_of))
    assert found.days == (opened.as_of - rows["day"].min()).days // 2
    assert found.learnt_on == opened.as_of - dt.timedelta(found.days)
    opened.close()


def test_a_line_without_a_cost_takes_no_cost_off_the_usual(tmp_path: Path, rows: pd.DataFrame) -> None:
    """One such line once made everybody's margin their revenue, on that day alone."""
    some = rows.assign(cost=rows["cost"].where(rows.index % 10 != 0))
    opened = brought(tmp_path / "some", some)
    ask, as_of = opened.ask(), opened.as_of
    basis = basis_of(ask, as_of)
    assert basis.by_margin
    assert basis.usual_margin == pytest.approx(0.4, abs=1e-3)
    found = margins_on(ask, as_of, basis) / ask.tables.money_scale
    expected = margins(rows, as_of, 365)
    assert found.sort_index().to_numpy() == pytest.approx(
        expected.reindex(found.sort_index().index).to_numpy(), abs=0.01
    )
    opened.close()


def test_where_few_costs_are_known_revenue_is_counted_on_all_days(tmp_path: Path, rows: pd.DataFrame) -> None:
    begins = pd.Series(rows["day"]) >= LAST - dt.timedelta(100)
    opened = brought(tmp_path / "few", rows.assign(cost=rows["cost"].where(begins)))
    ask, as_of = opened.ask(), opened.as_of
    basis = basis_of(ask, as_of)
    assert (basis.by_margin, basis.usual_margin) == (False, 1.0)
    lately = rows[rows["day"] > as_of - YEAR]
    found = margins_on(ask, as_of, basis).sum() / ask.tables.money_scale
    assert found == pytest.approx(lately["amount"].sum())
    opened.close()
