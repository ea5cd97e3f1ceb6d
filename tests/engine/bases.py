"""Small bases for the tests: rows by hand or by chance, laid out as imports lay them out."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from crm_core.engine.connection import Limits
from crm_core.engine.versions import BaseDirectory, Import, Manifest, StagedFile
from crm_core.periods import day_of
from crm_core.schemas import SCHEMAS
from crm_core.sources.values import ARROW_TYPES

LIMITS = Limits(memory="1GB", threads=2)
SETTINGS = Manifest(0, "EUR", 10_000, "UTC")

Row = Mapping[str, Any]


def bring(
    base: BaseDirectory,
    import_id: str,
    *,
    settings: Manifest = SETTINGS,
    rejects: str | None = None,
    **tables: Sequence[Row],
) -> tuple[Manifest, bool]:
    """Bring rows of some tables into a base as one import: stage them, then add them."""
    return bring_tables(base, import_id, tables, settings=settings, rejects=rejects)


def bring_tables(
    base: BaseDirectory,
    import_id: str,
    tables: Mapping[str, Sequence[Row]],
    *,
    settings: Manifest = SETTINGS,
    rejects: str | None = None,
) -> tuple[Manifest, bool]:
    """The same with the tables by name."""
    with base.staging() as directory:
        files = [stage(directory, name, rows) for name, rows in tables.items()]
        rejected = None
        if rejects is not None:
            rejected = directory / "rejects.csv"
            rejected.write_text(rejects, "utf-8")
        count = sum(len(rows) for rows in tables.values())
        record = Import(import_id, f"{import_id}.csv", "orders: {}", count, count, {}, 0, ())
        return base.add(record, files, rejects=rejected, settings=settings)


def stage(directory: Path, name: str, rows: Sequence[Row]) -> StagedFile:
    """Write rows of a canonical table as a part, sorted by customer as imports sort them."""
    path = directory / f"{name}.parquet"
    pq.write_table(as_arrow(name, rows), path)
    days = [day_of(row["ordered_at"].date()) for row in rows if "ordered_at" in row]
    currencies = sorted({row["currency"] for row in rows if row.get("currency")})
    return StagedFile(name, path, min(days, default=None), max(days, default=None), tuple(currencies))


def as_arrow(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows of a canonical table in the types of a part."""
    columns = {column: ARROW_TYPES[kind] for column, kind in SCHEMAS[name].columns.items()}
    if name == "customers":
        columns["valid_at"] = pa.timestamp("us")
        columns |= {
            column: pa.timestamp("us") for row in rows for column in row if column.endswith("_valid_at")
        }
    whose = "customer_id" if "customer_id" in columns else "currency"
    rows = sorted(rows, key=lambda row: (row.get(whose) is None, str(row.get(whose))))
    schema = pa.schema(list(columns.items()))
    return pa.Table.from_pylist([dict(row) for row in rows], schema=schema)


def some_lines(
    chance: random.Random,
    count: int,
    *,
    customers: Sequence[str | None],
    orders: Sequence[str],
    days: tuple[int, int] = (0, 400),
    currencies: Sequence[str | None] = (None, "EUR", "USD", "THB"),
) -> list[Row]:
    """Order lines by chance: returns among them, some costs unknown, times down to the second."""
    start = dt.datetime(2023, 1, 1)
    return [
        {
            "customer_id": chance.choice(customers),
            "order_id": chance.choice(orders),
            "ordered_at": start + dt.timedelta(days=chance.randint(*days), seconds=chance.randrange(86_400)),
            "amount": chance.choice((1, 1, 1, -1)) * chance.randrange(1, 900_000),
            "currency": chance.choice(currencies),
            "quantity": 10_000 * chance.randint(1, 5),
            "cost": chance.choice((None, chance.randrange(1, 500_000))),
            "product_id": chance.choice(("p1", "p2", "p3")),
            "product": None,
            "category": chance.choice(("tea", "cups")),
            "channel": chance.choice(("shop", "web", "phone")),
        }
        for _ in range(count)
    ]


def some_rates(chance: random.Random, *, start: dt.date = dt.date(2023, 1, 10)) -> list[Row]:
    """Rates of US dollars every few days, and none of any other currency; none before `start`."""
    days = [start + dt.timedelta(days=step) for step in range(0, 400, 7)]
    return [{"currency": "USD", "valid_from": day, "rate": 0.8 + chance.random() / 5} for day in days]


def some_customers(chance: random.Random, ids: Sequence[str]) -> list[Row]:
    """One row a customer, with a region of two and a name that may be missing."""
    return [
        {
            "customer_id": one,
            "name": chance.choice((None, f"name of {one}")),
            "region": chance.choice(("north", "south")),
            "valid_at": dt.datetime(2023, 1, 1) + dt.timedelta(days=chance.randrange(400)),
        }
        for one in ids
    ]


def some_contracts(chance: random.Random, ids: Sequence[str]) -> list[Row]:
    """One contract of every third customer or so, half of them ended, in three currencies or none."""
    start = dt.datetime(2023, 1, 1)
    began = [(one, start + dt.timedelta(days=chance.randrange(300))) for one in ids if chance.random() < 0.4]
    return [
        {
            "customer_id": one,
            "started_at": day,
            "ended_at": chance.choice((None, day + dt.timedelta(days=chance.randrange(200)))),
            "monthly_amount": chance.randrange(1, 500_000),
            "currency": chance.choice((None, "EUR", "USD", "THB")),
        }
        for one, day in began
    ]


def some_contacts(chance: random.Random, ids: Sequence[str]) -> list[Row]:
    """A contact with most customers, in three channels or none, some at a cost in one of two currencies."""
    start = dt.datetime(2023, 1, 1)
    return [
        {
            "customer_id": one,
            "contacted_at": start + dt.timedelta(days=chance.randrange(300)),
            "channel": chance.choice((None, "mail", "telephone", "shop")),
            "direction": chance.choice(("out", "in", "none")),
            "campaign_id": chance.choice((None, "spring", "autumn")),
            "outcome": chance.choice(("acquired", "lead", "refused")),
            "cost": chance.choice((None, chance.randrange(1, 500_000))),
            "currency": chance.choice((None, "EUR", "USD")),
        }
        for one in ids
        if chance.random() < 0.8
    ]


def ids(prefix: str, count: int) -> list[str]:
    """`c1`, `c2`, ..."""
    return [f"{prefix}{number}" for number in range(1, count + 1)]


def rows_of(table: Any) -> list[tuple[Any, ...]]:
    """Rows of an Arrow table as a sorted multiset, with their columns in alphabetical order."""
    table = table.select(sorted(table.column_names))
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return sorted(rows, key=lambda row: [(value is None, str(value)) for value in row])
