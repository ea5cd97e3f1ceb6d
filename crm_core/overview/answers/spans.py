"""The figures of one span of days."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast

from crm_core.base import Money
from crm_core.overview.rules import Span
from crm_core.tables import Tables

FigureName = Literal[
    "revenue",
    "margin",
    "order_count",
    "average_order_value",
    "active_customers",
    "new_customers",
    "lost_customers",
    "purchases_per_customer",
]

FigureKind = Literal["money", "count", "ratio"]

KINDS: Final[dict[FigureName, FigureKind]] = {
    "revenue": "money",
    "margin": "money",
    "order_count": "count",
    "average_order_value": "money",
    "active_customers": "count",
    "new_customers": "count",
    "lost_customers": "count",
    "purchases_per_customer": "ratio",
}

REACH_TOLERANCE: Final = 7
"""Days that may be missing at the beginning of a span of which it is said that the base reaches it."""


@dataclass(frozen=True)
class SpanFigures:
    """A row of `span_figures`, and the figures that follow from it; None where they are unknown."""

    span: Span
    row: Mapping[str, int | None]
    scale: int
    currency: str

    def __getitem__(self, name: FigureName) -> float | None:
        orders, customers = self.count("order_count"), self.count("active_customers")
        if name == "average_order_value":
            return self.count("customer_revenue") / self.scale / orders if orders else None
        if name == "purchases_per_customer":
            return orders / customers if customers else None
        value = self.row[name]
        if value is None:
            return None
        return value / self.scale if KINDS[name] == "money" else value

    def count(self, name: str) -> int:
        """A whole number of the row; 0 where it is unknown."""
        return self.row[name] or 0

    def money(self, name: FigureName) -> Money:
        """A figure as an amount to be said."""
        return Money(self[name] or 0.0, self.currency)


def span_row(tables: Tables, span: Span, row: Mapping[Hashable, object], *, asked: bool) -> SpanFigures:
    """What the base can say of a span.

    Args:
        tables: The base's tables.
        span: The days.
        row: Their row of `span_figures`.
        asked: Whether it is the span that the reader asked for, and not one that it is compared with.

    Returns:
        The row, less what the days before the span would have to tell and the base does not hold.
    """
    known = {str(name): _whole(value) for name, value in row.items()}
    if span.first - span.days + REACH_TOLERANCE < tables.first_day:
        known["lost_customers"] = None
        if not asked:
            # With nothing known before it, nearly everybody in it would pass for new.
            known["new_customers"] = None
    return SpanFigures(span, known, tables.money_scale, tables.currency)


def _whole(value: object) -> int | None:
    """A cell of whole numbers, which pandas gives as floats beside a missing one."""
    number = cast(float | None, value)
    return None if number is None or number != number else int(number)
