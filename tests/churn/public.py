"""Public data sets as snapshots, with features by pandas: what the models are worth on them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import logit

from crm_core.churn.models import Categories, Snapshot
from crm_core.churn.models.columns import Column
from crm_core.value.models import PurchaseCells, fit_pareto_nbd

HORIZON = 90
WINDOWS = (30, 60, 90, 180, 365)
DECAYS = (30, 60, 120, 240)


@cache
def online_retail(directory: Path) -> pd.DataFrame:
    """Orders of Online Retail II of known customers: customer, day, amount."""
    lines = pd.read_csv(
        directory / "online_retail_ii.csv.gz", dtype={"CustomerID": str, "Invoice": str}
    ).dropna(subset="CustomerID")
    lines["amount"] = lines["Quantity"] * lines["Price"]
    lines["at"] = pd.to_datetime(lines["InvoiceDate"])
    orders = lines.groupby(["CustomerID", "Invoice"]).agg(
        at=("at", "min"), amount=("amount", "sum"), lines=("StockCode", "nunique"), units=("Quantity", "sum")
    )
    return _by_day(orders.reset_index().rename(columns={"CustomerID": "customer"}))


@cache
def cdnow(directory: Path) -> pd.DataFrame:
    """Orders of CDNOW, all customers: customer, day, amount."""
    orders = pd.read_csv(directory / "cdnow.csv", parse_dates=["date"])
    orders = orders.rename(columns={"customer_id": "customer", "date": "at", "quantity": "units"})
    return _by_day(orders.assign(lines=1))


def _by_day(orders: pd.DataFrame) -> pd.DataFrame:
    return orders.assign(day=(orders["at"].dt.normalize() - pd.Timestamp(2000, 1, 1)).dt.days)


def snapshot(orders: pd.DataFrame, day: int) -> Snapshot:
    """Who had bought by the end of a day, and whether they did not in the horizon after it."""
    seen = orders[orders["day"] <= day]
    bought = seen[seen["amount"] > 0]
    days = bought.groupby(["customer", "day"], as_index=False)[["amount", "lines", "units"]].sum()
    days["gap"] = days.groupby("customer")["day"].diff()
    each = days.groupby("customer")
    gap = each["gap"]
    table = pd.DataFrame({"last": each["day"].max(), "first": each["day"].min(), "purchases": each.size()})
    who = table.index
    table["days_since_last_order"] = day - table["last"]
    table["tenure"] = day - table["first"]
    table["gap_mean"], table["gap_spread"], table["gap_last"] = gap.mean(), gap.std(), gap.last()
    table["overdue"] = table["days_since_last_order"] / table["gap_mean"]
    table["overdue_longest"] = table["days_since_last_order"] / gap.max()
    table["overdue_middle"] = table["days_since_last_order"] / gap.median().clip(lower=1)
    table["overdue_spreads"] = (table["days_since_last_order"] - table["gap_mean"]) / (
        table["gap_spread"] + 1
    )
    table["irregular"] = table["gap_spread"] / table["gap_mean"]
    table["spend"], table["spend_last"] = each["amount"].mean(), each["amount"].last()
    table["lines"], table["units"] = each["lines"].mean(), each["units"].mean()
    table["rate"] = table["purchases"] / (table["tenure"] + 30)
    table["months"] = (days["day"] // 30).groupby(days["customer"]).nunique()
    for window in WINDOWS:
        inside = days[days["day"] > day - window].groupby("customer")
        table[f"purchases_{window}"] = inside.size().reindex(who).fillna(0)
        table[f"revenue_{window}"] = inside["amount"].sum().reindex(who).fillna(0)
    table["trend_90"] = 2 * table["purchases_90"] - table["purchases_180"]
    table["trend_180"] = 2 * table["purchases_180"] - table["purchases_365"]
    for decay in DECAYS:
        weights = np.exp((days["day"] - day) / decay).groupby(days["customer"]).sum()
        table[f"decayed_{decay}"] = np.log(weights + 1e-6)
    back = seen[seen["amount"] <= 0].groupby("customer")
    table["returns"] = back.size().reindex(who).fillna(0)
    table["returned"] = -back["amount"].sum().reindex(who).fillna(0)
    table["days_since_return"] = (day - back["day"].max()).reindex(who)
    table["none"] = _log_odds_of_none(table)
    later = orders[(orders["day"] > day) & (orders["day"] <= day + HORIZON) & (orders["amount"] > 0)]
    columns: dict[str, Column] = {
        str(name): table[name].to_numpy(np.float64) for name in table.drop(columns=["last", "first"])
    }
    return Snapshot(day, columns, (~who.isin(later["customer"])).astype(np.float64))


def _log_odds_of_none(table: pd.DataFrame) -> np.ndarray:
    """Of no purchase in the horizon, by the Pareto/NBD of the customers as of the day."""
    frequency = table["purchases"].to_numpy(np.float64) - 1
    recency = (table["last"] - table["first"]).to_numpy(np.float64) / 7
    age = table["tenure"].to_numpy(np.float64) / 7
    model = fit_pareto_nbd(PurchaseCells.of_customers(frequency, recency, age))
    chance = model.probability_of_none(HORIZON / 7, frequency, recency, age)
    return np.asarray(logit(np.clip(chance, 1e-9, 1 - 1e-9)))


def telco(directory: Path) -> Snapshot:
    """Customers of a telephone company, of one day, who left and who stayed."""
    table = pd.read_csv(directory / "telco_churn.csv", dtype=str)
    columns: dict[str, Column] = {}
    for name in table.columns.drop(["customerID", "Churn"]):
        if name in ("tenure", "MonthlyCharges", "TotalCharges"):
            columns[name] = pd.to_numeric(table[name], errors="coerce").to_numpy(np.float64)
        else:
            columns[name] = Categories.of(table[name].tolist())
    return Snapshot(0, columns, np.asarray(table["Churn"] == "Yes", np.float64))
