"""Who comes back: cohorts, their mean, and what share of new customers bought again."""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from crm_core.base import Sentence, Share
from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.periods import Calendar, date_of, first_day, last_day
from crm_core.retention.metrics import Counting, Length, cohort_retention
from crm_core.retention.rules import HORIZONS_MONTHS, old_customers, wilson_interval
from crm_core.tables import Ask

_YEAR = 12


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

    One of `cohort` and `group` is None; the group of customers who are in none is "".
    """

    cohort: int | None
    group: str | None
    customers: int
    old: bool
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Comeback:
    """New customers who bought again within some months after the month of their first purchase.

    Args:
        months: How many months.
        first: The earliest cohort, as a month.
        last: The latest.
        customers: All of them.
        retained: Those who bought again.
        retention_rate: Their share.
        low: 95 % Wilson interval of it.
        high: Its upper end.
    """

    months: int
    first: int
    last: int
    customers: int
    retained: int
    retention_rate: float
    low: float
    high: float


@dataclass(frozen=True)
class Cohorts:
    """The whole answer.

    Args:
        as_of: Only what happened up to the end of this day exists.
        shape: How the rows are counted.
        headline: The answer in one sentence.
        context: What stands below it.
        customers: All actual customers.
        few: Whether these are too few to speak of shares.
        comeback: Customers won in the latest year of which it can be told; None where it cannot.
        before: Those won in the year before that.
        rows: Cohorts, the earliest first; or groups, the largest first.
        mean: The complete cells of each period together; cohorts of old customers and cells without a
            complete one are left out.
        old_cohorts: How many of the first cohorts hold customers who were only new to the records.
        with_margin: Whether every cost is known.
        currency: The base's currency.
    """

    as_of: dt.date
    shape: Shape
    headline: Sentence
    context: Sentence
    customers: int
    few: bool
    comeback: Comeback | None
    before: Comeback | None
    rows: tuple[Row, ...]
    mean: tuple[Cell, ...]
    old_cohorts: int
    with_margin: bool
    currency: str


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
    found = _in_currency(_counted(ask, as_of, shape), ask.tables.money_scale)
    old = _old(found)
    if shape.within is not None:
        found = found[found["group"] == shape.within]
        if found.empty:
            return None
    told = found[~found["cohort"].isin(old)]
    parted = shape.group is not None and shape.within is None
    comeback, before = _comebacks(ask, monthly, as_of, shape.calendar)
    customers = int(monthly.loc[monthly["period"] == 0, "cohort_size"].sum())
    return Cohorts(
        as_of=as_of,
        shape=shape,
        headline=_headline(customers, comeback),
        context=_context(customers, comeback, before, shape.calendar),
        customers=customers,
        few=customers < ENOUGH_CUSTOMERS,
        comeback=comeback,
        before=before,
        rows=_groups(told, shape) if parted else _rows(found, old, shape),
        mean=_mean(told, shape),
        old_cohorts=len(old),
        with_margin=bool(found["margin"].notna().all()),
        currency=ask.tables.currency,
    )


def _counted(ask: Ask, as_of: dt.date, shape: Shape) -> pd.DataFrame:
    """The cohorts as they are counted; customers who are in no group are in "".

    The engine remembers what it was asked, so that a group is only an option where there is one.
    """
    group = {} if shape.group is None else {"group": shape.group}
    found = ask(
        cohort_retention,
        as_of=as_of,
        unit=shape.unit,
        calendar=shape.calendar,
        counting=shape.counting,
        brackets=shape.brackets,
        **group,
    )
    return found.assign(group=found["group"].fillna("") if group else "")


def _in_currency(found: pd.DataFrame, scale: int) -> pd.DataFrame:
    """With money in units of currency, and what each customer has brought up to the end of a period."""
    found = found.sort_values(["group", "cohort", "period"], ignore_index=True)
    for name in ("revenue", "margin"):
        found[name] = found[name].astype("float64") / scale
    so_far = found.groupby(["group", "cohort"])["revenue"].cumsum()
    return found.assign(cumulative=so_far / found["cohort_size"])


def _old(found: pd.DataFrame) -> list[int]:
    """The cohorts of those who were customers before the records begin."""
    sizes = found.drop_duplicates(["group", "cohort"]).groupby("cohort")["cohort_size"].sum()
    return [int(cohort) for cohort in sizes.index[: old_customers(sizes.tolist())]]


def _rows(found: pd.DataFrame, old: Sequence[int], shape: Shape) -> tuple[Row, ...]:
    return tuple(
        Row(
            cohort=int(rows["cohort"].iloc[0]),
            group=None,
            customers=int(rows["cohort_size"].iloc[0]),
            old=int(rows["cohort"].iloc[0]) in old,
            cells=tuple(_cell(row, shape) for row in rows.to_dict("records")),
        )
        for _, rows in found.groupby("cohort", sort=True)
    )


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


def _comebacks(
    ask: Ask, monthly: pd.DataFrame, as_of: dt.date, calendar: Calendar
) -> tuple[Comeback | None, Comeback | None]:
    """Of the customers won in the latest year of which it can be told, and of those of the year before."""
    sizes = monthly.loc[monthly["period"] == 0].sort_values("cohort")
    first = sizes["cohort"].tolist()[old_customers(sizes["cohort_size"].tolist()) :]
    whole = monthly[monthly["complete"] & monthly["cohort"].isin(first)]
    reached = {months: int((whole["period"] == months).sum()) for months in HORIZONS_MONTHS}
    enough = [months for months in HORIZONS_MONTHS if reached[months] >= 2 * _YEAR]
    enough += [months for months in HORIZONS_MONTHS if reached[months]]
    if not enough:
        return None, None
    months = enough[0]
    again = _counted(ask, as_of, Shape(calendar=calendar, brackets=(1, months + 1)))
    again = again[again["complete"] & again["cohort"].isin(first)].sort_values("cohort")
    latest = _comeback(again.iloc[-_YEAR:], months)
    earlier = again.iloc[-2 * _YEAR : -_YEAR]
    return latest, None if latest is None or len(earlier) < _YEAR else _comeback(earlier, months)


def _comeback(rows: pd.DataFrame, months: int) -> Comeback | None:
    customers, retained = int(rows["cohort_size"].sum()), int(rows["retained"].sum())
    if customers < ENOUGH_CUSTOMERS:
        return None
    low, high = wilson_interval(retained, customers)
    first, last = int(rows["cohort"].iloc[0]), int(rows["cohort"].iloc[-1])
    return Comeback(months, first, last, customers, retained, retained / customers, low, high)


def _headline(customers: int, comeback: Comeback | None) -> Sentence:
    if customers < ENOUGH_CUSTOMERS:
        return Sentence("retention.headline.few", {"count": customers})
    if comeback is None:
        return Sentence("retention.headline.unknown")
    return Sentence(
        "retention.headline", {"share": Share(comeback.retention_rate, 0), "count": comeback.months}
    )


def _context(
    customers: int, comeback: Comeback | None, before: Comeback | None, calendar: Calendar
) -> Sentence:
    """On how many the headline rests and when they were won, its interval, and how it was the year before."""
    if customers < ENOUGH_CUSTOMERS:
        return Sentence("retention.context.few", {"least": ENOUGH_CUSTOMERS})
    if comeback is None:
        return Sentence("retention.context.too_early", {"count": customers, "least": ENOUGH_CUSTOMERS})
    values: dict[str, object] = {
        "customers": comeback.customers,
        "retained": comeback.retained,
        "count": comeback.months,
        "first": date_of(first_day(comeback.first, "month", calendar)),
        "last": date_of(last_day(comeback.last, "month", calendar)),
        "low": Share(comeback.low, 1),
        "high": Share(comeback.high, 1),
    }
    if before is None:
        return Sentence("retention.context", values)
    way = "level"
    if comeback.low > before.high:
        way = "up"
    elif comeback.high < before.low:
        way = "down"
    return Sentence(f"retention.context.{way}", {**values, "before": Share(before.retention_rate, 1)})
