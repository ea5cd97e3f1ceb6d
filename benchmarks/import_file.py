# ruff: noqa: S608 - the names in the statement are ours
"""Importing an order file, against DuckDB alone copying the same file to Parquet."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Final

import duckdb

from benchmarks.order_files import OrderFile, mapping, order_file
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from benchmarks.timing import Pairs, alternating, seconds_of
from crm_core.sources.child import stage_in_child
from crm_core.sources.limits import Limits
from crm_core.sources.staging import stage
from crm_core.workspace.bringing import Brought, bring

RATIO: Final = 2.0


def run(settings: Settings) -> Report:
    """Time the import up to the new version being current, apart from what is derived after it."""
    file = order_file(settings)
    imports: list[Brought] = []
    derived: list[float] = []

    def imported() -> float:
        brought, current, rest = import_anew(file, settings.directory / "base")
        imports.append(brought)
        derived.append(rest)
        return current

    def copied() -> float:
        return _copied(file, settings)

    copied()
    whole = alternating(settings.pairs, imported, copied)
    in_child = alternating(settings.pairs, _staging(file, settings, _in_child), copied)
    in_process = alternating(settings.pairs, _staging(file, settings, _in_process), copied)
    lines: tuple[Figure | Check, ...] = (
        Figure("DuckDB alone: CSV to Parquet", whole.peer_seconds),
        Figure("import, up to the new version being current", whole.seconds),
        Figure("import / DuckDB", whole.ratio, "x", RATIO),
        *_figures("staging in a child process", in_child),
        *_figures("staging in this process", in_process),
        Figure("derived tables, after it", median(derived)),
        *(_whole(brought, file) for brought in imports[:1]),
    )
    about = f"{file.rows:,} rows, {settings.threads} threads, median of {settings.pairs} pairs"
    return Report("import_file", about, lines, (file.left_out,) if file.left_out else ())


def import_anew(file: OrderFile, base: Path) -> tuple[Brought, float, float]:
    """Import a file into a new base.

    Returns:
        What was brought in, seconds until it was current, and seconds from there to the end.
    """
    shutil.rmtree(base, ignore_errors=True)
    begin = time.time_ns()
    brought = bring(base, file.path, mapping(), source_name=file.path.name)
    end = time.time_ns()
    current = (base / "CURRENT").stat().st_mtime_ns
    return brought, (current - begin) / 1e9, (end - current) / 1e9


def _copied(file: OrderFile, settings: Settings) -> float:
    target = settings.directory / "copied.parquet"
    begin = time.perf_counter()
    with duckdb.connect(config={"threads": settings.threads}) as engine:
        engine.execute(f"COPY (SELECT * FROM read_csv('{file.path}')) TO '{target}'")
    return time.perf_counter() - begin


Stage = Callable[[OrderFile, Path], object]


def _staging(file: OrderFile, settings: Settings, work: Stage) -> Callable[[], float]:
    directory = settings.directory / "staged"

    def timed() -> float:
        shutil.rmtree(directory, ignore_errors=True)
        return seconds_of(lambda: work(file, directory))

    return timed


def _in_child(file: OrderFile, directory: Path) -> object:
    return stage_in_child(
        file.path,
        mapping(),
        directory,
        source_name=file.path.name,
        money_scale=10_000,
        base_currency="GBP",
    )


def _in_process(file: OrderFile, directory: Path) -> object:
    return stage(
        file.path,
        mapping(),
        directory,
        source_name=file.path.name,
        money_scale=10_000,
        base_currency="GBP",
        limits=Limits(),
        progress=None,
    )


def _figures(name: str, pairs: Pairs) -> tuple[Figure, Figure]:
    return Figure(name, pairs.seconds), Figure(f"{name} / DuckDB", pairs.ratio, "x")


def _whole(brought: Brought, file: OrderFile) -> Check:
    read, counted = brought.read, brought.accepted + brought.rejected_rows
    found = f"{read:,} read, {counted:,} accepted or rejected, of {file.rows:,}"
    return Check("every row is read, and accepted or rejected", read == counted == file.rows, found)
