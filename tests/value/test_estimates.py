"""What models make of a base: columns as told, totals that hold together, and refusals."""

from __future__ import annotations

import datetime as dt
import pickle
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.base import InputError
from crm_core.tables import Build, Estimate, Metric, Selection, Tables
from crm_core.value.estimates import (
    METRICS,
    CannotForecast,
    customer_lifetime_value,
    fitted_models,
    probability_of_none,
    value_trials,
)
from crm_core.value.estimates.fitted import SPEND_MODEL, purchase_models_of
from crm_core.value.metrics import purchase_cells, purchase_histories, spend_cells
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import bring, load_mapping, write_demonstration

pytestmark = pytest.mark.xdist_group("value of the demonstration")

MAPPING = "orders: {columns: {customer_id: who, ordered_at: day, amount: amount}}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    directory = tmp_path_factory.mktemp("value") / "base"
    write_demonstration(directory, customers=1_500, seed=4)
    opened = open_base(str(directory))
    yield opened
    opened.close()


def _brought(directory: Path, rows: list[str]) -> Workspace:
    file = directory / "orders.csv"
    file.write_text("\n".join(["who,day,amount", *rows]))
    bring(directory / "base", file, load_mapping(MAPPING), source_name=file.name)
    return open_base(str(directory / "base"))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_columns_are_those_that_are_told(workspace: Workspace, metric: Metric) -> None:
    rows = workspace.ask()(metric.build, as_of=workspace.as_of)
    _, _, returned = (metric.build.__doc__ or "").partition("Returns:")
    told = re.findall(r"`([a-z_]+)`", "".join(re.findall(r"- ((?:`[a-z_]+`(?:, )?)+):", returned)))
    assert rows.columns.tolist() == told
    assert len(rows)
    assert rows[list(metric.money)].dtypes.eq("int64").all()


def test_every_customer_has_a_value_between_its_bounds(workspace: Workspace) -> None:
    rows = workspace.ask()(customer_lifetime_value, as_of=workspace.as_of)
    everybody = workspace.ask()(purchase_histories, as_of=workspace.as_of)
    assert sorted(rows["customer_id"]) == sorted(everybody["customer_id"])
    numbers = rows.drop(columns="customer_id")
    assert np.isfinite(numbers.to_numpy("float64")).all()
    assert (numbers >= 0).all(axis=None)
    assert rows["probability_of_none"].between(0, 1).all()
    assert (rows["low"] <= rows["customer_lifetime_value"]).all()
    # Who most likely brings nothing has bounds of 0 around an expectation of a little more.
    likely = rows[rows["probability_of_none"] < 0.95]
    assert (likely["customer_lifetime_value"] <= likely["high"]).all()


class Watching:
    """Asks as another does, and knows what was asked."""

    def __init__(self, workspace: Workspace) -> None:
        self._ask = workspace.ask()
        self.asked: list[tuple[Build, object]] = []

    @property
    def tables(self) -> Tables:
        return self._ask.tables

    def __call__(self, build: Build, *, as_of: dt.date, **options: object) -> pd.DataFrame:
        self.asked.append((build, options.get("model")))
        # An estimate is followed to what it asks in turn.
        if isinstance(build, Estimate):
            return build(self, as_of=as_of, **options)
        return self._ask(build, as_of=as_of, **options)


def test_who_buys_nothing_is_told_without_fitting_spend(workspace: Workspace) -> None:
    as_of = workspace.as_of - dt.timedelta(days=200)
    watching = Watching(workspace)
    found = probability_of_none(watching, as_of=as_of, horizon_days=60)
    asked = [build for build, _ in watching.asked]
    assert spend_cells not in asked
    assert fitted_models not in asked
    assert SPEND_MODEL not in [model for _, model in watching.asked]
    models = purchase_models_of(workspace.ask()(fitted_models, as_of=as_of))
    model = max(models.values(), key=lambda one: one.log_likelihood)
    customers = workspace.ask()(purchase_histories, as_of=as_of).set_index("customer_id")
    history = customers.loc[found["customer_id"], ["frequency", "recency_days", "age_days"]]
    cells, cell = np.unique(history.to_numpy("float64"), axis=0, return_inverse=True)
    expected = model.probability_of_none(60 / 7, cells[:, 0], *(cells[:, 1:] / 7).T)[cell]
    assert found["probability_of_none"].tolist() == expected.tolist()
    again = probability_of_none(watching, as_of=as_of, horizon_days=60, once_more=True)
    x, t_x, t = history.to_numpy("float64").T
    expected = model.probability_of_none(60 / 7, x + (t_x < t), t / 7, t / 7)
    assert again["customer_id"].tolist() == found["customer_id"].tolist()
    assert again["probability_of_none"].to_numpy() == pytest.approx(expected)


