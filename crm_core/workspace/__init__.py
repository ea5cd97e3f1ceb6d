"""The join: opens a base for somebody, brings files into it, and answers metrics over it.

The one place where edges and rooms meet; pages and the command line come through here alike.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import pyarrow as pa

from crm_core.base import InputError
from crm_core.engine.canonical import tables
from crm_core.engine.connection import Connection, Limits, connect
from crm_core.engine.derived import Progress, open_or_build
from crm_core.engine.versions import BaseDirectory, Manifest
from crm_core.periods import FIRST_DAY, LAST_DAY, date_of, day_of
from crm_core.tables import Metric, Selection, Tables
from crm_core.workspace.asked import in_currency, in_order
from crm_core.workspace.asking import Answers, Asking
from crm_core.workspace.catalogue import DERIVATIONS, METRICS
from crm_core.workspace.child import Child
from crm_core.workspace.lasting import LastingAnswers
from crm_core.workspace.passport import Passport, passport

__all__ = [
    "METRICS",
    "Choices",
    "Passport",
    "Progress",
    "Workspace",
    "current_version",
    "open_base",
    "restore",
    "sound_version",
    "verify_base",
]


@dataclass(frozen=True)
class Choices:
    """What a reader can narrow the base down to, in alphabetical order; empty where the base does not say."""

    channels: tuple[str, ...]
    categories: tuple[str, ...]
    regions: tuple[str, ...]


class Workspace:
    """One version of a base, open for reading by any number of threads.

    Args:
        location: The directory or the URL.
        answers: Its tables and what was asked of them.
        manifest: What it was made of; None for a base that lives on an engine of its own.
    """

    def __init__(self, location: str, answers: Answers, manifest: Manifest | None) -> None:
        self.location = location
        self.manifest = manifest
        self._answers = answers

    @property
    def tables(self) -> Tables:
        """The canonical and derived tables."""
        return self._answers.tables

    @property
    def connection(self) -> Connection:
        """The engine on which the tables lie."""
        return self._answers.connection

    @property
    def as_of(self) -> dt.date:
        """The day of the last order, the default for every question."""
        return date_of(self.tables.last_day)

    @property
    def demonstration(self) -> bool:
        """Whether these are made-up customers."""
        return self.manifest is not None and self.manifest.demonstration

    def ask(self, selection: Selection = Selection()) -> Asking:  # noqa: B008 - it is frozen
        """How rooms ask, narrowed down to a selection."""
        return Asking(self._answers, selection)

    @cached_property
    def choices(self) -> Choices:
        """What a reader can narrow the base down to."""
        tables = self.tables
        return Choices(
            channels=self._values("orders", "channel"),
            categories=self._values("orders", "category"),
            regions=() if tables.region_column is None else self._values("customers", tables.region_column),
        )

    def _values(self, table: str, column: str) -> tuple[str, ...]:
        if f"{table}.{column}" not in self.tables.provided:
            return ()
        found = self._answers.read(lambda tables: tables.need(table).select(column).distinct())
        return tuple(sorted(value for value in found[column].to_pylist() if value is not None))

    def table(self, metric: Metric, *, as_of: dt.date | None = None, **options: object) -> pa.Table:
        """The rows of a metric for other programs, in order, money in units of currency as exact decimals."""
        if as_of is not None and not FIRST_DAY <= day_of(as_of) <= LAST_DAY:
            allowed = f"{date_of(FIRST_DAY)} … {date_of(LAST_DAY)}"
            raise InputError("metric.bad_option", option="as-of", value=str(as_of), allowed=allowed)
        rows = self.ask().rows(metric.build, as_of=as_of or self.as_of, **options)
        return in_currency(in_order(rows, metric), metric, self.tables.money_scale)

    @cached_property
    def passport(self) -> Passport:
        """What has been brought in, and how far it can be trusted."""
        return passport(self._answers.read, self.tables, self.manifest)

    def rejects_file(self, import_id: str) -> Path:
        """Where the rows lie that an import set aside, if they are kept."""
        return BaseDirectory(Path(self.location)).rejects_path(import_id)

    def retire(self) -> None:
        """A newer version is open: those who still read this one may, nothing is kept ready for others."""
        self._answers.retire()

    def close(self) -> None:
        """End the engine, and the process that works out estimates."""
        self._answers.close()


ESTIMATES_APART_FROM_LINES: Final = 100_000
"""Order lines of a base from which its estimates take so long that other readers would notice."""


def open_base(
    location: str,
    *,
    version: int | None = None,
    limits: Limits | None = None,
    progress: Progress | None = None,
    shared: bool = False,
) -> Workspace:
    """Open a version of a base, building its derived tables when they are missing or damaged.

    Args:
        location: A directory, or the URL of an engine on which the canonical tables live.
        version: Which version of a directory; by default the current one.
        limits: What the embedded engine may use; by default as the environment says.
        progress: Told the share of the building that is done, 0 to 1; not called when nothing is to be built.
        shared: Whether several read at once: estimates of a large base, or of one on an engine of its own,
            are worked out in a process beside this one.

    Raises:
        InputError: There is no base, or no engine answers.
        BaseDamaged: A part of the base is not what its manifest says.
    """
    if "://" in location:
        connection = connect(location)
        child = Child(location, None) if shared else None
        return Workspace(location, Answers(connection, tables(connection), narrows=False, child=child), None)
    base = BaseDirectory(Path(location))
    manifest = base.current() if version is None else base.manifest(version)
    if manifest is None or not manifest.parts_of("orders"):
        raise InputError("base.none", base=location)
    limits = limits or Limits.from_environment()
    connection, found = open_or_build(base, manifest, DERIVATIONS, limits, progress)

    def rebuilt(damaged: Connection) -> tuple[Connection, Tables]:
        return open_or_build(base, manifest, DERIVATIONS, limits, damaged=damaged)

    lines = sum(part.rows for part in manifest.parts_of("orders"))
    child = Child(location, manifest.version) if shared and lines >= ESTIMATES_APART_FROM_LINES else None
    lasting = LastingAnswers(base.derived, manifest.version, manifest.seal)
    answers = Answers(connection, found, narrows=True, reopen=rebuilt, child=child, lasting=lasting)
    return Workspace(location, answers, manifest)


def current_version(location: str) -> int | None:
    """The number of a base's current version: cheap, to notice that somebody brought something new.

    None for a base that has none: nothing was brought yet, or it lives on an engine of its own.
    """
    return None if "://" in location else BaseDirectory(Path(location)).current_version()


def verify_base(location: str) -> None:
    """Read every part of the current version and compare it with its sum.

    Raises:
        BaseDamaged: One is missing or is not what was written; says which.
    """
    if "://" in location:
        return
    base = BaseDirectory(Path(location))
    manifest = base.current()
    if manifest is not None:
        base.verify(manifest)


def sound_version(location: str) -> int | None:
    """The newest version of a damaged base that is whole, to be offered to the reader; None when none is."""
    return BaseDirectory(Path(location)).newest_sound_version()


def restore(location: str, version: int) -> Manifest:
    """Make an earlier version of a base current again, as a new version."""
    return BaseDirectory(Path(location)).restore(version)
