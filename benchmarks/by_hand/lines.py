# ruff: noqa: S608 - the names and values in the statements are ours
"""The order lines that a question is about, and what is first made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from crm_core.periods import day_of
from crm_core.tables import Selection, Tables


@dataclass(frozen=True)
class Lines:
    """The order lines that a question is about.

    Args:
        tables: The base.
        selection: Which of the lines.
        as_of: The last day that exists.
    """

    tables: Tables
    selection: Selection
    as_of: dt.date

    @property
    def last(self) -> int:
        """Day number of the last day that exists."""
        return day_of(self.as_of)

    def where(self, *conditions: str) -> str:
        """The lines, and only those of which some more holds, from the word FROM on."""
        held = [*self._selected(), *conditions]
        return "FROM base.main.order_lines" + (f" WHERE {' AND '.join(held)}" if held else "")

    def _selected(self) -> list[str]:
        kept = [
            f"{column} IN ({texts(values)})"
            for column, values in (
                ("channel", self.selection.channels),
                ("category", self.selection.categories),
            )
            if values
        ]
        if self.selection.regions:
            kept.append(
                "customer_id IN (SELECT customer_id FROM base.main.customers"
                f" WHERE {self.tables.region_column} IN ({texts(self.selection.regions)}))"
            )
        if self.last < self.tables.last_day:
            kept.append(f"day <= {self.last}")
        return kept

    def orders(self, *columns: str) -> str:
        """The orders of known customers: customer_id, day, revenue and what else is asked for."""
        chosen = ", ".join(["customer_id", "min(day) AS day", "sum(amount)::BIGINT AS revenue", *columns])
        return f"SELECT {chosen} {self.where('customer_id IS NOT NULL')} GROUP BY customer_id, order_id"


def totals(lines: Lines, *columns: str) -> str:
    """Tables `orders` and `totals`: customers with a purchase, their last day, purchases and revenue."""
    costs = ("sum(cost) AS cost", "count(*) - count(cost) AS uncosted") if "margin" in columns else ()
    margin = (
        ", CASE WHEN sum(uncosted) = 0 THEN (sum(revenue) - coalesce(sum(cost), 0))::BIGINT END AS margin"
        if costs
        else ""
    )
    return f"""
        orders AS ({lines.orders(*costs)}),
        totals AS MATERIALIZED (
            SELECT customer_id, max(day) FILTER (revenue > 0) AS last_day,
                count(*) FILTER (revenue > 0) AS order_count, sum(revenue)::BIGINT AS revenue{margin}
            FROM orders GROUP BY customer_id HAVING count(*) FILTER (revenue > 0) > 0)"""


def texts(values: Sequence[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)
