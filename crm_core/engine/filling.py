"""How a file of derived tables is filled: from the parts, or from an earlier file and what came since."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from crm_core.engine.canonical import canonical_table
from crm_core.engine.connection import Limits
from crm_core.engine.versions import BaseDirectory, Manifest, Part
from crm_core.schemas import SCHEMAS
from crm_core.tables import Derivation, Tables

Progress = Callable[[float], None]

MADE_OF: Final = "made_of"
"""The table that says of which manifest a file was made."""


def fill(
    path: Path,
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    tell: Progress,
) -> None:
    """Fill a new file from the parts of a version.

    Args:
        path: The file; it does not exist yet.
        base: Where the parts lie.
        manifest: The version.
        derivations: What to derive, each after what it reads.
        limits: Memory and threads of the engine.
        tell: Told the share that is done, up to 1.
    """
    names = [name for name in SCHEMAS if manifest.parts_of(name)]
    steps = len(names) + len(derivations)
    with _writing(path, limits) as backend:
        for done, name in enumerate(names, 1):
            backend.create_table(name, resolved(name, _parts(backend, base, manifest.parts_of(name))))
            tell(done / steps)
        tables = tables_of(manifest, {name: backend.table(name) for name in names})
        for done, derivation in enumerate(derivations, len(names) + 1):
            tables = _with(tables, derivation, backend.create_table(derivation.name, derivation(tables)))
            tell(done / steps)
        backend.create_table(MADE_OF, made_of(manifest))


def append(
    path: Path,
    base: BaseDirectory,
    manifest: Manifest,
    parts: Sequence[Part],
    derivations: Sequence[Derivation],
    limits: Limits,
    tell: Progress,
) -> None:
    """Bring a file of an earlier version up to a later one that only adds parts.

    Rows of other customers than those in the new order lines stay as they are. No derivation may read one of
    the other canonical tables that have new parts.

    Args:
        path: The file.
        base: Where the parts lie.
        manifest: The later version.
        parts: Those that it adds.
        derivations: What to derive, each after what it reads.
        limits: Memory and threads of the engine.
        tell: Told the share that is done, up to 1.
    """
    with _writing(path, limits) as backend:
        for name in sorted({part.table for part in parts} - {"orders"}):
            table = resolved(name, _parts(backend, base, manifest.parts_of(name)))
            backend.create_table(name, table, overwrite=True)
        lines = [part for part in parts if part.table == "orders"]
        if lines:
            new = resolved("orders", _parts(backend, base, lines))
            _append_lines(backend, manifest, new, derivations, tell)
        backend.create_table(MADE_OF, made_of(manifest), overwrite=True)


def _append_lines(
    backend: Backend, manifest: Manifest, new: ir.Table, derivations: Sequence[Derivation], tell: Progress
) -> None:
    new = backend.create_table("new_orders", new, temp=True)
    touched = new.filter(new.customer_id.notnull()).select("customer_id").distinct()
    touched = backend.create_table("touched", touched, temp=True)
    backend.insert("orders", new)
    whole = tables_of(manifest, {name: backend.table(name) for name in SCHEMAS if manifest.parts_of(name)})
    of_new = replace(whole, orders=new)
    of_touched = replace(whole, orders=whole.orders.semi_join(touched, "customer_id"))
    for done, derivation in enumerate(derivations, 1):
        name = derivation.name
        if derivation.grain == "line":
            rows = backend.create_table(f"new_{name}", derivation(of_new), temp=True)
            backend.insert(name, rows)
            of_new = _with(of_new, derivation, rows)
            of_touched = _with(of_touched, derivation, backend.table(name).semi_join(touched, "customer_id"))
        elif derivation.grain == "customer":
            rows = backend.create_table(f"new_{name}", derivation(of_touched), temp=True)
            old = "WHERE customer_id IN (SELECT customer_id FROM touched)"
            backend.raw_sql(f"DELETE FROM {name} {old}")  # noqa: S608 - a derivation's own name
            backend.insert(name, rows)
            of_touched = _with(of_touched, derivation, rows)
        else:
            backend.create_table(name, derivation(whole), overwrite=True)
        whole = _with(whole, derivation, backend.table(name))
        tell(done / len(derivations))


def tables_of(manifest: Manifest, canonical: Mapping[str, ir.Table]) -> Tables:
    """The canonical tables of a version, wherever they lie."""
    first, last = manifest.order_days
    return Tables(
        orders=canonical["orders"],
        others={name: table for name, table in canonical.items() if name != "orders"},
        provided=manifest.provided,
        currency=manifest.currency,
        money_scale=manifest.money_scale,
        first_day=first,
        last_day=last,
    )


def made_of(manifest: Manifest) -> ir.Table:
    """One row with the seal of a manifest."""
    return ibis.literal(manifest.seal).name("manifest").as_table()


def resolved(name: str, parts: Sequence[ir.Table]) -> ir.Table:
    """A canonical table from its parts: later knowledge of the same customer, or of the same rate, wins.

    Of two values of a customer's column the one known later wins, and of two known at the same moment the
    greater one; of two rates of a currency for the same day the one brought later.
    """
    if len(parts) == 1:
        return canonical_table(name, parts[0])
    if name == "customers":
        return _latest_customers(parts)
    if name == "rates":
        numbered = [canonical_table(name, part).mutate(brought=number) for number, part in enumerate(parts)]
        stacked = ibis.union(*numbered)
        last = stacked.group_by("currency", "valid_from").agg(
            rate=ibis.struct({"brought": stacked.brought, "rate": stacked.rate}).max()
        )
        return last.select("currency", "valid_from", rate=last.rate["rate"])
    stacked = ibis.union(*(canonical_table(name, part) for part in parts))
    return stacked.order_by("customer_id")


def _latest_customers(parts: Sequence[ir.Table]) -> ir.Table:
    columns = [column for column in SCHEMAS["customers"].columns if column != "customer_id"]
    stacked = ibis.union(*(_with_moments(part, columns) for part in parts))
    latest = {
        column: ibis.struct({"at": stacked[f"{column}_valid_at"], "value": stacked[column]}).max(
            where=stacked[column].notnull()
        )
        for column in columns
    }
    found = stacked.group_by("customer_id").agg(**latest)
    return found.select("customer_id", **{column: found[column]["value"] for column in columns})


def _with_moments(part: ir.Table, columns: Sequence[str]) -> ir.Table:
    """A part of customers, and beside each column the moment at which its value was known."""
    moments = {f"{column}_valid_at": f"{column}_valid_at" for column in columns}
    moments = {name: part[name if name in part.columns else "valid_at"] for name in moments}
    dated = part.mutate(**moments)
    return canonical_table("customers", dated, *moments)


@contextlib.contextmanager
def _writing(path: Path, limits: Limits) -> Iterator[Backend]:
    spill = path.with_name(f"{path.name}.spill")
    backend = ibis.duckdb.connect(
        path, memory_limit=limits.memory, threads=limits.threads, temp_directory=str(spill)
    )
    try:
        yield backend
        backend.raw_sql("CHECKPOINT")
    finally:
        backend.disconnect()
        shutil.rmtree(spill, ignore_errors=True)


def _with(tables: Tables, derivation: Derivation, table: ir.Table) -> Tables:
    return replace(tables, derived={**tables.derived, derivation.name: table})


def _parts(backend: Backend, base: BaseDirectory, parts: Sequence[Part]) -> list[ir.Table]:
    return [backend.read_parquet(base.part_path(part)) for part in parts]
