# ruff: noqa: S608 - the names and values in the statements are ours
"""What the segments ask. Scores come from the four thresholds between the fifths, which takes no sorting."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from benchmarks.by_hand.lines import Lines, texts, totals
from crm_core.periods import day_of
from crm_core.segments.rules import SEGMENT_GRID

_FIFTHS: Final = "[0.2, 0.4, 0.6, 0.8]"


def _score(value: str, cuts: str) -> str:
    """How many of four thresholds a value lies above."""
    return "(" + " + ".join(f"({value} > {cuts}[{place}])::INT" for place in range(1, 5)) + ")"


def scored(table: str = "totals") -> str:
    """A select of a table like `totals` with scores and segment; 0 to 4 above the thresholds makes 1 to 5."""
    r_score = f"5 - {_score('-last_day', 'recency_cuts')}"
    f_score, m_score = (f"1 + {_score(value, f'{value}_cuts')}" for value in ("order_count", "revenue"))
    grid = ", ".join(f"[{texts(row)}]" for row in SEGMENT_GRID)
    return f"""
        SELECT *, [{grid}][r_score][value_score] AS segment FROM (
            SELECT *, (f_score + m_score + 1) // 2 AS value_score FROM (
                SELECT {table}.*, {r_score} AS r_score, {f_score} AS f_score, {m_score} AS m_score
                FROM {table}, (
                    SELECT quantile_disc(-last_day, {_FIFTHS}) AS recency_cuts,
                        quantile_disc(order_count, {_FIFTHS}) AS order_count_cuts,
                        quantile_disc(revenue, {_FIFTHS}) AS revenue_cuts
                    FROM {table})))"""


def segment_summary(lines: Lines, options: dict[str, Any]) -> str:
    return f"""
        WITH {totals(lines, "margin")}, scored AS ({scored()})
        SELECT segment, count(*) AS customers, sum(order_count)::BIGINT AS order_count,
            sum(revenue)::BIGINT AS revenue,
            CASE WHEN count(margin) = count(*) THEN sum(margin)::BIGINT END AS margin,
            sum({lines.last} - last_day)::BIGINT AS last_order_days
        FROM scored GROUP BY segment"""


def rfm_grid(lines: Lines, options: dict[str, Any]) -> str:
    return f"""
        WITH {totals(lines)}, scored AS ({scored()})
        SELECT r_score, value_score, segment, count(*) AS customers, sum(revenue)::BIGINT AS revenue
        FROM scored GROUP BY r_score, value_score, segment"""


def segment_moves(lines: Lines, options: dict[str, Any]) -> str:
    since: dt.date = options["since"]
    earlier = day_of(since)
    known = f"sum(amount) FILTER (day <= {earlier})::BIGINT AS revenue_then"
    return f"""
        WITH orders AS ({lines.orders(known)}),
        customers AS MATERIALIZED (
            SELECT customer_id, max(day) FILTER (revenue > 0) AS last_day,
                count(*) FILTER (revenue > 0) AS order_count, sum(revenue)::BIGINT AS revenue,
                max(day) FILTER (revenue_then > 0) AS last_day_then,
                count(*) FILTER (revenue_then > 0) AS order_count_then,
                sum(revenue_then)::BIGINT AS revenue_then
            FROM orders GROUP BY customer_id),
        totals AS MATERIALIZED (SELECT * FROM customers WHERE order_count > 0),
        totals_then AS MATERIALIZED (
            SELECT customer_id, last_day_then AS last_day, order_count_then AS order_count,
                revenue_then AS revenue
            FROM customers WHERE order_count_then > 0),
        now AS ({scored()}), earlier AS ({scored("totals_then")})
        SELECT earlier.segment AS segment_before, now.segment, count(*) AS customers,
            coalesce(sum(now.revenue), 0)::BIGINT AS revenue
        FROM now FULL JOIN earlier USING (customer_id) GROUP BY ALL"""


def ranked(lines: Lines) -> str:
    """Tables as `_totals`, and `valued`: what ranks each customer."""
    costed = "orders.cost" in lines.tables.provided
    if not costed:
        return f"{totals(lines)}, valued AS (SELECT customer_id, revenue AS value FROM totals)"
    return f"""
        {totals(lines, "margin")},
        costs AS (SELECT count(*) - count(cost) AS uncosted {lines.where()}),
        valued AS (
            SELECT customer_id, CASE WHEN uncosted = 0 THEN margin ELSE revenue END AS value
            FROM totals, costs)"""


def classes() -> str:
    return """
        SELECT customer_id, value, CASE WHEN value <= 0 THEN 'C' WHEN share < 0.8 THEN 'A'
            WHEN share < 0.95 THEN 'B' ELSE 'C' END AS abc_class
        FROM (
            SELECT customer_id, value,
                (sum(greatest(value, 0)) OVER (ORDER BY value DESC, customer_id ROWS UNBOUNDED PRECEDING)
                    - greatest(value, 0))::DOUBLE
                / (SELECT sum(greatest(value, 0)) FROM valued)::DOUBLE AS share
            FROM valued)"""


def abc_summary(lines: Lines, options: dict[str, Any]) -> str:
    return f"""
        WITH {ranked(lines)}
        SELECT abc_class, count(*) AS customers, sum(value)::BIGINT AS value
        FROM ({classes()}) GROUP BY abc_class"""


def pareto_curve(lines: Lines, options: dict[str, Any]) -> str:
    points = 100
    return f"""
        WITH {ranked(lines)},
        placed AS (
            SELECT row_number() OVER best AS place, sum(value) OVER best AS value,
                (SELECT count(*) FROM valued) AS customers,
                (SELECT sum(greatest(value, 0)) FROM valued) AS gain
            FROM valued
            WINDOW best AS (ORDER BY value DESC, customer_id ROWS UNBOUNDED PRECEDING))
        SELECT place AS customers, place / customers AS customer_share, value::BIGINT AS value,
            CASE WHEN gain > 0 THEN value::DOUBLE / gain::DOUBLE ELSE 0.0 END AS value_share
        FROM placed WHERE place * {points} // customers > (place - 1) * {points} // customers"""
