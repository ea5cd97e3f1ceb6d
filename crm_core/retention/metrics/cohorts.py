"""Cohorts: customers by the period of their first purchase, and who of them bought in the periods after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final, Literal

import ibis
import ibis.expr.types as ir

from crm_core.base import InputError
from crm_core.customers.metrics import (
    NO_DAY_AFTER,
    NO_DAY_BEFORE,
    Grouping,
    margin_of,
    order_totals,
    purchase_days,
)
from crm_core.expressions import integers, wilson_interval
from crm_core.periods import Calendar, day_of, first_day, period_of
from crm_core.retention.rules import MOST_BRACKETS, are_brackets
from crm_core.tables import Tables

Length = Literal["week", "month", "quarter", "year"]
Counting = Literal["on", "on_or_after", "rolling"]

_DAYS_OF_MONTH: Final = 32
"""More than any has, so that a day later in a later month is told apart from an earlier one by division."""
_MONEY: Final = ("revenue", "cost", "uncosted_line_count")
_MEASURES: Final = ("cohort_size", "periods_over", "retained", "order_count", *_MONEY)


@dataclass(frozen=True)
class _Clock:
    """How the time since a first purchase is told."""

    unit: Length
    calendar: Calendar
    rolling: bool
    brackets: tuple[int, ...]

    def cohort(self, day: Any) -> Any:
        return period_of(day, self.unit, self.calendar)

    def mark(self, day: Any) -> Any:
        """A number by whose difference periods are told; see `between`."""
        if not self.rolling:
            return self.cohort(day)
        if self.unit == "week":
            return day
        month = period_of(day, "month", self.calendar)
        return _DAYS_OF_MONTH * month + day - first_day(month, "month", self.calendar)

    def between(self, first_mark: Any, mark: Any) -> Any:
        """Periods from a first purchase to a day that is not before it."""
        marks = {
            "week": 7,
            "month": _DAYS_OF_MONTH,
            "quarter": 3 * _DAYS_OF_MONTH,
            "year": 12 * _DAYS_OF_MONTH,
        }
        passed = mark - first_mark
        return passed // marks[self.unit] if self.rolling else passed

    def bracket(self, period: Any) -> Any:
        """The first period of the bracket that a period lies in; -1 before all of them."""
        if not self.brackets:
            return period
        *begins, end = self.brackets
        edges = [(period >= edge, edge) for edge in (end, *reversed(begins))]
        return ibis.cases(*edges, else_=-1).cast("int64")

    def last_of(self, period: ir.IntegerColumn) -> ir.IntegerValue:
        """The last period of the bracket that begins with a period."""
        if not self.brackets:
            return period
        ends = dict(zip(self.brackets, self.brackets[1:], strict=False))
        return period.cases(*((begin, end - 1) for begin, end in ends.items()))


def cohort_retention(
    tables: Tables,
    *,
    as_of: dt.date,
    unit: Length = "month",
    calendar: Calendar = "gregorian",
    counting: Counting = "on",
    brackets: tuple[int, ...] = (),
    group: Grouping | None = None,
    parted_on: dt.date | None = None,
) -> ir.Table:
    """Of the customers whose first purchase lies in a period, how many bought again in each period after it.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        unit: Length of the period: `week`, `month`, `quarter` or `year`.
        calendar: `gregorian`, `jalali` or `buddhist`.
        counting: Whom `retained` counts. `on`: who bought in the period. `on_or_after`: who bought in it or
            in any later one. `rolling`: as `on`, but periods are told from the day of each customer's first
            purchase and not from the calendar: a month later begins on the same day of the month, or on the
            first of the following where a month has no such day.
        brackets: Several periods in one cell: the first period of each bracket and, last, the one after them
            all, rising: 1,4,7,13 makes 1 to 3, 4 to 6, and 7 to 12.
        group: By what the customers of each cohort are parted besides: the name of a grouping.
        parted_on: The day on which the cohort in which it lies is parted in two: customers whose first
            purchase lies before it, and those of this day and later.

    Returns:
        Grain: a cohort x period, from the period of the first purchase, 0, to that of `as_of`, none left out.
        With `group`, of each group: its text is in a column `group` before all others, null for customers who
        are in none. With `parted_on`, of each part: in a column `new` after it, whether the first purchases
        lie on that day or later. An order belongs to the period of its earliest line.

        - `cohort`: integer of the calendar period of the first purchase
        - `period`: periods since then, 0 or more; the first one of a bracket
        - `cohort_size`: customers of the cohort, 1 or more
        - `retained`: those of them who are counted
        - `retention_rate`: `retained` / `cohort_size`, 0 to 1
        - `complete`: whether the whole period lies up to `as_of`, for every customer of the cohort
        - `low`: 95 % Wilson interval of the rate, its lower end, 0 to 1
        - `high`: its upper end, 0 to 1
        - `order_count`: purchases in the period
        - `revenue`: money, what was sold to the cohort in the period, returns included
        - `margin`: money, revenue less cost; null where the cost of any line is not known

    Raises:
        InputError: The brackets are not rising numbers from 0 on, or there are more than 24.
        NotProvided: The base does not know what `group` needs.
    """
    tables = tables.until(as_of)
    clock = _clock(unit, calendar, counting, brackets)
    members = _members(tables, clock, group)
    keys = ["cohort"] if group is None else ["group", "cohort"]
    if parted_on is not None:
        members = members.mutate(new=members.first_day >= day_of(parted_on))
        keys.insert(-1, "new")
    cells = _cells(members, keys, clock, tables, as_of)
    summed = _summed(cells, _bought(tables, members, clock), _sold(tables, members, clock), keys, counting)
    # What lies beyond the last bracket is only of use for who bought at any time after.
    summed = summed.filter(summed.cohort_size > 0)
    low, high = wilson_interval(summed.retained, summed.cohort_size)
    return summed.select(
        *keys,
        "period",
        "cohort_size",
        "retained",
        retention_rate=summed.retained.cast("float64") / summed.cohort_size.cast("float64"),
        complete=clock.last_of(summed.period) < summed.periods_over,
        low=low,
        high=high,
        order_count=summed.order_count,
        revenue=summed.revenue,
        margin=margin_of(summed),
    ).order_by(*keys, "period")


def _summed(
    cells: ir.Table, bought: ir.Table, sold: ir.Table, keys: list[str], counting: Counting
) -> ir.Table:
    """The measures of every cell: who came back in it, how often they bought, and what was sold to them."""
    counted = "is_last" if counting == "on_or_after" else "is_first"
    met = bought.group_by(*keys, "period").agg(
        retained=bought[counted].sum().cast("int64"), order_count=bought.order_count.sum().cast("int64")
    )
    earned = sold.group_by(*keys, "period").agg(**{name: sold[name].sum().cast("int64") for name in _MONEY})
    # Not joins, which would lose the group of those who are in none.
    laid = ibis.union(*(_measured(part, keys) for part in (cells, met, earned)))
    summed = laid.group_by(*keys, "period").agg(
        **{name: laid[name].sum().cast("int64") for name in _MEASURES}
    )
    if counting != "on_or_after":
        return summed
    later = ibis.cumulative_window(group_by=keys, order_by=summed.period.desc())
    return summed.mutate(retained=summed.retained.sum().over(later).cast("int64"))


def customers_of_cohort(
    tables: Tables,
    *,
    as_of: dt.date,
    cohort: int,
    period: int | None = None,
    came_back: bool = True,
    unit: Length = "month",
    calendar: Calendar = "gregorian",
    counting: Counting = "on",
    brackets: tuple[int, ...] = (),
    group: Grouping | None = None,
    within: str | None = None,
    won_from: dt.date | None = None,
    won_to: dt.date | None = None,
) -> ir.Table:
    """The customers behind a cell of `cohort_retention`, or those who are missing from it.

    Args:
        tables: `orders` (order line).
        as_of: Only what happened up to the end of this day exists.
        cohort: Integer of the calendar period of their first purchase.
        period: Periods since then, the first one of a bracket; all customers of the cohort without it.
        came_back: Whether those who are counted in the period, or the others.
        unit: As in `cohort_retention`, like all that follows.
        calendar: Whose periods.
        counting: Who is counted.
        brackets: Several periods in one cell.
        group: By what the customers are parted besides.
        within: In which of the groups they are, null for who is in none; without `group` of no account.
        won_from: Only those whose first purchase lies on this day or later.
        won_to: Only those whose first purchase lies on this day or earlier.

    Returns:
        Grain: a customer.

        - `customer_id`: text

    Raises:
        As `cohort_retention`.
    """
    tables = tables.until(as_of)
    clock = _clock(unit, calendar, counting, brackets)
    members = _members(tables, clock, group)
    members = members.filter(members.cohort == cohort)
    if won_from is not None:
        members = members.filter(members.first_day >= day_of(won_from))
    if won_to is not None:
        members = members.filter(members.first_day <= day_of(won_to))
    if group is not None:
        members = members.filter(members.group.isnull() if within is None else members.group == within)
    if period is None:
        return members.select("customer_id")
    bought = _bought(tables, members, clock)
    if counting == "on_or_after":
        kept = bought.filter(bought.is_last == 1, bought.period >= period)
    else:
        kept = bought.filter(bought.is_first == 1, bought.period == period)
    if came_back:
        return kept.select("customer_id")
    # Not an anti-join, for which SQLite looks through all purchases once for each customer.
    told = ibis.union(
        members.select("customer_id", back=ibis.literal(0, "int64")),
        kept.select("customer_id", back=ibis.literal(1, "int64")),
    )
    told = told.group_by("customer_id").agg(back=told.back.sum())
    return told.filter(told.back == 0).select("customer_id")


def _clock(unit: Length, calendar: Calendar, counting: Counting, brackets: tuple[int, ...]) -> _Clock:
    if brackets and not are_brackets(brackets):
        raise InputError("retention.brackets.bad", value=",".join(map(str, brackets)), most=MOST_BRACKETS)
    return _Clock(unit, calendar, counting == "rolling", brackets)


def _members(tables: Tables, clock: _Clock, group: Grouping | None) -> ir.Table:
    """Customers: first day, `cohort`, and the `group` that they are in."""
    # Not from the customers' totals: under a filter those would be made of all orders once more.
    days = purchase_days(tables)
    first = days.filter(days.previous_purchase_day == NO_DAY_BEFORE).rename(first_day="day")
    members = first.select(
        "customer_id",
        "first_day",
        first_mark=clock.mark(first.first_day),
        cohort=clock.cohort(first.first_day),
    )
    if group is None:
        return members
    return members.left_join(group(tables), "customer_id").select(*members.columns, "group")


def _cells(members: ir.Table, keys: list[str], clock: _Clock, tables: Tables, as_of: dt.date) -> ir.Table:
    """Every cell with the size of its cohort, and how many periods are over for all of its customers."""
    today = day_of(as_of)
    current = clock.cohort(today)
    sizes = members.group_by(*keys).agg(
        cohort_size=members.count(),
        periods_over=clock.between(members.first_mark, clock.mark(today + 1)).min().cast("int64"),
    )
    if clock.brackets:
        begins = [ibis.literal(one, "int64").name("n").as_table() for one in clock.brackets[:-1]]
        spine = ibis.union(*begins) if len(begins) > 1 else begins[0]
    else:
        spine = integers(max(current - clock.cohort(tables.first_day) + 1, 0))
    cells = sizes.cross_join(spine)
    return cells.filter(cells.cohort + cells.n <= current).rename(period="n")


def _bought(tables: Tables, members: ir.Table, clock: _Clock) -> ir.Table:
    """Purchase days with `period`, and as 1 or 0 what they are to their customer: `is_first`, `is_last`.

    The first of those in one cell, and the last one of all.
    """
    days = purchase_days(tables).inner_join(members, "customer_id")
    once = days.previous_purchase_day == NO_DAY_BEFORE
    before = clock.between(days.first_mark, clock.mark(days.previous_purchase_day))
    days = days.mutate(
        period=clock.bracket(clock.between(days.first_mark, clock.mark(days.day))),
        period_before=ibis.ifelse(once, -1, clock.bracket(before)),
    )
    days = days.filter(days.period >= 0)
    return days.mutate(
        is_first=ibis.ifelse(days.period_before < days.period, 1, 0),
        is_last=ibis.ifelse(days.next_purchase_day == NO_DAY_AFTER, 1, 0),
    )


def _sold(tables: Tables, members: ir.Table, clock: _Clock) -> ir.Table:
    """Orders, returns among them, with `period`."""
    orders = order_totals(tables).inner_join(members, "customer_id")
    if clock.rolling:
        orders = orders.filter(orders.day >= orders.first_day)
    orders = orders.mutate(period=clock.bracket(clock.between(orders.first_mark, clock.mark(orders.day))))
    return orders.filter(orders.period >= 0)


def _measured(part: ir.Table, keys: list[str]) -> ir.Table:
    """Rows by cell with every measure, 0 where the part has none."""
    measures = {name: part[name] if name in part.columns else ibis.literal(0, "int64") for name in _MEASURES}
    return part.select(*keys, "period", **measures)
