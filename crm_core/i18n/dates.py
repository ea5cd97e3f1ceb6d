"""Dates and periods as each language writes them, in any of the three calendars."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from babel import Locale

from crm_core import periods
from crm_core.i18n.messages import Catalogue
from crm_core.periods import Calendar, Unit

DateStyle = Literal["short", "medium", "long"]
PeriodStyle = Literal["narrow", "short", "long"]
Day = int | dt.date

_OWN_CALENDARS: Final[dict[str, Calendar]] = {"en": "gregorian", "fa": "jalali", "th": "buddhist"}


def own_calendar(code: str) -> Calendar:
    """The calendar that the readers of a language expect."""
    return _OWN_CALENDARS[code]


@dataclass(frozen=True)
class Dates:
    """How a language writes dates in a calendar; its texts have ASCII digits and no marks of direction.

    Args:
        catalogue: The language's messages, which hold the patterns and the names of Jalali months.
        calendar: In whose years and months; period integers are of this calendar, too.
    """

    catalogue: Catalogue
    calendar: Calendar

    def date(self, day: Day, style: DateStyle = "medium") -> str:
        """A day: `long` for sentences, `medium` with a short month, `short` in digits for tables."""
        number = day_number(day)
        if style != "short":
            return self._day(number, "long" if style == "long" else "short")
        year, month, day_of_month = periods.year_month_day(number, self.calendar)
        return self._fill("date.short", year=f"{year:04}", month=f"{month:02}", day=f"{day_of_month:02}")

    def period(self, index: int, unit: Unit, style: PeriodStyle = "short") -> str:
        """A period: `long` for sentences, `short` for tables, `narrow` (no year) for an axis."""
        if unit == "year":
            return self._year(str(index), style)
        if unit == "quarter":
            return self._quarter(index, style)
        if unit == "month":
            return self._month(index, style, with_year=style != "narrow")
        day = self._day(periods.first_day(index, unit, self.calendar), style, with_year=style != "narrow")
        return self._fill("date.week", date=day) if unit == "week" and style == "long" else day

    def range(self, first: Day, last: Day, style: Literal["short", "long"] = "short") -> str:
        """The days from a first to a last one; whole months and whole years are named as such."""
        start, end = day_number(first), day_number(last)
        unit = self._widest_unit(start, end)
        from_, to = self._period_of(start, unit), self._period_of(end, unit)
        if from_ == to:
            return self.period(from_, unit, style)
        if unit == "year":
            return self._year(self._fill("date.range", first=str(from_), last=str(to)), "short")
        with_year = self._period_of(start, "year") != self._period_of(end, "year")
        if unit == "month":
            return self._fill(
                "date.range",
                first=self._month(from_, style, with_year=with_year),
                last=self._month(to, style),
            )
        if self._period_of(start, "month") == self._period_of(end, "month"):
            days = [str(periods.year_month_day(day, self.calendar)[2]) for day in (start, end)]
            month = self._month(self._period_of(end, "month"), style)
            return self._fill("date.range_days", first=days[0], last=days[1], month_year=month)
        return self._fill(
            "date.range", first=self._day(start, style, with_year=with_year), last=self._day(end, style)
        )

    def _fill(self, key: str, **values: str) -> str:
        return self.catalogue.fill(key, values)

    def _period_of(self, day: int, unit: Unit) -> int:
        return int(periods.period_of(day, unit, self.calendar))

    def _widest_unit(self, start: int, end: int) -> Unit:
        units: tuple[Unit, ...] = ("year", "month")
        for unit in units:
            if (
                periods.first_day(self._period_of(start, unit), unit, self.calendar) == start
                and periods.last_day(self._period_of(end, unit), unit, self.calendar) == end
            ):
                return unit
        return "day"

    def _day(self, day: int, style: PeriodStyle, *, with_year: bool = True) -> str:
        month = self._period_of(day, "month")
        day_of_month = day - periods.first_day(month, "month", self.calendar) + 1
        named = self._month(month, style, with_year=with_year)
        return self._fill("date.day_month", day=str(day_of_month), month=named)

    def _month(self, index: int, style: PeriodStyle, *, with_year: bool = True) -> str:
        year, month = index // 12, index % 12 + 1
        name = self._month_name(month, style, "format" if with_year else "stand-alone")
        if not with_year:
            return name
        return self._fill("date.month_year", month=name, year=self._year_beside_month(year))

    def _month_name(self, month: int, style: PeriodStyle, use: Literal["format", "stand-alone"]) -> str:
        if self.calendar == "jalali" and style == "narrow":
            return self._fill(f"date.jalali_month_short.{month:02}")
        if self.calendar == "jalali":
            return self._fill(f"date.jalali_month.{month:02}")
        width = "wide" if style == "long" else "abbreviated"
        return _gregorian_months(self.catalogue.code, use, width)[month]

    def _quarter(self, index: int, style: PeriodStyle) -> str:
        year, quarter = index // 4, index % 4 + 1
        seasonal = self.calendar == "jalali" and style != "long"
        name = self._fill(f"date.season.{quarter}" if seasonal else f"date.quarter.{quarter}")
        if style == "narrow":
            return name
        key = "date.quarter_year_long" if style == "long" else "date.quarter_year"
        return self._fill(key, quarter=name, year=self._year(str(year), "short"))

    def _year(self, year: str, style: PeriodStyle) -> str:
        marked = self._fill(f"date.era.{self.calendar}", year=year)
        if style == "long":
            return self._fill("date.year", year=marked)
        return year if self.calendar == own_calendar(self.catalogue.code) else marked

    def _year_beside_month(self, year: int) -> str:
        """The era is named where the month does not already tell the calendar."""
        own = own_calendar(self.catalogue.code)
        told = self.calendar in (own, "jalali") or (own == "jalali" and self.calendar == "gregorian")
        return str(year) if told else self._fill(f"date.era.{self.calendar}", year=str(year))


def day_number(day: Day) -> int:
    """The day number of a date, of a moment's date or of a day number."""
    return periods.day_of(day) if isinstance(day, dt.date) else int(day)


@lru_cache
def _gregorian_months(code: str, use: Literal["format", "stand-alone"], width: str) -> dict[int, str]:
    names = Locale.parse(code).months[use][width]
    return {month: str(names[month]) for month in range(1, 13)}
