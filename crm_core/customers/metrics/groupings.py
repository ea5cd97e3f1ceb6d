"""What parts customers into groups: one row a customer, for metrics that are split by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir

from crm_core.base import NotProvided
from crm_core.customers.metrics.derivations import customer_totals, order_lines, order_totals
from crm_core.periods import Calendar, Unit, period_of
from crm_core.tables import Tables

Grouping = Callable[[Tables], ir.Table]
"""Of tables `customer_id` and the text `group`, at most one row a customer; who has none is in group null."""


def customers_grouped(tables: Tables, *, as_of: dt.date, group: Grouping) -> ir.Table:
    """The group that each customer is in, of those who are in any, whether they have bought or not.

    Args:
        tables: What the grouping needs.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.

    Returns:
        Grain: a customer in a group.

        - `customer_id`: text
        - `group`: text

    Raises:
        NotProvided: The base does not know the groups.
    """
    groups = group(tables.until(as_of))
    return groups.filter(groups.group.notnull()).select("customer_id", "group")


def customers_in_groups(tables: Tables, *, as_of: dt.date, group: Grouping) -> ir.Table:
    """The group that each customer who has bought was in on a day.

    Args:
        tables: `orders` (order line), and what the grouping needs.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.

    Returns:
        Grain: a customer with a purchase up to `as_of`.

        - `customer_id`: text
        - `group`: text, null for who is in none

    Raises:
        NotProvided: The base does not know what the grouping needs.
    """
    past = tables.until(as_of)
    bought, groups = customer_totals(past).select("customer_id"), group(past)
    joined = bought.left_join(groups, "customer_id")
    return joined.select("customer_id", group=joined.group.cast("string"))


def first_channel(tables: Tables) -> ir.Table:
    """Customers by the channel of their first purchase; of several at that moment the first by name.

    Args:
        tables: `orders` (order line).

    Returns:
        Grain: a customer with at least one purchase.

        - `customer_id`: text
        - `group`: text, null where the order has no channel

    Raises:
        NotProvided: The base knows no channels.
    """
    _need(tables, "orders", "channel")
    first = _first_purchases(tables)
    return first.group_by("customer_id").agg(group=first.channel.min())


def first_category(tables: Tables) -> ir.Table:
    """Customers by the category of what they bought first; of several at that moment the first by name.

    Args:
        tables: `orders` (order line).

    Returns:
        Grain: a customer with at least one purchase.

        - `customer_id`: text
        - `group`: text, null where the first lines have no category

    Raises:
        NotProvided: The base knows no categories.
    """
    _need(tables, "orders", "category")
    first = _first_purchases(tables).select("customer_id", "order_id", "ordered_at")
    bought = order_lines(tables).inner_join(first, ["customer_id", "order_id", "ordered_at"])
    return bought.group_by("customer_id").agg(group=bought.category.min())


def first_product(tables: Tables) -> ir.Table:
    """Customers by the product they paid most for in their first purchase; of equal sums the first by name.

    A product is known by its name, and by its number where the base has no name of it.

    Args:
        tables: `orders` (order line).

    Returns:
        Grain: a customer whose first purchase has a product that is known and was paid for.

        - `customer_id`: text
        - `group`: text

    Raises:
        NotProvided: The base knows no products.
    """
    if "orders.product" not in tables.provided:
        _need(tables, "orders", "product_id")
    first = _first_purchases(tables).select("customer_id", "order_id", "ordered_at")
    lines = order_lines(tables)
    lines = lines.mutate(group=lines.product.coalesce(lines.product_id)).filter(lambda t: t.group.notnull())
    bought = lines.inner_join(first, ["customer_id", "order_id", "ordered_at"])
    paid = bought.group_by("customer_id", "group").agg(paid=bought.amount.sum()).filter(lambda t: t.paid > 0)
    dearest = paid.group_by("customer_id").agg(dearest=paid.paid.max())
    among = paid.inner_join(dearest, "customer_id").filter(lambda t: t.paid == t.dearest)
    return among.group_by("customer_id").agg(group=among.group.min())


def _first_purchases(tables: Tables) -> ir.Table:
    orders = order_totals(tables)
    totals = customer_totals(tables).select("customer_id", ordered_at=lambda t: t.first_ordered_at)
    return orders.filter(orders.revenue > 0).inner_join(totals, ["customer_id", "ordered_at"])


@dataclass(frozen=True)
class FirstPurchase:
    """Customers by the calendar period of their first purchase: their cohort.

    Called with tables (`orders`, order line) it gives a row for each customer with at least one purchase:
    `customer_id`, text, and `group`, text: the period as `crm_core.periods` counts it.

    Args:
        unit: Length of the period.
        calendar: Whose years and months.
    """

    unit: Unit
    calendar: Calendar = "gregorian"

    def __call__(self, tables: Tables) -> ir.Table:
        """Each customer with the period."""
        totals = customer_totals(tables)
        period = period_of(totals.first_day, self.unit, self.calendar)
        return totals.select("customer_id", group=period.cast("int64").cast("string"))


def region(tables: Tables) -> ir.Table:
    """Customers by their region.

    Args:
        tables: `customers` (customer).

    Returns:
        Grain: a customer.

        - `customer_id`: text
        - `group`: text, null where unknown

    Raises:
        NotProvided: The base does not know it.
    """
    return _of_column(tables, "region")


def city(tables: Tables) -> ir.Table:
    """Customers by their city; as `region`."""
    return _of_column(tables, "city")


def country(tables: Tables) -> ir.Table:
    """Customers by their country; as `region`."""
    return _of_column(tables, "country")


def kind(tables: Tables) -> ir.Table:
    """Customers by their kind, person or company; as `region`."""
    return _of_column(tables, "kind")


def acquisition_channel(tables: Tables) -> ir.Table:
    """Customers by the channel through which they were won; as `region`."""
    return _of_column(tables, "acquisition_channel")


def _of_column(tables: Tables, column: str) -> ir.Table:
    _need(tables, "customers", column)
    customers = tables.need("customers")
    return customers.select("customer_id", group=customers[column])


def _need(tables: Tables, table: str, column: str) -> None:
    if f"{table}.{column}" not in tables.provided:
        raise NotProvided("base.column_not_provided", table=table, column=column)


GROUPINGS: tuple[Grouping, ...] = (
    first_channel,
    first_category,
    first_product,
    acquisition_channel,
    region,
    city,
    country,
    kind,
)
