"""A base on disk: append-only parts, a manifest a version, and one name that says which version is current.

    BASE/CURRENT                        the current version's number and seal; replaced in one step
    BASE/versions/000001.json           the manifest of a version
    BASE/parts/<table>/<sha256>.parquet the truth, named by its content, shared by the versions
    BASE/rejects/<import_id>.csv        rows of an import that could not be read
    BASE/derived/                       what is built from a version; may be deleted at any time
    BASE/staging/                       what an import has not finished

A version becomes current by the replacement of CURRENT, when all that it names lies on the disk. Whatever a
crash leaves behind before that is not part of any version and is swept by the next writer.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import re
import shutil
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from crm_core.base import BaseDamaged, InputError
from crm_core.engine import manifests
from crm_core.engine.durable import is_held, make_directory, move, sha256_of, write
from crm_core.engine.manifests import Import, Manifest, Part, StagedFile

__all__ = ["BaseDirectory", "Import", "Manifest", "Part", "StagedFile"]

_CURRENT: Final = re.compile(r"(\d{1,9})(?: ([0-9a-f]{64}))?\s*", re.ASCII)
"""A version's number and the seal of its manifest; by hand, the number alone will do."""


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
            BaseDamaged: CURRENT is missing though there are versions, or is not what was written.
        """
        return self._read_current()[0] or None

    def current(self) -> Manifest | None:
        """The manifest of the current version, or None before the first import.

        Raises:
            BaseDamaged: As `current_version`, or the manifest is damaged.
        """
        version, seal = self._read_current()
        if not version:
            return None
        manifest = self.manifest(version)
        if seal and seal != manifest.seal:
            raise BaseDamaged("base.damaged", part="CURRENT")
        return manifest

    def manifest(self, version: int) -> Manifest:
        """The manifest of a version.

        Raises:
            BaseDamaged: It is missing, is not what was written, or was written by a later program.
        """
        path = self._manifest_path(version)
        name = str(path.relative_to(self.path))
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise BaseDamaged("base.damaged", part=name) from error
        return manifests.read(text, version, name)

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
            if not self._is_sound(part):
                raise BaseDamaged("base.damaged", part=str(self.part_path(part).relative_to(self.path)))

    def newest_sound_version(self) -> int | None:
        """The newest version whose manifest and parts are all what they should be, or None."""
        is_sound = functools.cache(self._is_sound)
        for version in sorted(self._once_current(), reverse=True):
            with contextlib.suppress(BaseDamaged):
                if all(map(is_sound, self.manifest(version).parts)):
                    return version
        return None

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A directory of its own for one import; gone afterwards, however it ends."""
        path = self.path / "staging" / uuid.uuid4().hex
        with contextlib.ExitStack() as stack:
            with self._writing():
                stack.callback(shutil.rmtree, path, ignore_errors=True)
                make_directory(path)
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
            settings: Currency, scale and time zone by which the files were read; the base's own, or what they
                become when this is its first import.

        Returns:
            The manifest that is now current, and whether it is new: an import that the base already holds
            changes nothing.

        Raises:
            InputError: Somebody else has brought other settings in the meantime; nothing was changed.
            BaseDamaged: What is current cannot be told; nothing was changed.
            OSError: The disk is full, or cannot be written; nothing was changed, but for the rare case that
                the new version is current and its last name could not be forced to the disk.
        """
        with self._writing():
            before = self.current()
            if before is not None and any(known.import_id == record.import_id for known in before.imports):
                return before, False
            try:
                parts = [self._take(file) for file in files]
                manifest = manifests.grown(before, record, parts, settings)
                if rejects is not None:
                    move(rejects, self.rejects_path(record.import_id))
                self._publish(manifest)
            except BaseException:
                with contextlib.suppress(OSError, BaseDamaged):
                    self._sweep()
                raise
            return manifest, True

    def restore(self, version: int) -> Manifest:
        """Make an earlier version current again, as a new version, so that nothing is lost by it.

        Raises:
            InputError: There is no such version.
            BaseDamaged: It is not sound itself.
        """
        with self._writing(sweep=False):
            # What is current may be the very thing that is damaged; then nothing is swept.
            with contextlib.suppress(BaseDamaged):
                self._sweep()
            if version not in self._once_current():
                raise InputError("base.no_such_version", version=version)
            earlier = self.manifest(version)
            self.verify(earlier)
            manifest = replace(earlier, version=max(self._versions()) + 1)
            self._publish(manifest)
            return manifest

    def withdraw(self, version: int) -> None:
        """Take back a version that has just become current, because nothing can be derived from it.

        The one before it is current again, as if the import had been refused. Nothing happens when somebody
        else has brought a later one meanwhile.
        """
        with self._writing(sweep=False):
            if self.current_version() == version:
                earlier = "0" if version == 1 else f"{version - 1} {self.manifest(version - 1).seal}"
                write(self.path / "CURRENT", f"{earlier}\n")
                self._sweep()

    def sweep(self) -> None:
        """Remove what crashed writers left: staging, manifests that never became current, unnamed parts.

        Raises:
            BaseDamaged: What is current cannot be told, so nothing was removed.
        """
        with self._writing():
            pass

    def _read_current(self) -> tuple[int, str | None]:
        """Number and seal of the current version as CURRENT has them; 0 before the first import."""
        try:
            text = (self.path / "CURRENT").read_text("ascii")
        except FileNotFoundError as error:
            # CURRENT is the first thing that a writer makes: a base with versions has lost it.
            if self._versions():
                raise BaseDamaged("base.damaged", part="CURRENT") from error
            return 0, None
        except (OSError, UnicodeDecodeError) as error:
            raise BaseDamaged("base.damaged", part="CURRENT") from error
        found = _CURRENT.fullmatch(text)
        if found is None or (int(found[1]) == 0) != (found[0].strip() == "0"):
            raise BaseDamaged("base.damaged", part="CURRENT")
        return int(found[1]), found[2]

    def _versions(self) -> list[int]:
        names = [path.stem for path in (self.path / "versions").glob("*.json")]
        return [int(name) for name in names if re.fullmatch(r"\d{6,9}", name, re.ASCII)]

    def _once_current(self) -> list[int]:
        """The versions that are or were current, as far as CURRENT can be trusted."""
        try:
            version, seal = self._read_current()
        except BaseDamaged:
            return self._versions()
        with contextlib.suppress(BaseDamaged):
            if version and seal and seal != self.manifest(version).seal:
                return self._versions()
        return [one for one in self._versions() if one <= version]

    def _is_sound(self, part: Part) -> bool:
        path = self.part_path(part)
        try:
            return path.stat().st_size == part.bytes and sha256_of(path) == part.sha256
        except OSError:
            return False

    def _manifest_path(self, version: int) -> Path:
        return self.path / "versions" / f"{version:06d}.json"

    @contextlib.contextmanager
    def _writing(self, *, sweep: bool = True) -> Iterator[None]:
        make_directory(self.path)
        with (self.path / "lock").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if not (self.path / "CURRENT").exists() and not self._versions():
                write(self.path / "CURRENT", "0\n")
            if sweep:
                self._sweep()
            yield

    def _sweep(self) -> None:
        """Remove leftovers, as far as they can be removed; the lock is held.

        Raises:
            BaseDamaged: What is current cannot be told, so nothing was removed.
        """
        current = self.current()
        last = 0 if current is None else current.version
        beyond = [version for version in self._versions() if version > last]
        if any(version > last + 1 for version in beyond):
            # A crash leaves one manifest at the most: these were current once.
            raise BaseDamaged("base.damaged", part="CURRENT")
        for path in (
            *(self._manifest_path(version) for version in beyond),
            *self.path.glob(".CURRENT.*"),
            *self.path.glob("versions/.*"),
            *self._unnamed(),
        ):
            with contextlib.suppress(OSError):
                path.unlink()
        for path in self.path.glob("staging/*"):
            if not is_held(path / "lock"):
                shutil.rmtree(path, ignore_errors=True)

    def _unnamed(self) -> set[Path]:
        """Parts and rejects that no version names; none as long as a manifest cannot be read."""
        left = {*self.path.glob("parts/*/*"), *self.path.glob("rejects/*")}
        try:
            for version in sorted(self._once_current(), reverse=True):
                # The current version names nearly all of them, so that older manifests are seldom read.
                if not left:
                    break
                manifest = self.manifest(version)
                left -= {self.part_path(part) for part in manifest.parts}
                left -= {self.rejects_path(known.import_id) for known in manifest.imports}
        except BaseDamaged:
            return set()
        return left

    def _take(self, file: StagedFile) -> Part:
        """Move a staged file among the parts, under the name of its content."""
        part = manifests.part_of(file)
        move(file.path, self.part_path(part))
        return part

    def _publish(self, manifest: Manifest) -> None:
        write(self._manifest_path(manifest.version), manifests.written(manifest))
        write(self.path / "CURRENT", f"{manifest.version} {manifest.seal}\n")
