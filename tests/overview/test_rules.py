"""Which days a period means in each calendar, and a bridge that adds up."""

from __future__ import annotations

import datetime as dt
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.overview.rules import (
    PERIOD_CHOICES,
    PeriodChoice,
    Span,
    comparison,
    direction,
    revenue_bridge,
)
from crm_core.periods import CALENDARS, Calendar, date_of, day_from, day_of, period_of

EARLY = day_of(dt.date(1950, 1, 1))
DAYS = st.integers(day_of(dt.date(1960, 1, 1)), day_of(dt.date(2090, 12, 31)))


def span(choice: PeriodChoice, as_of: int, calendar: Calendar, first: int = EARLY) -> tuple[str, str]:
    found = comparison(choice, as_of, first, calendar).span
    return date_of(found.first).isoformat(), date_of(found.last).isoformat()


@pytest.mark.parametrize(
    ("choice", "as_of", "expected"),
    [
        ("last_12_months", "2011-12-09", ("2010-12-10", "2011-12-09")),
        ("last_12_months", "2024-02-29", ("2023-03-01", "2024-02-29")),
        ("last_12_months", "2025-02-28", ("2024-03-01", "2025-02-28")),
        ("last_12_months", "2023-12-31", ("2023-01-01", "2023-12-31")),
        ("last_3_months", "2024-02-29", ("2023-12-01", "2024-02-29")),
        ("last_3_months", "2023-11-30", ("2023-09-01", "2023-11-30")),
        ("last_month", "2024-03-15", ("2024-02-01", "2024-02-29")),
        ("last_month", "2024-02-29", ("2024-02-01", "2024-02-29")),
        ("this_year", "2024-02-29", ("2024-01-01", "2024-02-29")),
        ("last_year", "2024-02-29", ("2023-01-01", "2023-12-31")),
        ("last_year", "2023-12-31", ("2023-01-01", "2023-12-31")),
        ("all", "2024-02-29", ("1950-01-01", "2024-02-29")),
    ],
)
@pytest.mark.parametrize("calendar", ["gregorian", "buddhist"])
def test_a_choice_means_these_days(
    choice: PeriodChoice, as_of: str, expected: tuple[str, str], calendar: Calendar
) -> None:
    assert span(choice, day_of(dt.date.fromisoformat(as_of)), calendar) == expected


