"""Each customer in one row, lists of customers, and the way down to one customer's order lines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics.derivations import customer_totals, margin_of, order_lines, order_totals
from crm_core.periods import day_of
from crm_core.tables import Tables


def customer_summary(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Each actual customer as of a day: when they bought, how often, and what they brought in.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
        - `first_ordered_at`: moment of the first purchase
        - `last_ordered_at`: moment of the last purchase
        - `days_since_first_order`: days from the date of the first purchase to `as_of`, 0 or more
        - `days_since_last_order`: days from the date of the last purchase to `as_of`, 0 or more
        - `order_count`: purchases, 1 or more
        - `return_count`: orders that sum to 0 or less
        - `revenue`: money, all the customer's lines, returns included
        - `margin`: money, revenue less cost; null where the cost of any of the lines is not known
    """
    totals = customer_totals(tables.until(as_of))
    today = day_of(as_of)
    return totals.select(
        "customer_id",
        "first_ordered_at",
        "last_ordered_at",
        "order_count",
        "return_count",
        "revenue",
        days_since_first_order=today - totals.first_day,
        days_since_last_order=today - totals.last_day,
        margin=margin_of(totals),
    ).relocate("days_since_first_order", "days_since_last_order", after="last_ordered_at")


def listed_customers(
    tables: Tables,
    *,
    as_of: dt.date,
    which: Callable[..., ir.Table],
    limit: int,
    skip: int = 0,
    sort: str = "revenue",
    descending: bool = True,
    ranks: tuple[str, ...] = (),
    beginnings: tuple[str, ...] = (),
    beside: Callable[..., ir.Table] | None = None,
    **options: object,
) -> ir.Table:
    """Some customers with their summary, in the order of one of the columns.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        which: A function of tables, `as_of` and `options` whose `customer_id` says which customers.
        limit: How many rows at the most.
        skip: How many to leave out before them.
        sort: The column that orders them; what is not known comes last, equals are in the order of
            `customer_id`.
        descending: Whether its highest value comes first.
        ranks: The values of that column from the lowest to the highest, where they are not to be compared as
            they are.
        beginnings: Leaves those whose `customer_id` begins with one of these; none leaves all.
        beside: A function of tables and `as_of` with one row for each actual customer, by `customer_id`.
        **options: What `which` is asked with.

    Returns:
        Grain: a customer. Columns as in `customer_summary`, those that only `beside` has, and

        - `all_customers`: how many there are without the limit
    """
    wanted = which(tables, as_of=as_of, **options).select("customer_id")
    listed = customer_summary(tables, as_of=as_of).semi_join(wanted, "customer_id")
    if beginnings:
        listed = listed.filter(ibis.or_(*(listed.customer_id.left(len(one)) == one for one in beginnings)))
    more = None if beside is None else _only_of(beside(tables, as_of=as_of), listed)
    if more is not None and sort not in listed.columns:
        listed, more = listed.inner_join(more, "customer_id"), None

    def placed(rows: ir.Table) -> ir.Table:
        key = (
            rows[sort].cases(*((value, place) for place, value in enumerate(ranks))) if ranks else rows[sort]
        )
        ties = [] if sort == "customer_id" else [rows.customer_id]
        return rows.order_by([key.desc() if descending else key.asc(), *ties])

    rows = placed(listed).limit(limit, offset=skip)
    if more is not None:
        rows = rows.inner_join(more, "customer_id")
    return placed(rows.cross_join(listed.agg(all_customers=listed.count())))


def _only_of(more: ir.Table, known: ir.Table) -> ir.Table:
    """What one table says of each customer beyond another."""
    return more.select("customer_id", *(name for name in more.columns if name not in known.columns))


def one_customer(tables: Tables, *, as_of: dt.date, customer_id: str) -> ir.Table:
    """The customer of this id, if there is such an actual customer; an option of `listed_customers`.

    Args:
        tables: `orders` (order line).
        as_of: Only what happened up to the end of this day exists.
        customer_id: The id.

    Returns:
        Grain: a customer; one row or none.

        - `customer_id`: text
    """
    totals = customer_totals(tables.until(as_of))
    return totals.filter(totals.customer_id == customer_id).select("customer_id")


def orders_of_customer(tables: Tables, *, as_of: dt.date, customer_id: str) -> ir.Table:
    """One customer's orders, the latest first.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        customer_id: The customer.

    Returns:
        Grain: an order.

        - `order_id`: text
        - `ordered_at`: moment of its earliest line
        - `revenue`: money, sum of its lines; 0 or less for a return
        - `margin`: money, null where a cost is not known
        - `line_count`: lines, 1 or more
    """
    orders = order_totals(tables.until(as_of))
    orders = orders.filter(orders.customer_id == customer_id)
    shown = orders.select("order_id", "ordered_at", "revenue", "line_count", margin=margin_of(orders))
    return shown.order_by([shown.ordered_at.desc(), shown.order_id])


def lines_of_order(tables: Tables, *, as_of: dt.date, customer_id: str, order_id: str) -> ir.Table:
    """The lines of one order.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        customer_id: Whose order.
        order_id: Which order.

    Returns:
        Grain: an order line.

        - `ordered_at`: moment of the line
        - `product_id`, `product`, `category`, `channel`: text
        - `quantity`: 1/10,000 of a piece
        - `amount`: money, negative for a return
    """
    lines = order_lines(tables.until(as_of))
    lines = lines.filter(lines.customer_id == customer_id, lines.order_id == order_id)
    columns = ("ordered_at", "product_id", "product", "category", "channel", "quantity", "amount")
    return lines.select(*columns).order_by(["ordered_at", "product_id", "amount"])


def customers_named(tables: Tables, *, as_of: dt.date, ids: tuple[str, ...]) -> ir.Table:
    """Those of some customers who have bought; an option of `listed_customers`.

    Args:
        tables: `orders` (order line).
        as_of: Only what happened up to the end of this day exists.
        ids: Their ids.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
    """
    totals = customer_totals(tables.until(as_of))
    return totals.filter(totals.customer_id.isin(ids)).select("customer_id")
