# ruff: noqa: S608 - the names in the statements are ours
"""Order files to import: the public one of an online shop, or a made one with the same columns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from benchmarks.settings import Settings
from crm_core.sources.mapping import Mapping, load_mapping

_PUBLIC: Final = "online_retail_ii.csv.gz"

MAPPING: Final = """
orders:
  columns: {order_id: Invoice, customer_id: CustomerID, ordered_at: InvoiceDate, amount: Quantity * Price,
            quantity: Quantity, product_id: StockCode, product: Description}
  currency: GBP
customers:
  columns: {customer_id: CustomerID, country: Country}
"""

_MADE: Final = """
    SELECT 489434 + n // 24 AS Invoice,
        concat(10000 + chance % 4000, ['', '', 'A', 'B'][1 + chance % 4]) AS StockCode,
        concat('Thing ', chance % 4000, ', boxed') AS Description,
        CASE WHEN chance % 50 = 0 THEN -1 ELSE 1 + chance % 24 END AS Quantity,
        TIMESTAMP '2009-12-01 07:45:00' + to_minutes(n // 24 * 24) AS InvoiceDate,
        printf('%.2f', (25 + chance % 1500) / 100) AS Price,
        CASE WHEN n // 24 % 5 > 0 THEN 12346 + n // 24 * 7919 % 6000 END AS CustomerID,
        'United Kingdom' AS Country
    FROM (SELECT n, (hash(n) % 1000000)::INT AS chance FROM range({rows}) AS lines(n))"""


@dataclass(frozen=True)
class OrderFile:
    """A file of order lines.

    Args:
        path: Where it lies.
        rows: How many lines it has.
        left_out: Why it is not the public one; empty when it is.
    """

    path: Path
    rows: int
    left_out: str = ""


def mapping() -> Mapping:
    """What fills what, by the columns that all these files have."""
    return load_mapping(MAPPING)


def order_file(settings: Settings) -> OrderFile:
    """The public file when it is there and as large as asked for, else a part of it, else a made one."""
    public = settings.shared_data / _PUBLIC
    if not public.is_file():
        path = settings.directory / "made.csv.gz"
        rows = _write(_MADE.format(rows=settings.file_rows), path)
        return OrderFile(path, rows, f"{_PUBLIC} is not there; a made file stands for it")
    rows = _rows(public)
    if rows <= settings.file_rows:
        return OrderFile(public, rows)
    path = settings.directory / "part.csv.gz"
    return OrderFile(path, _write(f"{_read(public)} LIMIT {settings.file_rows}", path))


def large_file(settings: Settings) -> OrderFile:
    """A file of exactly so many rows: the public one again and again, each time with customers of its own."""
    public = settings.shared_data / _PUBLIC
    path = settings.directory / "large.csv"
    if not public.is_file():
        rows = _write(_MADE.format(rows=settings.rows), path)
        return OrderFile(path, rows, f"{_PUBLIC} is not there; made rows stand for it")
    times = -(-settings.rows // _rows(public))
    repeated = f"""
        SELECT concat(Invoice, '-', n) AS Invoice, StockCode, Description, Quantity, InvoiceDate, Price,
            CASE WHEN CustomerID <> '' THEN concat(CustomerID, '-', n) END AS CustomerID, Country
        FROM range({times}) AS times(n), ({_read(public)}) LIMIT {settings.rows}"""
    return OrderFile(path, _write(repeated, path))


def _read(path: Path) -> str:
    return f"SELECT * FROM read_csv('{path}', all_varchar = true)"


def _rows(path: Path) -> int:
    with duckdb.connect() as engine:
        found = engine.execute(f"SELECT count(*) FROM ({_read(path)})").fetchone()
    return int(found[0]) if found else 0


def _write(statement: str, path: Path) -> int:
    with duckdb.connect() as engine:
        written = engine.execute(f"COPY ({statement}) TO '{path}' (HEADER)").fetchone()
    return int(written[0]) if written else 0
