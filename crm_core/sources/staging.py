"""From a file, or from tables that are canonical already, to sorted parts and an account of the rows."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any, Final, cast

import pyarrow as pa
import pyarrow.compute as pc

from crm_core.base import InputError
from crm_core.periods import Calendar
from crm_core.sources import delimited, parquet
from crm_core.sources.canonical import CanonicalReader, Units, arrow_schema, source_columns
from crm_core.sources.columns import Block
from crm_core.sources.formats import format_of
from crm_core.sources.guessing import Evidence, guess, recognise
from crm_core.sources.headers import SourceColumns
from crm_core.sources.latest import MOMENT_SUFFIX, latest_values, with_moments
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import VALID_AT, SourceOptions, time_zone
from crm_core.sources.mapping import Mapping as SourceMapping
from crm_core.sources.moments import MICROSECONDS_A_DAY
from crm_core.sources.rejects import Rejects
from crm_core.sources.runs import SortedRuns, write_parquet
from crm_core.sources.schemas import SCHEMAS, moment_of, sort_keys
from crm_core.sources.staged import Preview, Staged, StagedPart
from crm_core.sources.values import Reading

Progress = Callable[[float], None]
"""Is told which share of the work is done, 0 to 1."""
Layout = delimited.Layout | parquet.ParquetLayout

_PREVIEWED_ROWS: Final = 20
_READ_SHARE: Final = 0.7
_EXAMPLE: Final = 200


def read_header(path: Path, options: SourceOptions | None = None, limits: Limits | None = None) -> Preview:
    """A first look at a file: its columns, first rows, and a suggested mapping.

    Raises:
        InputError: It is no table that can be read.
    """
    limits = limits or Limits()
    layout = layout_of(path, options or SourceOptions(), limits)
    guessed = guess(layout.columns, layout.sample)
    mapping = guessed.mapping
    source = _recognised(replace(mapping, source=options or SourceOptions()), layout)
    mapping = replace(mapping, source=source)
    unclear = tuple(name for name in ("day_order", "decimal") if getattr(source, name) is None)
    return Preview(
        format="parquet" if isinstance(layout, parquet.ParquetLayout) else "delimited",
        columns=layout.columns,
        rows=layout.sample[:_PREVIEWED_ROWS],
        mapping=mapping.to_yaml(),
        confidence=guessed.confidence,
        missing=mapping.missing() or (() if mapping.tables else (("orders", "customer_id"),)),
        unclear=unclear,
    )


def layout_of(path: Path, options: SourceOptions, limits: Limits) -> Layout:
    """What the beginning of a file says about all of it."""
    if format_of(path, limits) == "parquet":
        return parquet.layout_of(path, limits)
    return delimited.layout_of(path, options, limits)


def _recognised(mapping: SourceMapping, layout: Layout) -> SourceOptions:
    """The options of a mapping, those left open recognised from the first rows as far as they can be."""
    source = mapping.source
    sample = layout.sample
    if isinstance(layout, parquet.ParquetLayout):
        # What the file itself knows as a date or a number says nothing about how its texts are written.
        native = [name in layout.native for name in layout.columns]
        sample = tuple(
            tuple("" if known else text for known, text in zip(native, row, strict=True)) for row in sample
        )
    else:
        source = replace(source, encoding=layout.encoding, delimiter=layout.delimiter)
    return recognise(replace(mapping, source=source), layout.columns, sample)


def stage(
    path: Path,
    mapping: SourceMapping,
    directory: Path,
    *,
    source_name: str,
    money_scale: int,
    base_currency: str,
    limits: Limits,
    progress: Progress | None,
    time_zone_name: str | None = None,
) -> Staged:
    """Read a file and lay it out as sorted parts.

    Args:
        path: Delimited text, packed by gzip or not, or Parquet.
        mapping: What fills what.
        directory: Where the parts and the rejects go; made, and removed when this fails.
        source_name: What the reader calls the file.
        money_scale: Units of stored money in one unit of the base's currency.
        base_currency: Its code, or empty while none was stated.
        limits: What the file may cost.
        progress: Told how far the work is.
        time_zone_name: The base's time zone, for moments with an offset; the mapping's own goes first.

    Raises:
        InputError: The file or the mapping cannot be used, or not one row can be read.
    """
    layout = layout_of(path, mapping.source, limits)
    columns = SourceColumns(layout.columns)
    nodes = mapping.parsed(columns)
    read = source_columns(nodes)
    mapping = replace(mapping, source=_decided(path, mapping, layout, limits, read))
    import_id = import_identity(path, mapping)
    zone = mapping.source.time_zone or time_zone_name
    reading = Reading(
        cast(Calendar, mapping.source.calendar),
        mapping.source.day_order or "ymd",
        mapping.source.decimal or ".",
        time_zone(zone) if zone else None,
    )
    reader = CanonicalReader(mapping, nodes, reading, Units(money_scale, base_currency), import_id)
    delimiter = layout.delimiter if isinstance(layout, delimited.Layout) else ","
    tell = progress or _silent
    with _made(directory), Rejects(directory / "rejects.csv", delimiter) as rejects:
        writers = {name: _PartWriter(name, directory, limits) for name in mapping.tables}
        total = accepted = guests = 0
        for block in ahead(_blocks(path, layout, limits, read)):
            rows = reader.read(block)
            rejects.add(block, rows.faults, rows.accepted)
            for name, batch in rows.tables.items():
                writers[name].append(batch)
            total += len(block.rows) + len(block.ragged)
            accepted += int(rows.accepted.sum())
            guests += rows.guests
            tell(_READ_SHARE * block.done)
        _require_rows(path.name, total, accepted, rejects)
        parts = _written(writers, mapping, tell)
        return Staged(
            import_id,
            source_name,
            mapping.to_yaml(),
            total,
            accepted,
            dict(rejects.counts),
            rejects.path,
            guests,
            parts,
        )


def import_identity(path: Path, mapping: SourceMapping) -> str:
    """The sha256, in hexadecimal, over the bytes of a file and the canonical text of a mapping."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(b"\0" + mapping.to_yaml().encode())
    return digest.hexdigest()


