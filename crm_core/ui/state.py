"""The state of a page, all of it in its address: codes, never labels, so that a link opens the same view."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final, cast

import streamlit as st

from crm_core.i18n import LANGUAGES, Language, language
from crm_core.overview.rules import PERIOD_CHOICES, PeriodChoice
from crm_core.periods import CALENDARS, FIRST_DAY, LAST_DAY, Calendar, day_of

SHARED: Final = ("lang", "cal", "period", "as_of", "channel", "category", "region")
"""Parts of the address that a reader keeps from page to page, in their order."""

FILTERS: Final = ("period", "as_of", "channel", "category", "region")
"""What a reader can narrow a page down by."""

DEFAULT_PERIOD: Final[PeriodChoice] = "last_12_months"

_MOST_DIGITS: Final = 9

Value = str | Collection[str] | None
"""What a part of the address becomes; None or nothing removes it."""


def read(name: str, allowed: Collection[str] | None = None) -> str | None:
    """One part of the address; None where it is absent or not among the allowed codes."""
    value = st.query_params.get(name)
    return None if value is None or (allowed is not None and value not in allowed) else value


def read_all(name: str) -> tuple[str, ...]:
    """Every value that a part of the address has."""
    return tuple(dict.fromkeys(value for value in st.query_params.get_all(name) if value))


def read_number(name: str) -> int | None:
    """A whole number in the address; None where it is absent, none, or longer than anything counted here."""
    value = st.query_params.get(name, "")
    digits = value.removeprefix("-")
    return int(value) if digits.isdecimal() and digits.isascii() and len(digits) <= _MOST_DIGITS else None


def read_day(name: str) -> int | None:
    """A day number in the address; None where it is absent or outside what the calendars know."""
    day = read_number(name)
    return day if day is not None and FIRST_DAY <= day <= LAST_DAY else None


def write(**values: Value) -> None:
    """Change parts of this page's address; for callbacks, as each change is a step for the browser's Back."""
    st.query_params.from_dict(changed(**values))


def changed(**values: Value) -> dict[str, list[str]]:
    """This page's address with some parts of it changed."""
    query = {name: st.query_params.get_all(name) for name in st.query_params}
    query["lang"] = [reading_language()]
    return with_parts(query, values)


def link(**values: Value) -> dict[str, list[str]]:
    """The address of another view: what all pages share as it is now, and these parts."""
    return with_parts(shared(), values)


def shared() -> dict[str, list[str]]:
    """What all pages share, as it is now."""
    return {**{name: list(read_all(name)) for name in SHARED}, "lang": [reading_language()]}


def with_parts(query: Mapping[str, list[str]], values: Mapping[str, Value]) -> dict[str, list[str]]:
    """An address with some of its parts changed, those that all pages share first."""
    parts = dict(query)
    for name, value in values.items():
        parts[name] = [] if value is None else [value] if isinstance(value, str) else list(value)
    ordered = [*SHARED, *(name for name in parts if name not in SHARED)]
    return {name: parts[name] for name in ordered if parts.get(name)}


def reading_language() -> str:
    """The code of the reader's language: from the link, else from the session, else from the browser."""
    browser = (st.context.locale or "").split("-")[0]
    for code in (read("lang"), st.session_state.get("lang"), browser):
        if code in LANGUAGES:
            st.session_state["lang"] = code
            return cast(str, code)
    return LANGUAGES[0]


def current_language() -> Language:
    """The reader's language, with the calendar that the address names or else its own."""
    return language(reading_language(), calendar())


def calendar() -> Calendar | None:
    """The calendar that the address names."""
    return cast(Calendar | None, read("cal", CALENDARS))


def period() -> PeriodChoice:
    """The period that the address names, or else the last 12 months."""
    return cast(PeriodChoice, read("period", PERIOD_CHOICES) or DEFAULT_PERIOD)


def as_of() -> dt.date | None:
    """The day that the address names as the last one that exists; None where the calendars do not know it."""
    try:
        day = dt.date.fromisoformat(st.query_params.get("as_of", ""))
    except ValueError:
        return None
    return day if FIRST_DAY <= day_of(day) <= LAST_DAY else None
