# ruff: noqa: S608 - the names and values in the statements are ours
"""What the lists of customers ask, and what one customer's page does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.by_hand.lines import Lines, texts, totals
from benchmarks.by_hand.retention import of_cohort
from benchmarks.by_hand.segments import classes, ranked, scored


def listed_customers(lines: Lines, options: dict[str, Any]) -> str:
    """Who first, by what it takes to know that; then the summary of those on the list alone."""
    which = getattr(options["which"], "__name__", "")
    tables, kept = _WHICH[which](lines, options)
    way = "DESC" if options["descending"] else "ASC"
    return f"""
        WITH {tables},
        scores AS MATERIALIZED ({scored()}),
        wanted AS MATERIALIZED (SELECT * FROM scores WHERE customer_id IN ({kept}) AND {_named(options)}),
        listed AS MATERIALIZED (
            SELECT * FROM wanted ORDER BY {_key(options)} {way}, customer_id
            LIMIT {options["limit"]} OFFSET {options["skip"]}),
        their_orders AS (
            SELECT customer_id, min(day) AS day, min(ordered_at) AS ordered_at, sum(amount) AS revenue,
                coalesce(sum(cost), 0) AS cost, count(*) - count(cost) AS uncosted
            {lines.where("customer_id IN (SELECT customer_id FROM listed)")} GROUP BY customer_id, order_id)
        SELECT customer_id,
            min(ordered_at) FILTER (o.revenue > 0) AS first_ordered_at,
            max(ordered_at) FILTER (o.revenue > 0) AS last_ordered_at,
            {lines.last} - min(day) FILTER (o.revenue > 0) AS days_since_first_order,
            {lines.last} - max(day) FILTER (o.revenue > 0) AS days_since_last_order,
            count(*) FILTER (o.revenue > 0) AS order_count,
            count(*) FILTER (o.revenue <= 0) AS return_count,
            sum(o.revenue)::BIGINT AS revenue,
            CASE WHEN sum(uncosted) = 0 THEN (sum(o.revenue) - sum(cost))::BIGINT END AS margin,
            (SELECT count(*) FROM wanted) AS all_customers,
            any_value(r_score) AS r_score, any_value(f_score) AS f_score, any_value(m_score) AS m_score,
            any_value(segment) AS segment
        FROM their_orders AS o JOIN listed USING (customer_id) GROUP BY customer_id"""


def _named(options: dict[str, Any]) -> str:
    beginnings = options["beginnings"]
    return " OR ".join(f"starts_with(customer_id, {texts([one])})" for one in beginnings) or "true"


def _key(options: dict[str, Any]) -> str:
    sort, ranks = options["sort"], options["ranks"]
    return f"list_position([{texts(ranks)}], {sort})" if ranks else str(sort)


def _everybody(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    return totals(lines), "SELECT customer_id FROM totals"


def _of_segment(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    if "abc_class" in options:
        tables = f"{ranked(lines)}, classes AS ({classes()})"
        return tables, f"SELECT customer_id FROM classes WHERE {_given(options)}"
    return totals(lines), f"SELECT customer_id FROM scores WHERE {_given(options)}"


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
    return totals(lines), f"SELECT customer_id FROM orders GROUP BY customer_id HAVING {held}"


def _of_cohort(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    tables, kept = of_cohort(lines, options)
    return f"{totals(lines)}, {tables}", kept


def _one(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    named = f"customer_id = {texts([str(options['customer_id'])])}"
    return totals(lines), f"SELECT customer_id FROM totals WHERE {named}"


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
    "customers_of_cohort": _of_cohort,
    "customers_of_segment": _of_segment,
    "customers_of_span": _of_span,
    "one_customer": _one,
}
