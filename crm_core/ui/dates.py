"""A date written in any of the calendars: year, month and day to choose from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from crm_core.i18n import Language
from crm_core.periods import Calendar, date_of, day_of, first_day, last_day, period_of, year_month_day

_LABELS: Final = {"day": "date.day_of_date", "month": "date.month_of_date", "year": "date.year_of_date"}


def date_input(
    language: Language,
    shown: dt.date,
    *,
    first: int,
    last: int,
    key: str,
    on_pick: Callable[[dt.date], None],
) -> None:
    """Three fields for a day.

    Args:
        language: In whose words and calendar.
        shown: The day that the fields show.
        first: Day number before which nothing is offered.
        last: Day number after which nothing is offered.
        key: A name for the fields, unique on the page.
        on_pick: Told the new day, in a callback, when the reader changes a field; a day that the chosen month
            does not have becomes its last one.
    """
    calendar = language.calendar
    day = min(max(day_of(shown), first), last)
    month = period_of(day, "month", calendar)
    months = range(
        max(period_of(first, "month", calendar), month // 12 * 12),
        min(period_of(last, "month", calendar), month // 12 * 12 + 11) + 1,
    )
    years = range(year_month_day(last, calendar)[0], year_month_day(first, calendar)[0] - 1, -1)
    days = range(
        max(first, first_day(month, "month", calendar)), min(last, last_day(month, "month", calendar)) + 1
    )

    def pick() -> None:
        asked = {part: int(st.session_state[f"{key}-{part}"]) for part in ("year", "month", "day")}
        picked = picked_day(day, asked["year"], asked["month"], asked["day"], calendar)
        on_pick(date_of(min(max(picked, first), last)))

    def field(part: str, options: Sequence[int], value: int, write: Callable[[int], str]) -> None:
        st.session_state[f"{key}-{part}"] = value
        st.selectbox(
            language.say(_LABELS[part]),
            options,
            format_func=write,
            key=f"{key}-{part}",
            on_change=pick,
            filter_mode=None,
        )

    with st.container(horizontal=True, gap="small", key=key):
        field("day", days, day, lambda one: language.digits(str(year_month_day(one, calendar)[2])))
        field("month", months, month, lambda one: _month_name(language, one))
        field("year", years, month // 12, lambda one: language.period(one, "year"))


def _month_name(language: Language, month: int) -> str:
    """A month without its year, in full where its short form is no word that people write."""
    if language.calendar == "jalali":
        return language.say(f"date.jalali_month.{month % 12 + 1:02}")
    return language.period(month, "month", style="narrow")


def picked_day(before: int, year: int, month: int, day: int, calendar: Calendar) -> int:
    """The day that three fields mean, of which one was changed.

    Args:
        before: Day number that they showed.
        year: Year that they show now.
        month: Month that they show now, as an integer of the calendar.
        day: Day number that they show now.
        calendar: Whose years and months.

    Returns:
        The same day of the new month, or that month's last day.
    """
    if day != before:
        return day
    wanted = year * 12 + month % 12
    day_of_month = year_month_day(before, calendar)[2]
    first = first_day(wanted, "month", calendar)
    return int(min(first + day_of_month - 1, last_day(wanted, "month", calendar)))
