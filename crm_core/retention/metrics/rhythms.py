"""How often customers come back to a category, and who has been away from it for longer than is usual."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.base import NotProvided
from crm_core.customers.metrics import NO_DAY_AFTER, divided_lines, order_lines
from crm_core.expressions import day_number
from crm_core.periods import day_of
from crm_core.retention.metrics.spells import until_day
from crm_core.tables import Tables, derivation


@derivation("customer")
def category_days(tables: Tables) -> ir.Table:
    """The days on which each known customer bought in each category, each knowing the next.

    As `purchase_days` would be, were there nothing but the lines of one category.

    Args:
        tables: `orders` (order line) and `rates`, by way of `order_lines`.

    Returns:
        Grain: a customer, a category and a day in which the moment of an order lies whose lines in the
        category sum to more than 0.

        - `customer_id`: text
        - `category`: text
        - `day`: day number
        - `next_purchase_day`: day number of the customer's next such day in the category, or `NO_DAY_AFTER`
    """
    return _bought_in(order_lines(tables))


def _bought_in(lines: ir.Table) -> ir.Table:
    lines = lines.filter(lines.customer_id.notnull(), lines.category.notnull())
    parts = lines.group_by("customer_id", "order_id", "category").agg(
        ordered_at=lines.ordered_at.min(), revenue=lines.amount.sum().cast("int64")
    )
    bought = parts.filter(parts.revenue > 0)
    days = bought.select("customer_id", "category", day=day_number(bought.ordered_at)).distinct()
    history = ibis.window(group_by=["customer_id", "category"], order_by="day")
    return days.mutate(next_purchase_day=days.day.lead(1, NO_DAY_AFTER).over(history))


@category_days.narrowed
def _category_days_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    """A category's days are made of its own lines; an earlier day matters where orders are divided."""
    if tables.whole is None or "channel" in tables.kept:
        return None
    days = tables.of_residents(whole)
    if "category" in tables.kept:
        days = days.filter(days.category.isin(tables.kept["category"]))
    if not tables.ended:
        return days
    days = until_day(days, tables.last_day)
    divided = divided_lines(tables.whole).customer_id
    lines = order_lines(tables)
    theirs = _bought_in(lines.filter(lines.customer_id.isin(divided)))
    return days.filter(~days.customer_id.isin(divided)).union(theirs)


def category_gaps(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How long customers who came back to a category had been away from it.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a category x a time between two days on which a customer bought in it, one after the other.

        - `category`: text
        - `gap_days`: days between them, 1 or more
        - `gaps`: how many such times

    Raises:
        NotProvided: The base does not know categories.
    """
    days = _days(tables, as_of)
    again = days.filter(days.next_purchase_day < NO_DAY_AFTER)
    gaps = again.select("category", gap_days=(again.next_purchase_day - again.day).cast("int64"))
    return gaps.group_by("category", "gap_days").agg(gaps=gaps.count())


def category_silences(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How long customers have been away from a category, by how long it has been.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a category x a silence.

        - `category`: text
        - `silence_days`: days from a customer's last day in the category to `as_of`, 0 or more
        - `customers`: customers

    Raises:
        NotProvided: The base does not know categories.
    """
    silent = _silent(tables, as_of)
    return silent.group_by("category", "silence_days").agg(customers=silent.count())


def overdue_customers(
    tables: Tables, *, as_of: dt.date, category: str, longer_than: int, up_to: int | None = None
) -> ir.Table:
    """The customers who have been away from a category for a certain time.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        category: The category.
        longer_than: Days that the silence exceeds.
        up_to: Days that it does not exceed; None for no limit.

    Returns:
        Grain: a customer.

        - `customer_id`: text

    Raises:
        NotProvided: The base does not know categories.
    """
    silent = _silent(tables, as_of)
    wanted = silent.filter(silent.category == category, silent.silence_days > longer_than)
    if up_to is not None:
        wanted = wanted.filter(wanted.silence_days <= up_to)
    return wanted.select("customer_id")


def _silent(tables: Tables, as_of: dt.date) -> ir.Table:
    days = _days(tables, as_of)
    last = days.filter(days.next_purchase_day == NO_DAY_AFTER)
    return last.select("customer_id", "category", silence_days=(day_of(as_of) - last.day).cast("int64"))


def _days(tables: Tables, as_of: dt.date) -> ir.Table:
    if "orders.category" not in tables.provided:
        raise NotProvided("base.column_not_provided", table="orders", column="category")
    return category_days(tables.until(as_of))
