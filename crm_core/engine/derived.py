"""The derived tables of a version: one DuckDB file beside the parts, replaceable at any time.

It holds the canonical tables and what the given derivations make of them. Its name carries the version and a
fingerprint of all the expressions, so that a file made by another program is never taken for today's; the
seal of its manifest stands inside.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
from ibis.common.exceptions import TableNotFound

from crm_core.base import BaseDamaged, CrmError, InputError
from crm_core.engine.connection import DERIVED_CATALOG, Connection, Limits, open_derived
from crm_core.engine.filling import MADE_OF, Progress, append, fill, tables_of
from crm_core.engine.fingerprints import fingerprint, tables_read
from crm_core.engine.versions import BaseDirectory, Manifest, Part
from crm_core.schemas import SCHEMAS
from crm_core.tables import Derivation, Tables

__all__ = ["Progress", "build", "derived_path", "open_or_build", "open_tables"]


def derived_path(base: BaseDirectory, version: int, derivations: Sequence[Derivation]) -> Path:
    """Where the derived tables of a version lie once they are built."""
    return base.derived / f"{version:06d}-{fingerprint(tuple(derivations))}.duckdb"


def build(
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    progress: Progress | None = None,
) -> Path:
    """Build the derived tables of a version, if no sound ones lie there already.

    Args:
        base: The base.
        manifest: The version.
        derivations: What to build, each after what it reads.
        limits: Memory and threads of the engine.
        progress: Told the share that is done, up to 1.

    Returns:
        The file, whole; it appears in one step.

    Raises:
        As `open_or_build`.
    """
    connection, _ = open_or_build(base, manifest, derivations, limits, progress)
    connection.close()
    if progress is not None:
        progress(1.0)
    return derived_path(base, manifest.version, derivations)


def open_or_build(
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    progress: Progress | None = None,
    *,
    damaged: Connection | None = None,
) -> tuple[Connection, Tables]:
    """The derived tables of a version, built first when they are missing or damaged; once, however many ask.

    Args:
        base: The base.
        manifest: The version.
        derivations: What is derived, each after what it reads.
        limits: Memory and threads of the engine.
        progress: Told the share of the building that is done, 0 to 1; not called when nothing is to be built.
        damaged: A connection whose file turned out to be damaged while it was read: that file is built again.

    Raises:
        BaseDamaged: A part is not what the manifest says.
        CrmError: The engine ran out of the memory that it may use.
        OSError: The disk is full, or cannot be written.
    """
    path = derived_path(base, manifest.version, derivations)
    if damaged is None:
        with contextlib.suppress(BaseDamaged):
            return open_tables(path, manifest, derivations, limits)
    with _building(base):
        # Somebody else may have built it while this one waited.
        if damaged is None or not damaged.lies_on(path):
            with contextlib.suppress(BaseDamaged):
                return open_tables(path, manifest, derivations, limits)
        path.unlink(missing_ok=True)
        _build(base, manifest, derivations, limits, _rising(progress), afresh=damaged is not None)
        return open_tables(path, manifest, derivations, limits)


def open_tables(
    path: Path, manifest: Manifest, derivations: Sequence[Derivation], limits: Limits
) -> tuple[Connection, Tables]:
    """The built tables of a version, read-only.

    Raises:
        BaseDamaged: The file is missing, damaged or made of another manifest; it can be built again.
    """
    damaged = BaseDamaged("base.damaged", part=f"{path.parent.name}/{path.name}")
    try:
        connection = open_derived(path, limits)
    except (duckdb.Error, OSError) as error:
        raise damaged from error
    backend = connection.backend
    catalog = (DERIVED_CATALOG, "main")
    names = [name for name in SCHEMAS if manifest.parts_of(name)]
    try:
        seals = connection.run(backend.table(MADE_OF, database=catalog))["manifest"].to_pylist()
        if seals != [manifest.seal]:
            raise damaged
        tables = tables_of(manifest, {name: backend.table(name, database=catalog) for name in names})
        derived = {one.name: backend.table(one.name, database=catalog) for one in derivations}
    except BaseException as error:
        connection.close()
        if isinstance(error, duckdb.Error | TableNotFound):
            raise damaged from error
        raise
    return connection, replace(tables, derived=derived)


@contextlib.contextmanager
def _building(base: BaseDirectory) -> Iterator[None]:
    """Alone among all processes, with nothing left of those who were stopped."""
    base.derived.mkdir(parents=True, exist_ok=True)
    with (base.derived / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        _remove(base.derived.glob(".*"))
        yield


def _build(
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    tell: Progress,
    *,
    afresh: bool,
) -> None:
    """Build a file, aside and then in one step; the lock is held."""
    target = derived_path(base, manifest.version, derivations)
    aside = target.with_name(f".{uuid.uuid4().hex}.duckdb")
    tell(0.0)
    try:
        if afresh or not _appended(aside, base, manifest, derivations, limits, tell):
            base.verify(manifest)
            tell(0.1)
            fill(aside, base, manifest, derivations, limits, lambda share: tell(0.1 + 0.9 * share))
        aside.replace(target)
    except duckdb.OutOfMemoryException as error:
        raise CrmError("engine.out_of_memory") from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        raise InputError("engine.numbers_too_large") from error
    except duckdb.IOException as error:
        raise OSError(str(error)) from error
    finally:
        _remove(base.derived.glob(f"{aside.name}*"))
    _remove(
        path for path in base.derived.glob("[0-9]*.duckdb") if path != target and _is_past(path, manifest)
    )
    tell(1.0)


def _appended(
    aside: Path,
    base: BaseDirectory,
    manifest: Manifest,
    derivations: Sequence[Derivation],
    limits: Limits,
    tell: Progress,
) -> bool:
    """Whether the file could be made out of an earlier one."""
    found = _ground(base, manifest, derivations, limits)
    if found is None:
        return False
    earlier, parts = found
    base.verify(manifest, parts)
    try:
        shutil.copyfile(earlier, aside)
        tell(0.3)
        append(aside, base, manifest, parts, derivations, limits, lambda share: tell(0.3 + 0.7 * share))
    except duckdb.Error:
        # The earlier file may be damaged itself. The parts are the truth.
        _remove(base.derived.glob(f"{aside.name}*"))
        return False
    return True


def _ground(
    base: BaseDirectory, manifest: Manifest, derivations: Sequence[Derivation], limits: Limits
) -> tuple[Path, tuple[Part, ...]] | None:
    """The newest earlier file to which only parts have to be added, and those parts."""
    for version in range(manifest.version - 1, 0, -1):
        path = derived_path(base, version, derivations)
        if not path.is_file():
            continue
        with contextlib.suppress(BaseDamaged):
            before = base.manifest(version)
            connection, _ = open_tables(path, before, derivations, limits)
            connection.close()
            parts = _added(before, manifest, tables_read(tuple(derivations)))
            if parts is not None:
                return path, parts
    return None


def _added(before: Manifest, after: Manifest, read: frozenset[str]) -> tuple[Part, ...] | None:
    """The parts that one version adds to another, if derived rows of the others stay as they are."""
    if not before.parts_of("orders") or after.parts[: len(before.parts)] != before.parts:
        return None
    if _terms(before) != _terms(after):
        return None
    parts = after.parts[len(before.parts) :]
    return None if any(part.table in read - {"orders"} for part in parts) else parts


def _terms(manifest: Manifest) -> tuple[object, ...]:
    """What else decides how a line is read: the units of its money, and which columns are there at all."""
    lines = frozenset(name for name in manifest.provided if name.startswith("orders."))
    return manifest.currency, manifest.money_scale, lines


def _is_past(path: Path, manifest: Manifest) -> bool:
    """Whether a file is of no more use: of the same version, or of one before the last."""
    version = int(path.name.split("-", 1)[0])
    return version == manifest.version or version < manifest.version - 1


def _remove(paths: Iterator[Path]) -> None:
    for path in list(paths):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()


def _rising(progress: Progress | None) -> Progress:
    """A progress that never goes back."""
    reached = 0.0

    def tell(share: float) -> None:
        nonlocal reached
        reached = max(reached, share)
        if progress is not None:
            progress(reached)

    return tell
