"""What this edge needs to know of the canonical tables. The one place from which it takes them."""

from __future__ import annotations

from typing import Final

from crm_core.schemas import MONEY_SCALE, QUANTITY_SCALE, SCHEMAS, Schema

__all__ = [
    "FOREIGN_MONEY_SCALE",
    "NUMERIC_TYPES",
    "QUANTITY_SCALE",
    "SCHEMAS",
    "Schema",
    "moment_of",
    "sort_keys",
]

FOREIGN_MONEY_SCALE: Final = MONEY_SCALE
"""Units of stored money in one unit of a currency that is not the base's."""
NUMERIC_TYPES: Final = frozenset({"money", "quantity", "number"})


def moment_of(table: str) -> str | None:
    """The column that says when a row of this table happened, or None for a table without one."""
    schema = SCHEMAS[table]
    dated = [name for name, kind in schema.columns.items() if kind in ("timestamp", "date")]
    return next((name for name in dated if name in schema.required), None)


def sort_keys(table: str) -> tuple[str, ...]:
    """By what the rows of a part are sorted: whose they are, when, and the order's own lines together."""
    whose = "customer_id" if "customer_id" in SCHEMAS[table].columns else "currency"
    moment = moment_of(table)
    return (whose, *((moment,) if moment else ()), *(("order_id",) if table == "orders" else ()))
