"""Who comes back, period by period: cohorts and their mean."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.periods import Calendar, date_of, day_of, first_day, last_day, period_of
from crm_core.retention.answers.survival import named
from crm_core.retention.metrics import Counting, Length, cohort_retention
from crm_core.retention.rules import old_customers, wilson_interval
from crm_core.tables import Ask


@dataclass(frozen=True)
class Shape:
    """How cohorts are counted; as in `cohort_retention`.

    `within` is the group that is shown alone, where customers are parted by `group`; "" are those in none.
    """

    unit: Length = "month"
    calendar: Calendar = "gregorian"
    counting: Counting = "on"
    brackets: tuple[int, ...] = ()
    group: Grouping | None = None
    within: str | None = None


@dataclass(frozen=True)
class Cell:
    """Customers some periods after their first purchase; money in units of currency.

    `last_period` is the last one of a bracket. `margin` is None where a cost is not known. `cohorts` is more
    than 1 where it stands for several cohorts together: counts and money are then their sums.
    """

    period: int
    last_period: int
    customers: int
    retained: float
    retention_rate: float
    low: float
    high: float
    complete: bool
    orders: float
    revenue: float
    margin: float | None
    cumulative: float
    cohorts: int = 1

    @property
    def few(self) -> bool:
        """Whether its customers are too few to speak of a share of them."""
        return self.customers < ENOUGH_CUSTOMERS

    @property
    def sure(self) -> bool:
        """Whether it may be coloured and compared: what is not over yet, or rests on too few, is hatched."""
        return self.complete and not self.few


@dataclass(frozen=True)
class Row:
    """A cohort, or the cohorts of a group together; `old` where customers were only new to the records.

    One of `cohort` and `group` is None; the group of customers who are in none is "". `won` are the days
    between which its customers first bought, where it is a part of a cohort.
    """

    cohort: int | None
    group: str | None
    customers: int
    old: bool
    cells: tuple[Cell, ...]
    won: tuple[dt.date, dt.date] | None = None


@dataclass(frozen=True)
class Cohorts:
    """The whole answer.

    Args:
        as_of: Only what happened up to the end of this day exists.
        shape: How the rows are counted.
        customers: All actual customers.
        won_from: The day from which on first purchases are those of new customers; None where all are.
        rows: Cohorts, the earliest first; or groups, the largest first. A cohort that holds both old
            customers and new ones is two rows.
        mean: The complete cells of each period together; cohorts of old customers and cells without a
            complete one are left out.
        old_cohorts: How many of the first rows of cohorts are of customers won before `won_from`.
        with_margin: Whether every cost is known.
        currency: The base's currency.
    """

    as_of: dt.date
    shape: Shape
    customers: int
    won_from: dt.date | None
    rows: tuple[Row, ...]
    mean: tuple[Cell, ...]
    old_cohorts: int
    with_margin: bool
    currency: str

    @property
    def few(self) -> bool:
        """Whether there are too few customers to speak of shares."""
        return self.customers < ENOUGH_CUSTOMERS


def cohorts(ask: Ask, *, as_of: dt.date, shape: Shape) -> Cohorts | None:
    """What became of the customers of each cohort.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        shape: How cohorts are counted.

    Returns:
        The answer, or None when there is no customer yet, or none in the group that is shown alone.
    """
    monthly = _counted(ask, as_of, Shape(calendar=shape.calendar))
    if monthly.empty:
        return None
    won_from = _won_from(monthly, shape.calendar)
    found = _parted(ask, as_of, shape, won_from)
    old_cohorts = int(found.loc[found["old"], "cohort"].nunique())
    if shape.within is not None:
        found = found[found["group"] == shape.within]
        if found.empty:
            return None
    told = found[~found["old"]]
    parted = shape.group is not None and shape.within is None
    customers = int(monthly.loc[monthly["period"] == 0, "cohort_size"].sum())
    return Cohorts(
        as_of=as_of,
        shape=shape,
        customers=customers,
        won_from=won_from,
        rows=_groups(told, shape) if parted else _rows(found, shape, won_from),
        mean=_mean(told, shape),
        old_cohorts=old_cohorts,
        with_margin=bool(found["margin"].notna().all()),
        currency=ask.tables.currency,
    )


def _parted(ask: Ask, as_of: dt.date, shape: Shape, won_from: dt.date | None) -> pd.DataFrame:
    """The cohorts as they are counted, told apart by whether their customers are `old`; money in currency.

    New are the customers won from the very same day on, however long the periods are: the cohort in which
    that day lies is parted there.
    """
    scale = ask.tables.money_scale
    if won_from is None or _begins(_cohort_of(won_from, shape), shape) == won_from:
        found = _in_currency(_counted(ask, as_of, shape), scale)
        first = found["cohort"].min() if won_from is None else _cohort_of(won_from, shape)
        return found.assign(old=found["cohort"] < first)
    found = _counted(ask, as_of, shape, parted_on=won_from)
    is_new = found.pop("new").astype(bool)
    parts = (_in_currency(found[~is_new], scale), _in_currency(found[is_new], scale))
    return pd.concat([part.assign(old=old) for part, old in zip(parts, (True, False), strict=True)])


def _cohort_of(day: dt.date, shape: Shape) -> int:
    return int(period_of(day_of(day), shape.unit, shape.calendar))


def _begins(cohort: int, shape: Shape) -> dt.date:
    return date_of(first_day(cohort, shape.unit, shape.calendar))


def _counted(ask: Ask, as_of: dt.date, shape: Shape, *, parted_on: dt.date | None = None) -> pd.DataFrame:
    """The cohorts as they are counted; customers who are in no group are in ""."""
    found = ask(
        cohort_retention,
        as_of=as_of,
        unit=shape.unit,
        calendar=shape.calendar,
        counting=shape.counting,
        brackets=shape.brackets,
        **named(group=shape.group, parted_on=parted_on),
    )
    return found.assign(group="" if shape.group is None else found["group"].fillna(""))


def _in_currency(found: pd.DataFrame, scale: int) -> pd.DataFrame:
    """With money in units of currency, and what each customer has brought up to the end of a period."""
    found = found.sort_values(["group", "cohort", "period"], ignore_index=True)
    for name in ("revenue", "margin"):
        found[name] = found[name].astype("float64") / scale
    so_far = found.groupby(["group", "cohort"])["revenue"].cumsum()
    return found.assign(cumulative=so_far / found["cohort_size"])


def _won_from(monthly: pd.DataFrame, calendar: Calendar) -> dt.date | None:
    """From when on first purchases are those of new customers; told by months, whatever the periods."""
    sizes = monthly.loc[monthly["period"] == 0].sort_values("cohort")
    old = old_customers(sizes["cohort_size"].tolist())
    return date_of(first_day(int(sizes["cohort"].iloc[old]), "month", calendar)) if old else None


def _rows(found: pd.DataFrame, shape: Shape, won_from: dt.date | None) -> tuple[Row, ...]:
    return tuple(
        Row(
            cohort=int(rows["cohort"].iloc[0]),
            group=None,
            customers=int(rows["cohort_size"].iloc[0]),
            old=bool(rows["old"].iloc[0]),
            cells=tuple(_cell(row, shape) for row in rows.to_dict("records")),
            won=_won(int(rows["cohort"].iloc[0]), bool(rows["old"].iloc[0]), shape, won_from),
        )
        for _, rows in found.groupby(["cohort", ~found["old"]], sort=True)
    )


def _won(cohort: int, old: bool, shape: Shape, won_from: dt.date | None) -> tuple[dt.date, dt.date] | None:
    """Between which days the customers of a part of a cohort were won; None where it is a whole one."""
    if won_from is None or cohort != _cohort_of(won_from, shape) or _begins(cohort, shape) == won_from:
        return None
    if old:
        return _begins(cohort, shape), won_from - dt.timedelta(days=1)
    return won_from, date_of(last_day(cohort, shape.unit, shape.calendar))


def _groups(told: pd.DataFrame, shape: Shape) -> tuple[Row, ...]:
    """The cohorts of each group together, the largest group first."""
    rows = [
        Row(
            cohort=None,
            group=str(group),
            customers=int(some.drop_duplicates("cohort")["cohort_size"].sum()),
            old=False,
            cells=_mean(some, shape),
        )
        for group, some in told.groupby("group", sort=True)
    ]
    return tuple(sorted(rows, key=lambda row: -row.customers))


def _cell(row: dict[Any, Any], shape: Shape) -> Cell:
    return Cell(
        period=int(row["period"]),
        last_period=_last_period(int(row["period"]), shape),
        customers=int(row["cohort_size"]),
        retained=float(row["retained"]),
        retention_rate=float(row["retention_rate"]),
        low=float(row["low"]),
        high=float(row["high"]),
        complete=bool(row["complete"]),
        orders=float(row["order_count"]),
        revenue=float(row["revenue"]),
        margin=None if math.isnan(row["margin"]) else float(row["margin"]),
        cumulative=float(row["cumulative"]),
        cohorts=int(row.get("cohorts", 1)),
    )


def _last_period(period: int, shape: Shape) -> int:
    ends = dict(itertools.pairwise(shape.brackets))
    return ends.get(period, period + 1) - 1


def _mean(told: pd.DataFrame, shape: Shape) -> tuple[Cell, ...]:
    """The complete cells of each period together: sums, their share, and what a customer brought so far."""
    cells = []
    for period, rows in told[told["complete"]].groupby("period", sort=True):
        customers, retained = int(rows["cohort_size"].sum()), int(rows["retained"].sum())
        sums = {
            name: float(rows[name].sum(skipna=False))
            for name in ("retained", "order_count", "revenue", "margin")
        }
        so_far = float((rows["cohort_size"] * rows["cumulative"]).sum()) / customers
        low, high = wilson_interval(retained, customers)
        interval = {"retention_rate": retained / customers, "low": low, "high": high}
        counts = {"period": period, "cohort_size": customers, "complete": True, "cohorts": len(rows)}
        cells.append(_cell({**sums, **interval, **counts, "cumulative": so_far}, shape))
    return tuple(cells)