@pytest.mark.parametrize(
    ("choice", "as_of", "first", "last"),
    [
        ("this_year", (1390, 9, 18), (1390, 1, 1), (1390, 9, 18)),
        ("last_year", (1390, 9, 18), (1389, 1, 1), (1389, 12, 29)),
        ("last_year", (1392, 2, 1), (1391, 1, 1), (1391, 12, 30)),
        ("last_month", (1390, 1, 15), (1389, 12, 1), (1389, 12, 29)),
        ("last_month", (1391, 12, 30), (1391, 12, 1), (1391, 12, 30)),
        ("last_12_months", (1391, 12, 30), (1391, 1, 1), (1391, 12, 30)),
        ("last_3_months", (1390, 6, 31), (1390, 4, 1), (1390, 6, 31)),
    ],
)
def test_a_choice_means_these_jalali_days(
    choice: PeriodChoice, as_of: tuple[int, int, int], first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    found = comparison(choice, day_from(*as_of, "jalali"), EARLY, "jalali").span
    assert (found.first, found.last) == (day_from(*first, "jalali"), day_from(*last, "jalali"))


def test_the_years_of_three_calendars_begin_on_different_days() -> None:
    as_of = day_of(dt.date(2011, 12, 9))
    assert span("this_year", as_of, "gregorian") == span("this_year", as_of, "buddhist")
    assert span("this_year", as_of, "jalali") == ("2011-03-21", "2011-12-09")


@given(DAYS, st.sampled_from(PERIOD_CHOICES), st.sampled_from(CALENDARS))
def test_the_period_before_ends_where_the_period_begins(
    as_of: int, choice: PeriodChoice, calendar: Calendar
) -> None:
    found = comparison(choice, as_of, EARLY, calendar)
    assert found.span.first <= found.span.last <= as_of
    if choice == "all":
        assert found.before is None
        assert found.last_year is None
        return
    assert found.before is not None
    assert found.last_year is not None
    assert found.before.first <= found.before.last < found.span.first
    if choice != "this_year":
        assert found.before.last == found.span.first - 1
    months = {"last_3_months": 3, "last_month": 1}.get(choice, 12)
    # Three Jalali months have 89 days at the end of a year and 93 at its beginning.
    assert abs(found.span.days - found.before.days) <= {1: 3, 3: 4, 12: 1}[months]
    assert abs(found.span.first - found.last_year.first - 365.5) <= 1
    assert abs(found.span.last - found.last_year.last - 365.5) <= 2


@given(DAYS, st.sampled_from(CALENDARS))
def test_whole_calendar_periods_are_whole(as_of: int, calendar: Calendar) -> None:
    for choice, unit in (("last_month", "month"), ("last_year", "year")):
        found = comparison(choice, as_of, EARLY, calendar).span  # type: ignore[arg-type]  # two of the choices
        one = period_of(found.first, unit, calendar)  # type: ignore[arg-type]  # and their units
        assert period_of(found.last, unit, calendar) == one  # type: ignore[arg-type]  # likewise
        assert period_of(found.first - 1, unit, calendar) == one - 1  # type: ignore[arg-type]  # likewise
        assert period_of(found.last + 1, unit, calendar) == one + 1  # type: ignore[arg-type]  # likewise


def test_a_period_that_the_base_does_not_hold_is_no_comparison() -> None:
    as_of = day_of(dt.date(2011, 12, 9))
    inside, outside = day_of(dt.date(2009, 12, 10)), day_of(dt.date(2009, 12, 11))
    assert comparison("last_12_months", as_of, inside, "gregorian").before == Span(
        inside, day_of(dt.date(2010, 12, 9))
    )
    assert comparison("last_12_months", as_of, outside, "gregorian").before is None
    month = comparison("last_3_months", as_of, day_of(dt.date(2011, 1, 1)), "gregorian")
    assert month.before is not None
    assert month.last_year is None


def test_every_choice_is_offered() -> None:
    assert set(PERIOD_CHOICES) == set(get_args(PeriodChoice))


COUNTS = st.integers(1, 10**7)
AMOUNTS = st.integers(-(10**15), 10**15)


@given(COUNTS, COUNTS, AMOUNTS, AMOUNTS, COUNTS, COUNTS, AMOUNTS, AMOUNTS)
def test_the_bridge_adds_up_exactly(
    customers: int,
    orders: int,
    revenue: int,
    guests: int,
    customers_now: int,
    orders_now: int,
    revenue_now: int,
    guests_now: int,
) -> None:
    before = (customers, orders, revenue, guests)
    now = (customers_now, orders_now, revenue_now, guests_now)
    steps = revenue_bridge(before, now)
    assert steps is not None
    assert revenue + guests + sum(step.amount for step in steps) == revenue_now + guests_now
    assert ("guests" in [step.cause for step in steps]) == bool(guests or guests_now)


def test_each_cause_gets_what_it_changed() -> None:
    ten_buy_twice_for_five = (10, 20, 100, 0)
    steps = revenue_bridge(ten_buy_twice_for_five, (20, 40, 200, 0))
    assert steps is not None
    assert [step.amount for step in steps] == [100, 0, 0]
    steps = revenue_bridge(ten_buy_twice_for_five, (10, 30, 150, 0))
    assert steps is not None
    assert [step.amount for step in steps] == [0, 50, 0]
    steps = revenue_bridge(ten_buy_twice_for_five, (10, 20, 140, 7))
    assert steps is not None
    assert [(step.cause, step.amount) for step in steps][2:] == [("basket", 40), ("guests", 7)]


def test_without_purchases_there_is_no_bridge() -> None:
    assert revenue_bridge((0, 0, 0, 5), (1, 1, 10, 5)) is None
    assert revenue_bridge((1, 1, 10, 5), (0, 0, -3, 5)) is None


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        (101, 100, "held"),
        (99, 100, "held"),
        (102, 100, "grew"),
        (98, 100, "fell"),
        (0, 0, "held"),
        (-5, 0, "fell"),
    ],
)
def test_a_change_is_one_from_one_per_cent(now: float, before: float, expected: str) -> None:
    assert direction(now, before) == expected
