"""Languages: what a reader sees, said in the reader's own words, digits and calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Literal

from crm_core.base import Change, ContactWay, CrmError, Id, InputError, Money, Sentence, Share
from crm_core.i18n.dates import Dates, DateStyle, Day, PeriodStyle, own_calendar
from crm_core.i18n.direction import Direction, isolated, left_to_right, right_to_left, stored
from crm_core.i18n.messages import Catalogue, MessageError, UnknownMessage, WrongPlaceholders, catalogue
from crm_core.i18n.names import contact_way_key, currencies, territories, time_zones
from crm_core.i18n.numbers import Number, Numbers, is_number, parse_number
from crm_core.periods import CALENDARS, Calendar, Unit

LANGUAGES: Final = ("en", "fa", "th")
"""Codes of the languages, in the order in which they are offered."""

__all__ = [
    "LANGUAGES",
    "DateStyle",
    "Day",
    "Direction",
    "Language",
    "MessageError",
    "Number",
    "PeriodStyle",
    "UnknownMessage",
    "WrongPlaceholders",
    "language",
    "parse_number",
]


@dataclass(frozen=True)
class Language:
    """One language with the calendar that its reader chose; made by `language`.

    In Persian, numbers with a sign and phrases that begin with a number carry invisible Unicode isolates, so
    that they keep their order in any line, a picture's included.

    Args:
        code: `en`, `fa` or `th`.
        direction: Direction of its lines.
        calendar: In whose years and months dates and periods are written unless another calendar is named.
    """

    code: str
    direction: Direction
    calendar: Calendar

    @property
    def endonym(self) -> str:
        """The language's name in the language itself."""
        return self.say("language.endonym")

    def say(self, key: str, /, **values: object) -> str:
        """A message.

        Args:
            key: Name of the message in the catalogues.
            values: What fills its gaps, by name: text goes in as it is (set apart where it runs in the other
                direction), an `Id` as it is stored, from left to right; numbers, dates, `Money`, `Share` and
                sentences are written for the language. `count` chooses the plural form.

        Raises:
            UnknownMessage: There is no such message.
            WrongPlaceholders: A value is missing or one too many.
        """
        return self._catalogue.fill(key, values, lambda value: self._shown(key, value))

    def tell(self, sentence: Sentence) -> str:
        """What a room has to say, in words; a message may leave out values that it does not need.

        Raises:
            UnknownMessage: There is no such message.
            WrongPlaceholders: A value is missing.
        """
        return self._told(sentence.key, sentence.values)

    def explain(self, error: CrmError) -> str:
        """What went wrong, as a sentence; the message may leave out values that it does not need."""
        return self._told(error.key, error.values)

    def number(self, x: Number, digits: int | None = 0, *, signed: bool = False) -> str:
        """A number in full; `digits` after the decimal sign, None for as many as it needs."""
        return self._numbers.number(x, digits, signed=signed)

    def currency(self, currency: str) -> str:
        """What a currency is called or its sign, as it stands beside an amount."""
        return self._numbers.currency(currency)

    def compact(self, x: Number, digits: int = 1, *, signed: bool = False) -> str:
        """A number in short form from 10,000 up: 57.3k, 5.7m, with at most three digits in all."""
        return self._numbers.compact(x, digits, signed=signed)

    def percent(self, x: Number, digits: int | None = 0, *, signed: bool = False) -> str:
        """A share of 1 as per cent; None writes one digit after the decimal sign below ten per cent."""
        return self._numbers.percent(x, digits, signed=signed)

    def chance(self, x: Number, digits: int = 1) -> str:
        """A probability as per cent; what is not certain never reads as 0 % or 100 %."""
        return self._numbers.chance(x, digits)

    def change(self, x: Number, digits: int = 1) -> str:
        """A relative change of 1 as signed per cent, with digits after the decimal sign below ten per cent.

        A dash stands where there is nothing to compare with.
        """
        return self._numbers.change(x, digits)

    def points(self, x: Number, digits: int = 1) -> str:
        """A difference of two shares of 1 as signed percentage points."""
        return self._numbers.points(x, digits)

    def money(
        self,
        x: Number,
        currency: str,
        compact: bool = False,
        *,
        digits: int | None = None,
        signed: bool = False,
    ) -> str:
        """An amount in whole units of a currency (its code, or empty for a bare number)."""
        return self._numbers.money(x, currency, compact=compact, digits=digits, signed=signed)

    @property
    def currencies(self) -> Mapping[str, str]:
        """Names of today's currencies by their ISO codes."""
        return currencies(self.code)

    @property
    def territories(self) -> Mapping[str, str]:
        """Names of countries by their two letters."""
        return territories(self.code)

    @property
    def time_zones(self) -> Mapping[str, str]:
        """Cities by the names of their time zones."""
        return time_zones(self.code)

    def digits(self, text: str) -> str:
        """The text with its ASCII digits written in the language's own."""
        return self._numbers.digits(text)

    def stored(self, text: str) -> str:
        """An id as it is stored, from left to right."""
        return stored(text, self.direction)

    def contact_way(self, name: str) -> str:
        """A way of contact that a base names: a usual one in words, any other as it is stored."""
        key = contact_way_key(name)
        return self.stored(name) if key is None else self.say(key)

    def date(self, day: Day, calendar: Calendar | None = None, style: DateStyle = "medium") -> str:
        """A day: `long` for sentences, `medium` with a short month, `short` in digits for tables."""
        return self._placed(self._dates(calendar).date(day, style))

    def period(
        self, index: int, unit: Unit, calendar: Calendar | None = None, style: PeriodStyle = "short"
    ) -> str:
        """A period: `long` for sentences, `short` for tables, `narrow` (no year) for an axis."""
        return self._placed(self._dates(calendar).period(index, unit, style))

    def date_range(
        self,
        first: Day,
        last: Day,
        calendar: Calendar | None = None,
        style: Literal["short", "long"] = "short",
    ) -> str:
        """The days from a first to a last one; whole months and whole years are named as such."""
        return self._placed(self._dates(calendar).range(first, last, style))

    def _told(self, key: str, values: Mapping[str, object]) -> str:
        asked = self._catalogue.placeholders(key)
        return self.say(key, **{name: value for name, value in values.items() if name in asked})

    @cached_property
    def _numbers(self) -> Numbers:
        return Numbers(self._catalogue, self.direction)

    @cached_property
    def _catalogue(self) -> Catalogue:
        return catalogue(self.code)

    def _dates(self, calendar: Calendar | None) -> Dates:
        return Dates(self._catalogue, calendar or self.calendar)

    def _placed(self, written: str) -> str:
        text = self.digits(written)
        if self.direction == "ltr" or text.isdigit() or not text[0].isdigit():
            return text
        return right_to_left(text) if any(letter.isalpha() for letter in text) else left_to_right(text)

    def _shown(self, key: str, value: object) -> str:
        if isinstance(value, str):
            return isolated(value, self.direction)
        if isinstance(value, Id):
            return self.stored(value.text)
        if isinstance(value, ContactWay):
            return self.contact_way(value.name)
        if isinstance(value, Sentence):
            return self.tell(value)
        if isinstance(value, Money):
            return self.money(value.amount, value.currency, value.compact, digits=value.digits)
        if isinstance(value, Share):
            return self.percent(value.value, value.digits)
        if isinstance(value, Change):
            return self.change(value.value)
        if isinstance(value, dt.date):
            return self.date(value, style="long")
        if is_number(value):
            return self.number(value, None)
        raise WrongPlaceholders(self.code, key, f"{value!r} is neither text nor a number nor a date")


@lru_cache
def language(code: str, calendar: Calendar | None = None) -> Language:
    """A language by its code.

    Args:
        code: One of `LANGUAGES`.
        calendar: The calendar that the reader chose; the language's own when None.

    Raises:
        InputError: There is no such language or calendar.
    """
    if code not in LANGUAGES:
        raise InputError("error.unknown_language", language=code, languages=", ".join(LANGUAGES))
    if calendar is not None and calendar not in CALENDARS:
        raise InputError("error.unknown_calendar", calendar=calendar, calendars=", ".join(CALENDARS))
    return Language(code, "rtl" if code == "fa" else "ltr", calendar or own_calendar(code))
