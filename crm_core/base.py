"""The few words that every room shares. Imports nothing of ours."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

NORMAL_QUANTILE: Final = 1.959963984540054
"""Within so many standard deviations of a normal mean lie 95 % of all draws."""


class CrmError(Exception):
    """What went wrong, as a message key and its values; the screen makes a sentence of it.

    Args:
        key: Name of the message in the catalogues, such as `import.empty_file`.
        values: What the message's placeholders stand for.
    """

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.values.items())
        return f"{self.key} ({told})" if told else self.key

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (type(self), self.key, self.values)


def _rebuilt(kind: type[CrmError], key: str, values: dict[str, object]) -> CrmError:
    return kind(key, **values)


class InputError(CrmError):
    """The reader brought or asked for something that cannot be used: a file, a mapping, a name, an option."""


def check_between(option: str, number: float, least: float, most: float) -> None:
    """See that a number which an option was given is one of those that it takes.

    Args:
        option: Its name.
        number: What it was given.
        least: The least that it takes.
        most: The most.

    Raises:
        InputError: It is none of them.
    """
    if not least <= number <= most:
        raise InputError("metric.bad_option", option=option, value=number, allowed=f"{least:g} … {most:g}")


def refused(error: OSError) -> InputError:
    """What the machine would not do, as something to say: no room, no right to write, or its own words."""
    reason = error.strerror or str(error)
    if error.errno == errno.ENOSPC or os.strerror(errno.ENOSPC) in reason:
        return InputError("error.disk_full")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return InputError("error.not_permitted", file=str(error.filename or ""))
    return InputError("error.system", reason=reason)


class BaseDamaged(CrmError):
    """A part of a base on disk is missing or is not what its manifest says."""


class NotProvided(CrmError):
    """The question needs a table or a column that this base does not have."""


class Cancelled(CrmError):
    """The reader stopped a piece of long work; nothing was changed."""


@dataclass(frozen=True)
class Sentence:
    """Something to say: a message key and what its placeholders stand for.

    Values may be numbers, dates, `Money`, `Share`, `Change`, `Id` or sentences; they become words on the
    screen.
    """

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Money:
    """An amount in a currency (its code, empty when none is known); `compact` when a short form will do.

    `digits` is how many stand after the decimal sign, in short form within three digits in all; None as is
    usual.
    """

    amount: float
    currency: str
    compact: bool = True
    digits: int | None = None


@dataclass(frozen=True)
class ContactWay:
    """A way in which customers are contacted, by the base's name of it; a usual one is said in words."""

    name: str


@dataclass(frozen=True)
class Share:
    """A part of a whole, 0 to 1; `digits` None is one after the decimal sign below ten per cent."""

    value: float
    digits: int | None = None


@dataclass(frozen=True)
class Change:
    """How much more something is than another, as a share of the other; negative when it is less."""

    value: float


@dataclass(frozen=True)
class Id:
    """A name by which a base knows something; shown as it is stored, letter for letter."""

    text: str
