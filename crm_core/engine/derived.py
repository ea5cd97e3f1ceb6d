"""The derived tables of a version: one DuckDB file beside the parts, replaceable at any time.

It holds the canonical tables and what the given derivations make of them. Its name carries the version and a
fingerprint of all the expressions, so that a file made by another program is never taken for today's.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

from crm_core.base import BaseDamaged
from crm_core.engine.connection import DERIVED_CATALOG, Connection, Limits, canonical_table, open_derived
from crm_core.engine.versions import BaseDirectory, Manifest, Part
from crm_core.tables import SCHEMAS, Tables

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Derivation:
    """A derived table: how it is made, and how much of it new order lines touch.

    Args:
        name: Name of the table.
        build: Its expression over the canonical tables and the derived ones before it.
        grain: `line`: each row is made of one order line; `customer`: each row belongs to one customer and
            depends on no other's lines; `base`: a row may depend on all lines.
    """

    name: str
    build: Callable[[Tables], ir.Table]
    grain: str


def derived_path(base: BaseDirectory, version: int, derivations: Sequence[Derivation]) -> Path:
    """Where the derived tables of a version lie once they are built."""
    return base.derived / f"{version:06d}-{_fingerprint(tuple(derivations))}.duckdb"


@cache
def _fingerprint(derivations: tuple[Derivation, ...]) -> str:
    """What decides the contents of the file beyond its parts: every expression, as the engine would read it."""
    canonical = {name: _resolved(name, [_as_stored(name)]) for name in SCHEMAS}
    digest = hashlib.sha256(duckdb.__version__.encode())
    for table in (*canonical.values(), *(_resolved(name, [_as_stored(name)] * 2) for name in SCHEMAS)):
        digest.update(ibis.to_sql(table, dialect="duckdb").encode())
    provided = frozenset(f"{name}.{column}" for name, schema in SCHEMAS.items() for column in schema.columns)
    orders = canonical.pop("orders")
    tables = Tables(orders=orders, others=canonical, provided=provided, currency="XXX")
    for derivation in derivations:
        expression = derivation.build(tables)
        digest.update(ibis.to_sql(expression, dialect="duckdb").encode())
        unbound = ibis.table(expression.schema(), name=derivation.name)
        tables = replace(tables, derived={**tables.derived, derivation.name: unbound})
    return digest.hexdigest()[:16]


def _as_stored(name: str) -> ir.Table:
    filled = canonical_table(name, ibis.table(dict.fromkeys(SCHEMAS[name].columns, "string"), name=name)).schema()
    return ibis.table({**dict(filled.items()), "valid_at": "timestamp"}, name=name)


def build(
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    progress: Progress | None = None,
) -> Path:
    """Build the derived tables of a version from its parts, or from those of the version before where it can.

    Args:
        base: The base.
        manifest: The version.
        derivations: What to build, each after what it reads.
        limits: Memory and threads of the engine.
        progress: Told the share that is done, 0 to 1.

    Returns:
        The file, whole; it appears in one step.

    Raises:
        BaseDamaged: A part is not what the manifest says.
    """
    tell = progress or (lambda share: None)
    target = derived_path(base, manifest.version, derivations)
    target.parent.mkdir(parents=True, exist_ok=True)
    with (base.derived / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not target.is_file():
            _build(base, manifest, derivations, limits, target, tell)
    tell(1.0)
    return target


def _build(
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    target: Path,
    tell: Progress,
) -> None:
    aside = target.with_name(f".{uuid.uuid4().hex}.duckdb")
    ground = _ground(base, manifest, derivations)
    try:
        if ground is None:
            base.verify(manifest)
            tell(0.1)
            _build_whole(base, manifest, derivations, limits, aside, tell)
        else:
            earlier, parts = ground
            base.verify(manifest, parts)
            shutil.copyfile(earlier, aside)
            tell(0.3)
            _append(base, manifest, parts, derivations, limits, aside, tell)
        os.replace(aside, target)
    finally:
        for left in aside.parent.glob(f"{aside.name}*"):
            left.unlink(missing_ok=True)
    for path in base.derived.glob("*.duckdb"):
        if path != target and not path.name.startswith((f"{manifest.version - 1:06d}-", ".")):
            path.unlink(missing_ok=True)


def _ground(
    base: BaseDirectory, manifest: Manifest, derivations: Sequence[Derivation]
) -> tuple[Path, tuple[Part, ...]] | None:
    """The file of the version before and the parts since, when those are order lines and nothing else changed."""
    path = derived_path(base, manifest.version - 1, derivations)
    if not path.is_file():
        return None
    try:
        before = base.manifest(manifest.version - 1)
    except BaseDamaged:
        return None
    held, parts = len(before.parts), manifest.parts[len(before.parts) :]
    same = (before.currency, before.money_scale) == (manifest.currency, manifest.money_scale)
    only_orders = bool(before.parts) and all(part.table == "orders" for part in parts)
    return (path, parts) if same and only_orders and manifest.parts[:held] == before.parts else None


@contextlib.contextmanager
def _writing(path: Path, limits: Limits) -> Iterator[Backend]:
    spill = path.with_name(f"{path.name}.spill")
    backend = ibis.duckdb.connect(
        path, memory_limit=limits.memory, threads=limits.threads, temp_directory=str(spill)
    )
    try:
        yield backend
    finally:
        backend.disconnect()
        shutil.rmtree(spill, ignore_errors=True)


def _build_whole(
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    path: Path,
    tell: Progress,
) -> None:
    names = [name for name in SCHEMAS if manifest.parts_of(name)]
    steps = len(names) + len(derivations)
    with _writing(path, limits) as backend:
        for done, name in enumerate(names, 1):
            backend.create_table(name, _resolved(name, _parts(backend, base, manifest.parts_of(name))))
            tell(0.1 + 0.9 * done / steps)
        tables = _tables(manifest, {name: backend.table(name) for name in names})
        for done, derivation in enumerate(derivations, len(names) + 1):
            backend.create_table(derivation.name, derivation.build(tables))
            tables = _with(tables, derivation.name, backend.table(derivation.name))
            tell(0.1 + 0.9 * done / steps)


def _append(
    base: BaseDirectory,
    manifest: Manifest,
    parts: Sequence[Part],
    derivations: Sequence[Derivation],
    limits: Limits,
    path: Path,
    tell: Progress,
) -> None:
    with _writing(path, limits) as backend:
        backend.create_table("new_lines", _resolved("orders", _parts(backend, base, parts)), temp=True)
        new = backend.table("new_lines")
        backend.insert("orders", new)
        touched = new.filter(new.customer_id.notnull()).select("customer_id").distinct()
        backend.create_table("touched", touched, temp=True)
        touched = backend.table("touched")
        whole = _tables(manifest, {name: backend.table(name) for name in SCHEMAS if manifest.parts_of(name)})
        of_touched = replace(whole, orders=whole.orders.semi_join(touched, "customer_id"))
        for done, derivation in enumerate(derivations, 1):
            name = derivation.name
            if derivation.grain == "line":
                backend.insert(name, derivation.build(replace(whole, orders=new)))
                of_touched = _with(of_touched, name, backend.table(name).semi_join(touched, "customer_id"))
            elif derivation.grain == "customer":
                backend.create_table(f"new_{name}", derivation.build(of_touched), temp=True)
                backend.raw_sql(f"DELETE FROM {name} WHERE customer_id IN (SELECT customer_id FROM touched)")
                backend.insert(name, backend.table(f"new_{name}"))
                of_touched = _with(of_touched, name, backend.table(f"new_{name}"))
            else:
                backend.create_table(name, derivation.build(whole), overwrite=True)
            whole = _with(whole, name, backend.table(name))
            tell(0.3 + 0.7 * done / len(derivations))


def _with(tables: Tables, name: str, table: ir.Table) -> Tables:
    return replace(tables, derived={**tables.derived, name: table})


def _parts(backend: Backend, base: BaseDirectory, parts: Sequence[Part]) -> list[ir.Table]:
    return [backend.read_parquet(base.part_path(part)) for part in parts]


def _resolved(name: str, parts: Sequence[ir.Table]) -> ir.Table:
    """A canonical table from its parts: later knowledge of the same customer, or of the same rate, wins."""
    columns = list(SCHEMAS[name].columns)
    if len(parts) == 1:
        return canonical_table(name, parts[0])
    if name == "customers":
        stacked = ibis.union(*(canonical_table(name, part, "valid_at") for part in parts))
        latest = {
            column: ibis.struct({"at": stacked.valid_at, "value": stacked[column]}).max(where=stacked[column].notnull())
            for column in columns[1:]
        }
        found = stacked.group_by("customer_id").agg(**latest)
        return found.select("customer_id", **{column: found[column]["value"] for column in columns[1:]})
    if name == "rates":
        stacked = ibis.union(
            *(canonical_table(name, part).mutate(brought=number) for number, part in enumerate(parts))
        )
        last = stacked.group_by("currency", "valid_from").agg(
            rate=ibis.struct({"brought": stacked.brought, "rate": stacked.rate}).max()
        )
        return last.select("currency", "valid_from", rate=last.rate["rate"])
    stacked = ibis.union(*(canonical_table(name, part) for part in parts))
    return stacked.order_by("customer_id")


def _tables(manifest: Manifest, canonical: Mapping[str, ir.Table]) -> Tables:
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


def open_tables(
    path: Path, manifest: Manifest, derivations: Sequence[Derivation], limits: Limits
) -> tuple[Connection, Tables]:
    """The built tables of a version, read-only.

    Raises:
        duckdb.Error: The file is damaged or missing; it can be built again.
    """
    connection = open_derived(path, limits)
    backend = connection.backend
    catalog = (DERIVED_CATALOG, "main")
    names = [name for name in SCHEMAS if manifest.parts_of(name)]
    tables = _tables(manifest, {name: backend.table(name, database=catalog) for name in names})
    derived = {one.name: backend.table(one.name, database=catalog) for one in derivations}
    return connection, replace(tables, derived=derived)
