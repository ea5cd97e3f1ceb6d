"""Moments and days from text, in the calendar and order of day and month that the file is said to use."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.base import InputError
from crm_core.periods import FIRST_DAY, LAST_DAY, Calendar, first_day, year_month_day
from crm_core.sources.characters import plain
from crm_core.sources.states import BAD, MISSING, NULL_WORDS, OK, OUT_OF_RANGE, States

MICROSECONDS_A_DAY: Final = 86_400_000_000
_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)

_ISO: Final = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?$"
_BETWEEN: Final = r"(?:\s*[-/.,]\s*|\s+)"
_DATE: Final = re.compile(
    rf"([0-9]{{1,4}}){_BETWEEN}([0-9]{{1,2}}|[^\W\d][^\d/,-]*?){_BETWEEN}([0-9]{{1,4}})"
)
_MONTH_FIRST: Final = re.compile(r"([^\W\d][^\d/,-]*?)\s+([0-9]{1,2})(?:\s*,\s*|\s+)([0-9]{4})")
_COMPACT: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME: Final = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(am|pm|a\.m\.|p\.m\.|ق\.ظ|ب\.ظ|ق ظ|ب ظ|น\.)?"
    r"\s*(z|utc|gmt|[+-]\d{2}(?::?\d{2})?)?",
    re.ASCII | re.IGNORECASE,
)
_AFTERNOON: Final = frozenset({"pm", "p.m.", "ب.ظ", "ب ظ"})
_BEFORE_NOON: Final = frozenset({"am", "a.m.", "ق.ظ", "ق ظ"})
_LONGEST: Final = 40
_REMEMBERED: Final = 200_000

_GREGORIAN_MONTHS: Final = (
    "january february march april may june july august september october november december",
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "ژانویه فوریه مارس آوریل مه ژوئن ژوئیه اوت سپتامبر اکتبر نوامبر دسامبر",
    "มกราคม กุมภาพันธ์ มีนาคม เมษายน พฤษภาคม มิถุนายน กรกฎาคม สิงหาคม กันยายน ตุลาคม พฤศจิกายน ธันวาคม",
    "ม.ค ก.พ มี.ค เม.ย พ.ค มิ.ย ก.ค ส.ค ก.ย ต.ค พ.ย ธ.ค",
)
_JALALI_MONTHS: Final = (
    "فروردین اردیبهشت خرداد تیر مرداد شهریور مهر آبان آذر دی بهمن اسفند",
    "farvardin ordibehesht khordad tir mordad shahrivar mehr aban azar dey bahman esfand",
)
_YEARS: Final[dict[Calendar, tuple[int, int]]] = {
    "gregorian": (1901, 2099),
    "jalali": (1279, 1478),
    "buddhist": (2444, 2642),
}


def _numbered(*lists: str) -> dict[str, int]:
    return {name: number for names in lists for number, name in enumerate(names.split(), 1)}


_MONTHS: Final[dict[Calendar, dict[str, int]]] = {
    "gregorian": {**_numbered(*_GREGORIAN_MONTHS), "sept": 9},
    "buddhist": {**_numbered(*_GREGORIAN_MONTHS), "sept": 9},
    "jalali": _numbered(*_JALALI_MONTHS),
}


@dataclass(frozen=True)
class _Day:
    day: int
    state: int


@dataclass(frozen=True)
class _Time:
    """Microseconds since midnight, and seconds east of Greenwich where an offset was written."""

    microseconds: int
    offset: int | None


class MomentReader:
    """Reads texts as moments; remembers days and times, of which a file has few.

    Args:
        calendar: The calendar of the dates.
        day_order: `ymd`, `dmy` or `mdy`: how a date is read whose year does not come first with four digits.
        zone: Where moments with an offset are converted to; None: there must be none.
        column: The canonical column, for the error.
    """

    def __init__(self, calendar: Calendar, day_order: str, zone: ZoneInfo | None, column: str) -> None:
        self.calendar = calendar
        self.day_order = day_order
        self.zone = zone
        self.column = column
        self._days: dict[str, _Day] = {}
        self._times: dict[str, _Time | None] = {}

    def parse(self, values: pa.Array) -> tuple[NDArray[np.int64], States]:
        """Moments from their texts.

        Args:
            values: Texts without null.

        Returns:
            Microseconds since 1970-01-01 of local wall-clock time (0 where the state is not OK), and states.

        Raises:
            InputError: A moment has an offset and no time zone is stated.
        """
        fast = self._parse_iso(values)
        if fast is not None:
            return fast
        moments = np.zeros(len(values), np.int64)
        states = np.zeros(len(values), np.int8)
        offsets: dict[int, int] = {}
        for place, text in enumerate(values.to_pylist()):
            moments[place], states[place], offset = self._moment(text)
            if offset is not None and states[place] == OK:
                if self.zone is None:
                    raise InputError("import.time_zone_missing", column=self.column, value=text)
                offsets[place] = offset
        if offsets and self.zone is not None:
            places = np.fromiter(offsets, np.int64, len(offsets))
            utc = moments[places] - np.fromiter(offsets.values(), np.int64, len(offsets)) * 1_000_000
            moments[places] = wall_clock(utc, self.zone)
        return _within_range(moments, states)

    def _parse_iso(self, values: pa.Array) -> tuple[NDArray[np.int64], States] | None:
        if self.calendar != "gregorian" or not len(values):
            return None
        if not pc.all(pc.match_substring_regex(values, _ISO)).as_py():
            return None
        try:
            moments = values.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
        except pa.ArrowInvalid:
            return None  # a thirteenth month: the exact path says in which row
        return _within_range(moments, np.zeros(len(values), np.int8))

    def _moment(self, text: str) -> tuple[int, int, int | None]:
        colon = text.find(":")
        if colon < 0:
            date_text, time_text = text, ""
        else:
            start = colon
            while start and text[start - 1].isdigit():
                start -= 1
            date_text, time_text = text[:start], text[start:]
        day = self._days.get(date_text)
        if day is None:
            day = self._remember_day(date_text)
        if day.state != OK:
            missing = day.state == MISSING and not time_text
            return 0, day.state if missing or day.state == OUT_OF_RANGE else BAD, None
        if not time_text:
            return day.day * MICROSECONDS_A_DAY, OK, None
        if time_text not in self._times:
            self._remember_time(time_text)
        time = self._times[time_text]
        if time is None:
            return 0, BAD, None
        return day.day * MICROSECONDS_A_DAY + time.microseconds, OK, time.offset

    def _remember_day(self, text: str) -> _Day:
        if len(self._days) > _REMEMBERED:
            self._days.clear()
        self._days[text] = day = read_day(text, self.calendar, self.day_order)
        return day

    def _remember_time(self, text: str) -> None:
        if len(self._times) > _REMEMBERED:
            self._times.clear()
        self._times[text] = read_time(text)


def _within_range(moments: NDArray[np.int64], states: States) -> tuple[NDArray[np.int64], States]:
    outside = (moments < FIRST_DAY * MICROSECONDS_A_DAY) | (moments >= (LAST_DAY + 1) * MICROSECONDS_A_DAY)
    outside &= states == OK
    if outside.any():
        states = np.where(outside, OUT_OF_RANGE, states).astype(np.int8)
        moments = np.where(outside, 0, moments)
    return moments, states


def date_parts(text: str) -> tuple[str, str, str] | None:
    """The three parts of a date as they stand (ASCII digits, or a month's name), or None where it is none."""
    stripped = plain(text).rstrip("Tt, ")
    if len(stripped) > _LONGEST:
        return None
    match = _COMPACT.fullmatch(stripped) or _DATE.fullmatch(stripped)
    if match is None:
        match = _MONTH_FIRST.fullmatch(stripped)
        return None if match is None else (match[2], match[1], match[3])
    return match[1], match[2], match[3]


def read_day(text: str, calendar: Calendar, day_order: str) -> _Day:
    """The day that a text names, with its state."""
    if plain(text).casefold() in NULL_WORDS:
        return _Day(0, MISSING)
    parts = date_parts(text)
    if parts is None:
        return _Day(0, BAD)
    first, second, third = parts
    if len(first) == 4:
        year, month, day = first, second, third
    elif not second.isdecimal() or day_order == "dmy":
        year, month, day = third, second, first
    elif day_order == "mdy":
        year, month, day = third, first, second
    else:
        return _Day(0, BAD)
    if len(year) != 4 or len(day) > 2 or (len(month) > 2 and month.isdecimal()):
        return _Day(0, BAD)  # two digits for the year could be any century
    number = int(month) if month.isdecimal() else _month_named(month, calendar)
    return _Day(0, BAD) if number is None else _day(int(year), number, int(day), calendar)


def _month_named(name: str, calendar: Calendar) -> int | None:
    folded = name.casefold().strip(" .").replace("ي", "ی").replace("ك", "ک")
    return _MONTHS[calendar].get(folded)


def _day(year: int, month: int, day_of_month: int, calendar: Calendar) -> _Day:
    if not (1 <= month <= 12 and 1 <= day_of_month <= 31):
        return _Day(0, BAD)
    first_year, last_year = _YEARS[calendar]
    if not first_year <= year <= last_year:
        return _Day(0, OUT_OF_RANGE)
    index = year * 12 + month - 1
    day = first_day(index, "month", calendar) + day_of_month - 1
    if year_month_day(day, calendar)[2] != day_of_month:
        return _Day(0, BAD)
    return _Day(day, OK if FIRST_DAY <= day <= LAST_DAY else OUT_OF_RANGE)


def read_time(text: str) -> _Time | None:
    """The time of day that a text names, or None where it is none."""
    match = _TIME.fullmatch(plain(text))
    if match is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    half = (match[5] or "").casefold()
    if half in _AFTERNOON or half in _BEFORE_NOON:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half in _AFTERNOON else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = int((match[4] or "0")[:6].ljust(6, "0"))
    offset = _offset(match[6])
    return _Time(((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction, offset)


def _offset(text: str | None) -> int | None:
    if text is None:
        return None
    if text[0] not in "+-":
        return 0
    digits = text[1:].replace(":", "").ljust(4, "0")
    seconds = (int(digits[:2]) * 60 + int(digits[2:])) * 60
    return -seconds if text[0] == "-" else seconds


def wall_clock(utc: NDArray[np.int64], zone: ZoneInfo) -> NDArray[np.int64]:
    """Local wall-clock time of moments in UTC, both in microseconds since 1970-01-01.

    An hour in which the offset does not change is looked up once; in one where it does, each second is.
    """
    hours, place = np.unique(utc // 3_600_000_000, return_inverse=True)
    before = np.array([_seconds_east(int(hour) * 3_600, zone) for hour in hours], dtype=np.int64)
    after = np.array([_seconds_east(int(hour) * 3_600 + 3_599, zone) for hour in hours], dtype=np.int64)
    offsets = before[place]
    for row in np.flatnonzero((before != after)[place]):
        offsets[row] = _seconds_east(int(utc[row]) // 1_000_000, zone)
    local: NDArray[np.int64] = utc + offsets * 1_000_000
    return local


def _seconds_east(second: int, zone: ZoneInfo) -> int:
    moment = _EPOCH + datetime.timedelta(seconds=second)
    offset = moment.astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds())
