"""Sums, groups and standings of value to come, and forecasts against what came, on a demonstration base."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from crm_core.customers.metrics import acquisition_channel, customers_in_groups, first_channel
from crm_core.tables import Ask, Estimate
from crm_core.value.estimates import (
    customer_lifetime_value,
    expected_total,
    fitted_models,
    forecast_by_tenth,
    forecast_over_time,
    money_trials,
    new_customer_value,
    standing_of,
    value_by_group,
    value_by_tenth,
    value_standing,
    value_trials,
)
from crm_core.value.estimates.fitted import fitted_to, purchase_models_of, spend_model_of
from crm_core.value.estimates.forms import Form, snapshot_of
from crm_core.value.metrics import (
    grouped_cells,
    held_out_cells,
    purchase_histories,
    purchases_after,
    revenue_of_window,
)
from crm_core.value.models.forecasts import forecasts
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import write_demonstration
from tests.fake_ask import FakeAsk, tables_between

pytestmark = pytest.mark.xdist_group("worth of the demonstration")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    directory = tmp_path_factory.mktemp("worth") / "base"
    write_demonstration(directory, customers=1_500, seed=5)
    opened = open_base(str(directory))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "estimate",
    [
        *(expected_total, value_by_group, value_by_tenth, value_standing, new_customer_value),
        *(forecast_by_tenth, forecast_over_time),
    ],
    ids=lambda estimate: estimate.__name__,
)
def test_columns_are_those_that_are_told(workspace: Workspace, estimate: Estimate) -> None:
    options = {"group": first_channel} if estimate in (value_by_group, new_customer_value) else {}
    rows = workspace.ask()(estimate, as_of=workspace.as_of, **options)
    _, _, returned = (estimate.__doc__ or "").partition("Returns:")
    told = re.findall(r"`([a-z_]+)`", "".join(re.findall(r"- ((?:`[a-z_]+`(?:, )?)+):", returned)))
    assert rows.columns.tolist() == told
    assert len(rows)


def test_groups_and_standings_hold_all_that_customers_are_worth(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    total = ask(expected_total, as_of=as_of).iloc[0]
    value = int(ask(customer_lifetime_value, as_of=as_of)["customer_lifetime_value"].sum())
    assert total["customer_lifetime_value"] == value
    assert total["low"] < value < total["high"]
    groups = ask(value_by_group, as_of=as_of, group=first_channel)
    assert groups["customer_lifetime_value"].sum() == value
    assert groups["customers"].sum() == total["customers"]
    standing = ask(value_standing, as_of=as_of)
    assert standing["customer_lifetime_value"].sum() == value
    assert standing["customer_lifetime_value"].is_monotonic_decreasing
    sizes = standing["tenth"].value_counts()
    # A pair of equal customers at the edge of two tenths is not parted.
    assert sizes.max() - sizes.min() <= 2


@pytest.mark.parametrize(
    ("second", "overlooked"),
    [(55, ["c0", "c1"]), (75, ["c0"]), (0, ["c0"]), (-5, ["c0"])],
    ids=["little", "much", "nothing", "given back"],
)
def test_who_is_overlooked_and_who_fades(second: int, overlooked: list[str]) -> None:
    """Ten customers, one to a tenth: the second brought lately what the case says."""
    names = [f"c{place}" for place in range(10)]
    none = {"c7": 0.9, "c8": 0.5, "c9": 0.51}
    valued = pd.DataFrame({"customer_id": names, "customer_lifetime_value": range(100, 0, -10)})
    valued = valued.assign(low=0, high=200, expected_purchases=1.0)
    valued["probability_of_none"] = [none.get(name, 0.1) for name in names]
    revenue = [60, second, 50, 45, 40, 35, 70, 80, 90, 100]
    assert _standing(valued, revenue, "overlooked") == overlooked
    # c0 is the best to come, and never among those who fade.
    first = valued.assign(probability_of_none=[0.9, *valued["probability_of_none"][1:]])
    assert _standing(first, [110, *revenue[1:]], "fading") == ["c9"]
    # c8 buys as likely as not, c7 is in the second fifth.
    assert _standing(valued, revenue, "fading") == ["c9"]
    for column in ("overlooked", "fading"):
        assert _standing(valued.assign(probability_of_none=0.9), [0] * 10, column) == []


def _standing(valued: pd.DataFrame, revenue: list[int], column: str) -> list[str]:
    brought = pd.DataFrame({"customer_id": valued["customer_id"], "revenue": revenue})
    tables = tables_between(dt.date(2023, 1, 1), dt.date(2026, 10, 31))
    ask = FakeAsk(tables, {"customer_lifetime_value": valued, "revenue_of_window": brought})
    rows = value_standing(ask, as_of=dt.date(2026, 10, 31))
    return [str(name) for name in rows.loc[rows[column], "customer_id"]]


def test_customers_of_equal_value_are_in_the_same_tenth(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    valued = ask(customer_lifetime_value, as_of=as_of)
    valued.loc[valued.index % 5 < 3, "customer_lifetime_value"] = 0
    brought = ask(revenue_of_window, as_of=as_of)
    fake = FakeAsk(ask.tables, {"customer_lifetime_value": valued, "revenue_of_window": brought})
    standing = value_standing(fake, as_of=as_of)
    assert standing.groupby("customer_lifetime_value")["tenth"].nunique().eq(1).all()
    assert standing["tenth"].max() <= 5


def test_customers_of_a_tenth_and_those_who_stand_out_are_rows_of_the_standing(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    standing = ask(value_standing, as_of=as_of)
    second = ask(standing_of, as_of=as_of, who=2)
    assert second["customer_id"].tolist() == standing.loc[standing["tenth"] == 2, "customer_id"].tolist()
    overlooked = ask(standing_of, as_of=as_of, who="overlooked")
    assert len(overlooked) == standing["overlooked"].sum()


def test_the_interval_of_the_total_is_at_least_as_wide_as_money_was_off_in_trials(
    workspace: Workspace,
) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    total = ask(expected_total, as_of=as_of).iloc[0]
    off = ask(money_trials, as_of=as_of)["error_of_money"].to_numpy("float64")
    half = (total["high"] - total["low"]) / 2 / total["customer_lifetime_value"]
    assert half >= 1.95 * np.sqrt(np.mean(off**2))


def test_what_came_in_money_is_what_known_customers_bought_after_the_cut_off(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    tried = ask(value_trials, as_of=as_of)
    own = tried[tried["chosen"].astype(bool)]
    rows = ask(money_trials, as_of=as_of)
    assert rows["cut_off"].tolist() == own["cut_off"].tolist()
    assert set(rows["forecast"]) == set(own["forecast"])
    for row, trial in zip(rows.to_dict("records"), own.to_dict("records"), strict=True):
        cut_off = row["cut_off"]
        until = cut_off + dt.timedelta(trial["horizon_days"])
        came = ask(held_out_cells, as_of=until, cut_off=cut_off, window_days=365)
        assert row["actual_money"] == came["held_out_revenue"].sum()
        assert row["error_of_money"] == pytest.approx(row["forecast_money"] / row["actual_money"] - 1)
        expected = _customer_by_customer(ask, cut_off, trial["horizon_days"], row["forecast"])
        assert row["forecast_money"] == pytest.approx(expected, rel=1e-3)


def _customer_by_customer(ask: Ask, cut_off: dt.date, days: int, forecast: str) -> float:
    """What purchases after a cut-off were forecast to sum to, one customer after the other."""
    fitted = ask(fitted_models, as_of=cut_off)
    histories = ask(purchase_histories, as_of=cut_off, window_days=days).assign(customers=1)
    form, spend = Form.named(forecast), spend_model_of(fitted)
    model = purchase_models_of(fitted)[form.model]
    assert spend is not None
    assert not form.in_season
    members = ask(customers_in_groups, as_of=cut_off, group=acquisition_channel)
    histories = histories.merge(members, on="customer_id").sort_values("group", ignore_index=True)
    cells = ask(grouped_cells, as_of=cut_off, group=acquisition_channel)
    purchases = np.concatenate(
        [
            forecasts(
                snapshot_of(part, days),
                (
                    (
                        form.by_channel
                        and fitted_to(cells[cells["group"] == channel], model.name, model.parameters)
                    )
                    or model,
                ),
                days / 7,
            )[form.plain]
            for channel, part in histories.groupby("group", sort=True)
        ]
    )
    times = histories["frequency"].to_numpy("float64")
    each = spend.expected_spend(
        times,
        histories["repeat_revenue"].to_numpy("float64") / np.maximum(times, 1) / ask.tables.money_scale,
    )
    return float(purchases @ each) * ask.tables.money_scale


def test_what_came_step_by_step_is_all_that_came(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    steps = ask(forecast_over_time, as_of=as_of)
    cut_off: dt.date = steps["cut_off"].iloc[0]
    after = ask(purchases_after, as_of=as_of, cut_off=cut_off)
    assert steps["actual"].sum() == after["purchases"].sum()
    trial = ask(value_trials, as_of=as_of)
    own = trial[trial["chosen"].astype(bool) & (trial["cut_off"] == cut_off)].iloc[0]
    assert steps["actual"].sum() == own["purchases"]
    off = steps["expected"].sum() / steps["actual"].sum() - 1
    assert off == pytest.approx(own["error_of_total"], abs=2e-3)
    tenths = ask(forecast_by_tenth, as_of=as_of)
    assert (tenths["actual"] * tenths["customers"]).sum() == pytest.approx(own["purchases"])
    assert tenths["tenth"].tolist() == list(range(1, 11))
    assert tenths["expected"].is_monotonic_decreasing


def test_a_new_customer_is_worth_more_the_longer_one_waits(workspace: Workspace) -> None:
    rows = workspace.ask()(new_customer_value, as_of=workspace.as_of, group=first_channel)
    for _, course in rows.groupby("group"):
        assert course["months"].tolist() == list(range(37))
        assert course["value"].is_monotonic_increasing
        assert course["value"].iloc[0] > 0
    longer = workspace.ask()(
        new_customer_value, as_of=workspace.as_of, group=first_channel, horizon_months=48
    )
    assert longer["months"].max() == 48
    dearer = workspace.ask()(
        new_customer_value, as_of=workspace.as_of, group=first_channel, discount_rate=0.5
    )
    assert (dearer.groupby("group")["value"].max() < rows.groupby("group")["value"].max()).all()
