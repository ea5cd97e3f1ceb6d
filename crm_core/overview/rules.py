"""Which days a reader's period means, what it is compared with, and when a change is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from crm_core.periods import Calendar, Unit, first_day, last_day, months_before, period_of

PeriodChoice = Literal["last_12_months", "last_3_months", "last_month", "this_year", "last_year", "all"]

Group = Literal["active", "new", "returning", "resurrected", "lost"]

GROUPS: Final[tuple[Group, ...]] = get_args(Group)

PERIOD_CHOICES: Final[tuple[PeriodChoice, ...]] = get_args(PeriodChoice)

HELD_WITHIN: Final = 0.01
"""Revenue that differs by less than this share from before is said to have held."""


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


@dataclass(frozen=True)
class BridgeStep:
    """What one cause added to revenue, in whole units of money."""

    cause: Literal["customers", "purchases_per_customer", "basket", "guests"]
    amount: int


def revenue_bridge(
    before: tuple[int, int, int, int], now: tuple[int, int, int, int]
) -> tuple[BridgeStep, ...] | None:
    """Why revenue differs between two periods: customers x purchases per customer x basket, and guests.

    Each cause changes in turn while those after it stay as they were: first the number of customers, then how
    often they buy, then what a purchase brings. The steps are whole units of money and add up to the
    difference exactly.

    Args:
        before: Active customers, purchases, revenue of known customers and revenue of guests, before.
        now: The same, now.

    Returns:
        The steps, guests only where there are some; None where a period has no purchases to divide by.
    """
    customers_before, orders_before, revenue_before, guests_before = before
    customers_now, orders_now, revenue_now, guests_now = now
    if min(customers_before, orders_before, customers_now, orders_now) < 1:
        return None
    with_customers = _rounded(revenue_before * customers_now, customers_before)
    with_orders = _rounded(revenue_before * orders_now, orders_before)
    steps = [
        BridgeStep("customers", with_customers - revenue_before),
        BridgeStep("purchases_per_customer", with_orders - with_customers),
        BridgeStep("basket", revenue_now - with_orders),
    ]
    if guests_before or guests_now:
        steps.append(BridgeStep("guests", guests_now - guests_before))
    return tuple(steps)


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def direction(now: float, before: float) -> Literal["grew", "held", "fell"]:
    """Whether an amount grew, held or fell against before."""
    if abs(now - before) <= HELD_WITHIN * abs(before):
        return "held"
    return "grew" if now > before else "fell"
