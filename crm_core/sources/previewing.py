"""A file before it is imported: what it holds, what that probably means, and what would become of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import pyarrow as pa

from crm_core.periods import Calendar, date_of
from crm_core.sources import numbers, parquet
from crm_core.sources.canonical import CanonicalReader, Units, source_columns
from crm_core.sources.columns import Block, coded
from crm_core.sources.guessing import Evidence, guess
from crm_core.sources.headers import SourceColumns
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import DAY_ORDERS, DECIMALS, SourceOptions, time_zone
from crm_core.sources.mapping import Mapping as SourceMapping
from crm_core.sources.mapping import columns_of as columns_of_table
from crm_core.sources.moments import read_day
from crm_core.sources.schemas import FOREIGN_MONEY_SCALE, QUANTITY_SCALE, SCHEMAS
from crm_core.sources.staged import Preview, ReadRow
from crm_core.sources.staging import Layout, blocks_of, evidence_of, layout_of
from crm_core.sources.states import OK
from crm_core.sources.values import Reading

_PREVIEWED_ROWS: Final = 20
_ASKED_BLOCKS: Final = 16


def read_header(
    path: Path,
    options: SourceOptions | None = None,
    limits: Limits | None = None,
    table: str | None = None,
    mapping: SourceMapping | None = None,
    units: Units | None = None,
    time_zone_name: str | None = None,
) -> Preview:
    """A first look at a file: its columns, its first rows and a mapping, suggested or given.

    Args:
        path: Delimited text, packed by gzip or not, or Parquet.
        options: How it is written, as far as that is known; a given mapping says so itself.
        limits: What the file may cost.
        table: The canonical table that it is for; None: to be guessed, too.
        mapping: What fills what, as far as it is known; None: to be guessed.
        units: What money would be counted in.
        time_zone_name: The base's time zone.

    Raises:
        InputError: It is no table that can be read, or the mapping does not fit it.
    """
    limits = limits or Limits()
    stated = (mapping.source if mapping else options) or SourceOptions()
    layout = layout_of(path, stated, limits)
    confidence: Mapping[str, float] = {}
    if mapping is None:
        guessed = guess(layout.columns, layout.sample, table)
        mapping, confidence = replace(guessed.mapping, source=stated), guessed.confidence
    table = table or next(iter(mapping.tables), "orders")
    evidence = _evidence(path, mapping, layout, limits)
    mapping = replace(mapping, source=evidence.options())
    unclear = tuple(name for name in ("day_order", "decimal") if getattr(mapping.source, name) is None)
    missing = mapping.missing()
    if not mapping.tables:
        missing = tuple((table, column) for column in SCHEMAS[table].columns if _is_required(table, column))
    units = units or Units(FOREIGN_MONEY_SCALE, "")
    read = () if missing or unclear else _as_read(mapping, layout, units, time_zone_name)
    return Preview(
        format="parquet" if isinstance(layout, parquet.ParquetLayout) else "delimited",
        columns=layout.columns,
        rows=layout.sample[:_PREVIEWED_ROWS],
        table=table,
        mapping=mapping.to_yaml(),
        confidence=confidence,
        missing=missing,
        unclear=unclear,
        examples=evidence.examples,
        readings=_readings(evidence.examples, mapping.source),
        read=read,
    )


def _is_required(table: str, column: str) -> bool:
    return column in SCHEMAS[table].required


def _evidence(path: Path, mapping: SourceMapping, layout: Layout, limits: Limits) -> Evidence:
    """What the first rows say of dates and numbers; where they leave it open, more of the file is asked."""
    evidence = evidence_of(mapping, layout)
    source = evidence.options()
    if source.day_order and source.decimal:
        return evidence
    read = tuple(sorted(evidence.columns))
    for block in islice(blocks_of(path, layout, limits, read), _ASKED_BLOCKS):
        evidence.add_block(block)
    return evidence


def _readings(examples: Mapping[str, str], source: SourceOptions) -> dict[str, dict[str, str]]:
    """What an example becomes under each choice that can read it: an ISO day, a number."""
    found: dict[str, dict[str, str]] = {"day_order": {}, "decimal": {}}
    if (date := examples.get("day_order")) is not None:
        for order in DAY_ORDERS:
            day = read_day(date, cast(Calendar, source.calendar), order)
            if day.state == OK:
                found["day_order"][order] = date_of(day.day).isoformat()
    if (figure := examples.get("decimal")) is not None:
        for mark in DECIMALS:
            number = numbers.parse(pa.array([figure]), mark)
            if number.states[0] == OK and isinstance(number.denominator, int):
                exact = Decimal(int(number.numerators[0])) / number.denominator
                found["decimal"][mark] = format(exact.normalize(), "f")
    return found


def _as_read(
    mapping: SourceMapping, layout: Layout, units: Units, time_zone_name: str | None
) -> tuple[ReadRow, ...]:
    """The first rows as they will lie in the base, each with why it would be set aside."""
    nodes = mapping.parsed(SourceColumns(layout.columns))
    source = mapping.source
    zone = source.time_zone or time_zone_name
    reading = Reading(
        cast(Calendar, source.calendar),
        cast(str, source.day_order),
        cast(str, source.decimal),
        time_zone(zone) if zone else None,
    )
    reader = CanonicalReader(mapping, nodes, reading, units, "")
    native = layout.native if isinstance(layout, parquet.ParquetLayout) else frozenset()
    needed = set(source_columns(nodes))
    found = []
    for number, row in enumerate(layout.sample[:_PREVIEWED_ROWS], 2):
        cells = {
            name: coded(pa.array([text], pa.string()), native=name in native)
            for name, text in zip(layout.columns, row, strict=True)
            if name in needed
        }
        rows = reader.read(Block(cells, np.array([number]), (), 1.0))
        reason = None if rows.accepted.all() else rows.faults[0].reason
        values = {
            f"{name}.{column}": _told(value, columns_of_table(name, SCHEMAS[name])[column], line, units)
            for name, batch in rows.tables.items()
            for line in batch.to_pylist()
            for column, value in line.items()
            if column in {**mapping.tables[name].columns, **mapping.tables[name].constants}
        }
        found.append(ReadRow(values, reason))
    return tuple(found)


def _told(value: Any, kind: str, line: Mapping[str, Any], units: Units) -> str | bool | None:
    """A value of a part as JSON knows it: ISO moments, plain numbers."""
    if value is None or isinstance(value, bool):
        return value
    if kind in ("timestamp", "date"):
        return str(value.isoformat())
    if kind in ("money", "quantity"):
        abroad = line.get("currency") not in (None, units.base_currency)
        scale = QUANTITY_SCALE if kind == "quantity" else FOREIGN_MONEY_SCALE if abroad else units.money_scale
        return format((Decimal(value) / scale).normalize(), "f")
    return str(value)
