"""The ledger of points and tiers: what a programme gives its members, day by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from crm_core.loyalty.models.accounts import (
    NEVER,
    Accounts,
    Entries,
    Fates,
    Flags,
    Flows,
    Integers,
    Replay,
    RowsOfDays,
)
from crm_core.loyalty.models.fates import fates
from crm_core.loyalty.models.spent import USES, Spent
from crm_core.loyalty.models.tiers import TierState
from crm_core.loyalty.rules import Programme
from crm_core.periods import period_of

_HUNDREDTHS: Final = 100
_TEN_THOUSANDTHS: Final = 10_000
_GIVEN: Final = ("issued", "discount")


def replay(
    programme: Programme,
    accounts: Accounts,
    entries: Entries,
    *,
    days: range,
    periods: Integers,
    money_scale: int,
    told_from: int | None = None,
    followed_from: int | None = None,
) -> Replay:
    """What the programme would have given its members; `replays` of those who use points."""
    (found,) = replays(
        programme,
        accounts,
        entries,
        redeeming=(accounts.redeems,),
        days=days,
        periods=periods,
        money_scale=money_scale,
        told_from=told_from,
        followed_from=followed_from,
    )
    return found


def replays(
    programme: Programme,
    accounts: Accounts,
    entries: Entries,
    *,
    redeeming: Sequence[Flags],
    days: range,
    periods: Integers,
    money_scale: int,
    told_from: int | None = None,
    followed_from: int | None = None,
) -> tuple[Replay, ...]:
    """What the programme would have given its members, for each of some sets of those who use points.

    What is issued, and who is in which tier, does not depend on who uses points, and is run once for all.

    Each day runs in this order. Points expire that are due, before anything is earned. Points are earned at
    the tier that the day began with, up to the caps. Returns take back what is there to be taken, of points
    and of discounts; what is not there is let go, so that no balance falls below 0. Members rise to the tier
    that they have reached. Who uses points and bought on the day takes one reward, the one of most points
    that the balance allows. At the end of a review period members who do not reach their tier may fall.
    Whatever uses points uses the oldest first.

    On the day before the replay begins members have the tier that what they did before gives them, or the one
    that is brought in where that is higher.

    Args:
        programme: Whose terms hold.
        accounts: Its members.
        entries: What they did.
        redeeming: The sets, each as whether a member uses points; in the place of what accounts say of it.
        days: The days of the replay, consecutive.
        periods: The number of the calendar period of each of them, by which flows are told.
        money_scale: Units of money in a unit of currency.
        told_from: The first day that is told of; by default the first of all. What happened before it only
            leads up to it.
        followed_from: The day before which it is looked what points members hold, to follow what becomes of
            them; by default the first of all.
    """
    entries = entries.only(entries.day >= accounts.since[entries.place])
    state = _State(programme, accounts, entries, redeeming, days, money_scale)
    told_from = days.start if told_from is None else told_from
    for place, day in enumerate(days):
        if day > told_from and periods[place] != periods[place - 1]:
            state.close(int(periods[place - 1]))
        if place and day == told_from:
            state.begin_telling()
        if day == followed_from:
            state.begin_following()
        state.run(day)
    if len(days):
        state.close(int(periods[-1]))
    return state.results(periods)


def reviewed(
    programme: Programme, accounts: Accounts, entries: Entries, *, days: range, money_scale: int
) -> Iterator[tuple[int, Integers]]:
    """The last day of each review period, and what tiers are by at its end, of each member.

    Args:
        programme: Whose terms hold; one with tiers.
        accounts: Its members.
        entries: What they did.
        days: The days of the replay, consecutive.
        money_scale: Units of money in a unit of currency.
    """
    entries = entries.only(entries.day >= accounts.since[entries.place])
    state = _State(programme, accounts, entries, (), days, money_scale)
    for day in days:
        state.run(day)
        measure = state.reviewed(day)
        if measure is not None:
            yield day, measure


class _State:
    """The ledger while it runs."""

    def __init__(
        self,
        programme: Programme,
        accounts: Accounts,
        entries: Entries,
        redeeming: Sequence[Flags],
        days: range,
        money_scale: int,
    ) -> None:
        self._programme, self._accounts, self._entries = programme, accounts, entries
        self._first, self._rows = days.start, RowsOfDays(entries.day)
        members = len(accounts)
        self._issued = accounts.opening.copy()
        self._issued_before = accounts.opening
        self._by_purchases = np.zeros(members, np.int64)
        self._discounts = np.zeros(members, np.int64)
        self._discounts_before = np.zeros(members, np.int64)
        rewards = sorted(programme.rewards, key=lambda reward: reward.points)
        self._asked = np.array([reward.points for reward in rewards], np.int64)
        self._order = np.array([programme.rewards.index(reward) for reward in rewards], np.int64)
        self._spent = [Spent(redeems, accounts.opening, len(rewards)) for redeems in redeeming]
        self._opened = np.flatnonzero(accounts.opening > 0)
        earned = np.where(accounts.opening > 0, accounts.opening_day, NEVER)
        self._active = np.maximum(np.maximum(accounts.since, accounts.last_purchase), earned)
        self._by_active = np.argsort(self._active, kind="stable")
        self._first_active = self._active[self._by_active]
        self._expires_by_inactivity = programme.expiry is not None and programme.expiry.kind == "inactivity"
        self._month, self._this_month = NEVER, np.zeros(members, np.int64)
        self._until_year: dict[int, Integers] = {}
        self._earned_by_row = np.zeros(entries.day.size, np.int64)
        self._cumulated_by_row = np.zeros(entries.day.size, np.int64)
        self._tiers = TierState(programme, accounts, entries, self._rows, self._first, money_scale)
        self._begun = self._tiers.tier.copy()
        self._closed: list[tuple[int, dict[str, int], Integers]] = []
        self._told = dict.fromkeys(_GIVEN, 0)
        self._since_last_close = self._first

    def begin_telling(self) -> None:
        """What is told begins now, with balances and tiers as they are."""
        tiers = self._tiers
        self._discounts_before = self._discounts.copy()
        self._by_purchases[:] = 0
        self._issued_before = self._issued.copy()
        tiers.before = self._begun = tiers.tier.copy()
        self._since_last_close = tiers.day + 1
        self._told = dict.fromkeys(_GIVEN, 0)
        for one in self._spent:
            one.begin_telling(self._issued)

    def begin_following(self) -> None:
        """What becomes of the points that are held now is followed."""
        for one in self._spent:
            one.begin_following(self._issued)

    def run(self, day: int) -> None:
        """One day."""
        self._expire(day)
        rows = self._rows[day]
        member = self._entries.place[rows]
        self._earn(day, rows, member)
        self._take_back(rows, member)
        self._tiers.rise(day, rows, member, self._earned_by_row)
        self._redeem(member[self._entries.purchases[rows] > 0])
        if self._expires_by_inactivity:
            self._active[member[self._acts(rows)]] = day
        self._tiers.review(day)

    def reviewed(self, day: int) -> Integers | None:
        """What tiers are by, where a review period ends with the day that was run last; None elsewhere."""
        return self._tiers.measured(day).copy() if self._tiers.ends(day) else None

    def close(self, period: int) -> None:
        """The end of a calendar period."""
        accounts, tiers = self._accounts, self._tiers
        last = tiers.day
        steps = tiers.count + 1
        here = accounts.since <= last
        before = np.where(accounts.since < self._since_last_close, self._begun, steps)[here]
        moves = np.bincount(before * steps + tiers.tier[here], minlength=(steps + 1) * steps)
        told = self._told | {"members": int(here.sum())}
        self._closed.append((period, told, moves.reshape(steps + 1, steps)))
        self._told = dict.fromkeys(_GIVEN, 0)
        for one in self._spent:
            one.close(self._issued)
        self._begun, self._since_last_close = tiers.tier.copy(), last + 1

    def results(self, periods: Integers) -> tuple[Replay, ...]:
        """All of it, after the last day; `periods` of all days."""
        tiers, fates = self._tiers, self._fates(periods)
        measure, ahead = tiers.measured(tiers.day), tiers.ahead()
        return tuple(
            Replay(
                issued=self._issued - self._issued_before,
                by_purchases=self._by_purchases,
                balance_before=one.balance_before,
                balance=self._issued - one.consumed,
                rewards=one.rewards,
                discount=self._discounts - self._discounts_before,
                tier_before=tiers.before,
                tier=tiers.tier,
                measure=measure,
                measure_ahead=ahead,
                misses=tiers.misses,
                flows=self._flows(one),
                fates=became,
                held=one.held(),
                **one.sums,
            )
            for one, became in zip(self._spent, fates, strict=True)
        )

    def _flows(self, spent: Spent) -> Flows:
        steps, closed = self._tiers.count + 1, self._closed
        told = [shared | own for (_, shared, _), own in zip(closed, spent.closed, strict=True)]
        names = (*_GIVEN, "members", *USES, "balance", "usable")
        rewards = np.array(spent.rewards_closed, np.int64)
        moves = np.array([moves for *_, moves in closed], np.int64)
        return Flows(
            period=np.array([period for period, *_ in closed], np.int64),
            rewards=rewards.reshape(len(closed), len(self._order)),
            moves=moves.reshape(len(closed), steps + 1, steps),
            **{name: np.array([one[name] for one in told], np.int64) for name in names},
        )

    def _fates(self, periods: Integers) -> tuple[Fates, ...]:
        rows = np.flatnonzero(self._earned_by_row > 0)
        return fates(
            place=self._entries.place[rows],
            earned=self._earned_by_row[rows],
            cumulated=self._cumulated_by_row[rows],
            period=periods[self._entries.day[rows] - self._first],
            totals=self._issued,
            uses=[one.uses for one in self._spent],
        )

    def _acts(self, rows: slice) -> Flags:
        """Of the rows of a day that has been, which keep points from expiring by inactivity."""
        return np.asarray((self._entries.purchases[rows] > 0) | (self._earned_by_row[rows] > 0))

    def _earn(self, day: int, rows: slice, member: Integers) -> None:
        terms, entries = self._programme.caps, self._entries
        tier = self._tiers.tier[member]
        multiplier = self._tiers.multiplier[tier]
        by_purchases = _part_of(entries.multiplied[rows], multiplier, _HUNDREDTHS)
        earned = by_purchases + entries.flat[rows]
        if terms.day:
            earned = np.minimum(earned, terms.day)
        if terms.month:
            month = period_of(day, "month", self._programme.calendar)
            if month != self._month:
                self._month = month
                self._this_month[:] = 0
            earned = np.minimum(earned, terms.month - self._this_month[member])
            self._this_month[member] += earned
        self._issued[member] += earned
        self._by_purchases[member] += np.minimum(by_purchases, earned)
        self._earned_by_row[rows] = earned
        self._cumulated_by_row[rows] = self._issued[member]
        self._told["issued"] += int(earned.sum())
        if self._tiers.discounts:
            self._discount(rows, member, self._tiers.discount[tier])

    def _discount(self, rows: slice, member: Integers, share: Integers) -> None:
        given, returned = (
            _part_of(money[rows], share, _TEN_THOUSANDTHS)
            for money in (self._entries.spent, self._entries.returned)
        )
        given -= np.minimum(returned, self._discounts[member] + given)
        self._discounts[member] += given
        self._told["discount"] += int(given.sum())

    def _take_back(self, rows: slice, member: Integers) -> None:
        wanted = self._entries.taken_back[rows]
        some = wanted > 0
        if some.any():
            member, wanted = member[some], wanted[some]
            for one in self._spent:
                one.use("taken_back", member, np.minimum(wanted, self._issued[member] - one.consumed[member]))

    def _redeem(self, member: Integers) -> None:
        if self._asked.size:
            for one in self._spent:
                one.redeem(member, self._issued, self._asked, self._order)

    def _expire(self, day: int) -> None:
        expiry = self._programme.expiry
        if expiry is None:
            return
        if expiry.kind == "fixed":
            self._expire_fixed(day, expiry.days)
        elif expiry.kind == "inactivity":
            self._expire_inactive(day, expiry.days)
        else:
            self._expire_years(day, expiry.years)

    def _expire_up_to(self, member: Integers, earned: Integers) -> None:
        """What is left of the oldest points, of which `earned` is the sum."""
        for one in self._spent:
            one.use("expired", member, np.maximum(earned - one.consumed[member], 0))

    def _expire_fixed(self, day: int, days: int) -> None:
        if self._opened.size:
            due = self._accounts.opening_day[self._opened] + days
            opened = self._opened[due <= day if day == self._first else due == day]
            self._expire_up_to(opened, self._accounts.opening[opened])
        if day - days >= self._first:
            rows = self._rows[day - days]
            self._expire_up_to(self._entries.place[rows], self._cumulated_by_row[rows])

    def _expire_inactive(self, day: int, days: int) -> None:
        last = day - days
        start = np.searchsorted(self._first_active, NEVER if day == self._first else last, "left")
        quiet = self._by_active[start : np.searchsorted(self._first_active, last, "right")]
        if last >= self._first:
            rows = self._rows[last]
            quiet = np.union1d(quiet, self._entries.place[rows][self._acts(rows)])
        quiet = quiet[self._active[quiet] <= last]
        self._expire_up_to(quiet, self._issued[quiet])

    def _expire_years(self, day: int, years: int) -> None:
        calendar = self._programme.calendar
        year = period_of(day, "year", calendar)
        if day > self._first and period_of(day - 1, "year", calendar) == year:
            return
        self._until_year[year - 1] = self._issued.copy()
        last = year - 1 - years
        opened_in = period_of(self._accounts.opening_day, "year", calendar)
        opened = np.where(opened_in <= last, self._accounts.opening, 0)
        begun = period_of(self._first, "year", calendar)
        earned = self._until_year.get(last, opened) if last >= begun else opened
        self._expire_up_to(np.arange(len(self._accounts)), earned)


def _part_of(whole: Integers, share: Integers, of: int) -> Integers:
    """`whole` times `share` over `of`, rounded down, of numbers whose product no integer may hold."""
    return np.asarray(whole // of * share + whole % of * share // of)
