# ruff: noqa: S608 - the names and values in the statements are ours
"""What the lists of customers ask, and what one customer's page does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.by_hand.lines import Lines, texts, totals
from benchmarks.by_hand.segments import classes, ranked, scored


def listed_customers(lines: Lines, options: dict[str, Any]) -> str:
    """Who first, by what it takes to know that; then the summary of those on the list alone."""
    which = getattr(options["which"], "__name__", "")
    tables, kept = _WHICH[which](lines, options)
    return f"""
        WITH {tables},
        wanted AS MATERIALIZED ({kept}),
        listed AS MATERIALIZED (
            SELECT * FROM wanted ORDER BY revenue DESC, customer_id
            LIMIT {options["limit"]} OFFSET {options["skip"]}),
        their_orders AS (
            SELECT customer_id, min(day) AS day, min(ordered_at) AS ordered_at, sum(amount) AS revenue,
                coalesce(sum(cost), 0) AS cost, count(*) - count(cost) AS uncosted
            {lines.where("customer_id IN (SELECT customer_id FROM listed)")} GROUP BY customer_id, order_id)
        SELECT customer_id,
            min(ordered_at) FILTER (revenue > 0) AS first_ordered_at,
            max(ordered_at) FILTER (revenue > 0) AS last_ordered_at,
            {lines.last} - min(day) FILTER (revenue > 0) AS days_since_first_order,
            {lines.last} - max(day) FILTER (revenue > 0) AS days_since_last_order,
            count(*) FILTER (revenue > 0) AS order_count,
            count(*) FILTER (revenue <= 0) AS return_count,
            sum(revenue)::BIGINT AS revenue,
            CASE WHEN sum(uncosted) = 0 THEN (sum(revenue) - sum(cost))::BIGINT END AS margin,
            (SELECT count(*) FROM wanted) AS all_customers
        FROM their_orders GROUP BY customer_id"""


def _everybody(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    return totals(lines), "SELECT customer_id, revenue FROM totals"


def _of_segment(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    if "abc_class" in options:
        tables = f"{ranked(lines)}, classes AS ({classes()})"
        classed = "classes JOIN totals USING (customer_id)"
        return tables, f"SELECT customer_id, revenue FROM {classed} WHERE {_given(options)}"
    return totals(lines), f"SELECT customer_id, revenue FROM ({scored()}) WHERE {_given(options)}"


def _given(options: dict[str, Any]) -> str:
    names = ("segment", "r_score", "value_score", "abc_class")
    return " AND ".join(f"{name} = '{options[name]}'" for name in names if name in options)


def _of_span(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    first, last, before = (options[name] for name in ("first", "last", "before"))
    inside = f"count(*) FILTER (revenue > 0 AND day BETWEEN {first} AND {last})"
    ahead = f"count(*) FILTER (revenue > 0 AND day BETWEEN {before} AND {first} - 1)"
    first_purchase = "min(day) FILTER (revenue > 0)"
    held = {
        "active": f"{inside} > 0",
        "new": f"{inside} > 0 AND {first_purchase} >= {first}",
        "lost": f"{inside} = 0 AND {ahead} > 0",
        "resurrected": f"{inside} > 0 AND {ahead} = 0 AND {first_purchase} < {before}",
    }[str(options["group"])]
    kept = (
        f"SELECT customer_id, sum(revenue)::BIGINT AS revenue FROM orders GROUP BY customer_id HAVING {held}"
    )
    return f"orders AS ({lines.orders()})", kept


def _one(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    named = lines.where(f"customer_id = {texts([str(options['customer_id'])])}")
    orders = f"orders AS (SELECT customer_id, sum(amount) AS revenue {named} GROUP BY customer_id, order_id)"
    return orders, (
        "SELECT customer_id, sum(revenue)::BIGINT AS revenue FROM orders"
        " GROUP BY customer_id HAVING count(*) FILTER (revenue > 0) > 0"
    )


def orders_of_customer(lines: Lines, options: dict[str, Any]) -> str:
    named = f"customer_id = {texts([str(options['customer_id'])])}"
    return f"""
        SELECT order_id, min(ordered_at) AS ordered_at, sum(amount)::BIGINT AS revenue,
            count(*) AS line_count,
            CASE WHEN count(cost) = count(*) THEN (sum(amount) - sum(cost))::BIGINT END AS margin
        {lines.where(named)} GROUP BY order_id"""


def lines_of_order(lines: Lines, options: dict[str, Any]) -> str:
    named = [f"{name} = {texts([str(options[name])])}" for name in ("customer_id", "order_id")]
    columns = "ordered_at, product_id, product, category, channel, quantity, amount"
    return f"SELECT {columns} {lines.where(*named)}"


_WHICH: dict[str, Callable[[Lines, dict[str, Any]], tuple[str, str]]] = {
    "customer_summary": _everybody,
    "customers_of_segment": _of_segment,
    "customers_of_span": _of_span,
    "one_customer": _one,
}
