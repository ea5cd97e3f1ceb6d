"""Loyalty programmes kept beside a base, in versions that are only ever added.

    BASE/programmes/<name>-<sum>/000001.yaml    a version: a line about it, and its text as it was written
    BASE/programmes/lock                        held by who writes

A programme is known by its name, whatever its letter case and spaces; under another name it is another. The
first line of a version says when it was saved and carries a seal of all the rest. A version appears whole in
one step and is never replaced. Reading needs no lock; writers wait for each other.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from crm_core.base import BaseDamaged, CrmError, InputError, refused
from crm_core.engine.durable import make_directory, write
from crm_core.loyalty.rules import LONGEST, Programme, read_programme

_ABOUT: Final = re.compile(
    r"# (version (\d{1,9}), saved (\S+)(?:, again as version (\d{1,9}))?), seal ([0-9a-f]{64})\n", re.ASCII
)
_LONGEST_LINE: Final = 256
_MOST_BYTES: Final = 4 * LONGEST + _LONGEST_LINE
_READABLE_BYTES: Final = 60
_SUM: Final = 16


class ProgrammeChanged(InputError):
    """Somebody has saved the programme since it was read; what was to be saved is not.

    Args:
        name: Of the programme.
        after: The version that was changed; 0 where it was to be a new programme.
        newest: The version that is there now.
    """

    def __init__(self, name: str, after: int, newest: int) -> None:
        if after:
            super().__init__("loyalty.programmes.changed", name=name, after=after, newest=newest)
        else:
            super().__init__("loyalty.programmes.name_taken", name=name, newest=newest)
        self.name, self.after, self.newest = name, after, newest

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.name, self.after, self.newest)


@dataclass(frozen=True)
class Saved:
    """A version of a programme.

    Args:
        name: What the programme is called; of one that cannot be read at all, its directory.
        version: Its number, from 1.
        saved_at: When, in UTC; None where `error` stands.
        again: The earlier version that it repeats, if it was made by going back to one.
        text: Its YAML text as it was written; empty where `error` stands.
        error: Why it cannot be read.
    """

    name: str
    version: int
    saved_at: dt.datetime | None = None
    again: int | None = None
    text: str = ""
    error: CrmError | None = None

    @property
    def programme(self) -> Programme:
        """What the text says.

        Raises:
            CrmError: It cannot be read.
        """
        if self.error is not None:
            raise self.error
        return _read_text(self.text)


def listed(location: str) -> tuple[Saved, ...]:
    """The newest version of each programme that is kept beside a base, by name.

    Where it cannot be read, it says why, under the name of the newest one that can be.
    """
    if "://" in location:
        return ()
    root = _root(location)
    found = []
    with _told(root):
        directories = sorted(root.iterdir()) if root.is_dir() else []
        for directory in directories:
            numbers = _numbers(directory)
            if numbers:
                found.append(_newest(directory, numbers))
    return tuple(sorted(found, key=lambda one: (_plain(one.name), one.name)))


def read(location: str, name: str, version: int | None = None) -> Saved:
    """A version of a programme, by default the newest.

    Raises:
        InputError: There is none of that name or number, or this program cannot use what it says.
        BaseDamaged: It is not what was written.
    """
    directory = _directory(location, name)
    with _told(directory):
        numbers = _numbers(directory)
        if not numbers:
            raise InputError("loyalty.programmes.unknown", name=name)
        number = numbers[-1] if version is None else version
        if not 1 <= number <= numbers[-1]:
            raise InputError("loyalty.programmes.no_such_version", name=name, version=number)
        return _read(directory, number)


def newest_version(location: str, name: str) -> int:
    """The number of the newest version of a programme, sound or not; 0 where none is kept."""
    if "://" in location:
        return 0
    numbers = _numbers(_root(location) / _slug(name))
    return numbers[-1] if numbers else 0


def is_same_name(one: str, other: str) -> bool:
    """Whether two names are those of one programme."""
    return _plain(one) == _plain(other)


def is_kept(location: str, name: str) -> bool:
    """Whether a programme of this name is kept beside a base."""
    return newest_version(location, name) > 0


def history(location: str, name: str) -> tuple[Saved, ...]:
    """Every version of a programme, the newest first; those that cannot be read say why.

    Raises:
        InputError: There is none of that name.
    """
    directory, newest = _directory(location, name), newest_version(location, name)
    if not newest:
        raise InputError("loyalty.programmes.unknown", name=name)
    return tuple(_read_or_error(directory, number, name) for number in range(newest, 0, -1))


def newest_sound(location: str, name: str) -> Saved | None:
    """The newest version of a programme that can be read; None where none can."""
    if not is_kept(location, name):
        return None
    return next((one for one in history(location, name) if one.error is None), None)


def save(location: str, text: str, *, after: int = 0) -> Saved:
    """Keep a programme as the next version under the name that its text says.

    Args:
        location: The base.
        text: The programme in YAML, kept letter by letter.
        after: The version that was changed; 0 for a new programme.

    Returns:
        What is kept; the newest version where that says the same.

    Raises:
        ProgrammeChanged: There is a later version than `after`; nothing was changed.
        InputError: The text is no programme, there is no base, or nothing can be kept beside it.
    """
    name = read_programme(text).name
    return _add(location, name, text, after, None)


def restore(location: str, name: str, version: int, *, after: int) -> Saved:
    """Keep an earlier version again, as the next one.

    Raises:
        ProgrammeChanged: There is a later version than `after`; nothing was changed.
        InputError: There is no such version, or nothing can be kept beside the base.
        BaseDamaged: It is not what was written.
    """
    earlier = read(location, name, version)
    return _add(location, name, earlier.text, after, version)


def _add(location: str, name: str, text: str, after: int, again: int | None) -> Saved:
    directory = _directory(location, name)
    with _told(directory), _writing(directory):
        numbers = _numbers(directory)
        newest = numbers[-1] if numbers else 0
        if newest:
            with contextlib.suppress(CrmError):
                known = _read(directory, newest)
                if known.text == text:
                    return known
        if after > newest:
            raise InputError("loyalty.programmes.no_such_version", name=name, version=after)
        if after < newest:
            raise ProgrammeChanged(name, after, newest)
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        about = f"version {newest + 1}, saved {now.isoformat()}"
        if again is not None:
            about += f", again as version {again}"
        seal = _seal(directory, about, text)
        write(_path(directory, newest + 1), f"# {about}, seal {seal}\n{text}")
        return Saved(name, newest + 1, now, again, text)


def _read(directory: Path, number: int) -> Saved:
    path = _path(directory, number)
    damaged = BaseDamaged("base.damaged", part=f"programmes/{directory.name}/{path.name}")
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1).decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError) as error:
        raise damaged from error
    about = _ABOUT.match(content)
    if about is None:
        raise damaged
    text = content[about.end() :]
    if int(about[2]) != number or about[5] != _seal(directory, about[1], text):
        raise damaged
    again = int(about[4]) if about[4] else None
    return Saved(_read_text(text).name, number, dt.datetime.fromisoformat(about[3]), again, text)


def _read_or_error(directory: Path, number: int, name: str) -> Saved:
    try:
        return _read(directory, number)
    except CrmError as error:
        return Saved(name, number, error=error)
    except OSError as error:
        return Saved(name, number, error=refused(error))


def _newest(directory: Path, numbers: list[int]) -> Saved:
    newest = _read_or_error(directory, numbers[-1], directory.name)
    if newest.error is None:
        return newest
    for number in reversed(numbers[:-1]):
        earlier = _read_or_error(directory, number, directory.name)
        if earlier.error is None:
            return Saved(earlier.name, newest.version, error=newest.error)
    return newest


@lru_cache(maxsize=256)
def _read_text(text: str) -> Programme:
    return read_programme(text)


def _numbers(directory: Path) -> list[int]:
    """Of the versions whose files are there, sound or not."""
    found = (re.fullmatch(r"(\d{6,9})\.yaml", path.name, re.ASCII) for path in directory.glob("*.yaml"))
    return sorted(int(one[1]) for one in found if one)


def _path(directory: Path, number: int) -> Path:
    return directory / f"{number:06d}.yaml"


def _root(location: str) -> Path:
    return Path(location) / "programmes"


def _directory(location: str, name: str) -> Path:
    """Where the versions of a programme lie.

    Raises:
        InputError: Beside this base nothing can be kept.
    """
    if "://" in location:
        raise InputError("loyalty.programmes.nowhere", base=location.partition("://")[0])
    return _root(location) / _slug(name)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _slug(name: str) -> str:
    """A directory's name that tells people which programme it is and is never that of another one."""
    plain = _plain(name)
    parts = re.split(r"[^\w\u0300-\u036f\u0e31-\u0e4e\u064b-\u0655]+", plain)
    readable = "-".join(filter(None, parts)).encode()[:_READABLE_BYTES].decode(errors="ignore")
    return f"{readable}-{hashlib.sha256(plain.encode(errors='replace')).hexdigest()[:_SUM]}".lstrip("-")


def _seal(directory: Path, about: str, text: str) -> str:
    return hashlib.sha256(f"{directory.name}\n{about}\n{text}".encode()).hexdigest()


@contextlib.contextmanager
def _writing(directory: Path) -> Iterator[None]:
    """The lock is held, and what a crash has left of this programme is gone."""
    root = directory.parent
    if not (root.parent / "CURRENT").exists():
        raise InputError("base.none", base=str(root.parent))
    make_directory(root)
    with (root / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for left in directory.glob(".*.yaml.*"):
            with contextlib.suppress(OSError):
                left.unlink()
        yield


@contextlib.contextmanager
def _told(directory: Path) -> Iterator[None]:
    """What the machine would not do is told in a sentence, with the place where it would not."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(directory)
        raise refused(error) from error
