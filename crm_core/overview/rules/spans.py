"""Which days a reader's period means, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from crm_core.periods import Calendar, Unit, first_day, last_day, months_before, period_of

PeriodChoice = Literal["last_12_months", "last_3_months", "last_month", "this_year", "last_year", "all"]

Group = Literal["active", "new", "returning", "resurrected", "lost"]

GROUPS: Final[tuple[Group, ...]] = get_args(Group)

PERIOD_CHOICES: Final[tuple[PeriodChoice, ...]] = get_args(PeriodChoice)


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, both included, as day numbers."""

    first: int
    last: int

    @property
    def days(self) -> int:
        """How many days."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Comparison:
    """A period, the one before it, and the same one a year earlier; None where the base does not reach."""

    span: Span
    before: Span | None
    last_year: Span | None


def comparison(choice: PeriodChoice, as_of: int, first: int, calendar: Calendar) -> Comparison:
    """The days that a choice of period means, and those it is compared with.

    Args:
        choice: The reader's choice.
        as_of: Day number on which everything ends.
        first: Day number of the first order line; a span that begins before it is no comparison.
        calendar: Whose months and years.

    Returns:
        Spans. "Last" periods end at `as_of`; `last_month` and `last_year` are whole calendar ones that ended
        before it. A period that ends within a month is compared with the same days a year earlier.
    """
    span = _span(choice, as_of, first, calendar)
    before, year_before = _before(choice, span, calendar), _months_earlier(span, 12, calendar)
    if choice == "all":
        return Comparison(span, None, None)
    return Comparison(
        span,
        before if before.first >= first else None,
        year_before if year_before.first >= first else None,
    )


def _span(choice: PeriodChoice, as_of: int, first: int, calendar: Calendar) -> Span:
    if choice == "all":
        return Span(first, as_of)
    if choice == "last_12_months":
        return Span(months_before(as_of + 1, 12, calendar), as_of)
    if choice == "last_3_months":
        return Span(months_before(as_of + 1, 3, calendar), as_of)
    unit: Unit = "month" if choice == "last_month" else "year"
    current = period_of(as_of, unit, calendar)
    if choice == "this_year":
        return Span(first_day(current, unit, calendar), as_of)
    ended = current if last_day(current, unit, calendar) == as_of else current - 1
    return Span(first_day(ended, unit, calendar), last_day(ended, unit, calendar))


def _before(choice: PeriodChoice, span: Span, calendar: Calendar) -> Span:
    if choice == "last_month":
        return _months_earlier(span, 1, calendar)
    if choice == "last_3_months":
        return _months_earlier(span, 3, calendar)
    if choice in ("last_12_months", "last_year", "this_year"):
        return _months_earlier(span, 12, calendar)
    return Span(span.first - span.days, span.first - 1)


def _months_earlier(span: Span, months: int, calendar: Calendar) -> Span:
    """The span that begins and ends some months earlier, on the same days of the month."""
    return Span(
        months_before(span.first, months, calendar), months_before(span.last + 1, months, calendar) - 1
    )
