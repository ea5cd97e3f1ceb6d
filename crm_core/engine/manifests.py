"""What a version of a base is made of, as its manifest says it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from crm_core.base import BaseDamaged, InputError
from crm_core.engine.durable import sha256_of
from crm_core.schemas import SCHEMAS

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True)
class Part:
    """A Parquet file of one canonical table.

    `columns` are the canonical ones that it really fills; `first_day` and `last_day` are day numbers of its
    dated rows.
    """

    table: str
    sha256: str
    rows: int
    bytes: int
    columns: tuple[str, ...]
    first_day: int | None = None
    last_day: int | None = None
    currencies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Import:
    """What one import brought: `read` rows, some `accepted` and the others `rejected`, by reason."""

    import_id: str
    source: str
    mapping: str
    read: int
    accepted: int
    rejected: dict[str, int]
    guests: int
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    """One version of a base: its settings, its imports, its parts."""

    version: int
    currency: str
    money_scale: int
    time_zone: str
    demonstration: bool = False
    imports: tuple[Import, ...] = ()
    parts: tuple[Part, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def parts_of(self, table: str) -> tuple[Part, ...]:
        """The parts of one canonical table, in the order in which they were brought."""
        return tuple(part for part in self.parts if part.table == table)

    @property
    def seal(self) -> str:
        """The sha256 of all that the manifest says, in hexadecimal."""
        return _seal(asdict(self))

    @property
    def provided(self) -> frozenset[str]:
        """Which `table.column` the base really fills."""
        return frozenset(f"{part.table}.{column}" for part in self.parts for column in part.columns)

    @property
    def order_days(self) -> tuple[int, int]:
        """Day numbers of the first and the last order line."""
        orders = self.parts_of("orders")
        firsts = [part.first_day for part in orders if part.first_day is not None]
        lasts = [part.last_day for part in orders if part.last_day is not None]
        return min(firsts), max(lasts)


@dataclass(frozen=True)
class StagedFile:
    """A Parquet file that an import has written, not yet part of the base.

    It lies on the base's own file system and has the canonical columns in canonical types: `orders` with an
    `order_id` in every row; `customers` with one row a customer, the moment `valid_at` at which it was known
    and, where they differ, such a moment for each column (`city_valid_at`).
    """

    table: str
    path: Path
    first_day: int | None = None
    last_day: int | None = None
    currencies: tuple[str, ...] = ()
    columns: frozenset[str] | None = None
    """Those that are filled; None to go by the file's statistics."""


def written(manifest: Manifest) -> str:
    """The text of a manifest's file."""
    return json.dumps({"manifest": asdict(manifest), "sha256": manifest.seal}, indent=1, ensure_ascii=False)


def read(text: str, version: int, name: str) -> Manifest:
    """A manifest from the text of its file.

    Args:
        text: What was read.
        version: Which version it should be.
        name: What the file is called, for the error.

    Raises:
        BaseDamaged: It is not what was written, or was written by a later program.
    """
    try:
        told = json.loads(text)
        body = told["manifest"]
        if _seal(body) != told["sha256"] or body["version"] != version:
            raise BaseDamaged("base.damaged", part=name)
        if body["schema_version"] > SCHEMA_VERSION:
            raise BaseDamaged("base.written_by_later_program", part=name)
        imports = tuple(Import(**{**one, "parts": tuple(one["parts"])}) for one in body["imports"])
        parts = tuple(
            Part(**{**one, "columns": tuple(one["columns"]), "currencies": tuple(one["currencies"])})
            for one in body["parts"]
        )
        return Manifest(**{**body, "imports": imports, "parts": parts})
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BaseDamaged("base.damaged", part=name) from error


def part_of(file: StagedFile) -> Part:
    """What a manifest says of a staged file.

    Raises:
        ValueError: It is no such file as the table needs.
    """
    metadata = pq.read_metadata(file.path)
    nulls = _nulls(metadata)
    if file.table == "orders" and nulls.get("order_id", 1):
        raise ValueError("every row of orders needs an order_id")
    rows = metadata.num_rows
    return Part(
        table=file.table,
        sha256=sha256_of(file.path),
        rows=rows,
        bytes=file.path.stat().st_size,
        columns=tuple(
            name
            for name in SCHEMAS[file.table].columns
            if (nulls.get(name, rows) < rows if file.columns is None else name in file.columns)
        ),
        first_day=file.first_day,
        last_day=file.last_day,
        currencies=file.currencies,
    )


def grown(before: Manifest | None, record: Import, brought: Sequence[Part], settings: Manifest) -> Manifest:
    """The version after `before`, with one more import and its parts.

    Args:
        before: The current version, if there is one.
        record: The import, whose `parts` are filled in here.
        brought: Its parts.
        settings: Currency, scale and time zone by which it was read.

    Raises:
        InputError: The base counts by others, which somebody else has brought in the meantime.
    """
    base = settings if before is None else before
    if not base.currency:
        base = replace(base, currency=settings.currency)
    if settings.currency not in ("", base.currency) or _units(settings) != _units(base):
        raise InputError("base.being_written")
    held = {(part.table, part.sha256) for part in base.parts}
    return replace(
        base,
        version=1 if before is None else before.version + 1,
        imports=(*base.imports, replace(record, parts=tuple(part.sha256 for part in brought))),
        parts=(*base.parts, *(part for part in brought if (part.table, part.sha256) not in held)),
    )


def _units(manifest: Manifest) -> tuple[int, str]:
    return manifest.money_scale, manifest.time_zone


def _seal(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _nulls(metadata: Any) -> dict[str, int]:
    """How many rows of each column are null, by the file's own statistics; 0 where it does not say."""
    found: dict[str, int] = {}
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            statistics = column.statistics
            nulls = statistics.null_count if statistics is not None and statistics.has_null_count else 0
            found[column.path_in_schema] = found.get(column.path_in_schema, 0) + nulls
    return found
