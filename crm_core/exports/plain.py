"""A table for other programs: CSV, Parquet or JSON with the values as they are.

Text is not made safe for spreadsheets here, so that ids come back as they went out; what people download and
open is written by `crm_core.exports.csv`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq


def _csv(table: pa.Table, output: IO[bytes]) -> None:
    """With a header; moments as ISO text, null as an empty field."""
    pyarrow.csv.write_csv(_with_iso_moments(table), output, pyarrow.csv.WriteOptions(quoting_style="needed"))


def _parquet(table: pa.Table, output: IO[bytes]) -> None:
    pq.write_table(table, output)


def _json(table: pa.Table, output: IO[bytes]) -> None:
    """A list with an object a row; moments and dates as ISO text, decimals as the nearest numbers."""
    output.write(b"[")
    before = b"\n"
    for batch in _with_iso_moments(table).to_batches(max_chunksize=10_000):
        for row in batch.to_pylist():
            output.write(before + json.dumps(row, ensure_ascii=False, default=float).encode())
            before = b",\n"
    output.write(b"\n]\n")


def _with_iso_moments(table: pa.Table) -> pa.Table:
    for index, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            seconds = table[index].cast(pa.timestamp("s"), safe=False)
            table = table.set_column(index, column.name, pc.strftime(seconds, "%Y-%m-%d %H:%M:%S"))
        elif pa.types.is_date(column.type):
            table = table.set_column(index, column.name, pc.strftime(table[index], "%Y-%m-%d"))
    return table


FORMATS: Final[Mapping[str, Callable[[pa.Table, IO[bytes]], None]]] = MappingProxyType(
    {"csv": _csv, "parquet": _parquet, "json": _json}
)
"""How a table is written to a stream of bytes, by the name of the format."""


def write(table: pa.Table, form: str, output: IO[Any]) -> None:
    """Write a table to a stream of bytes in one of `FORMATS`."""
    FORMATS[form](table, output)
