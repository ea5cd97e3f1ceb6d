"""A base of the oracle's put onto an engine, and opened as the product opens it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import ibis.expr.types as ir
import pyarrow as pa

from crm_core.engine.canonical import tables
from crm_core.engine.connection import Connection, ready
from crm_core.tables import Tables
from crm_core.workspace.catalogue import DERIVATIONS
from tests.engines import Engine, analyse
from tests.oracle.history import Base, Line, Row

ORDERS = pa.schema(
    [
        ("customer_id", pa.string()),
        ("order_id", pa.string()),
        ("ordered_at", pa.timestamp("us")),
        ("amount", pa.int64()),
        ("cost", pa.int64()),
        ("currency", pa.string()),
        ("channel", pa.string()),
        ("category", pa.string()),
        ("product_id", pa.string()),
        ("quantity", pa.int64()),
        ("discount", pa.int64()),
    ]
)
RATES = pa.schema([("currency", pa.string()), ("valid_from", pa.date32()), ("rate", pa.float64())])
CUSTOMERS = pa.schema([("customer_id", pa.string()), ("region", pa.string())])


@dataclass(frozen=True)
class Loaded:
    """A base on an engine.

    Attributes:
        connection: the engine, in the test's thread.
        tables: what metrics are asked over.
    """

    connection: Connection
    tables: Tables

    def answer(self, expression: ir.Table) -> pa.Table:
        """Every row of an expression."""
        return self.connection.run(expression)

    def rows(self, expression: ir.Table) -> list[Row]:
        """Every row of an expression, as plain values."""
        rows: list[Row] = self.answer(expression).to_pylist()
        return rows


def arrow_orders(lines: Sequence[Line]) -> pa.Table:
    """Order lines as a table, in their order."""
    columns = list(zip(*lines, strict=True)) if lines else [()] * len(ORDERS)
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, ORDERS, strict=True)], schema=ORDERS)


def as_arrow(base: Base) -> dict[str, pa.Table]:
    """The canonical tables of a base; only those and only the columns that it has."""
    orders = arrow_orders(base.lines)
    if not base.costed:
        orders = orders.drop_columns(["cost"])
    if base.currency == "":
        orders = orders.drop_columns(["currency"])
    found = {"orders": orders}
    if base.rates:
        found["rates"] = pa.Table.from_pylist([rate._asdict() for rate in base.rates], schema=RATES)
    if base.regions:
        ids, regions = list(base.regions), list(base.regions.values())
        found["customers"] = pa.table([ids, regions], schema=CUSTOMERS)
    return found


def open_on(engine: Engine) -> Loaded:
    """What lies on an engine, through the engine's own connection."""
    connection = Connection(lambda: ready(engine.connection), lambda: None)
    return Loaded(connection, tables(connection))


def load(engine: Engine, base: Base) -> Loaded:
    """Put a base onto an engine, in place of the one before, and open it."""
    for name in ("orders", "rates", "customers"):
        engine.connection.drop_table(name, force=True)
    engine.load(as_arrow(base))
    loaded = open_on(engine)
    # Which currency is the base's own is read off the rates; a base in which it does not occur cannot tell.
    found = replace(loaded.tables, currency=base.currency, money_scale=base.money_scale)
    return replace(loaded, tables=found)


def materialise(loaded: Loaded) -> Loaded:
    """The same base with every derived table filled, one after the other, as the product fills them."""
    backend = loaded.connection.backend
    for derivation in DERIVATIONS:
        name = f"derived_{derivation.name}"
        backend.create_table(name, derivation(loaded.tables), overwrite=True)
        if backend.name == "postgres":
            analyse(backend.con, name)
        filled = {**loaded.tables.derived, derivation.name: backend.table(name)}
        loaded = replace(loaded, tables=replace(loaded.tables, derived=filled))
    return loaded


def moment(text: str) -> dt.datetime:
    """A moment as it is written: `2024-03-01 09:30`."""
    return dt.datetime.fromisoformat(text)
