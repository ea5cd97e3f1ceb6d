"""From a file, or from tables that are canonical already, to sorted parts and an account of the rows."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

import pyarrow as pa

from crm_core.base import InputError
from crm_core.periods import Calendar
from crm_core.sources import delimited, parquet
from crm_core.sources.ahead import ahead
from crm_core.sources.canonical import CanonicalReader, Units, source_columns
from crm_core.sources.columns import Block
from crm_core.sources.formats import format_of
from crm_core.sources.guessing import Evidence
from crm_core.sources.headers import SourceColumns
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import Mapping as SourceMapping
from crm_core.sources.mapping import SourceOptions, time_zone
from crm_core.sources.parts import PartWriter, canonical_rows, with_valid_at
from crm_core.sources.rejects import Rejects
from crm_core.sources.schemas import SCHEMAS
from crm_core.sources.staged import Staged, StagedPart
from crm_core.sources.unpacking import Source
from crm_core.sources.values import Reading

Progress = Callable[[float], None]
"""Is told which share of the work is done, 0 to 1."""
Layout = delimited.Layout | parquet.ParquetLayout

_READ_SHARE: Final = 0.7
_EXAMPLE: Final = 200


def layout_of(path: Path, options: SourceOptions, limits: Limits) -> Layout:
    """What the beginning of a file says about all of it."""
    if format_of(path, limits) == "parquet":
        return parquet.layout_of(path, limits)
    return delimited.layout_of(path, options, limits)


def evidence_of(mapping: SourceMapping, layout: Layout) -> Evidence:
    """What the first rows say of the options that a mapping leaves open."""
    source = mapping.source
    native: frozenset[str] = frozenset()
    if isinstance(layout, parquet.ParquetLayout):
        # What the file itself knows as a date or a number says nothing about how its texts are written.
        native = layout.native
    else:
        source = replace(source, encoding=layout.encoding, delimiter=layout.delimiter)
    evidence = Evidence(replace(mapping, source=source), layout.columns)
    evidence.add(
        {
            name: [row[place] for row in layout.sample]
            for place, name in enumerate(layout.columns)
            if name not in native
        }
    )
    return evidence


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
    begun: Source | None = None,
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
        begun: The bytes of a delimited file, where somebody began to read them already.

    Raises:
        InputError: The file or the mapping cannot be used, or not one row can be read.
    """
    layout = layout_of(path, mapping.source, limits)
    columns = SourceColumns(layout.columns)
    nodes = mapping.parsed(columns)
    read = source_columns(nodes)
    mapping = replace(mapping, source=_decided(path, mapping, layout, limits, read))
    import_id = import_identity(path, mapping)
    reading, units = _reading(mapping.source, time_zone_name), Units(money_scale, base_currency)
    reader = CanonicalReader(mapping, nodes, reading, units, import_id)
    delimiter = layout.delimiter if isinstance(layout, delimited.Layout) else ","
    tell = progress or _silent
    with _made(directory), Rejects(directory / "rejects.csv", delimiter) as rejects:
        writers = {name: PartWriter(name, directory, limits) for name in mapping.tables}
        total = accepted = guests = 0
        for block in ahead(blocks_of(path, layout, limits, read, begun)):
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


def _reading(source: SourceOptions, time_zone_name: str | None) -> Reading:
    """How texts are read; `time_zone_name` is the base's time zone."""
    zone = source.time_zone or time_zone_name
    return Reading(
        cast(Calendar, source.calendar),
        source.day_order or "ymd",
        source.decimal or ".",
        time_zone(zone) if zone else None,
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
        writers: dict[str, PartWriter] = {}
        filled: dict[str, frozenset[str]] = {}
        rows = guests = 0
        for name, table in batches:
            checked = canonical_rows(name, table)
            columns = frozenset(checked.schema.names)
            if filled.setdefault(name, columns) != columns:
                raise InputError("import.table_columns_vary", table=name)
            writer = writers.setdefault(name, PartWriter(name, directory, limits))
            for batch in checked.to_batches():
                writer.append(with_valid_at(batch) if name == "customers" else batch)
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
    evidence = evidence_of(mapping, layout)
    source = evidence.options()
    if source.day_order is None or source.decimal is None:
        for block in blocks_of(path, layout, limits, read):
            evidence.add_block(block)
        source = evidence.options()
    for name in ("day_order", "decimal"):
        if getattr(source, name) is None:
            raise InputError(f"import.{name}_unclear", file=path.name)
    return source


def blocks_of(
    path: Path, layout: Layout, limits: Limits, read: tuple[str, ...], begun: Source | None = None
) -> Iterator[Block]:
    """The rows of a file, of which some columns are wanted."""
    if isinstance(layout, parquet.ParquetLayout):
        return parquet.read_blocks(path, read, limits)
    return delimited.read_blocks(path, layout, limits, begun)


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
    writers: Mapping[str, PartWriter], mapping: SourceMapping, tell: Progress
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
