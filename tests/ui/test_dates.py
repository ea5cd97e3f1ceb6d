"""The day that three fields mean."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.periods import CALENDARS, Calendar, date_of, day_from, day_of, period_of, year_month_day
from crm_core.ui.dates import picked_day


def test_a_changed_day_is_the_day() -> None:
    before, after = day_of(dt.date(2024, 3, 5)), day_of(dt.date(2024, 3, 9))
    assert picked_day(before, 2024, 2024 * 12 + 2, after, "gregorian") == after


def test_a_changed_month_keeps_the_day_of_the_month_or_takes_its_last() -> None:
    before = day_of(dt.date(2024, 3, 31))
    assert date_of(picked_day(before, 2024, 2024 * 12 + 1, before, "gregorian")) == dt.date(2024, 2, 29)


def test_a_changed_year_keeps_the_month() -> None:
    before = day_from(1403, 12, 30, "jalali")
    month = period_of(before, "month", "jalali")
    assert picked_day(before, 1402, month, before, "jalali") == day_from(1402, 12, 29, "jalali")


@pytest.mark.parametrize("calendar", CALENDARS)
@given(days=st.tuples(st.integers(-20_000, 40_000), st.integers(-20_000, 40_000)))
def test_a_picked_month_is_the_month_that_is_shown(calendar: Calendar, days: tuple[int, int]) -> None:
    before, wanted = days
    year, month, _ = year_month_day(wanted, calendar)
    picked = picked_day(before, year, year * 12 + month - 1, before, calendar)
    assert year_month_day(picked, calendar)[:2] == (year, month)
