"""The canonical tables as they lie on an engine of a company's own, or in the parts of a base."""

from __future__ import annotations

from typing import Any, cast

import ibis
import ibis.expr.types as ir
from ibis.backends.sql import SQLBackend
from ibis.common.exceptions import TableNotFound

from crm_core.base import InputError
from crm_core.engine.connection import Connection
from crm_core.expressions import rounded
from crm_core.periods import day_of
from crm_core.schemas import DATATYPES, MONEY_SCALE, QUANTITY_SCALE, SCHEMAS, ColumnType
from crm_core.tables import Tables


def tables(connection: Connection) -> Tables:
    """The canonical tables as they lie on an engine, in canonical types.

    Money and quantities that are stored with a fraction become whole numbers of the canonical scale. Columns
    that are missing are null. A line without an order id is an order of its own; one without a moment or an
    amount is no order line.

    Raises:
        InputError: There are no orders, a required column is missing, or it cannot be told which of several
            currencies is the base's.
    """
    backend = connection.backend
    present = {name: table for name in SCHEMAS if (table := _stored(backend, name)) is not None}
    if "orders" not in present:
        raise InputError("engine.no_orders")
    provided = frozenset(f"{name}.{column}" for name, table in present.items() for column in table.columns)
    for name, table in present.items():
        for column in sorted(SCHEMAS[name].required):
            if column not in table.columns:
                raise InputError("engine.column_missing", table=name, column=column)
    canonical = {name: canonical_table(name, table) for name, table in present.items()}
    orders = canonical.pop("orders")
    orders = orders.filter(orders.ordered_at.notnull(), orders.amount.notnull())
    bounds = orders.agg(
        first=orders.ordered_at.min(),
        last=orders.ordered_at.max(),
        lines=orders.count(),
        lines_with_id=orders.order_id.count(),
    )
    span = connection.run(bounds).to_pylist()[0]
    if span["first"] is None:
        raise InputError("engine.no_orders")
    if span["lines_with_id"] < span["lines"]:
        orders = _with_order_ids(orders)
    return Tables(
        orders=orders,
        others=canonical,
        provided=provided,
        currency=_base_currency(connection, orders, canonical.get("rates")),
        money_scale=MONEY_SCALE,
        first_day=day_of(span["first"].date()),
        last_day=day_of(span["last"].date()),
    )


def _base_currency(connection: Connection, orders: ir.Table, rates: ir.Table | None) -> str:
    """The one currency of the orders that has no rates, or none at all.

    Raises:
        InputError: There are several.
    """
    known = _currencies(connection, orders.filter(orders.currency.notnull()))
    rated = set() if rates is None else _currencies(connection, rates)
    base = sorted(known - rated)
    if len(base) > 1:
        raise InputError("engine.currency_without_rates", currencies=", ".join(base))
    return base[0] if base else ""


def _currencies(connection: Connection, rows: ir.Table) -> set[str]:
    return set(connection.run(rows.select("currency").distinct())["currency"].to_pylist())


def _stored(backend: SQLBackend, name: str) -> ir.Table | None:
    try:
        table = backend.table(name)
    except TableNotFound:
        return None
    if backend.name == "sqlite":
        # SQLite takes 23:59:59.9996 for the next day, but not when it has written the moment itself.
        moments = [column for column in table.columns if table[column].type().is_timestamp()]
        return table.mutate(**{c: table[c].cast("string").cast("timestamp") for c in moments})
    if backend.name != "postgres":
        return table
    # Text sorts by the database's collation there, and ties are broken by text on every engine alike.
    texts = [column for column in table.columns if table[column].type().is_string()]
    collated = ", ".join(f'"{c}" COLLATE "C" AS "{c}"' if c in texts else f'"{c}"' for c in table.columns)
    # The names are those of the canonical schema, and Ibis has no other way to name a collation.
    return cast(Any, backend).sql(f'SELECT {collated} FROM "{name}"')  # noqa: S608 - no reader's text in it


def canonical_table(name: str, table: ir.Table, *kept: str) -> ir.Table:
    """A stored table with exactly the columns and types of its schema, and those that are kept besides."""
    schema = SCHEMAS[name]
    columns = {column: _canonical(table, column, kind) for column, kind in schema.columns.items()}
    columns |= {column: table[column] for column in kept}
    return table.select(**columns)


def _with_order_ids(orders: ir.Table) -> ir.Table:
    """A line without an order id is an order of its own.

    It is numbered among its customer's lines from the earliest on, so that lines which come later, or belong
    to others, do not change its name.
    """
    order = [
        orders[column] for column in ("ordered_at", "amount", "cost", "product_id", "category", "channel")
    ]
    line = ibis.row_number().over(group_by=orders.customer_id, order_by=order)
    return orders.mutate(order_id=orders.order_id.coalesce(ibis.literal("line:") + line.cast("string")))


def _canonical(table: ir.Table, column: str, kind: ColumnType) -> ir.Value:
    datatype = ibis.dtype(DATATYPES[kind])
    if column not in table.columns:
        return ibis.null(datatype)
    value: Any = table[column]
    scale = {"money": MONEY_SCALE, "quantity": QUANTITY_SCALE}.get(kind)
    if scale is not None and not value.type().is_integer():
        return rounded(value.cast("float64") * scale)
    return value if value.type() == datatype else value.cast(datatype)
