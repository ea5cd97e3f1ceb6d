"""What has been brought in, and how far it can be trusted: the data passport of a base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from crm_core.customers.metrics import customer_totals, order_lines
from crm_core.engine.versions import Import, Manifest
from crm_core.periods import date_of
from crm_core.schemas import SCHEMAS
from crm_core.tables import Tables


@dataclass(frozen=True)
class TableFacts:
    """A canonical table: how many rows, and which of its columns the base really fills."""

    name: str
    rows: int
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Passport:
    """The data passport.

    Args:
        version: Number of the version; None for a base on an engine of its own.
        currency: The base's currency; empty when none was stated.
        time_zone: Time zone of its moments; empty when it is not known.
        first_day: Date of the first order line.
        last_day: Date of the last one.
        tables: The canonical tables that the base provides.
        customers: Customers with at least one purchase.
        purchases: Their purchases.
        guest_lines: Order lines without a customer, in no customer's figures.
        unconverted_lines: Order lines in another currency without a rate for their day, in no figure at all.
        imports: What was brought in, in its order.
    """

    version: int | None
    currency: str
    time_zone: str
    first_day: dt.date
    last_day: dt.date
    tables: tuple[TableFacts, ...]
    customers: int
    purchases: int
    guest_lines: int
    unconverted_lines: int
    imports: tuple[Import, ...]


Read = Callable[[Callable[[Tables], ir.Table]], pa.Table]
"""Runs an expression over the tables of a base."""


def passport(read: Read, tables: Tables, manifest: Manifest | None) -> Passport:
    """The passport of an open base."""
    row = read(_counted).to_pylist()[0]
    return Passport(
        version=None if manifest is None else manifest.version,
        currency=tables.currency,
        time_zone="" if manifest is None else manifest.time_zone,
        first_day=date_of(tables.first_day),
        last_day=date_of(tables.last_day),
        tables=tuple(_facts(read, tables, name) for name in SCHEMAS if tables.get(name) is not None),
        customers=int(row["customers"]),
        purchases=int(row["purchases"]),
        guest_lines=int(row["guests"]),
        unconverted_lines=int(row["lines"]) - int(row["converted"]),
        imports=() if manifest is None else manifest.imports,
    )


def _counted(tables: Tables) -> ir.Table:
    orders, lines, totals = tables.orders, order_lines(tables), customer_totals(tables)
    guests = ibis.ifelse(orders.customer_id.isnull(), 1, 0).sum().coalesce(0)
    bought = totals.agg(customers=totals.count(), purchases=totals.order_count.sum().coalesce(0))
    counted = orders.agg(lines=orders.count(), guests=guests).cross_join(lines.agg(converted=lines.count()))
    return counted.cross_join(bought)


def _facts(read: Read, tables: Tables, name: str) -> TableFacts:
    rows = read(lambda found: found.need(name).agg(rows=found.need(name).count()))["rows"][0].as_py()
    columns = tuple(column for column in SCHEMAS[name].columns if f"{name}.{column}" in tables.provided)
    return TableFacts(name, int(rows), columns)
