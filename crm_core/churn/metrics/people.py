"""What is known of customers besides what they do: who looks after them, and what group they are in."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from crm_core.base import NotProvided
from crm_core.customers.metrics import Grouping, customer_totals
from crm_core.tables import Tables


def customer_owners(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Who looks after each customer now.

    Args:
        tables: `customers` (customer) with owner.
        as_of: Makes no difference: the base does not know who looked after a customer before.

    Returns:
        Grain: a customer who has an owner, whether there was a purchase or not.

        - `customer_id`: text
        - `owner`: text

    Raises:
        NotProvided: The base does not know who looks after customers.
    """
    if "customers.owner" not in tables.provided:
        raise NotProvided("base.column_not_provided", table="customers", column="owner")
    del as_of
    customers = tables.of_residents(tables.need("customers"))
    return customers.filter(customers.owner.notnull()).select("customer_id", "owner")


def grouped_customers(tables: Tables, *, as_of: dt.date, group: Grouping) -> ir.Table:
    """The group that each customer was in on a day.

    Args:
        tables: What the grouping needs.
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
