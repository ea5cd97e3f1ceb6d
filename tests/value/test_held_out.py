"""Forecasts of real customers, from the file to the number, against what these customers then did.

The bounds are the best that other libraries and naive rules reach on the same customers and days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_core.value.estimates import customer_lifetime_value, purchase_models, value_trials
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import BaseSettings, bring, load_mapping

pytestmark = pytest.mark.xdist_group("value of real customers")

# The publications count every row as a transaction, also those that were free.
CDNOW = "orders: {columns: {customer_id: customer_id, ordered_at: date, amount: amount + 0.01}}"
RETAIL = """
orders:
  columns: {order_id: Invoice, customer_id: CustomerID, ordered_at: InvoiceDate, amount: Quantity * Price}
"""


def _brought(directory: Path, file: Path, mapping: str, currency: str) -> Workspace:
    settings = BaseSettings(currency=currency)
    bring(directory, file, load_mapping(mapping), source_name=file.name, settings=settings)
    return open_base(str(directory))


@pytest.fixture(scope="module")
def cdnow(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = _brought(tmp_path_factory.mktemp("cdnow"), shared_data / "cdnow.csv", CDNOW, "USD")
    yield workspace
    workspace.close()


@pytest.fixture(scope="module")
def retail(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    file = shared_data / "online_retail_ii.csv.gz"
    workspace = _brought(tmp_path_factory.mktemp("retail"), file, RETAIL, "GBP")
    yield workspace
    workspace.close()


def _days_bought(shared_data: Path, name: str) -> pd.DataFrame:
    """Customer and day of each purchase day, by pandas alone."""
    if name == "cdnow":
        rows = pd.read_csv(shared_data / "cdnow.csv", dtype={"customer_id": "str"})
        days = pd.DataFrame({"customer_id": rows["customer_id"], "day": pd.to_datetime(rows["date"])})
        return days.drop_duplicates()
    rows = pd.read_csv(shared_data / "online_retail_ii.csv.gz", dtype={"CustomerID": "str", "Invoice": "str"})
    rows = rows[rows["CustomerID"].notna() & ~rows["Invoice"].str.startswith("C") & (rows["Quantity"] > 0)]
    rows["day"] = pd.to_datetime(rows["InvoiceDate"]).dt.normalize()
    rows["amount"] = rows["Quantity"] * rows["Price"]
    days = rows.groupby(["CustomerID", "day"])["amount"].sum().reset_index()
    return days[days["amount"] > 0].rename(columns={"CustomerID": "customer_id"})


def _off(
    workspace: Workspace, days: pd.DataFrame, cut_off: dt.date, until: dt.date, months: int
) -> tuple[float, float]:
    """Mean absolute error and root of the mean squared error per customer."""
    found = workspace.ask()(customer_lifetime_value, as_of=cut_off, horizon_months=months)
    expected = found.set_index("customer_id")["expected_purchases"]
    after = days[(days["day"] > pd.Timestamp(cut_off)) & (days["day"] <= pd.Timestamp(until))]
    actual = after.groupby("customer_id").size().reindex(expected.index, fill_value=0)
    known = days.loc[days["day"] <= pd.Timestamp(cut_off), "customer_id"].nunique()
    assert len(expected) == known
    off = (expected - actual).to_numpy()
    return float(np.abs(off).mean()), float(np.sqrt((off**2).mean()))


def test_likelihoods_and_parameters_of_cdnow_from_the_file_on(cdnow: Workspace) -> None:
    rows = cdnow.ask()(purchase_models, as_of=dt.date(1997, 9, 30), horizon_months=9)
    found = rows.groupby("model")["log_likelihood"].first()
    for name, reached in {"bg_nbd": -95368.44, "mbg_nbd": -95336.96, "pareto_nbd": -95415.12}.items():
        assert found[name] > reached - 0.01, name
    values = rows[rows["model"] == "pareto_nbd"].set_index("parameter")["value"].round(3)
    assert values.to_dict() == {"r": 0.597, "alpha": 11.586, "s": 0.522, "beta": 8.828}


def test_cdnow_over_nine_months(cdnow: Workspace, shared_data: Path) -> None:
    days = _days_bought(shared_data, "cdnow")
    mae, rmse = _off(cdnow, days, dt.date(1997, 9, 30), dt.date(1998, 6, 30), 9)
    assert round(mae, 3) <= 0.794
    assert round(rmse, 3) <= 1.726


def test_online_retail_over_a_year(retail: Workspace, shared_data: Path) -> None:
    days = _days_bought(shared_data, "retail")
    mae, rmse = _off(retail, days, dt.date(2010, 12, 9), dt.date(2011, 12, 9), 12)
    assert mae <= 2.144
    assert rmse <= 3.517


def test_online_retail_over_a_quarter(retail: Workspace, shared_data: Path) -> None:
    days = _days_bought(shared_data, "retail")
    # Three months from 10 September are 91 days: one more than the file has, to the forecast's disadvantage.
    mae, rmse = _off(retail, days, dt.date(2011, 9, 10), dt.date(2011, 12, 10), 3)
    assert mae <= 0.696
    assert rmse <= 1.206


def test_trials_know_nothing_of_what_came_after(cdnow: Workspace, shared_data: Path, tmp_path: Path) -> None:
    """Trials up to a day are those of a base that ends on it."""
    until = dt.date(1998, 3, 31)
    rows = pd.read_csv(shared_data / "cdnow.csv", dtype="str")
    file = tmp_path / "early.csv"
    early_rows = rows[pd.to_datetime(rows["date"]) <= pd.Timestamp(until)]
    assert 0 < len(early_rows) < len(rows)
    early_rows.to_csv(file, index=False)
    early = _brought(tmp_path / "base", file, CDNOW, "USD")
    try:
        found, cut = (one.ask()(value_trials, as_of=until, horizon_months=3) for one in (cdnow, early))
    finally:
        early.close()
    assert found["cut_off"].nunique() > 1
    pd.testing.assert_frame_equal(found, cut)
