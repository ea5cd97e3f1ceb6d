"""Loyalty programmes kept beside a base, in versions that are only ever added.

    BASE/programmes/<name>-<sum>/000001.yaml    a version: a line about it, and its text as it was written
    BASE/programmes/lock                        held by who writes

A programme is known by its name, whatever its letter case and spaces; under another name it is another.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from crm_core.base import CrmError, InputError, refused
from crm_core.engine.sealed import SealedTexts, told
from crm_core.loyalty.rules import LONGEST, Programme, as_seen, plain_of, programme_of, read_programme

DIRECTORY: Final = "programmes"
"""Of a base's own, in which its programmes are kept."""

_MOST_BYTES: Final = 4 * LONGEST
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


def check_place(location: str) -> None:
    """See that programmes can be kept beside a base.

    Raises:
        InputError: There is no base, or it is on an engine of its own.
    """
    if "://" in location:
        raise InputError("loyalty.programmes.nowhere", base=location.partition("://")[0])
    if not (Path(location) / "CURRENT").exists():
        raise InputError("base.none", base=location)


def listed(location: str) -> tuple[Saved, ...]:
    """The newest version of each programme that is kept beside a base, by name.

    Where it cannot be read, it says why, under the name of the newest one that can be.
    """
    if "://" in location:
        return ()
    root = Path(location) / DIRECTORY
    found = []
    with told(root):
        for directory in sorted(root.iterdir()) if root.is_dir() else ():
            texts = _in_directory(location, directory.name)
            numbers = texts.numbers()
            if numbers:
                found.append(_newest(texts, numbers))
    return tuple(sorted(found, key=lambda one: (_plain(one.name), one.name)))


def read(location: str, name: str, version: int | None = None) -> Saved:
    """A version of a programme, by default the newest.

    Raises:
        InputError: There is none of that name or number, or this program cannot use what it says.
        BaseDamaged: It is not what was written.
    """
    texts = _texts(location, name)
    with told(texts.directory):
        newest = texts.newest()
        if not newest:
            raise InputError("loyalty.programmes.unknown", name=name)
        number = newest if version is None else version
        if not 1 <= number <= newest:
            raise InputError("loyalty.programmes.no_such_version", name=name, version=number)
        return _read(texts, number)


def newest_version(location: str, name: str) -> int:
    """The number of the newest version of a programme, sound or not; 0 where none is kept."""
    return 0 if "://" in location else _texts(location, name).newest()


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
    texts = _texts(location, name)
    newest = texts.newest()
    if not newest:
        raise InputError("loyalty.programmes.unknown", name=name)
    return tuple(_read_or_error(texts, number, name) for number in range(newest, 0, -1))


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
    texts = _texts(location, name)
    with told(texts.directory), texts.writing():
        newest = texts.newest()
        if newest:
            with contextlib.suppress(CrmError):
                known = _read(texts, newest)
                if known.text == text:
                    return known
        if after > newest:
            raise InputError("loyalty.programmes.no_such_version", name=name, version=after)
        if after < newest:
            raise ProgrammeChanged(name, after, newest)
        if not newest:
            _unlike_others(location, name)
        kept = texts.add(text, newest + 1, again)
        return Saved(name, kept.number, kept.saved_at, again, text)


def _unlike_others(location: str, name: str) -> None:
    """See that nobody takes a new programme for one that is kept.

    Raises:
        ProgrammeChanged: One is, under a name that is told apart by nothing that is seen.
    """
    for one in listed(location):
        if as_seen(one.name) == as_seen(name):
            raise ProgrammeChanged(one.name, 0, one.version)


def _read(texts: SealedTexts, number: int) -> Saved:
    kept = texts.read(number)
    return Saved(_read_text(kept.text).name, number, kept.saved_at, kept.again, kept.text)


def _read_or_error(texts: SealedTexts, number: int, name: str) -> Saved:
    try:
        return _read(texts, number)
    except CrmError as error:
        return Saved(name, number, error=error)
    except OSError as error:
        return Saved(name, number, error=refused(error))


def _newest(texts: SealedTexts, numbers: list[int]) -> Saved:
    directory = texts.parts[-1]
    newest = _read_or_error(texts, numbers[-1], directory)
    if newest.error is None:
        return newest
    for number in reversed(numbers[:-1]):
        earlier = _read_or_error(texts, number, directory)
        if earlier.error is None:
            return Saved(earlier.name, newest.version, error=newest.error)
    return newest


@lru_cache(maxsize=256)
def _read_text(text: str) -> Programme:
    return programme_of(plain_of(text), kept=True)


def _texts(location: str, name: str) -> SealedTexts:
    """The versions of a programme.

    Raises:
        InputError: Beside this base nothing can be kept.
    """
    if "://" in location:
        raise InputError("loyalty.programmes.nowhere", base=location.partition("://")[0])
    return _in_directory(location, directory_of(name))


def _in_directory(location: str, directory: str) -> SealedTexts:
    return SealedTexts(Path(location), (DIRECTORY, directory), "yaml", _MOST_BYTES)


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def directory_of(name: str) -> str:
    """A directory's name that tells people which programme it is and is never that of another one."""
    plain = _plain(name)
    parts = re.split(r"[^\w\u0300-\u036f\u0e31-\u0e4e\u064b-\u0655]+", plain)
    readable = "-".join(filter(None, parts)).encode()[:_READABLE_BYTES].decode(errors="ignore")
    return f"{readable}-{hashlib.sha256(plain.encode(errors='replace')).hexdigest()[:_SUM]}".lstrip("-")
