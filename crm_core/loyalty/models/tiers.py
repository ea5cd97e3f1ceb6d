"""Who is in which tier while a ledger runs."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

import numpy as np

from crm_core.loyalty.models.accounts import NEVER, Accounts, Entries, Integers, RowsOfDays
from crm_core.loyalty.rules import Programme, Tiers
from crm_core.loyalty.rules.programme import Review
from crm_core.periods import Calendar, first_day, period_of

_USUAL: Final = 100
"""Hundredths of the points that a rule gives, without a tier."""


def next_review(review: Review, calendar: Calendar, day: int) -> int:
    """The last day of the review period in which the day after lies."""
    after = period_of(day + 1, review, calendar) + 1
    return int(first_day(after, review, calendar)) - 1


def thresholds(tiers: Tiers, scale: int) -> Integers:
    """From what on each tier is reached, in units of what tiers are by, as decimals say it."""
    return np.array([math.ceil(Decimal(repr(step.at)) * scale) for step in tiers.steps], np.int64)


class TierState:
    """Who is in which tier while the ledger runs."""

    def __init__(
        self,
        programme: Programme,
        accounts: Accounts,
        entries: Entries,
        rows: RowsOfDays,
        first: int,
        money_scale: int,
    ) -> None:
        tiers = programme.tiers
        steps = tiers.steps if tiers else ()
        scale = money_scale if tiers and tiers.by == "amount" else 1
        self._tiers, self._accounts, self._entries, self._first = tiers, accounts, entries, first
        self._rows = rows
        self._calendar = programme.calendar
        self.count = len(steps)
        self.multiplier = np.array([_USUAL, *(step.multiplier for step in steps)], np.int64)
        self.discount = np.array([0, *(step.discount for step in steps)], np.int64)
        self.discounts = bool(self.discount.any())
        self.day = first - 1
        self.misses = np.zeros(len(accounts), np.int64)
        self.tier = np.zeros(len(accounts), np.int64)
        self._from = thresholds(tiers, scale) if tiers else np.zeros(0, np.int64)
        self._sum = np.zeros(len(accounts), np.int64)
        self._values = self._by_row()
        self._by_since = np.argsort(accounts.since, kind="stable")
        self._first_since = accounts.since[self._by_since]
        waits = self._from if tiers and tiers.by == "tenure" else self._from[self._from <= 0]
        self._waits = [int(days) for days in waits]
        if tiers:
            self._look_back(tiers)
        self.before = self.tier.copy()

    def rise(self, day: int, rows: slice, member: Integers, earned: Integers) -> None:
        """After what was earned on the day: who has reached a tier has it."""
        self.day = day
        if self._tiers is None:
            return
        if self._tiers.by == "points":
            self._values[rows] = earned[rows]
        self._sum[member] += self._values[rows]
        grown = [member, *(self._joined(day - days) for days in self._waits)]
        if self._tiers.within_days:
            gone = self._rows[day - self._tiers.within_days]
            self._sum[self._entries.place[gone]] -= self._values[gone]
            # Where a return is no longer looked at there is more than on the day before.
            grown.append(self._entries.place[gone][self._values[gone] < 0])
        looked_at = np.concatenate(grown)
        reached = self._reached(self.measured(day)[looked_at])
        risen = reached > self.tier[looked_at]
        self.tier[looked_at[risen]] = reached[risen]
        self.misses[looked_at[risen]] = 0

    def review(self, day: int) -> None:
        """At the end of a review period those may fall who do not reach their tier."""
        tiers = self._tiers
        if tiers is None or not self.ends(day):
            return
        here = self._accounts.since <= day
        reached = self._reached(self.measured(day))
        missed = here & (reached < self.tier)
        self.misses = np.where(missed, self.misses + 1, 0)
        falls = missed & (self.misses > tiers.grace)
        lower = self.tier - 1 if tiers.way_down == "one_step" else reached
        self.tier = np.where(falls, lower, self.tier)
        self.misses[falls] = 0

    def ends(self, day: int) -> bool:
        """Whether a review period ends with the day."""
        tiers, calendar = self._tiers, self._calendar
        if tiers is None:
            return False
        return bool(period_of(day, tiers.review, calendar) != period_of(day + 1, tiers.review, calendar))

    def ahead(self) -> Integers:
        """What tiers are by on the day of the next review, if nothing happens until then."""
        tiers, last = self._tiers, self.day
        if tiers is None:
            return self._sum
        day = next_review(tiers.review, self._calendar, last)
        if tiers.by == "tenure" or not tiers.within_days:
            return self.measured(day)
        days = self._entries.day
        gone = slice(
            int(np.searchsorted(days, last - tiers.within_days, side="right")),
            int(np.searchsorted(days, min(day - tiers.within_days, last), side="right")),
        )
        left = self._sum.copy()
        np.subtract.at(left, self._entries.place[gone], self._values[gone])
        return left

    def measured(self, day: int) -> Integers:
        """What tiers are by, at the end of the day; 0 before joining."""
        if self._tiers is not None and self._tiers.by == "tenure":
            return np.maximum(day - self._accounts.since, 0)
        return self._sum

    def _reached(self, measure: Integers) -> Integers:
        return np.searchsorted(self._from, measure, side="right").astype(np.int64)

    def _joined(self, day: int) -> Integers:
        start, end = np.searchsorted(self._first_since, [day, day + 1])
        return self._by_since[start:end]

    def _by_row(self) -> Integers:
        entries = self._entries
        by = self._tiers.by if self._tiers else ""
        if by == "amount":
            values = entries.spent - entries.returned
        elif by == "purchases":
            values = entries.purchases.copy()
        else:
            values = np.zeros(entries.day.size, np.int64)
        return values

    def _look_back(self, tiers: Tiers) -> None:
        entries, last = self._entries, self._first - 1
        start = last - tiers.within_days if tiers.within_days else NEVER
        rows = slice(
            int(np.searchsorted(entries.day, start, side="right")),
            int(np.searchsorted(entries.day, last, side="right")),
        )
        np.add.at(self._sum, entries.place[rows], self._values[rows])
        here = self._accounts.since <= last
        reached = np.where(here, self._reached(self.measured(last)), 0)
        self.tier = np.maximum(reached, np.minimum(self._accounts.opening_tier, self.count))
