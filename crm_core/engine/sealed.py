"""Texts in a directory, in numbered versions that are only ever added, each with a seal of its own.

A version's first line says when it was saved and carries a seal of all the rest. It appears whole in one step
and is never replaced. Reading needs no lock; writers wait for each other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from crm_core.base import BaseDamaged, InputError, refused
from crm_core.engine.durable import make_directory, write

_ABOUT: Final = re.compile(
    r"# (version (\d{1,9}), saved (\S+)(?:, again as version (\d{1,9}))?), seal ([0-9a-f]{64})\n", re.ASCII
)
_NUMBERED: Final = re.compile(r"(\d{6,9})", re.ASCII)
_LONGEST_LINE: Final = 256


@dataclass(frozen=True)
class Sealed:
    """A version of a text.

    Args:
        number: Its number, from 1.
        saved_at: When, in UTC.
        again: The earlier version that it repeats, if it was made by going back to one.
        text: The text, letter by letter.
    """

    number: int
    saved_at: dt.datetime
    again: int | None
    text: str


@dataclass(frozen=True)
class SealedTexts:
    """The versions of one text.

    Args:
        base: The base beside which they are kept.
        parts: Names of directories, from the base's own on.
        suffix: Of the files, without the dot.
        most_bytes: A longer file is none of ours.
    """

    base: Path
    parts: tuple[str, ...]
    suffix: str
    most_bytes: int

    @property
    def directory(self) -> Path:
        """Where they lie."""
        return self.base.joinpath(*self.parts)

    def numbers(self) -> list[int]:
        """Of the versions whose files are there, sound or not; the least first.

        Raises:
            InputError: What is there cannot be seen.
        """
        with told(self.directory):
            try:
                # A glob would show a directory that may not be read as an empty one.
                paths = list(self.directory.iterdir())
            except (FileNotFoundError, NotADirectoryError):
                return []
        own = [path.stem for path in paths if path.suffix == f".{self.suffix}"]
        return sorted(int(stem) for stem in own if _NUMBERED.fullmatch(stem))

    def newest(self) -> int:
        """The number of the newest version, sound or not; 0 where there is none."""
        return max(self.numbers(), default=0)

    def read(self, number: int) -> Sealed:
        """A version.

        Raises:
            BaseDamaged: It is missing, or is not what was written.
        """
        path = self._path(number)
        damaged = BaseDamaged("base.damaged", part=str(path.relative_to(self.base)))
        try:
            with path.open("rb") as file:
                content = file.read(self.most_bytes + _LONGEST_LINE + 1).decode("utf-8")
        except (FileNotFoundError, UnicodeDecodeError) as error:
            raise damaged from error
        about = _ABOUT.match(content)
        if about is None:
            raise damaged
        text = content[about.end() :]
        if int(about[2]) != number or about[5] != self._seal(about[1], text):
            raise damaged
        return Sealed(number, dt.datetime.fromisoformat(about[3]), int(about[4]) if about[4] else None, text)

    def add(self, text: str, number: int, again: int | None = None) -> Sealed:
        """Write a version of which there is none yet; the lock is held."""
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        about = f"version {number}, saved {now.isoformat()}"
        if again is not None:
            about += f", again as version {again}"
        write(self._path(number), f"# {about}, seal {self._seal(about, text)}\n{text}")
        return Sealed(number, now, again, text)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """The lock of all writers is held, and what a crash has left of these versions is gone.

        Raises:
            InputError: There is no base.
        """
        root = self.base / self.parts[0]
        if not (self.base / "CURRENT").exists():
            raise InputError("base.none", base=str(self.base))
        with locked(root):
            for left in self.directory.glob(f".*.{self.suffix}.*"):
                with contextlib.suppress(OSError):
                    left.unlink()
            yield

    def _path(self, number: int) -> Path:
        return self.directory / f"{number:06d}.{self.suffix}"

    def _seal(self, about: str, text: str) -> str:
        own = "/".join(self.parts[1:])
        return hashlib.sha256(f"{own}\n{about}\n{text}".encode()).hexdigest()


@contextlib.contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Who else writes beneath a directory, in any process, waits until this is done."""
    make_directory(directory)
    with (directory / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def told(directory: Path) -> Iterator[None]:
    """What the machine would not do is told in a sentence, with the place where it would not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(directory)
        raise refused(error) from error
