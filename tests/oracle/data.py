"""The public data sets and the demonstration base, as bases of the oracle."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from crm_core.sources.demonstration import demonstration
from tests.oracle.history import Base, Line, Rate

DEMONSTRATION_CUSTOMERS = 1_500


@cache
def cdnow(directory: Path) -> Base:
    """Purchases of CDs; each line is an order of its own, on a day without a time."""
    rows = _as_text(directory / "cdnow.csv")
    dates = {text: dt.datetime.fromisoformat(text) for text in set(rows["date"])}
    lines = zip(rows["customer_id"], rows["date"], rows["amount"], strict=True)
    return Base(
        tuple(Line(customer_id, None, dates[date], _money(amount)) for customer_id, date, amount in lines),
        currency="",
        costed=False,
    )


@cache
def online_retail(directory: Path) -> Base:
    """Order lines of a wholesaler, with guests and returns."""
    rows = _as_text(directory / "online_retail_ii.csv.gz")
    moments = {text: dt.datetime.fromisoformat(text) for text in set(rows["InvoiceDate"])}
    prices = {text: _money(text) for text in set(rows["Price"])}
    columns = (rows[name] for name in ("CustomerID", "Invoice", "InvoiceDate", "Quantity", "Price"))
    return Base(
        tuple(
            Line(customer_id or None, invoice, moments[date], int(quantity) * prices[price])
            for customer_id, invoice, date, quantity, price in zip(*columns, strict=True)
        ),
        currency="",
        costed=False,
    )


@cache
def demonstrated() -> Base:
    """A small demonstration base: three currencies, costs, channels, regions, guests."""
    made = demonstration(DEMONSTRATION_CUSTOMERS, seed=3)
    tables: dict[str, list[pa.Table]] = {}
    for name, rows in made.batches():
        tables.setdefault(name, []).append(rows)
    whole = {name: pa.concat_tables(rows) for name, rows in tables.items()}
    columns = [whole["orders"][name].to_pylist() for name in Line._fields]
    customers = whole["customers"].select(["customer_id", "region"]).to_pylist()
    rates = zip(*(whole["rates"][name].to_pylist() for name in Rate._fields), strict=True)
    return Base(
        tuple(map(Line, *columns)),
        tuple(map(Rate._make, rates)),
        {row["customer_id"]: row["region"] for row in customers if row["region"] is not None},
        currency=made.settings.base_currency,
    )


def _as_text(path: Path) -> dict[str, list[str]]:
    names = csv.open_csv(path).schema.names
    table = csv.read_csv(
        path, convert_options=csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
    )
    return {name: pc.fill_null(table[name], "").to_pylist() for name in names}


def _money(text: str) -> int:
    units = Decimal(text) * 10_000
    assert units == int(units)
    return int(units)
