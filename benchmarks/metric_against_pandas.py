"""The metrics against plain pandas on the same Parquet parts: only that the numbers are equal has to hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np
import pandas as pd

from benchmarks.bases import demonstration_base, fresh, warm
from benchmarks.questions import difference_between
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from benchmarks.timing import seconds_of
from crm_core.engine.versions import BaseDirectory
from crm_core.overview.metrics import lifecycle, revenue_by_period
from crm_core.periods import day_of
from crm_core.segments.metrics import abc_summary, rfm, rfm_grid, segment_summary
from crm_core.segments.rules import SEGMENT_GRID
from crm_core.tables import Selection
from crm_core.workspace import Workspace, open_base

_EARLIER_DAYS: Final = 100
_COLUMNS: Final = ["customer_id", "order_id", "ordered_at", "amount", "cost", "currency"]


def run(settings: Settings) -> Report:
    """Time each metric at default filters, as the first question about an earlier day, and in pandas."""
    base = demonstration_base(settings, settings.customers)
    workspace = open_base(str(base), limits=settings.limits())
    as_of = workspace.as_of
    loaded: list[pd.DataFrame] = []
    lines: list[Figure | Check] = [
        Figure(
            "pandas: reading and converting the lines",
            seconds_of(lambda: loaded.append(_lines(base, workspace))),
        )
    ]
    frame = loaded[0]
    for name, (build, by_pandas) in _QUESTIONS.items():
        expected: list[pd.DataFrame] = []
        theirs = seconds_of(lambda: expected.append(by_pandas(frame, as_of)))  # noqa: B023 - called at once
        found = fresh(workspace)(build, as_of=as_of)
        ours = median(
            seconds_of(lambda: fresh(workspace)(build, as_of=as_of))  # noqa: B023 - called at once
            for _ in range(settings.pairs)
        )
        earlier = _first_about_earlier(base, settings, build)
        difference = difference_between(found, expected[0])
        lines += [
            Figure(f"{name}: from derived tables", ours),
            Figure(f"{name}: as the first about an earlier day", earlier),
            Figure(f"{name}: pandas, lines in memory", theirs),
            Check(f"{name}: equal", not difference, difference),
        ]
    workspace.close()
    about = f"{len(frame):,} order lines, {settings.threads} threads"
    return Report("metric_against_pandas", about, tuple(lines))


def _first_about_earlier(base: Path, settings: Settings, build: Callable[..., Any]) -> float:
    workspace = open_base(str(base), limits=settings.limits())
    try:
        warm(workspace)
        day = workspace.as_of - dt.timedelta(days=_EARLIER_DAYS)
        return seconds_of(lambda: workspace.ask(Selection())(build, as_of=day))
    finally:
        workspace.close()


def _lines(base: Path, workspace: Workspace) -> pd.DataFrame:
    """The order lines with their amounts in the base's currency, as an analyst would read them.

    The demonstration base knows the cost of every line and the rate of every day; what follows leans on it.
    """
    directory = BaseDirectory(base)
    manifest = directory.current()
    if manifest is None:
        raise FileNotFoundError(base)
    lines, rates = (
        pd.concat(
            [pd.read_parquet(directory.part_path(part), columns=columns) for part in manifest.parts_of(name)]
        )
        for name, columns in (("orders", _COLUMNS), ("rates", ["currency", "valid_from", "rate"]))
    )
    lines["day"] = lines["ordered_at"].dt.normalize().astype("datetime64[s]").astype("int64") // 86_400
    rates["day"] = pd.to_datetime(rates["valid_from"]).astype("datetime64[s]").astype("int64") // 86_400
    lines = lines.merge(rates[["currency", "day", "rate"]], on=["currency", "day"], how="left")
    foreign = lines["currency"].notna() & (lines["currency"] != workspace.tables.currency)
    scale = workspace.tables.money_scale / 10_000
    for column in ("amount", "cost"):
        exact = lines[column].astype("float64") * lines["rate"] * scale
        rounded = np.sign(exact) * np.floor(exact.abs() + 0.5)
        lines[column] = lines[column].astype("float64").where(~foreign, rounded).astype("Int64")
    told = ~foreign | lines["rate"].notna()
    return lines.loc[told, ["customer_id", "order_id", "ordered_at", "day", "amount", "cost"]]


def _orders(lines: pd.DataFrame) -> pd.DataFrame:
    known = lines[lines["customer_id"].notna()]
    grouped = known.groupby(["customer_id", "order_id"], sort=False)
    return grouped.agg(day=("day", "min"), revenue=("amount", "sum"), cost=("cost", "sum")).reset_index()


def _totals(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    orders = _orders(lines)
    money = orders.groupby("customer_id").agg(revenue=("revenue", "sum"), cost=("cost", "sum"))
    bought = orders[orders["revenue"] > 0].groupby("customer_id")
    totals = bought.agg(last_day=("day", "max"), order_count=("day", "size")).join(money)
    totals["days_since_last_order"] = day_of(as_of) - totals["last_day"]
    totals["margin"] = totals["revenue"] - totals["cost"]
    return totals.drop(columns=["last_day", "cost"]).reset_index()


def _fifths(values: pd.Series) -> pd.Series:
    return (5 * (values.rank(method="min") - 1) // len(values)).astype("int64")


def _rfm(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    scored = _totals(lines, as_of)
    scored["r_score"] = 5 - _fifths(scored["days_since_last_order"])
    scored["f_score"] = 1 + _fifths(scored["order_count"])
    scored["m_score"] = 1 + _fifths(scored["revenue"])
    value_score = (scored["f_score"] + scored["m_score"] + 1) // 2
    scored["segment"] = np.array(SEGMENT_GRID)[scored["r_score"] - 1, value_score - 1]
    return scored


def _segment_summary(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    return (
        _rfm(lines, as_of)
        .groupby("segment")
        .agg(
            customers=("revenue", "size"),
            order_count=("order_count", "sum"),
            revenue=("revenue", "sum"),
            margin=("margin", "sum"),
            last_order_days=("days_since_last_order", "sum"),
        )
        .reset_index()
    )


def _rfm_grid(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    scored = _rfm(lines, as_of)
    scored["value_score"] = (scored["f_score"] + scored["m_score"] + 1) // 2
    cells = scored.groupby(["r_score", "value_score", "segment"])
    return cells.agg(customers=("revenue", "size"), revenue=("revenue", "sum")).reset_index()


def _abc_summary(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    ranked = _totals(lines, as_of).sort_values(["margin", "customer_id"], ascending=[False, True])
    gain = ranked["margin"].clip(lower=0)
    before = (gain.cumsum() - gain).astype("float64") / float(gain.sum())
    ranked["abc_class"] = np.select(
        [ranked["margin"] <= 0, before < 0.80, before < 0.95], ["C", "A", "B"], "C"
    )
    classes = ranked.groupby("abc_class")
    return classes.agg(customers=("margin", "size"), value=("margin", "sum")).reset_index()


def _months(days: pd.Series) -> pd.Series:
    moments = pd.to_datetime(days * 86_400, unit="s")
    return moments.dt.year * 12 + moments.dt.month - 1


def _spine(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    periods = np.arange(_months(lines["day"].agg(["min"])).iloc[0], as_of.year * 12 + as_of.month)
    starts = [dt.date(int(period) // 12, int(period) % 12 + 1, 1) for period in periods]
    following = [*starts[1:], (starts[-1] + dt.timedelta(days=31)).replace(day=1)]
    complete = [end <= as_of + dt.timedelta(days=1) for end in following]
    return pd.DataFrame({"period": periods, "period_start": starts, "complete": complete})


def _buyers(lines: pd.DataFrame) -> pd.DataFrame:
    """Customers by month with a purchase: purchases, and what they were to the month before."""
    orders = _orders(lines)
    orders = orders[orders["revenue"] > 0]
    by_month = orders.assign(period=_months(orders["day"])).groupby(["customer_id", "period"])
    buyers = by_month.size().rename("order_count").reset_index()
    before = buyers.groupby("customer_id")["period"].shift()
    buyers["is_new"] = before.isna()
    buyers["is_returning"] = buyers["period"] - 1 == before
    return buyers


def _lifecycle(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    months = _buyers(lines).groupby("period")
    found = months.agg(new=("is_new", "sum"), returning=("is_returning", "sum"), active=("period", "size"))
    laid = _spine(lines, as_of).merge(found.reset_index(), on="period", how="left").fillna(0)
    laid = laid.astype({"new": "int64", "returning": "int64", "active": "int64"})
    laid["resurrected"] = laid["active"] - laid["new"] - laid["returning"]
    laid["dormant"] = laid["active"].shift(fill_value=0) - laid["returning"]
    return laid


def _revenue_by_period(lines: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    months = _buyers(lines).groupby("period")
    bought = months.agg(
        order_count=("order_count", "sum"),
        active_customers=("order_count", "size"),
        new_customers=("is_new", "sum"),
    )
    period, amount = _months(lines["day"]), lines["amount"]
    sold = pd.DataFrame(
        {
            "revenue": amount.groupby(period).sum(),
            "guest_revenue": amount.where(lines["customer_id"].isna(), 0).groupby(period).sum(),
            "returned": amount.where(amount < 0, 0).groupby(period).sum(),
            "cost": lines["cost"].groupby(period).sum(),
        }
    ).rename_axis("period")
    laid = _spine(lines, as_of).merge(sold.reset_index(), on="period", how="left")
    laid = laid.merge(bought.reset_index(), on="period", how="left").fillna(0)
    laid["customer_revenue"] = laid["revenue"] - laid["guest_revenue"]
    laid["margin"] = laid["revenue"] - laid["cost"]
    return laid.drop(columns="cost")


Build = Callable[..., Any]

_QUESTIONS: Final[Mapping[str, tuple[Build, Callable[[pd.DataFrame, dt.date], pd.DataFrame]]]] = {
    "rfm": (rfm, _rfm),
    "segment_summary": (segment_summary, _segment_summary),
    "rfm_grid": (rfm_grid, _rfm_grid),
    "abc_summary": (abc_summary, _abc_summary),
    "revenue_by_period": (revenue_by_period, _revenue_by_period),
    "lifecycle": (lifecycle, _lifecycle),
}
