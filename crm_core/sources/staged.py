"""What an import has become before it is part of a base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class StagedPart:
    """Sorted rows of one canonical table.

    Args:
        table: Its name.
        path: A Parquet file with every column of the schema, in order (null where nothing fills it); a part
            of `customers` also has `valid_at`, and `<column>_valid_at` for each column.
        rows: How many there are.
        sha256: Of the file, in hexadecimal.
        first_day, last_day: Day numbers of the earliest and the latest row; None for a table without days.
        currencies: The codes that occur.
        columns: The canonical columns that the mapping fills.
    """

    table: str
    path: Path
    rows: int
    sha256: str
    first_day: int | None
    last_day: int | None
    currencies: frozenset[str]
    columns: frozenset[str]


@dataclass(frozen=True)
class Staged:
    """A file, read and laid out as parts, with the account of its rows: read = accepted + all rejected.

    Args:
        import_id: The same for the same bytes under the same mapping.
        source: What the reader calls it.
        mapping: Canonical YAML text, with the options that were recognised.
        read: Rows of the file.
        accepted: Those that are in the parts.
        rejected: The others, by the key of their (first) reason.
        rejects: The file that holds them, or None.
        guests: Order lines without a customer.
        parts: One for each canonical table that has rows.
    """

    import_id: str
    source: str
    mapping: str
    read: int
    accepted: int
    rejected: Mapping[str, int]
    rejects: Path | None
    guests: int
    parts: tuple[StagedPart, ...]

    @property
    def rejected_rows(self) -> int:
        """How many rows were rejected."""
        return sum(self.rejected.values())

    def to_json(self) -> dict[str, Any]:
        """The same in what JSON knows."""
        return {
            **{name: getattr(self, name) for name in ("import_id", "source", "mapping", "read", "accepted")},
            "rejected": dict(self.rejected),
            "rejects": str(self.rejects) if self.rejects else None,
            "guests": self.guests,
            "parts": [
                {
                    **{
                        name: getattr(part, name)
                        for name in ("table", "rows", "sha256", "first_day", "last_day")
                    },
                    "path": str(part.path),
                    "currencies": sorted(part.currencies),
                    "columns": sorted(part.columns),
                }
                for part in self.parts
            ],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Staged:
        """The inverse of `to_json`."""
        parts = tuple(
            StagedPart(
                **{
                    **part,
                    "path": Path(part["path"]),
                    "currencies": frozenset(part["currencies"]),
                    "columns": frozenset(part["columns"]),
                }
            )
            for part in told["parts"]
        )
        rejects = Path(told["rejects"]) if told["rejects"] else None
        return cls(**{**told, "rejects": rejects, "parts": parts})


@dataclass(frozen=True)
class ReadRow:
    """A row as it will lie in the base.

    Args:
        values: By `table.column`: a text, an ISO moment, a plain number, a flag, or None.
        reason: Key of the reason why it would be set aside, or None.
    """

    values: Mapping[str, str | bool | None]
    reason: str | None


@dataclass(frozen=True)
class Preview:
    """A file before it is imported.

    Args:
        format: `delimited` or `parquet`.
        columns: Names of its columns.
        rows: The first rows, as texts.
        table: The canonical table that it is for.
        mapping: What is suggested or was given, with the options that were recognised; may leave required
            columns open.
        confidence: From 0 to 1 by `table.column`.
        missing: Required (table, column) pairs that nothing fills yet.
        unclear: Options that the file does not tell: `day_order`, `decimal`.
        examples: By these options, a text of the file that is read by them.
        readings: By these options and their choices, what the example becomes: an ISO day, a number.
        read: The first rows as they will be read; none while something is missing or unclear.
    """

    format: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    table: str
    mapping: str
    confidence: Mapping[str, float]
    missing: tuple[tuple[str, str], ...]
    unclear: tuple[str, ...]
    examples: Mapping[str, str]
    readings: Mapping[str, Mapping[str, str]]
    read: tuple[ReadRow, ...]

    def to_json(self) -> dict[str, Any]:
        """The same in what JSON knows."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Preview:
        """The inverse of `to_json`."""
        return cls(
            format=told["format"],
            columns=tuple(told["columns"]),
            rows=tuple(tuple(row) for row in told["rows"]),
            table=told["table"],
            mapping=told["mapping"],
            confidence=dict(told["confidence"]),
            missing=tuple((table, column) for table, column in told["missing"]),
            unclear=tuple(told["unclear"]),
            examples=told["examples"],
            readings=told["readings"],
            read=tuple(ReadRow(**row) for row in told["read"]),
        )
