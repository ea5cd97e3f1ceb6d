# ruff: noqa: S608 - the names in the statements are ours
"""Appending orders to a large base: what is recomputed, against building everything again."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from benchmarks.bases import demonstration_base, engine_of, twin
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from crm_core.engine.manifests import written
from crm_core.engine.versions import BaseDirectory
from crm_core.schemas import SCHEMAS
from crm_core.sources.mapping import Mapping, TableMapping
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import Brought, bring
from crm_core.workspace.catalogue import DERIVATIONS

RATIO: Final = 1.0

_DAYS: Final = 14
"""The new orders lie in so many days after the last one."""
_NEW_CUSTOMERS: Final = 20
"""One in so many of the new orders is of a customer whom the base does not know."""


def run(settings: Settings) -> Report:
    """Append, rebuild, and compare every table that is derived."""
    base = twin(demonstration_base(settings, settings.customers), settings.directory / "appended")
    _no_longer_demonstration(base)
    file = settings.directory / "orders.parquet"
    rows, lines_before = _write_orders(base, file, settings)
    brought, staging, deriving = _appended(base, file)
    appended = open_base(str(base), limits=settings.limits())
    after = _sums(appended)
    lines_after = int(appended.passport.tables[0].rows)
    appended.close()
    shutil.rmtree(base / "derived")
    begin = time.perf_counter()
    rebuilt = open_base(str(base), limits=settings.limits())
    rebuilding = time.perf_counter() - begin
    again = _sums(rebuilt)
    rebuilt.close()
    shutil.rmtree(base)
    unlike = [name for name in after if after[name] != again[name]]
    lines = (
        Figure("import of the new orders, up to being current", staging),
        Figure("derived tables after the append", deriving),
        Figure("derived tables built again", rebuilding),
        Figure("append / rebuild", deriving / rebuilding, "x", RATIO),
        Check("the derived tables are equal", not unlike, f"unlike: {', '.join(unlike)}"),
        Check(
            "every new line is there",
            lines_after == lines_before + rows == lines_before + brought.accepted,
            f"{lines_after - lines_before:,} of {rows:,}",
        ),
    )
    about = f"{settings.appended_orders:,} orders ({rows:,} lines) onto {lines_before:,} lines"
    return Report("append", about, lines)


def _no_longer_demonstration(base: Path) -> None:
    """Own orders are refused by a demonstration: the copy is said to be none."""
    directory = BaseDirectory(base)
    manifest = directory.current()
    if manifest is None:
        raise FileNotFoundError(base)
    own = replace(manifest, demonstration=False)
    (base / "versions" / f"{own.version:06d}.json").write_text(written(own), "utf-8")
    (base / "CURRENT").write_text(f"{own.version} {own.seal}\n", "ascii")


def _write_orders(base: Path, file: Path, settings: Settings) -> tuple[int, int]:
    """Write orders as they might come next: some of the base's, moved to the days after the last one.

    Returns:
        Lines written, and lines that the base has.
    """
    workspace = open_base(str(base), limits=settings.limits())
    last = workspace.tables.last_day
    statement = f"""
        WITH chosen AS (
            SELECT customer_id, order_id, day, row_number() OVER (ORDER BY hash(order_id), order_id) AS number
            FROM base.main.order_totals
            ORDER BY number LIMIT {settings.appended_orders})
        SELECT orders.* REPLACE (
            concat('new-', chosen.number) AS order_id,
            CASE WHEN number % {_NEW_CUSTOMERS} = 0 THEN concat('new-', number)
                ELSE orders.customer_id END AS customer_id,
            orders.ordered_at + to_days(({last} + 1 + number % {_DAYS} - chosen.day)::INT) AS ordered_at,
            orders.amount / 10000.0 AS amount, orders.cost / 10000.0 AS cost,
            orders.discount / 10000.0 AS discount, orders.quantity / 10000.0 AS quantity)
        FROM base.main.orders JOIN chosen USING (customer_id, order_id)"""
    try:
        lines = engine_of(workspace).sql(statement).to_arrow_table()
        before = int(workspace.passport.tables[0].rows)
    finally:
        workspace.close()
    pq.write_table(lines, file)
    return lines.num_rows, before


def _appended(base: Path, file: Path) -> tuple[Brought, float, float]:
    columns = {column: column for column in SCHEMAS["orders"].columns}
    begin = time.time_ns()
    brought = bring(base, file, Mapping(tables={"orders": TableMapping(columns)}), source_name=file.name)
    end = time.time_ns()
    current = (base / "CURRENT").stat().st_mtime_ns
    return brought, (current - begin) / 1e9, (end - current) / 1e9


def _sums(workspace: Workspace) -> dict[str, tuple[object, ...]]:
    """Rows and a sum over all values of each derived table, whatever the order of its rows."""
    found = {}
    for derivation in DERIVATIONS:
        statement = f"SELECT count(*), sum(hash(t)::HUGEINT) FROM base.main.{derivation.name} AS t"
        found[derivation.name] = engine_of(workspace).execute(statement).fetchall()[0]
    return found