def stage_batches(
    batches: Iterable[tuple[str, pa.Table]],
    directory: Path,
    *,
    source_name: str,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> Staged:
    """Lay out tables that are canonical already: the same check, order and files as for rows of a file.

    Args:
        batches: Name of a canonical table and some of its rows, in the Arrow types of `values.ARROW_TYPES`;
            columns may be absent when they are not required, and must be the same for all batches of a table.
        directory: Where the parts go; made, and removed when this fails.

    Raises:
        InputError: A table, a column or a type is not canonical, a required value is missing, or there is no
            row.
    """
    limits = limits or Limits()
    tell = progress or _silent
    with _made(directory):
        writers: dict[str, _PartWriter] = {}
        filled: dict[str, frozenset[str]] = {}
        rows = guests = 0
        for name, table in batches:
            checked = _checked(name, table)
            columns = frozenset(checked.schema.names)
            if filled.setdefault(name, columns) != columns:
                raise InputError("import.table_columns_vary", table=name)
            writer = writers.setdefault(name, _PartWriter(name, directory, limits))
            for batch in checked.to_batches():
                writer.append(_with_valid_at(batch) if name == "customers" else batch)
            rows += table.num_rows
            guests += table["customer_id"].null_count if name == "orders" else 0
        if not rows:
            raise InputError("import.header_only", file=source_name)
        parts = tuple(
            part
            for name in SCHEMAS
            if name in writers and (part := writers[name].write(filled[name])) is not None
        )
        tell(1.0)
        told = hashlib.sha256("\n".join([source_name, *(part.sha256 for part in parts)]).encode()).hexdigest()
        return Staged(told, source_name, "", rows, rows, {}, None, guests, parts)


def _decided(
    path: Path, mapping: SourceMapping, layout: Layout, limits: Limits, read: tuple[str, ...]
) -> SourceOptions:
    """Every option; where the first rows do not say how to read dates or numbers, the whole file is asked."""
    source = _recognised(mapping, layout)
    if source.day_order is None or source.decimal is None:
        stated = replace(source, day_order=mapping.source.day_order, decimal=mapping.source.decimal)
        evidence = Evidence(replace(mapping, source=stated), layout.columns)
        for block in _blocks(path, layout, limits, read):
            texts = {name: column for name, column in block.columns.items() if not column.native}
            evidence.add({name: column.values.to_pylist() for name, column in texts.items()})
        source = evidence.options()
    for name in ("day_order", "decimal"):
        if getattr(source, name) is None:
            raise InputError(f"import.{name}_unclear", file=path.name)
    return source


def _blocks(path: Path, layout: Layout, limits: Limits, read: tuple[str, ...]) -> Iterator[Block]:
    if isinstance(layout, parquet.ParquetLayout):
        return parquet.read_blocks(path, read, limits)
    return delimited.read_blocks(path, layout, limits)


def ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """The same blocks, each read in a thread of its own while the one before it is worked on."""
    with ThreadPoolExecutor(1, "read") as pool:
        waiting = pool.submit(next, blocks, None)
        while (block := waiting.result()) is not None:
            waiting = pool.submit(next, blocks, None)
            yield block


def _silent(_: float) -> None:
    return None


@contextmanager
def _made(directory: Path) -> Iterator[None]:
    """A directory that is there afterwards only when all went well."""
    directory.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _require_rows(file: str, total: int, accepted: int, rejects: Rejects) -> None:
    if not total:
        raise InputError("import.header_only", file=file)
    if not accepted:
        reason, count = max(rejects.counts.items(), key=lambda pair: (pair[1], pair[0]))
        row, example = rejects.examples[reason]
        raise InputError(
            "import.all_rejected", file=file, rows=count, reason=reason, row=row, example=example[:_EXAMPLE]
        )


def _written(
    writers: Mapping[str, _PartWriter], mapping: SourceMapping, tell: Progress
) -> tuple[StagedPart, ...]:
    parts = []
    for place, (name, writer) in enumerate(writers.items(), 1):
        table = mapping.tables[name]
        generated = {"order_id"} if name == "orders" else set()
        part = writer.write(frozenset(table.columns) | frozenset(table.constants) | generated)
        if part is not None:
            parts.append(part)
        tell(_READ_SHARE + (1 - _READ_SHARE) * place / len(writers))
    return tuple(parts)


def part_schema(table: str) -> Any:
    """The Arrow schema of a part: that of the table, and for customers the moments of their values."""
    schema = arrow_schema(table)
    if table != "customers":
        return schema
    for name in SCHEMAS[table].columns:
        if name != "customer_id":
            schema = schema.append(pa.field(name + MOMENT_SUFFIX, pa.timestamp("us")))
    return schema


class _PartWriter:
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
        rows = write_parquet(self._runs.tables(), self._path, part_schema(self._table))
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


def _checked(name: str, table: Any) -> Any:
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
        values, kind = table[column], schema.field(column).type
        plain = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
        if plain != kind and not (pa.types.is_large_string(plain) and pa.types.is_string(kind)):
            raise InputError("import.column_type", table=name, column=column, type=str(values.type))
        if pa.types.is_string(kind):
            values = values.cast(kind).dictionary_encode()
        columns[column] = values
    for column in schema.names:
        if column not in SCHEMAS[name].required:
            continue
        if column not in columns:
            raise InputError("import.required_unmapped", table=name, column=column)
        if columns[column].null_count and (name, column) != ("orders", "customer_id"):
            raise InputError("import.required_value_missing", table=name, column=column)
    return pa.table({column: columns[column] for column in schema.names if column in columns})


def _with_valid_at(batch: Any) -> Any:
    """Customers with a moment for each row: their own, else the registration, else 1970-01-01."""
    moments = [batch[name] for name in (VALID_AT, "created_at") if name in batch.schema.names]
    epoch = pa.nulls(batch.num_rows, pa.timestamp("us")).fill_null(pa.scalar(0, pa.timestamp("us")))
    valid_at = reduce(pc.coalesce, [*moments, epoch])
    names = [name for name in batch.schema.names if name != VALID_AT]
    return pa.RecordBatch.from_arrays([*(batch[name] for name in names), valid_at], names=[*names, VALID_AT])
