"""Calendar periods as integers: the only date arithmetic of the project.

A `day` counts days since 1970-01-01. A month is `year * 12 + month - 1`, a quarter `year * 4 + quarter - 1`
and a year the year itself, each in the years of its calendar; a week counts weeks since the one that holds
1970-01-01. Periods of one kind differ by subtraction.

The functions between day and period use only `+ - * //` on operands that are never negative between 1901 and
2099, so that one definition serves Python integers, numpy arrays and columns of every engine, whichever way
that engine rounds the quotient of integers.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal, get_args

Calendar = Literal["gregorian", "jalali", "buddhist"]
Unit = Literal["day", "week", "month", "quarter", "year"]

CALENDARS: Final[tuple[Calendar, ...]] = get_args(Calendar)
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

FIRST_DAY: Final = -25_202
"""1901-01-01, the first day for which the arithmetic is exact."""
LAST_DAY: Final = 47_481
"""2099-12-31, the last such day."""

YEAR_DAYS: Final = 365
"""A year as a number of days to look back over, or ahead."""
LONGEST_YEAR_DAYS: Final = 366
MEAN_YEAR_DAYS: Final = 365.25
"""Days of a year on average: what came in any number of days is told of a year by it."""

_EPOCH: Final = dt.date(1970, 1, 1)
_BUDDHIST_YEARS: Final = 543
_DAYS_FROM_MARCH_1900: Final = 25_508
_DAYS_FROM_FARVARDIN_1276: Final = 26_584
_WEEKS_BEFORE_EPOCH: Final = 10_000


def day_of(date: dt.date) -> int:
    """The day number of a date."""
    return date.toordinal() - _EPOCH.toordinal()


def date_of(day: int) -> dt.date:
    """The date of a day number."""
    return dt.date.fromordinal(day + _EPOCH.toordinal())


def day_of_second(seconds: Any) -> Any:
    """The day number of a moment in seconds since 1970-01-01, of the kind that came in."""
    return (seconds + _DAYS_FROM_MARCH_1900 * 86_400) // 86_400 - _DAYS_FROM_MARCH_1900


def period_of(day: Any, unit: Unit, calendar: Calendar = "gregorian") -> Any:
    """The period that a day lies in.

    Args:
        day: Day number: an int, a numpy array or an integer column expression.
        unit: Length of the period. Weeks begin on Saturday in the Jalali calendar and else on Monday.
        calendar: Whose months and years.

    Returns:
        The period's integer, of the kind that came in.
    """
    if unit == "day":
        return day
    if unit == "week":
        days_into_week = 5 if calendar == "jalali" else 3
        return (day + days_into_week + 7 * _WEEKS_BEFORE_EPOCH) // 7 - _WEEKS_BEFORE_EPOCH
    month = _jalali_month(day) if calendar == "jalali" else _gregorian_month(day)
    if calendar == "buddhist":
        month = month + 12 * _BUDDHIST_YEARS
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    return month if months == 1 else month // months


def _gregorian_month(day: Any) -> Any:
    """Months from March 1900: a year of 365.25 days (no leap day is skipped until 2100), a month of 30.6."""
    days = day + _DAYS_FROM_MARCH_1900
    years = (4 * days + 3) // 1461
    day_of_year = days - 1461 * years // 4
    return 12 * (1900 + years) + (5 * day_of_year + 2) // 153 + 2


def _jalali_month(day: Any) -> Any:
    """Months from Farvardin 1276: 8 leap days in 33 years, evenly spread; 6 months of 31 days, then of 30."""
    days = day + _DAYS_FROM_FARVARDIN_1276
    years = 33 * days // 12_053
    day_of_year = days - (12_053 * years + 32) // 33
    second_half = day_of_year // 186
    month = (1 - second_half) * (day_of_year // 31) + second_half * ((day_of_year - 6) // 30)
    return 12 * (1276 + years) + month


def first_day(period: Any, unit: Unit, calendar: Calendar = "gregorian") -> Any:
    """The first day of a period, of the kind that came in: the day after the last one of that before."""
    if unit == "day":
        return period
    if unit == "week":
        return 7 * period - (5 if calendar == "jalali" else 3)
    month = period if unit == "month" else period * {"quarter": 3, "year": 12}[unit]
    if calendar == "jalali":
        months = month - 12 * 1276
        years = months // 12
        months = months - 12 * years
        return (
            (12_053 * years + 32) // 33 + 31 * months - months // 6 * (months - 6) - _DAYS_FROM_FARVARDIN_1276
        )
    months = month - 12 * (1900 + (_BUDDHIST_YEARS if calendar == "buddhist" else 0)) - 2
    years = months // 12
    months = months - 12 * years
    return 1461 * years // 4 + (153 * months + 2) // 5 - _DAYS_FROM_MARCH_1900


def last_day(period: int, unit: Unit, calendar: Calendar = "gregorian") -> int:
    """The last day of a period."""
    following: int = first_day(period + 1, unit, calendar)
    return following - 1


def year_month_day(day: Any, calendar: Calendar = "gregorian") -> tuple[Any, Any, Any]:
    """A day as year, month (1 to 12) and day of the month of a calendar, each of the kind that came in."""
    month = period_of(day, "month", calendar)
    year = month // 12
    return year, month - 12 * year + 1, day - first_day(month, "month", calendar) + 1


def day_from(year: int, month: int, day_of_month: int, calendar: Calendar = "gregorian") -> int:
    """The day number of a date that is written in a calendar.

    Raises:
        ValueError: There is no such day, or it lies outside 1901 to 2099.
    """
    if not 1 <= month <= 12:
        raise ValueError(f"no month {month}")
    index = year * 12 + month - 1
    first: int = first_day(index, "month", calendar)
    if not 1 <= day_of_month <= first_day(index + 1, "month", calendar) - first:
        raise ValueError(f"no day {day_of_month} in month {month} of {year}")
    day = first + day_of_month - 1
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{year}-{month}-{day_of_month} is outside 1901 to 2099")
    return day


def months_before(day: int, months: int, calendar: Calendar = "gregorian") -> int:
    """The same day of the month some months earlier (later when negative), or that month's last day."""
    year, month, day_of_month = year_month_day(day, calendar)
    index: int = year * 12 + month - 1 - months
    first: int = first_day(index, "month", calendar)
    same_day: int = first + day_of_month - 1
    return min(same_day, last_day(index, "month", calendar))
