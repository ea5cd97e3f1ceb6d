"""What customers are worth, the most valuable first: ABC classes and the concentration of value."""

from __future__ import annotations

import datetime as dt
from typing import Final, Literal

import ibis
import ibis.expr.types as ir

from crm_core.base import NotProvided, check_between
from crm_core.customers.metrics import customer_summary, order_lines
from crm_core.periods import date_of
from crm_core.segments import rules
from crm_core.tables import Tables, derivation

Value = Literal["auto", "margin", "revenue"]

MOST_POINTS: Final = 1_000


def abc(tables: Tables, *, as_of: dt.date, value: Value = "auto") -> ir.Table:
    """Customers by value, highest first: A brings the first 80 % of it, B the next 15 %, C the rest.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        value: `margin` (customers all of whose costs are known), `revenue`, or `auto`: margin where the cost
            of every line is known, else revenue.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`. Ties are in the order of `customer_id`.

        - `customer_id`: text
        - `value`: money
        - `share_before`: share of the sum of positive values that the customers before this one bring, 0 to 1
        - `abc_class`: A while `share_before` is under 0.80, B while under 0.95, else C; C where value is 0 or
            less

    Raises:
        NotProvided: `margin` was asked for and the base has no costs.
    """
    if value == "auto":
        return ranked_customers(tables.until(as_of))
    return _ranked(_valued(tables, as_of=as_of, value=value))


@derivation("base")
def ranked_customers(tables: Tables) -> ir.Table:
    """Actual customers in ABC classes by margin where every cost is known, else by revenue.

    Args:
        tables: `orders` (order line) and `rates`, by way of `customer_totals`.

    Returns:
        Grain: a customer with at least one purchase. Columns as in `abc`.

        - `customer_id`: text
        - `value`: money
        - `share_before`: 0 to 1
        - `abc_class`: A, B or C
    """
    return _ranked(_valued(tables, as_of=date_of(tables.last_day), value="auto"))


def _ranked(valued: ir.Table) -> ir.Table:
    gain = ibis.ifelse(valued.value > 0, valued.value, 0)
    before = ibis.window(order_by=[valued.value.desc(), valued.customer_id], preceding=(None, 1))
    ranked = valued.select(
        "customer_id",
        "value",
        gain_before=gain.sum().over(before).coalesce(0).cast("int64"),
        gain_total=gain.sum().over(ibis.window()).cast("int64"),
    )
    share_before = ibis.ifelse(
        ranked.gain_total > 0, ranked.gain_before.cast("float64") / ranked.gain_total.cast("float64"), 1.0
    )
    shared = ranked.select("customer_id", "value", share_before=share_before)
    return shared.mutate(
        abc_class=ibis.cases(
            (shared.value <= 0, "C"),
            (shared.share_before < rules.A_BELOW, "A"),
            (shared.share_before < rules.B_BELOW, "B"),
            else_="C",
        )
    )


def _valued(tables: Tables, *, as_of: dt.date, value: Value) -> ir.Table:
    """Customers with the money that ranks them."""
    summary = customer_summary(tables, as_of=as_of)
    costed = "orders.cost" in tables.provided
    if value == "margin":
        if not costed:
            raise NotProvided("base.column_not_provided", table="orders", column="cost")
        return summary.filter(summary.margin.notnull()).select("customer_id", value=summary.margin)
    if value == "revenue" or not costed:
        return summary.select("customer_id", value=summary.revenue)
    lines = order_lines(tables.until(as_of))
    uncosted = lines.filter(lines.cost.isnull()).agg(uncosted=lambda t: t.count())
    known = summary.cross_join(uncosted)
    return known.select("customer_id", value=ibis.ifelse(known.uncosted == 0, known.margin, known.revenue))


def pareto_curve(tables: Tables, *, as_of: dt.date, value: Value = "auto", points: int = 100) -> ir.Table:
    """The whale curve: the share of all value that the best customers bring, for growing shares of customers.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        value: As in `abc`.
        points: How many points the curve has at the most, 1 to 1,000.

    Returns:
        Grain: a point of the curve, evenly spaced over the customers, the last one holding all of them. Where
        customers cost more than they bring the curve falls after its top.

        - `customers`: how many customers, the most valuable first, 1 or more
        - `customer_share`: their share of all customers, above 0 to 1
        - `value`: money that they bring together
        - `value_share`: its share of the sum of positive values, at most 1

    Raises:
        NotProvided: As `abc`.
        InputError: `points` is out of its range.
    """
    check_between("points", points, 1, MOST_POINTS)
    valued = _valued(tables, as_of=as_of, value=value)
    order = [valued.value.desc(), valued.customer_id]
    ranked = valued.select(
        customers=(ibis.row_number().over(order_by=order) + 1).cast("int64"),
        all_customers=valued.count().over(ibis.window()),
        value=valued.value.sum().over(ibis.window(order_by=order, preceding=(None, 0))).cast("int64"),
        gain_total=ibis.ifelse(valued.value > 0, valued.value, 0).sum().over(ibis.window()).cast("int64"),
    )
    wanted = ranked.customers * points // ranked.all_customers
    before = (ranked.customers - 1) * points // ranked.all_customers
    kept = ranked.filter(wanted > before)
    return kept.select(
        "customers",
        "value",
        customer_share=kept.customers.cast("float64") / kept.all_customers.cast("float64"),
        value_share=ibis.ifelse(
            kept.gain_total > 0, kept.value.cast("float64") / kept.gain_total.cast("float64"), 0.0
        ),
    ).relocate("value", before="value_share")


def abc_summary(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """The ABC classes: how many customers, and what they are worth.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a class with at least one customer.

        - `abc_class`: A, B or C
        - `customers`: customers in it
        - `value`: money, as in `abc`
    """
    ranked = abc(tables, as_of=as_of)
    return ranked.group_by("abc_class").agg(customers=ranked.count(), value=ranked.value.sum().cast("int64"))
