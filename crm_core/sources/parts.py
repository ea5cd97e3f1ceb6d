"""A part: the sorted rows of one canonical table in one Parquet file."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from functools import reduce
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from crm_core.base import InputError
from crm_core.sources.ahead import ahead
from crm_core.sources.canonical import arrow_schema
from crm_core.sources.latest import MOMENT_SUFFIX, latest_values, with_moments
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import VALID_AT
from crm_core.sources.moments import MICROSECONDS_A_DAY
from crm_core.sources.runs import SortedRuns, write_parquet
from crm_core.sources.schemas import SCHEMAS, moment_of, sort_keys
from crm_core.sources.staged import StagedPart


def part_schema(table: str) -> Any:
    """The Arrow schema of a part: that of the table, and for customers the moments of their values."""
    schema = arrow_schema(table)
    if table != "customers":
        return schema
    for name in SCHEMAS[table].columns:
        if name != "customer_id":
            schema = schema.append(pa.field(name + MOMENT_SUFFIX, pa.timestamp("us")))
    return schema


class PartWriter:
    """Takes in accepted rows of one table and writes them as its part."""

    def __init__(self, table: str, directory: Path, limits: Limits) -> None:
        self._table = table
        self._path = directory / f"{table}.parquet"
        self._runs_directory = directory / "runs" / table
        # Each customer's latest values are found run by run, so that a file of orders makes no run per line.
        self._runs = SortedRuns(
            self._runs_directory,
            sort_keys(table),
            limits.run_bytes,
            latest_values if table == "customers" else None,
        )
        self._moment = moment_of(table)
        self._days: tuple[int, int] | None = None
        self._currencies: set[str] = set()

    def append(self, batch: Any) -> None:
        """Take in some rows; texts may be dictionary-encoded."""
        if not batch.num_rows:
            return
        if self._moment is not None:
            self._note_days(batch[self._moment])
        if "currency" in batch.schema.names:
            self._currencies.update(
                code for code in batch["currency"].unique().to_pylist() if code is not None
            )
        if self._table == "customers":
            batch = latest_values(pa.Table.from_batches([with_moments(batch)]).combine_chunks()).to_batches()[
                0
            ]
        self._runs.append(batch)

    def _note_days(self, moments: Any) -> None:
        bounds = pc.min_max(moments)
        if not bounds["min"].is_valid:
            return
        days = pa.types.is_date(moments.type)
        unit = 1 if days else MICROSECONDS_A_DAY
        kind = pa.int32() if days else pa.int64()
        first, last = (bounds[end].cast(kind).as_py() // unit for end in ("min", "max"))
        known = self._days or (first, last)
        self._days = min(known[0], first), max(known[1], last)

    def write(self, columns: frozenset[str]) -> StagedPart | None:
        """Write the part; None when there is no row."""
        tables = ahead(self._runs.tables())
        rows = write_parquet(tables, self._path, part_schema(self._table), sort_keys(self._table))
        shutil.rmtree(self._runs_directory, ignore_errors=True)
        if not rows:
            self._path.unlink()
            return None
        with self._path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        first, last = self._days or (None, None)
        return StagedPart(
            self._table, self._path, rows, digest, first, last, frozenset(self._currencies), columns
        )


def canonical_rows(name: str, table: Any) -> Any:
    """The rows with their columns in the schema's order and texts dictionary-encoded.

    Raises:
        InputError: They are not canonical.
    """
    if name not in SCHEMAS:
        raise InputError("import.mapping_unknown_table", table=name, tables=", ".join(SCHEMAS))
    schema = arrow_schema(name)
    columns: dict[str, Any] = {}
    for column in table.schema.names:
        if column not in schema.names:
            raise InputError(
                "import.mapping_unknown_column", table=name, column=column, columns=", ".join(schema.names)
            )
        columns[column] = _canonical_values(name, column, table[column], schema.field(column).type)
    for column in schema.names:
        if column in SCHEMAS[name].required:
            _check_required(name, column, columns)
    return pa.table({column: columns[column] for column in schema.names if column in columns})


def _canonical_values(name: str, column: str, values: Any, kind: Any) -> Any:
    plain = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if plain != kind and not (pa.types.is_large_string(plain) and pa.types.is_string(kind)):
        raise InputError("import.column_type", table=name, column=column, type=str(values.type))
    return values.cast(kind).dictionary_encode() if pa.types.is_string(kind) else values


def _check_required(name: str, column: str, columns: Mapping[str, Any]) -> None:
    """See that a column is there and says something in every row; an order may be nobody's."""
    if column not in columns:
        raise InputError("import.required_unmapped", table=name, column=column)
    if columns[column].null_count and (name, column) != ("orders", "customer_id"):
        raise InputError("import.required_value_missing", table=name, column=column)


def with_valid_at(batch: Any) -> Any:
    """Customers with a moment for each row: their own, else the registration, else 1970-01-01."""
    moments = [batch[name] for name in (VALID_AT, "created_at") if name in batch.schema.names]
    epoch = pa.nulls(batch.num_rows, pa.timestamp("us")).fill_null(pa.scalar(0, pa.timestamp("us")))
    valid_at = reduce(pc.coalesce, [*moments, epoch])
    names = [name for name in batch.schema.names if name != VALID_AT]
    return pa.RecordBatch.from_arrays([*(batch[name] for name in names), valid_at], names=[*names, VALID_AT])
