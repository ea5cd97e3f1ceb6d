# ruff: noqa: S608 - the names and values in the statements are ours
"""What the retention page asks, counted by calendar period in which customers bought."""

from __future__ import annotations

from typing import Any

from benchmarks.by_hand.lines import Lines
from crm_core.periods import first_day, last_day, period_of

_Z: str = "1.959963984540054::DOUBLE"


def cohort_retention(lines: Lines, options: dict[str, Any]) -> str:
    last = _last(lines, options)
    whole = last if lines.last == last_day(last, options["unit"], options["calendar"]) else last - 1
    share = "(retained::DOUBLE * (n::DOUBLE - retained::DOUBLE) / n::DOUBLE + z * z / 4)"
    return f"""
        WITH {_placed(lines, options)},
        cells AS (
            SELECT cohort, period - cohort AS k, customer_id, count(*) FILTER (revenue > 0) AS order_count,
                sum(revenue) AS revenue, sum(cost) AS cost, sum(uncosted) AS uncosted
            FROM placed JOIN firsts USING (customer_id) WHERE period >= cohort GROUP BY ALL),
        counted AS (
            SELECT cohort, k, count(*) FILTER (order_count > 0) AS retained, sum(order_count) AS order_count,
                sum(revenue) AS revenue, sum(cost) AS cost, sum(uncosted) AS uncosted
            FROM cells GROUP BY ALL),
        sizes AS (SELECT cohort, count(*) AS n FROM firsts GROUP BY cohort),
        laid AS (
            SELECT cohort, k, n, {_Z} AS z, coalesce(retained, 0) AS retained,
                coalesce(order_count, 0) AS order_count, coalesce(revenue, 0) AS revenue,
                coalesce(cost, 0) AS cost, coalesce(uncosted, 0) AS uncosted
            FROM (SELECT * FROM sizes, LATERAL (SELECT unnest(range({last + 1} - cohort)) AS k))
                LEFT JOIN counted USING (cohort, k))
        SELECT cohort, k AS period, n AS cohort_size, retained,
            retained::DOUBLE / n::DOUBLE AS retention_rate,
            cohort + k <= {whole} AS complete,
            CASE retained WHEN 0 THEN 0.0::DOUBLE
                ELSE (retained + z * z / 2 - sqrt{share} * z) / (n + z * z) END AS low,
            CASE retained WHEN n THEN 1.0::DOUBLE
                ELSE (retained + z * z / 2 + sqrt{share} * z) / (n + z * z) END AS high,
            order_count::BIGINT AS order_count, revenue::BIGINT AS revenue,
            CASE WHEN uncosted = 0 THEN (revenue - cost)::BIGINT END AS margin
        FROM laid"""


def of_cohort(lines: Lines, options: dict[str, Any]) -> tuple[str, str]:
    """The tables that say who is in a cohort and came back, and who they are."""
    kept = f"SELECT customer_id FROM firsts WHERE cohort = {options['cohort']}"
    if "period" in options:
        back = "" if options["came_back"] else "NOT "
        kept += f""" AND customer_id {back}IN (
            SELECT customer_id FROM placed
            WHERE revenue > 0 AND period = {options["cohort"] + options["period"]})"""
    return _placed(lines, options), kept


def _last(lines: Lines, options: dict[str, Any]) -> int:
    return int(period_of(lines.last, options["unit"], options["calendar"]))


def _placed(lines: Lines, options: dict[str, Any]) -> str:
    """Tables `placed`: orders with their `period`; `firsts`: customers with their `cohort`."""
    unit, calendar = options["unit"], options["calendar"]
    first = period_of(lines.tables.first_day, unit, calendar)
    days = ", ".join(
        f"({one}, {first_day(one, unit, calendar)}, {last_day(one, unit, calendar)})"
        for one in range(first, _last(lines, options) + 1)
    )
    costs = ("coalesce(sum(cost), 0) AS cost", "count(*) - count(cost) AS uncosted")
    return f"""
        calendar AS (
            SELECT period, unnest(range(first, last + 1)) AS day
            FROM (VALUES {days}) AS days(period, first, last)),
        by_order AS ({lines.orders(*costs)}),
        placed AS MATERIALIZED (
            SELECT customer_id, period, revenue, cost, uncosted FROM by_order JOIN calendar USING (day)),
        firsts AS MATERIALIZED (
            SELECT customer_id, min(period) FILTER (revenue > 0) AS cohort FROM placed
            GROUP BY customer_id HAVING count(*) FILTER (revenue > 0) > 0)"""
