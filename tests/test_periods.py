"""Calendar periods against the standard library and two independent Jalali calendars, on every day."""

from __future__ import annotations

import datetime as dt

import jdatetime
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from crm_core import periods
from crm_core.periods import CALENDARS, UNITS, Calendar, Unit

DAYS = range(periods.FIRST_DAY, periods.LAST_DAY + 1)
days = st.integers(periods.FIRST_DAY, periods.LAST_DAY)


def test_every_gregorian_day_has_the_month_of_the_standard_library() -> None:
    for day in DAYS:
        date = dt.date(1970, 1, 1) + dt.timedelta(day)
        assert periods.day_of(date) == day
        assert periods.date_of(day) == date
        assert periods.year_month_day(day) == (date.year, date.month, date.day)
        assert periods.year_month_day(day, "buddhist") == (date.year + 543, date.month, date.day)


def test_every_jalali_day_agrees_with_two_other_calendars() -> None:
    for day in DAYS:
        date = periods.date_of(day)
        jalali = JalaliDate(date)
        assert periods.year_month_day(day, "jalali") == (jalali.year, jalali.month, jalali.day), date
        other = jdatetime.date.fromgregorian(date=date)
        assert (other.year, other.month, other.day) == (jalali.year, jalali.month, jalali.day), date


@pytest.mark.parametrize(("calendar", "first_weekday"), [("gregorian", 0), ("buddhist", 0), ("jalali", 5)])
def test_weeks_begin_where_the_calendar_begins_them(calendar: Calendar, first_weekday: int) -> None:
    for day in DAYS:
        week = periods.period_of(day, "week", calendar)
        first = periods.first_day(week, "week", calendar)
        assert periods.date_of(first).weekday() == first_weekday
        assert first <= day < first + 7


@given(days, st.sampled_from(UNITS), st.sampled_from(CALENDARS))
def test_a_day_lies_between_the_first_and_the_last_day_of_its_period(
    day: int, unit: Unit, calendar: Calendar
) -> None:
    period = periods.period_of(day, unit, calendar)
    assert periods.first_day(period, unit, calendar) <= day <= periods.last_day(period, unit, calendar)
    assert periods.last_day(period, unit, calendar) + 1 == periods.first_day(period + 1, unit, calendar)


@given(days, st.sampled_from(CALENDARS))
def test_a_date_written_in_a_calendar_is_read_back(day: int, calendar: Calendar) -> None:
    assert periods.day_from(*periods.year_month_day(day, calendar), calendar) == day


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("calendar", CALENDARS)
def test_arrays_and_integers_give_the_same_periods(unit: Unit, calendar: Calendar) -> None:
    array = np.array(DAYS, dtype="int64")
    expected = [periods.period_of(day, unit, calendar) for day in DAYS]
    assert periods.period_of(array, unit, calendar).tolist() == expected


@pytest.mark.parametrize(
    ("year", "month", "day", "calendar"),
    [
        (2023, 2, 29, "gregorian"),
        (2024, 13, 1, "gregorian"),
        (1402, 12, 30, "jalali"),
        (1403, 7, 31, "jalali"),
        (2566, 0, 1, "buddhist"),
        (1899, 12, 31, "gregorian"),
        (2100, 1, 1, "gregorian"),
        (1402, 5, 12, "gregorian"),
    ],
)
def test_dates_that_do_not_exist_are_refused(year: int, month: int, day: int, calendar: Calendar) -> None:
    with pytest.raises(ValueError):
        periods.day_from(year, month, day, calendar)


def test_the_same_day_a_month_earlier_stays_within_the_shorter_month() -> None:
    march_31 = periods.day_of(dt.date(2024, 3, 31))
    assert periods.date_of(periods.months_before(march_31, 1)) == dt.date(2024, 2, 29)
    assert periods.date_of(periods.months_before(march_31, 12)) == dt.date(2023, 3, 31)
    esfand_30 = periods.day_from(1403, 12, 30, "jalali")
    assert periods.year_month_day(periods.months_before(esfand_30, 12, "jalali"), "jalali") == (1402, 12, 29)
