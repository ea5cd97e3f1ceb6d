"""Files to import, made by the tests."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from crm_core.sources.limits import Limits
from crm_core.sources.mapping import load_mapping
from crm_core.sources.staged import Staged
from crm_core.sources.staging import stage

ORDERS = "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount}}"
SMALL = Limits(run_bytes=2_000, row_bytes=1 << 16)
"""Limits under which a small file is read in many blocks and sorted in many runs."""


def write(directory: Path, content: str | bytes, name: str = "orders.csv", *, packed: bool = False) -> Path:
    """A file with this content."""
    data = content.encode() if isinstance(content, str) else content
    path = directory / name
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def staged(
    path: Path,
    mapping: str = ORDERS,
    *,
    into: str = "staging",
    limits: Limits | None = None,
    money_scale: int = 10_000,
    base_currency: str = "EUR",
    zone: str | None = None,
) -> Staged:
    """Stage a file beside itself."""
    return stage(
        path,
        load_mapping(mapping),
        path.parent / into,
        source_name=path.name,
        money_scale=money_scale,
        base_currency=base_currency,
        limits=limits or Limits(),
        progress=None,
        time_zone_name=zone,
    )


def rows(result: Staged, table: str = "orders") -> list[dict[str, Any]]:
    """The rows of a part, in its order."""
    found: list[dict[str, Any]] = []
    for part in result.parts:
        if part.table == table:
            found += pq.read_table(part.path).to_pylist()
    return found


def values(result: Staged, column: str, table: str = "orders") -> list[Any]:
    """A column of a part, in its order."""
    return [row[column] for row in rows(result, table)]
