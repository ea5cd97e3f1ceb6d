"""Calendar periods by the standard library and two Jalali calendars, with no arithmetic of our own."""

from __future__ import annotations

import datetime as dt
from functools import cache

import jdatetime
from persiantools.jdatetime import JalaliDate

EPOCH = dt.date(1970, 1, 1)
CALENDARS = ("gregorian", "jalali", "buddhist")
UNITS = ("day", "week", "month", "quarter", "year")
_FIRST_WEEKDAY = {"gregorian": 0, "buddhist": 0, "jalali": 5}  # Monday, Monday, Saturday
_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def day_number(date: dt.date) -> int:
    """Days since 1970-01-01."""
    return (date - EPOCH).days


def date_of(day: int) -> dt.date:
    """The date of a day number."""
    return EPOCH + dt.timedelta(day)


@cache
def year_and_month(date: dt.date, calendar: str) -> tuple[int, int]:
    """Year and month (1 to 12) of a date in a calendar."""
    if calendar == "gregorian":
        return date.year, date.month
    if calendar == "buddhist":
        return date.year + 543, date.month
    one, other = JalaliDate(date), jdatetime.date.fromgregorian(date=date)
    assert (one.year, one.month) == (other.year, other.month)
    return one.year, one.month


@cache
def period_of(date: dt.date, unit: str, calendar: str) -> int:
    """The period's number: days and weeks since those of 1970-01-01, else periods since the year 0."""
    if unit == "day":
        return day_number(date)
    if unit == "week":
        return (_begin_of_week(date, calendar) - _begin_of_week(EPOCH, calendar)).days // 7
    year, month = year_and_month(date, calendar)
    return (year * 12 + month - 1) // _MONTHS[unit]


@cache
def begin_of(period: int, unit: str, calendar: str) -> dt.date:
    """The first date of a period."""
    if unit == "day":
        return date_of(period)
    if unit == "week":
        return _begin_of_week(EPOCH, calendar) + dt.timedelta(7 * period)
    year, month = divmod(period * _MONTHS[unit], 12)
    if calendar == "jalali":
        begin: dt.date = JalaliDate(year, month + 1, 1).to_gregorian()
        return begin
    return dt.date(year - 543 if calendar == "buddhist" else year, month + 1, 1)


def _begin_of_week(date: dt.date, calendar: str) -> dt.date:
    while date.weekday() != _FIRST_WEEKDAY[calendar]:
        date -= dt.timedelta(1)
    return date
