"""What is typed behind a command, read; what cannot be used is said in one sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Final

from crm_core.base import InputError

FORMATS: Final = ("csv", "parquet", "json")


def whole(option: str, least: int, most: int) -> Callable[[str], int]:
    """Reads a whole number of an option."""

    def read(text: str) -> int:
        plain = text.strip().removeprefix("+")
        number = int(plain) if plain.isdecimal() and len(plain) < 20 else -1
        if not least <= number <= most:
            raise InputError("metric.bad_option", option=option, value=text, allowed=f"{least} … {most}")
        return number

    return read


def directory(text: str) -> Path:
    """A directory that has a name."""
    if not text.strip():
        raise InputError("metric.bad_option", option="--base", value=text, allowed="DIR")
    return Path(text)


def table_format(text: str) -> str:
    """In what a table is written."""
    if text not in FORMATS:
        raise InputError("metric.bad_option", option="--format", value=text, allowed=", ".join(FORMATS))
    return text


def date(text: str) -> dt.date:
    """A day."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise InputError("metric.bad_option", option="--as-of", value=text, allowed="YYYY-MM-DD") from error