def test_a_longer_horizon_is_worth_more_and_a_discount_less(workspace: Workspace) -> None:
    def total(**options: object) -> float:
        rows = workspace.ask()(customer_lifetime_value, as_of=workspace.as_of, **options)
        return float(rows["customer_lifetime_value"].sum())

    assert total(horizon_months=6) < total(horizon_months=12) < total(horizon_months=24)
    undiscounted = total(discount_rate=0.0)
    assert 0.9 * undiscounted < total(discount_rate=0.1) < undiscounted


def test_a_selection_has_values_of_its_own(workspace: Workspace) -> None:
    channel = workspace.choices.channels[0]
    ask = workspace.ask(Selection(channels=(channel,)))
    rows = ask(customer_lifetime_value, as_of=workspace.as_of)
    known = ask(purchase_cells, as_of=workspace.as_of)
    assert len(rows) == known["customers"].sum()


def test_nothing_after_the_day_is_known(workspace: Workspace, tmp_path: Path) -> None:
    """The values as of a day are those of a base that ends on it."""
    random = np.random.default_rng(3)
    rows = [
        f"c{one},{str(day)[:10]},{random.integers(5, 90)}"
        for one in range(120)
        for day in sorted(random.choice(pd.date_range("2022-01-01", "2023-12-31"), 6))
    ]
    as_of = dt.date(2023, 6, 30)
    early = [row for row in rows if row.split(",")[1] <= as_of.isoformat()]
    (tmp_path / "whole").mkdir()
    (tmp_path / "early").mkdir()
    found = []
    for name, some in (("whole", rows), ("early", early)):
        opened = _brought(tmp_path / name, some)
        values = opened.ask()(customer_lifetime_value, as_of=as_of, horizon_months=6)
        found.append(values.sort_values("customer_id", ignore_index=True))
        opened.close()
    pd.testing.assert_frame_equal(found[0], found[1])


@pytest.mark.parametrize(
    "options",
    [
        {"horizon_months": 0},
        {"horizon_months": -3},
        {"horizon_months": 601},
        {"discount_rate": -1.0},
        {"discount_rate": 1.5},
        {"discount_rate": float("nan")},
    ],
    ids=str,
)
def test_a_horizon_or_a_discount_that_is_none_is_refused(
    workspace: Workspace, options: dict[str, object]
) -> None:
    with pytest.raises(InputError) as caught:
        workspace.ask()(customer_lifetime_value, as_of=workspace.as_of, **options)
    assert caught.value.key == "metric.bad_option"


def test_who_never_came_back_cannot_be_forecast(tmp_path: Path) -> None:
    opened = _brought(tmp_path, [f"c{one},2023-01-0{1 + one % 9},10" for one in range(40)])
    assert opened.ask()(fitted_models, as_of=opened.as_of).empty
    assert opened.ask()(value_trials, as_of=opened.as_of).empty
    with pytest.raises(CannotForecast) as caught:
        opened.ask()(customer_lifetime_value, as_of=opened.as_of)
    assert caught.value.key == "value.too_few_customers"
    opened.close()


def test_what_was_all_given_back_has_no_value(tmp_path: Path) -> None:
    bought = [f"c{one},2023-0{month}-11,10" for one in range(40) for month in range(1, 8)]
    opened = _brought(tmp_path, [*bought, *(f"c{one},2023-08-01,-70" for one in range(40))])
    with pytest.raises(CannotForecast) as caught:
        opened.ask()(customer_lifetime_value, as_of=opened.as_of)
    assert caught.value.key == "value.nothing_kept"
    opened.close()


def test_a_refusal_comes_from_another_process_as_what_it_is() -> None:
    sent = pickle.dumps(CannotForecast("value.too_few_customers", least=30))
    error = pickle.loads(sent)  # noqa: S301 - our own bytes
    assert type(error) is CannotForecast
    assert (error.key, error.values) == ("value.too_few_customers", {"least": 30})
