"""Who is kept, group by group and at what cost, and how many of those who fell silent come back."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.base import NotProvided, check_between
from crm_core.customers.metrics import (
    NO_DAY_AFTER,
    NO_DAY_BEFORE,
    Grouping,
    first_channel,
    purchase_days,
    winning_contacts,
)
from crm_core.expressions import date_of_day, integers, wilson_interval
from crm_core.periods import YEAR_DAYS, Calendar, day_of, first_day, last_day, period_of
from crm_core.retention.metrics.cohorts import Length
from crm_core.tables import Tables

MOST_DAYS = 1_000
MOST_PERIODS = 1_000


def retention_by_group(
    tables: Tables, *, as_of: dt.date, group: Grouping = first_channel, days: int = YEAR_DAYS
) -> ir.Table:
    """Of the customers of each group who could be watched for so long, how many bought again in that time.

    Args:
        tables: `orders` (order line), and `contacts` (contact) for what it cost to win them.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted: the name of a grouping.
        days: How many days from the first purchase on, 1 to 1,000; who first bought later than so many days
            before the end of `as_of` is left out.

    Returns:
        Grain: a group with at least one customer who could be watched; null for those who are in none.

        - `group`: text
        - `customers`: customers watched, 1 or more
        - `retained`: those who bought on a later day, at most `days` after the first one
        - `retention_rate`: `retained` / `customers`, 0 to 1
        - `low`: 95 % Wilson interval of the rate, its lower end, 0 to 1
        - `high`: its upper end, 0 to 1
        - `contact_cost`: money, the contacts that won the watched customers, whose outcome is `acquired` or
            `lead`; null where the base knows no such costs, or not that of each of these contacts

    Raises:
        InputError: `days` is out of its range.
        NotProvided: The base does not know what `group` needs.
    """
    check_between("days", days, 1, MOST_DAYS)
    tables = tables.until(as_of)
    bought = purchase_days(tables)
    first = bought.filter(bought.previous_purchase_day == NO_DAY_BEFORE, bought.day + days <= day_of(as_of))
    again = ibis.ifelse(first.next_purchase_day - first.day <= days, 1, 0)
    watched = first.select("customer_id", first_day="day", again=again)
    watched = watched.left_join(group(tables), "customer_id").select(*watched.columns, "group")
    watched = _with_costs(watched, tables, as_of)
    kept = watched.group_by("group").agg(
        customers=watched.count(),
        retained=watched.again.sum().cast("int64"),
        cost=watched.cost.sum().cast("int64"),
        uncosted=watched.uncosted.sum().cast("int64"),
    )
    low, high = wilson_interval(kept.retained, kept.customers)
    return kept.select(
        "group",
        "customers",
        "retained",
        retention_rate=kept.retained.cast("float64") / kept.customers.cast("float64"),
        low=low,
        high=high,
        contact_cost=ibis.ifelse(kept.uncosted == 0, kept.cost, ibis.null("int64")),
    )


def _with_costs(watched: ir.Table, tables: Tables, as_of: dt.date) -> ir.Table:
    """With `cost` of the contacts that won them, and how many of these are `uncosted`."""
    try:
        contacts = winning_contacts(tables, as_of=as_of)
    except NotProvided:
        return watched.mutate(cost=ibis.literal(0, "int64"), uncosted=ibis.literal(1, "int64"))
    costs = contacts.group_by("customer_id").agg(
        cost=contacts.cost.sum().coalesce(0).cast("int64"),
        uncosted=(contacts.count() - contacts.cost.count()).cast("int64"),
    )
    joined = watched.left_join(costs, "customer_id")
    return joined.select(*watched.columns, cost=joined.cost.coalesce(0), uncosted=joined.uncosted.coalesce(0))


def reactivation(
    tables: Tables,
    *,
    as_of: dt.date,
    unit: Length = "month",
    calendar: Calendar = "gregorian",
    silent: int = 3,
) -> ir.Table:
    """Of the customers who had not bought for so many whole periods, how many came back in the next one.

    Args:
        tables: `orders` (order line).
        as_of: Only what happened up to the end of this day exists.
        unit: Length of the period: `week`, `month`, `quarter` or `year`.
        calendar: `gregorian`, `jalali` or `buddhist`.
        silent: For how many whole periods before a period a customer must not have bought, 1 to 1,000.

    Returns:
        Grain: a calendar period, from the one of the first order line to the one of `as_of`, none left out.

        - `period`: integer of the period
        - `period_start`: date of its first day
        - `complete`: whether its last day lies up to `as_of`
        - `customers`: those who had bought before, and not in the `silent` periods before this one
        - `reactivated`: those of them who bought in it
        - `reactivation_rate`: `reactivated` / `customers`, 0 to 1; null where there are none
        - `low`: 95 % Wilson interval of the rate, its lower end, 0 to 1
        - `high`: its upper end, 0 to 1

    Raises:
        InputError: `silent` is out of its range.
    """
    check_between("silent", silent, 1, MOST_PERIODS)
    tables = tables.until(as_of)
    today = day_of(as_of)
    begin, current = period_of(tables.first_day, unit, calendar), period_of(today, unit, calendar)
    days = purchase_days(tables)
    pauses = days.select(
        falls_silent=period_of(days.day, unit, calendar) + 1 + silent,
        comes_back=ibis.ifelse(
            days.next_purchase_day == NO_DAY_AFTER,
            current + 1,
            period_of(days.next_purchase_day, unit, calendar),
        ),
    )
    counted = _silent_customers(pauses.filter(pauses.comes_back >= pauses.falls_silent), begin, current)
    whole = today == last_day(current, unit, calendar)
    known = counted.mutate(of=ibis.ifelse(counted.customers == 0, 1, counted.customers))
    low, high = wilson_interval(known.reactivated, known.of)
    missing = ibis.null("float64")
    return known.select(
        "period",
        period_start=date_of_day(first_day(known.period, unit, calendar)),
        complete=(known.period < current) | ibis.literal(whole),
        customers=known.customers,
        reactivated=known.reactivated,
        reactivation_rate=ibis.ifelse(
            known.customers == 0, missing, known.reactivated.cast("float64") / known.of.cast("float64")
        ),
        low=ibis.ifelse(known.customers == 0, missing, low),
        high=ibis.ifelse(known.customers == 0, missing, high),
    ).order_by("period")


def _silent_customers(pauses: ir.Table, begin: int, current: int) -> ir.Table:
    """How many customers are silent in each period, and how many of them come back in it.

    Args:
        pauses: With the periods in which each `falls_silent` and in which it `comes_back`.
        begin: The first period.
        current: The last one.
    """
    zero = ibis.literal(0, "int64")
    spine = integers(max(current - begin + 1, 0))
    steps = ibis.union(
        spine.select(period=spine.n + begin, change=zero, reactivated=zero),
        pauses.group_by(period=pauses.falls_silent).agg(change=pauses.count()).mutate(reactivated=zero),
        pauses.group_by(period=pauses.comes_back + 1).agg(change=-pauses.count()).mutate(reactivated=zero),
        pauses.group_by(period=pauses.comes_back)
        .agg(reactivated=pauses.count())
        .select("period", change=zero, reactivated=lambda t: t.reactivated),
    )
    summed = steps.group_by("period").agg(
        change=steps.change.sum().cast("int64"), reactivated=steps.reactivated.sum().cast("int64")
    )
    so_far = summed.change.sum().over(ibis.cumulative_window(order_by=summed.period))
    counted = summed.select("period", "reactivated", customers=so_far.cast("int64"))
    return counted.filter(counted.period <= current)
