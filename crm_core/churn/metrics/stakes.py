"""What customers bring in a year, and what it costs to contact one: what there is to win and to lose."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis.expr.types as ir

from crm_core.churn.metrics.columns import day_number, total
from crm_core.customers.metrics import in_own_currency, order_totals
from crm_core.periods import day_of
from crm_core.tables import Tables

DAYS_OF_A_YEAR: Final = 365


def brought_in_a_year(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """What each customer's orders brought in the last 365 days.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a customer with an order in the last 365 days up to `as_of`, with that day.

        - `customer_id`: text
        - `revenue`: money, all lines, returns included
        - `cost`: money, all known costs
        - `uncosted_line_count`: lines whose cost is not known
    """
    orders = order_totals(tables.until(as_of))
    lately = orders.filter(orders.day > day_of(as_of) - DAYS_OF_A_YEAR)
    return lately.group_by("customer_id").agg(
        revenue=total(lately.revenue),
        cost=total(lately.cost),
        uncosted_line_count=total(lately.uncosted_line_count),
    )


def purchases_of_a_year(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How many purchases there were in the last 365 days, and what they brought.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: one row.

        - `purchases`: how many
        - `revenue`: money, theirs together; null where there are none
    """
    orders = order_totals(tables.until(as_of))
    bought = orders.filter(orders.revenue > 0, orders.day > day_of(as_of) - DAYS_OF_A_YEAR)
    return bought.agg(purchases=bought.count(), revenue=bought.revenue.sum().cast("int64"))


def contact_costs(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """What contacting customers has cost in the last 365 days.

    Args:
        tables: `contacts` (contact) with cost, and `rates` (currency x day) where costs are in other
            currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: one row.

        - `contacts`: contacts that the company began and whose cost is known
        - `cost`: money, theirs together; null where there are none

    Raises:
        NotProvided: The base has no contacts.
    """
    today = day_of(as_of)
    contacts = tables.of_residents(tables.need("contacts"))
    made = contacts.select("cost", "currency", "direction", day=day_number(contacts.contacted_at))
    made = made.filter(
        made.cost.notnull(),
        (made.direction == "outbound").coalesce(False),
        made.day <= today,
        made.day > today - DAYS_OF_A_YEAR,
    )
    rows, money = in_own_currency(made, tables, "cost")
    priced = rows.select(cost=money["cost"])
    return priced.agg(contacts=priced.count(), cost=priced.cost.sum().cast("int64"))
