"""At which pace customers bought before a programme opened, and at which they went on.

A customer's pace is counted only where it is known from what came later that the customer was still one:
between two purchases neither of which is counted, as both are why the days between them are looked at. Who
has the rate r of purchases and leaves after each with probability p buys r (1 - p) a day on such days, before
as after; so that the pace after over that of before tells by how much r has changed, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal, NamedTuple

import numpy as np

from crm_core.loyalty.models.accounts import Flags, Floats, Integers
from crm_core.periods import YEAR_DAYS

What = Literal["purchases", "worth"]

NOT_JOINED: Final = 2**40
"""A day after all days."""
SEASON_DAYS: Final = 91
LEAST_DAYS_BEFORE: Final = 30
"""So long a customer must have been one when the programme opened to have a pace of before."""


@dataclass(frozen=True)
class Histories:
    """What customers from before a programme opened ordered.

    Args:
        customer, day: The rows, by customer and then day.
        purchases, worth: In each row: how many, and what all its orders brought.
        first_day: Of each customer's first purchase.
        joined: Day of joining, or `NOT_JOINED`; of each customer.
        apart_customer, apart_day: Days that count neither before nor after, by customer and then day, each
            once.
        opened: The day on which the programme opened.
        today: The last day.
    """

    customer: Integers
    day: Integers
    purchases: Integers
    worth: Floats
    first_day: Integers
    joined: Integers
    apart_customer: Integers
    apart_day: Integers
    opened: int
    today: int

    def __len__(self) -> int:
        return len(self.first_day)

    @cached_property
    def last_day(self) -> Integers:
        """Of each customer's last purchase."""
        last = self.first_day.copy()
        bought = self.purchases > 0
        np.maximum.at(last, self.customer[bought], self.day[bought])
        return last

    @cached_property
    def before(self) -> Integers:
        """From which day on each customer's pace of before is counted: up to a year before the opening."""
        return np.maximum(self.first_day + 1, self.opened - YEAR_DAYS)

    @cached_property
    def days_before(self) -> Integers:
        """Over how many days that is."""
        everybody = np.arange(len(self))
        return self.days(everybody, self.before, np.full(len(self), self.opened - 1)).astype(np.int64)

    @cached_property
    def early(self) -> Flags:
        """Who has been a customer for long enough when the programme opened."""
        return self.days_before >= LEAST_DAYS_BEFORE

    def days(self, customer: Integers, first: Integers, last: Integers) -> Floats:
        """How many days count of those from a first to a last day, of each of some customers."""
        apart = self._within(self._apart, customer, first, last)
        counted: Floats = np.maximum(last - first + 1, 0) - apart
        return counted

    def within(self, what: What, customer: Integers, first: Integers, last: Integers) -> Floats:
        """The sum of a column of each of some customers on those days from a first to a last that count."""
        return self._within(self._counted[what], customer, first, last)

    def since(self, what: What, customer: Integers, first: Integers, last: Integers) -> Floats:
        """As `within`, but on all days."""
        return self._within(self._all[what], customer, first, last)

    def pace_before(self, what: What) -> Floats:
        """Of each customer, a day, before the programme opened; 0 for those not there for long enough."""
        everybody = np.arange(len(self))
        last = np.full(len(self), self.opened - 1)
        counted = self.within(what, everybody, self.before, last)
        return np.where(self.early, counted / np.maximum(self.days_before, 1), 0.0)

    def _within(self, sums: _Sums, customer: Integers, first: Integers, last: Integers) -> Floats:
        start, span = self._origin
        low = np.clip(first - start, 0, span - 1)
        high = np.clip(last - start, -1, span - 2)
        begin = np.searchsorted(sums.keys, customer * span + low, side="left")
        end = np.searchsorted(sums.keys, customer * span + high, side="right")
        return np.where(high >= low, sums.sums[np.maximum(end, begin)] - sums.sums[begin], 0.0)

    @cached_property
    def _origin(self) -> tuple[int, int]:
        start = int(self.day.min()) if self.day.size else self.opened
        return start, max(self.today - start, 0) + 3

    def _keys(self, customer: Integers, day: Integers) -> Integers:
        start, span = self._origin
        return customer * span + (day - start)

    @cached_property
    def _apart(self) -> _Sums:
        inside = (self.apart_day >= self._origin[0]) & (self.apart_day <= self.today)
        keys = self._keys(self.apart_customer[inside], self.apart_day[inside])
        return _summed(keys, np.ones(keys.size))

    @cached_property
    def _all(self) -> dict[What, _Sums]:
        keys = self._keys(self.customer, self.day)
        return {"purchases": _summed(keys, self.purchases), "worth": _summed(keys, self.worth)}

    @cached_property
    def _counted(self) -> dict[What, _Sums]:
        keys = self._keys(self.customer, self.day)
        counts = ~np.isin(keys, self._apart.keys)
        return {
            "purchases": _summed(keys, self.purchases * counts),
            "worth": _summed(keys, self.worth * counts),
        }


class _Sums(NamedTuple):
    """Sums up to each of some rows, by customer and day."""

    keys: Integers
    sums: Floats


def _summed(keys: Integers, values: Integers | Floats) -> _Sums:
    return _Sums(keys, np.concatenate([[0.0], np.cumsum(values, dtype=np.float64)]))


@dataclass(frozen=True)
class Spells:
    """Days over which customers are followed; arrays by spell, and by spell and season.

    Args:
        customer: Whose.
        days: That count, in each season of each year.
        purchases, worth: On these days.
    """

    customer: Integers
    days: Floats
    purchases: Floats
    worth: Floats


def followed(histories: Histories, customer: Integers, start: Integers, *, members: bool) -> Spells:
    """What customers bought after a day.

    Members are followed to the day before their last purchase. Others are followed likewise or, if they join
    before their last purchase, through the day on which they join. A day counts where the same day of a year
    before the opening is one of the customer's days of before, so that seasons are alike.

    Args:
        histories: Of all customers.
        customer: Whom to follow.
        start: After which day, each of them.
        members: Whether they have joined by then.
    """
    last = histories.last_day[customer] - 1
    if not members:
        joined = histories.joined[customer]
        last = np.where(joined <= last, joined, last)
    parts = []
    for first_of, last_of, shift in _seasons(histories):
        low = np.maximum(np.maximum(start + 1, histories.before[customer] + shift), first_of)
        high = np.minimum(last, last_of)
        days = histories.days(customer, low, high)
        purchases = histories.within("purchases", customer, low, high)
        parts.append((days, purchases, histories.within("worth", customer, low, high)))
    if not parts:
        nothing = np.zeros((len(customer), 0))
        return Spells(customer, nothing, nothing, nothing)
    days, purchases, worth = (np.stack(part, axis=1) for part in zip(*parts, strict=True))
    return Spells(customer, days, purchases, worth)


def _seasons(histories: Histories) -> list[tuple[int, int, int]]:
    """First day, last day, and how many days after the same season of before: the opening's year repeated."""
    begin, opened = int(histories.before.min(initial=histories.opened)), histories.opened
    ends = range(opened, begin, -SEASON_DAYS)
    return [
        (max(end - SEASON_DAYS, opened - YEAR_DAYS) + shift, end - 1 + shift, shift)
        for shift in range(YEAR_DAYS, histories.today - begin + 1, YEAR_DAYS)
        for end in ends
    ]
