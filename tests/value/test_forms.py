"""Channels and seasons enter a forecast where they have helped on the base's own past, and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.customers.metrics import Grouping, acquisition_channel, customers_in_groups
from crm_core.periods import date_of, day_of
from crm_core.segments.metrics import segment
from crm_core.value.estimates import customer_lifetime_value, money_trials, value_trials
from crm_core.value.estimates.fitted import cells_of, in_order
from crm_core.value.estimates.forms import BY_CHANNEL, IN_SEASON, Form, seasonal_factors
from crm_core.value.estimates.money_tried import money_trials_by_group
from crm_core.value.estimates.tried import helping
from crm_core.value.metrics import held_out_cells
from crm_core.value.models import fit_bg_nbd
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import bring, load_mapping
from tests.fake_ask import FakeAsk, tables_between

MAPPING = """
orders: {columns: {customer_id: who, ordered_at: day, amount: amount}}
customers: {columns: {customer_id: who, acquisition_channel: won}}
"""
FIRST = np.datetime64("2022-01-01")
AS_OF = dt.date(2025, 9, 30)
DAYS = 1_369


def _base(
    directory: Path, *, seasonal: bool, channels: bool, seed: int = 2, customers: int = 900
) -> Workspace:
    """Customers who come and go; in the last quarter of each year three times as often, or by channel."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        won = number % 2
        first = int(random.integers(0, DAYS - 60))
        life = random.exponential((2_000, 120)[won] if channels else 500)
        rate = random.gamma(2.0) / ((60, 250)[won] if channels else 90)
        days = {first}
        for day in range(first + 1, min(int(first + life), DAYS)):
            month = (FIRST + day).astype("datetime64[M]").astype(int) % 12
            intensity = rate * ((3.0 if month >= 9 else 0.33) if seasonal else 1.0)
            if random.random() < intensity:
                days.add(day)
        rows += [f"c{number:04d},{FIRST + day},{random.integers(5, 90)},way {won}" for day in sorted(days)]
    directory.mkdir(parents=True)
    file = directory / "orders.csv"
    file.write_text("\n".join(["who,day,amount,won", *rows]))
    bring(directory / "base", file, load_mapping(MAPPING), source_name=file.name)
    return open_base(str(directory / "base"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Workspace]:
    made: dict[tuple[bool, bool], Workspace] = {}

    def opened(*, seasonal: bool, channels: bool) -> Workspace:
        key = seasonal, channels
        if key not in made:
            made[key] = _base(tmp_path_factory.mktemp("forms") / "in", seasonal=seasonal, channels=channels)
        return made[key]

    return opened


def _chosen(workspace: Workspace, months: int = 3) -> tuple[pd.DataFrame, Form]:
    tried = workspace.ask()(value_trials, as_of=AS_OF, horizon_months=months)
    return tried, Form.named(str(tried.loc[tried["chosen"], "forecast"].iloc[0]))


def _error(tried: pd.DataFrame, name: str) -> float:
    return float(tried.loc[tried["forecast"] == name, "error_of_total"].abs().mean())


def test_a_form_and_its_name_tell_the_same() -> None:
    for form in (Form("bg_nbd"), Form("pareto_nbd_and_recent_window", by_channel=True, in_season=True)):
        assert Form.named(form.name) == form
    assert Form.named("bg_nbd_and_recent_window_by_channel_in_season").model == "bg_nbd"


def test_a_season_enters_where_there_is_one(base: Callable[..., Workspace]) -> None:
    workspace = base(seasonal=True, channels=False)
    tried, form = _chosen(workspace)
    assert form.in_season
    assert _error(tried, form.name) < 0.7 * _error(tried, form.plain)
    # From October on everybody buys three times as often as before.
    expected = workspace.ask()(customer_lifetime_value, as_of=AS_OF, horizon_months=3)
    summer = tried.loc[tried["cut_off"] == tried["cut_off"].max(), "purchases"].iloc[0]
    assert expected["expected_purchases"].sum() > 1.5 * summer


def test_a_season_says_nothing_over_more_than_a_year(base: Callable[..., Workspace]) -> None:
    tried = base(seasonal=True, channels=False).ask()(value_trials, as_of=AS_OF, horizon_months=18)
    assert len(tried)
    assert not tried["forecast"].str.endswith(IN_SEASON).any()


def test_channels_enter_where_they_differ(base: Callable[..., Workspace]) -> None:
    workspace = base(seasonal=False, channels=True)
    _, form = _chosen(workspace, 12)
    assert form.by_channel
    expected = workspace.ask()(customer_lifetime_value, as_of=AS_OF, horizon_months=12)
    new = expected["customer_id"].str[1:].astype(int) % 2
    means = expected.groupby(new)["expected_purchases"].mean()
    assert means[0] > 5 * means[1]


def test_channels_are_tried_as_they_are_forecast(base: Callable[..., Workspace]) -> None:
    ask = base(seasonal=False, channels=True).ask()
    whole = ask(money_trials, as_of=AS_OF, horizon_months=12)
    assert all(Form.named(name).by_channel for name in whole["forecast"])
    told = float(whole["forecast_money"].sum())

    def in_groups(group: Grouping) -> float:
        rows = ask(money_trials_by_group, as_of=AS_OF, group=group, horizon_months=12)
        return float(rows["forecast_money"].sum())

    assert in_groups(acquisition_channel) == pytest.approx(told, abs=len(whole))
    assert in_groups(segment) != pytest.approx(told, rel=1e-3)


def test_neither_is_tried_where_the_base_does_not_know_it(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    rows = [
        f"c{one},{str(day)[:10]},{random.integers(5, 90)}"
        for one in range(150)
        for day in sorted(random.choice(pd.date_range("2024-01-01", "2024-12-31"), 5))
    ]
    file = tmp_path / "orders.csv"
    file.write_text("\n".join(["who,day,amount", *rows]))
    mapping = load_mapping("orders: {columns: {customer_id: who, ordered_at: day, amount: amount}}")
    bring(tmp_path / "base", file, mapping, source_name=file.name)
    workspace = open_base(str(tmp_path / "base"))
    tried = workspace.ask()(value_trials, as_of=workspace.as_of, horizon_months=3)
    assert len(tried)
    assert not tried["forecast"].str.endswith((BY_CHANNEL, IN_SEASON)).any()
    workspace.close()


def test_what_comes_later_is_not_known(base: Callable[..., Workspace], tmp_path: Path) -> None:
    """As of a day, a forecast in season is that of a base that ends on it."""
    workspace = base(seasonal=True, channels=False)
    as_of = dt.date(2025, 3, 31)
    rows = (Path(workspace.location).parent / "orders.csv").read_text().split("\n")
    file = tmp_path / "early.csv"
    file.write_text("\n".join([rows[0], *(row for row in rows[1:] if row.split(",")[1] <= str(as_of))]))
    bring(tmp_path / "base", file, load_mapping(MAPPING), source_name=file.name)
    early = open_base(str(tmp_path / "base"))
    tried = [one.ask()(value_trials, as_of=as_of, horizon_months=3) for one in (workspace, early)]
    assert tried[0].loc[tried[0]["chosen"], "forecast"].iloc[0].endswith(IN_SEASON)
    pd.testing.assert_frame_equal(tried[0], tried[1])
    values = [
        one.ask()(customer_lifetime_value, as_of=as_of, horizon_months=3).sort_values(
            "customer_id", ignore_index=True
        )
        for one in (workspace, early)
    ]
    pd.testing.assert_frame_equal(values[0], values[1])
    early.close()


def test_cells_in_groups_hold_together(base: Callable[..., Workspace]) -> None:
    ask = base(seasonal=False, channels=True).ask()
    cut = dt.date(2025, 1, 31)
    whole = ask(held_out_cells, as_of=AS_OF, cut_off=cut, window_days=90)
    parted = ask(held_out_cells, as_of=AS_OF, cut_off=cut, window_days=90, group=acquisition_channel)
    alike = ["frequency", "recency_days", "age_days", "window_frequency", "held_out"]
    told = ["customers", "repeat_revenue", "held_out_revenue"]
    pd.testing.assert_frame_equal(
        parted.groupby(alike)[told].sum(), whole.set_index(alike)[told].sort_index(), check_dtype=False
    )
    members = ask(customers_in_groups, as_of=cut, group=acquisition_channel)
    assert parted.groupby("group")["customers"].sum().to_dict() == members.groupby("group").size().to_dict()


@pytest.mark.parametrize(
    ("first_day", "factor"),
    [(1_180, np.exp(2 / 3 * np.log(4))), (1_181, np.sqrt(2)), (1_545, np.sqrt(2)), (1_546, None)],
)
def test_a_season_is_the_geometric_mean_of_years_drawn_towards_none(
    first_day: int, factor: float | None
) -> None:
    """A year before, twice as much came as was told, and eight times as much two years before."""
    cut, days, before = 2_000, 90, {1_635: 2.0, 1_270: 8.0}
    histories = pd.DataFrame(
        {
            "frequency": [0, 1, 2, 6],
            "recency_days": [0, 20, 60, 150],
            "age_days": [180, 100, 90, 170],
            "customers": [100, 60, 40, 20],
            "window_frequency": [0, 1, 2, 3],
        }
    )
    cells = cells_of(in_order(histories))
    model = fit_bg_nbd(cells)
    told = model.expected_purchases(days / 7, cells.frequency, cells.recency, cells.age) @ cells.customers

    def came(*, as_of: dt.date, cut_off: dt.date) -> pd.DataFrame:
        day = day_of(cut_off)
        assert day_of(as_of) == day + days
        return pd.DataFrame({"day": [day + 1, day + days], "purchases": before[day] * told / 2})

    tables = tables_between(date_of(first_day), date_of(cut))
    ask = FakeAsk(tables, {"purchase_cells": histories, "held_out_cells": histories, "purchases_after": came})
    found = seasonal_factors(ask, cut, [days], Form("bg_nbd"), first_day)
    assert (found is None) == (factor is None)
    if found is not None:
        assert found == pytest.approx([factor], rel=1e-4)


@pytest.mark.parametrize(
    ("in_season", "best"),
    [
        ([0.5], "bg_nbd"),
        ([0.9, 0.9], "bg_nbd_in_season"),
        ([0.5, 1.4], "bg_nbd_in_season"),
        ([0.5, 1.6], "bg_nbd"),
        ([1.0, 1.0], "bg_nbd"),
    ],
)
def test_more_is_made_use_of_where_it_helped_more_than_once(in_season: list[float], best: str) -> None:
    rows = [
        {"cut_off": day, "forecast": name, "loss": loss}
        for day in range(3)
        for name, losses in (("bg_nbd", [1.0] * 3), ("bg_nbd_in_season", in_season))
        for loss in losses[day : day + 1]
    ]
    assert helping(pd.DataFrame(rows), Form("bg_nbd")) == best
