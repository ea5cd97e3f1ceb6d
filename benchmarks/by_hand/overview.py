# ruff: noqa: S608 - the names and values in the statements are ours
"""What the overview asks. Who bought in which month stands in one number for each customer, a bit a month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from benchmarks.by_hand.lines import Lines
from crm_core.periods import Calendar, date_of, period_of
from crm_core.periods import first_day as first_day_of
from crm_core.periods import last_day as last_day_of

_BITS: Final = 62
"""How many months one number has room for."""


def _months(lines: Lines, options: dict[str, Any]) -> list[tuple[int, int, int]]:
    """Month, first and last day number of each month of the question's calendar."""
    calendar: Calendar = options["calendar"]
    first, last = (period_of(day, "month", calendar) for day in (lines.tables.first_day, lines.last))
    found = [
        (month, first_day_of(month, "month", calendar), last_day_of(month, "month", calendar))
        for month in range(first, last + 1)
    ]
    if len(found) > _BITS:
        raise ValueError(f"{len(found)} months are more than a mask has bits")
    return found


def _spine(lines: Lines, options: dict[str, Any]) -> str:
    """Tables `month` and `calendar` (day to bit)."""
    months = _months(lines, options)
    rows = ", ".join(
        f"({bit}, {month}, DATE '{date_of(first)}', {last <= lines.last})"
        for bit, (month, first, last) in enumerate(months)
    )
    days = ", ".join(f"({bit}, {first}, {last})" for bit, (_, first, last) in enumerate(months))
    return (
        f"month(bit, period, period_start, complete) AS (VALUES {rows}),"
        " calendar AS (SELECT bit, unnest(range(first, last + 1)) AS day"
        f" FROM (VALUES {days}) AS days(bit, first, last))"
    )


def _masks(lines: Lines) -> str:
    """Tables `bought`: customer and bit of each purchase; `active`: buyers, new and staying ones, by bit."""
    return f"""
        orders AS ({lines.orders()} HAVING sum(amount) > 0),
        bought AS MATERIALIZED (SELECT customer_id, bit FROM orders JOIN calendar USING (day)),
        masks AS (SELECT bit_or(1::BIGINT << bit) AS mask FROM bought GROUP BY customer_id),
        by_mask AS (SELECT mask, count(*) AS customers FROM masks GROUP BY mask),
        active AS (
            SELECT bit, sum(customers) AS active,
                sum(customers) FILTER (mask & ((1::BIGINT << bit) - 1) = 0) AS new,
                sum(customers) FILTER (bit > 0 AND mask & (1::BIGINT << greatest(bit - 1, 0)) <> 0) AS stayed
            FROM by_mask JOIN month ON mask & (1::BIGINT << bit) <> 0
            GROUP BY bit)"""


def revenue_by_period(lines: Lines, options: dict[str, Any]) -> str:
    return f"""
        WITH {_spine(lines, options)}, {_masks(lines)},
        days AS (
            SELECT day, sum(amount) AS revenue,
                sum(amount) FILTER (customer_id IS NULL) AS guest_revenue,
                sum(amount) FILTER (amount < 0) AS returned,
                sum(cost) AS cost, count(*) - count(cost) AS uncosted
            {lines.where()} GROUP BY day),
        sold AS (
            SELECT bit, sum(revenue) AS revenue, sum(guest_revenue) AS guest_revenue,
                sum(returned) AS returned, sum(cost) AS cost, sum(uncosted) AS uncosted
            FROM days JOIN calendar USING (day) GROUP BY bit),
        purchases AS (SELECT bit, count(*) AS order_count FROM bought GROUP BY bit)
        SELECT period, period_start, complete,
            coalesce(revenue, 0)::BIGINT AS revenue,
            (coalesce(revenue, 0) - coalesce(guest_revenue, 0))::BIGINT AS customer_revenue,
            coalesce(guest_revenue, 0)::BIGINT AS guest_revenue,
            coalesce(returned, 0)::BIGINT AS returned,
            CASE WHEN coalesce(uncosted, 0) = 0
                THEN (coalesce(revenue, 0) - coalesce(cost, 0))::BIGINT END AS margin,
            coalesce(order_count, 0)::BIGINT AS order_count,
            coalesce(active, 0)::BIGINT AS active_customers,
            coalesce(new, 0)::BIGINT AS new_customers
        FROM month LEFT JOIN sold USING (bit) LEFT JOIN purchases USING (bit) LEFT JOIN active USING (bit)"""


def lifecycle(lines: Lines, options: dict[str, Any]) -> str:
    return f"""
        WITH {_spine(lines, options)}, {_masks(lines)},
        laid AS (
            SELECT month.*, coalesce(active, 0)::BIGINT AS active, coalesce(new, 0)::BIGINT AS new,
                coalesce(stayed, 0)::BIGINT AS stayed
            FROM month LEFT JOIN active USING (bit))
        SELECT period, period_start, complete, new, stayed AS returning,
            active - new - stayed AS resurrected,
            lag(active, 1, 0) OVER (ORDER BY bit) - stayed AS dormant, active
        FROM laid"""


def span_figures(lines: Lines, options: dict[str, Any]) -> str:
    spans: Sequence[tuple[int, int]] = options["spans"]
    of_customer, rows = [], []
    sold = []
    for number, (first, last) in enumerate(spans):
        begin = 2 * first - last - 1
        of_customer += [
            f"count(*) FILTER (day BETWEEN {first} AND {last}) AS inside_{number}",
            f"count(*) FILTER (day BETWEEN {begin} AND {first - 1}) AS before_{number}",
        ]
        within = f"day BETWEEN {first} AND {last}"
        sold += [
            f"sum(amount) FILTER ({within}) AS revenue_{number}",
            f"sum(amount) FILTER ({within} AND customer_id IS NULL) AS guest_{number}",
            f"sum(cost) FILTER ({within}) AS cost_{number}",
            f"count(*) FILTER ({within} AND cost IS NULL) AS uncosted_{number}",
        ]
        rows.append(f"""
            SELECT {number} AS span,
                count(*) FILTER (inside_{number} > 0) AS active_customers,
                count(*) FILTER (inside_{number} > 0 AND first_day >= {first}) AS new_customers,
                count(*) FILTER (inside_{number} = 0 AND before_{number} > 0) AS lost_customers,
                coalesce(sum(inside_{number}), 0)::BIGINT AS order_count,
                (coalesce(any_value(revenue_{number}), 0)
                    - coalesce(any_value(guest_{number}), 0))::BIGINT AS customer_revenue,
                coalesce(any_value(guest_{number}), 0)::BIGINT AS guest_revenue,
                coalesce(any_value(revenue_{number}), 0)::BIGINT AS revenue,
                CASE WHEN any_value(uncosted_{number}) = 0
                    THEN (coalesce(any_value(revenue_{number}), 0)
                        - coalesce(any_value(cost_{number}), 0))::BIGINT END AS margin
            FROM bought, sold""")
    earliest, latest = min(first for first, _ in spans), max(last for _, last in spans)
    return f"""
        WITH orders AS ({lines.orders()} HAVING sum(amount) > 0),
        bought AS MATERIALIZED (
            SELECT min(day) AS first_day, {", ".join(of_customer)} FROM orders GROUP BY customer_id),
        sold AS MATERIALIZED (
            SELECT {", ".join(sold)} {lines.where(f"day BETWEEN {earliest} AND {latest}")})
        {" UNION ALL ".join(rows)}"""
