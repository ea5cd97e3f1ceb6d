"""A base on disk: append-only parts, a manifest a version, and one name that says which version is current.

    BASE/CURRENT                        the number of the current version; replaced in one step
    BASE/versions/000001.json           the manifest of a version
    BASE/parts/<table>/<sha256>.parquet the truth, named by its content, shared by the versions
    BASE/rejects/<import_id>.csv        rows of an import that could not be read
    BASE/derived/                       what is built from a version; may be deleted at any time
    BASE/staging/                       what an import has not finished

A version becomes current by the replacement of CURRENT. Whatever a crash leaves behind before that is not
part of any version and is swept by the next writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from crm_core.base import BaseDamaged, InputError

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True)
class Part:
    """A Parquet file of one canonical table.

    `columns` are those that it really fills; `first_day` and `last_day` are day numbers of its dated rows.
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
    """What one import brought: `read` rows of the source, of which `accepted` and the `rejected` by reason."""

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
    """A Parquet file that an import has written, not yet part of the base."""

    table: str
    path: Path
    first_day: int | None = None
    last_day: int | None = None
    currencies: tuple[str, ...] = ()


class BaseDirectory:
    """The versions of a base in one directory. Reading needs no lock; writers wait for each other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def derived(self) -> Path:
        """Where the derived tables lie."""
        return self.path / "derived"

    def current_version(self) -> int | None:
        """The number of the current version, or None before the first import.

        Raises:
            BaseDamaged: CURRENT does not hold a number.
        """
        try:
            text = (self.path / "CURRENT").read_text("ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise BaseDamaged("base.damaged", part="CURRENT") from error
        if not text.strip().isdigit():
            raise BaseDamaged("base.damaged", part="CURRENT")
        return int(text)

    def current(self) -> Manifest | None:
        """The manifest of the current version, or None before the first import."""
        version = self.current_version()
        return None if version is None else self.manifest(version)

    def manifest(self, version: int) -> Manifest:
        """The manifest of a version.

        Raises:
            BaseDamaged: It is missing, is not a manifest, or was written by a later program.
        """
        path = self._manifest_path(version)
        name = str(path.relative_to(self.path))
        try:
            written = json.loads(path.read_text("utf-8"))
            body, seal = written["manifest"], written["sha256"]
            if hashlib.sha256(_canonical(body)).hexdigest() != seal:
                raise BaseDamaged("base.damaged", part=name)
            if body["schema_version"] > SCHEMA_VERSION:
                raise BaseDamaged("base.written_by_later_program", part=name)
            return _manifest(body)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BaseDamaged("base.damaged", part=name) from error

    def part_path(self, part: Part) -> Path:
        """Where a part lies."""
        return self.path / "parts" / part.table / f"{part.sha256}.parquet"

    def rejects_path(self, import_id: str) -> Path:
        """Where the rejected rows of an import lie, if it had any."""
        return self.path / "rejects" / f"{import_id}.csv"

    def verify(self, manifest: Manifest, parts: Sequence[Part] | None = None) -> None:
        """Read parts of a version and compare them with the sums in its manifest.

        Args:
            manifest: The version.
            parts: Which of its parts; all unless told.

        Raises:
            BaseDamaged: One is missing or is not what was written; says which.
        """
        for part in manifest.parts if parts is None else parts:
            path = self.part_path(part)
            if not path.is_file() or path.stat().st_size != part.bytes or _sha256(path) != part.sha256:
                raise BaseDamaged("base.damaged", part=str(path.relative_to(self.path)))

    def newest_sound_version(self) -> int | None:
        """The newest version whose manifest and parts are all what they should be, or None."""
        for version in sorted(self._versions(), reverse=True):
            with contextlib.suppress(BaseDamaged):
                self.verify(self.manifest(version))
                return version
        return None

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A directory of its own for one import; gone afterwards, however it ends."""
        path = self.path / "staging" / uuid.uuid4().hex
        with contextlib.ExitStack() as stack:
            with self._writing():
                path.mkdir(parents=True)
                stack.callback(shutil.rmtree, path, ignore_errors=True)
                held = stack.enter_context((path / "lock").open("w"))
                fcntl.flock(held, fcntl.LOCK_EX)
            yield path

    def add(
        self,
        record: Import,
        files: Sequence[StagedFile],
        *,
        rejects: Path | None = None,
        settings: Manifest,
    ) -> tuple[Manifest, bool]:
        """Make the files of an import part of the base, as a new version, in one step.

        Args:
            record: What was read; its `parts` are filled in here.
            files: The Parquet files, which are moved.
            rejects: The rejected rows, which are moved.
            settings: Currency, scale and time zone of the base when this is its first import.

        Returns:
            The manifest that is now current, and whether it is new: an import that the base already holds
            changes nothing.
        """
        with self._writing():
            before = self.current()
            if before is not None and any(known.import_id == record.import_id for known in before.imports):
                return before, False
            parts = [self._take(file) for file in files]
            if rejects is not None:
                _move(rejects, self.rejects_path(record.import_id))
            base = settings if before is None else before
            if not base.currency and settings.currency:
                base = replace(base, currency=settings.currency, money_scale=settings.money_scale)
            held = {(part.table, part.sha256) for part in base.parts}
            manifest = replace(
                base,
                version=1 if before is None else before.version + 1,
                imports=(*base.imports, replace(record, parts=tuple(part.sha256 for part in parts))),
                parts=(*base.parts, *(part for part in parts if (part.table, part.sha256) not in held)),
            )
            self._publish(manifest)
            return manifest, True

    def restore(self, version: int) -> Manifest:
        """Make an earlier version current again, as a new version, so that nothing is lost by it.

        Raises:
            InputError: There is no such version.
            BaseDamaged: It is not sound itself.
        """
        with self._writing(sweep=False):
            if version not in self._versions():
                raise InputError("base.no_such_version", version=version)
            earlier = self.manifest(version)
            self.verify(earlier)
            manifest = replace(earlier, version=max(self._versions()) + 1)
            self._publish(manifest)
            return manifest

    def sweep(self) -> None:
        """Remove what crashed writers left behind: staging, manifests that never became current, unnamed parts."""
        with self._writing(sweep=True):
            pass

    def _versions(self) -> list[int]:
        directory = self.path / "versions"
        return [int(path.stem) for path in directory.glob("*.json")] if directory.is_dir() else []

    def _manifest_path(self, version: int) -> Path:
        return self.path / "versions" / f"{version:06d}.json"

    @contextlib.contextmanager
    def _writing(self, *, sweep: bool = True) -> Iterator[None]:
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if sweep:
                self._sweep()
            yield

    def _sweep(self) -> None:
        current = self.current_version() or 0
        for version in self._versions():
            if version > current:
                self._manifest_path(version).unlink()
        named = {self.part_path(part) for version in self._versions() for part in self.manifest(version).parts}
        for path in self.path.glob("parts/*/*"):
            if path not in named:
                path.unlink()
        for aside in (*self.path.glob(".CURRENT.*"), *self.path.glob("versions/.*")):
            aside.unlink()
        for path in self.path.glob("staging/*"):
            if not _is_held(path / "lock"):
                shutil.rmtree(path, ignore_errors=True)

    def _take(self, file: StagedFile) -> Part:
        """Move a staged file among the parts, under the name of its content."""
        metadata = pq.read_metadata(file.path)
        part = Part(
            table=file.table,
            sha256=_sha256(file.path),
            rows=metadata.num_rows,
            bytes=file.path.stat().st_size,
            columns=_filled_columns(metadata),
            first_day=file.first_day,
            last_day=file.last_day,
            currencies=file.currencies,
        )
        _move(file.path, self.part_path(part))
        return part

    def _publish(self, manifest: Manifest) -> None:
        body = asdict(manifest)
        written = {"manifest": body, "sha256": hashlib.sha256(_canonical(body)).hexdigest()}
        text = json.dumps(written, indent=1, ensure_ascii=False)
        _write(self._manifest_path(manifest.version), text)
        _write(self.path / "CURRENT", f"{manifest.version}\n")


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, ensure_ascii=False).encode()


def _manifest(body: dict[str, Any]) -> Manifest:
    imports = tuple(Import(**{**one, "parts": tuple(one["parts"])}) for one in body["imports"])
    parts = tuple(
        Part(**{**one, "columns": tuple(one["columns"]), "currencies": tuple(one["currencies"])})
        for one in body["parts"]
    )
    return Manifest(**{**body, "imports": imports, "parts": parts})


def _filled_columns(metadata: pq.FileMetaData) -> tuple[str, ...]:
    """Columns with at least one value, by the file's own statistics."""
    filled = set()
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            statistics = column.statistics
            if statistics is None or not statistics.has_null_count or statistics.null_count < column.num_values:
                filled.add(column.path_in_schema)
    return tuple(sorted(filled))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_held(lock: Path) -> bool:
    """Whether a living process holds a lock file."""
    try:
        with lock.open("r") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _move(source: Path, target: Path) -> None:
    """Move a file so that it is whole under its new name, on the disk, before this returns."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(source, target)
    _sync_directory(target.parent)


def _write(path: Path, text: str) -> None:
    """Write a small file so that it is there with all of its text or as it was before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        with aside.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
