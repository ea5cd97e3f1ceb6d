"""What customers bring in a year, and what it costs to contact one: what there is to win and to lose."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.churn.metrics.columns import total
from crm_core.customers.metrics import in_own_currency, order_totals
from crm_core.expressions import day_number
from crm_core.periods import YEAR_DAYS, day_of
from crm_core.tables import Tables


def brought_lately(tables: Tables, *, as_of: dt.date, days: int = YEAR_DAYS) -> ir.Table:
    """What each customer's orders brought in the last days, apart by whether every line has a cost.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        days: How many, the last of them `as_of`.

    Returns:
        Grain: a customer with an order in these days.

        - `customer_id`: text
        - `costed_revenue`: money, all lines, returns included, of orders whose every line has a cost
        - `cost`: money, of these
        - `uncosted_revenue`: money, likewise, of orders with a line without a cost
    """
    orders = order_totals(tables.until(as_of))
    lately = orders.filter(orders.day > day_of(as_of) - days)
    costed = lately.uncosted_line_count == 0
    return lately.group_by("customer_id").agg(
        costed_revenue=total(ibis.ifelse(costed, lately.revenue, 0)),
        cost=total(ibis.ifelse(costed, lately.cost, 0)),
        uncosted_revenue=total(ibis.ifelse(costed, 0, lately.revenue)),
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
    bought = orders.filter(orders.revenue > 0, orders.day > day_of(as_of) - YEAR_DAYS)
    return bought.agg(purchases=bought.count(), revenue=bought.revenue.sum().cast("int64"))


def contact_costs(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """What contacting customers has cost in the last 365 days.

    Args:
        tables: `contacts` (contact) with cost, and `rates` (currency x day) where costs are in other
            currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a channel of contacts that the company began and whose cost is known.

        - `channel`: text
        - `contacts`: how many
        - `cost`: money, theirs together

    Raises:
        NotProvided: The base has no contacts.
    """
    today = day_of(as_of)
    contacts = tables.of_residents(tables.need("contacts"))
    made = contacts.select("channel", "cost", "currency", "direction", day=day_number(contacts.contacted_at))
    made = made.filter(
        made.cost.notnull(),
        (made.direction == "outbound").coalesce(False),
        made.day <= today,
        made.day > today - YEAR_DAYS,
    )
    rows, money = in_own_currency(made, tables, "cost")
    priced = rows.select("channel", cost=money["cost"])
    return priced.group_by("channel").agg(contacts=priced.count(), cost=priced.cost.sum().cast("int64"))
