"""What a programme gives its members, by walking through the days of one member after the other."""

from __future__ import annotations

import datetime as dt
import math
from collections import deque
from dataclasses import dataclass, field

from crm_core.loyalty.rules import Programme
from tests.oracle.calendars import year_and_month

_EPOCH = dt.date(1970, 1, 1)


@dataclass
class Day:
    """What one member did on one day."""

    multiplied: int = 0
    flat: int = 0
    taken_back: int = 0
    purchases: int = 0
    spent: int = 0
    returned: int = 0


@dataclass
class Member:
    """A member before the replay, and what the member did."""

    since: int
    last_purchase: int | None = None
    opening: int = 0
    opening_day: int = 0
    opening_tier: int = 0
    redeems: bool = True
    days: dict[int, Day] = field(default_factory=dict)


@dataclass
class Told:
    """What became of a member; `by_day`: issued, redeemed, expired, taken back, discount, balance, tier.

    `fates`: points by what they were used for and the day on which they were earned. `uses`: what for, on
    which day, of which day's points, how many.
    """

    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    taken_back: int = 0
    discount: int = 0
    rewards: dict[str, int] = field(default_factory=dict)
    tier_before: int = 0
    tier: int = 0
    misses: int = 0
    measure: int = 0
    measure_ahead: int = 0
    fates: dict[tuple[str, int], int] = field(default_factory=dict)
    uses: list[tuple[str, int, int, int]] = field(default_factory=list)
    lots: deque[list[int]] = field(default_factory=deque)
    by_day: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def balance(self) -> int:
        return sum(points for _, points in self.lots)

    def since(self, day: int, *what: str) -> int:
        """Points held before a day that were used for something on it or later."""
        return sum(points for name, on, of, points in self.uses if name in what and of < day <= on)


def told_of(programme: Programme, member: Member, days: range, scale: int) -> Told:
    """One member, day by day, with a queue of points by the day on which they were earned."""
    told = Told()
    earned_on: dict[int, int] = {}
    if member.opening:
        told.lots.append([member.opening_day, member.opening])
    if member.since < days.start:
        told.tier_before = _reached(
            programme, _measure(programme, member, earned_on, days.start - 1, days), scale
        )
    told.tier_before = max(told.tier_before, min(member.opening_tier, _count(programme)))
    told.tier = told.tier_before
    this_month = 0
    for day in days:
        date = _date(day)
        if _begins(date, "month", programme.calendar):
            this_month = 0
        before = (told.issued, told.redeemed, told.expired, told.taken_back, told.discount)
        _expire(programme, member, told, earned_on, day, days)
        did = member.days.get(day) if day >= member.since else None
        if did is not None:
            earned = _earned(programme, told.tier, did, this_month)
            this_month += earned
            earned_on[day] = earned
            told.issued += earned
            if earned:
                told.lots.append([day, earned])
            share = _step(programme, told.tier, "discount", 0)
            told.discount += did.spent * share // 10_000
            told.discount -= min(did.returned * share // 10_000, told.discount)
            taken = min(did.taken_back, told.balance)
            _use(told, taken, "taken_back", day)
            told.taken_back += taken
        if day >= member.since:
            reached = _reached(programme, _measure(programme, member, earned_on, day, days), scale)
            if reached > told.tier:
                told.tier, told.misses = reached, 0
        if did is not None and did.purchases and member.redeems:
            _redeem(programme, told, day)
        if day >= member.since and _ends(programme, date):
            _review(programme, told, _measure(programme, member, earned_on, day, days), scale)
        after = (told.issued, told.redeemed, told.expired, told.taken_back, told.discount)
        told.by_day.append((*(b - a for a, b in zip(before, after, strict=True)), told.balance, told.tier))
    told.measure = _measure(programme, member, earned_on, days[-1], days)
    review = next(
        day
        for day in range(days[-1] + 1, days[-1] + 400)
        if _ends(programme, _date(day)) or not programme.tiers
    )
    so_far = Member(member.since, days={day: did for day, did in member.days.items() if day <= days[-1]})
    told.measure_ahead = _measure(programme, so_far, earned_on, review, days)
    return told


def _earned(programme: Programme, tier: int, did: Day, this_month: int) -> int:
    earned = did.multiplied * _step(programme, tier, "multiplier", 100) // 100 + did.flat
    if programme.caps.day:
        earned = min(earned, programme.caps.day)
    if programme.caps.month:
        earned = min(earned, programme.caps.month - this_month)
    return earned


def _expire(
    programme: Programme, member: Member, told: Told, earned_on: dict[int, int], day: int, days: range
) -> None:
    expiry = programme.expiry
    if expiry is None:
        return
    if expiry.kind == "fixed":
        gone = [lot for lot in told.lots if lot[0] + expiry.days <= day]
    elif expiry.kind == "year_end":
        gone = [
            lot
            for lot in told.lots
            if _year(lot[0], programme.calendar) + expiry.years < _year(day, programme.calendar)
        ]
    else:
        acts = [
            d
            for d, did in member.days.items()
            if d in days and member.since <= d < day and (did.purchases or earned_on.get(d))
        ]
        brought = member.opening_day if member.opening else None
        acts += [d for d in (member.since, member.last_purchase, brought) if d is not None and d < day]
        gone = list(told.lots) if acts and max(acts) + expiry.days <= day else []
    for lot in gone:
        told.expired += lot[1]
        told.fates["expired", lot[0]] = told.fates.get(("expired", lot[0]), 0) + lot[1]
        told.uses.append(("expired", day, lot[0], lot[1]))
        told.lots.remove(lot)


def _use(told: Told, points: int, what: str, day: int) -> None:
    while points:
        lot = told.lots[0]
        used = min(points, lot[1])
        lot[1] -= used
        told.fates[what, lot[0]] = told.fates.get((what, lot[0]), 0) + used
        told.uses.append((what, day, lot[0], used))
        points -= used
        if not lot[1]:
            told.lots.popleft()


def _redeem(programme: Programme, told: Told, day: int) -> None:
    affordable = [one for one in programme.rewards if one.points <= told.balance]
    if affordable:
        most = max(one.points for one in affordable)
        reward = [one for one in affordable if one.points == most][-1]
        _use(told, reward.points, "redeemed", day)
        told.redeemed += reward.points
        told.rewards[reward.name] = told.rewards.get(reward.name, 0) + 1


def _review(programme: Programme, told: Told, measure: int, scale: int) -> None:
    tiers = programme.tiers
    assert tiers is not None
    reached = _reached(programme, measure, scale)
    if reached >= told.tier:
        told.misses = 0
        return
    told.misses += 1
    if told.misses > tiers.grace:
        told.tier = told.tier - 1 if tiers.way_down == "one_step" else reached
        told.misses = 0


def _ends(programme: Programme, date: dt.date) -> bool:
    if programme.tiers is None:
        return False
    return _begins(date + dt.timedelta(days=1), programme.tiers.review, programme.calendar)


def _begins(date: dt.date, unit: str, calendar: str) -> bool:
    """Whether a date is the first of a month, quarter or year of a calendar."""
    months = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}[unit]
    before = year_and_month(date - dt.timedelta(days=1), calendar)
    return year_and_month(date, calendar) != before and year_and_month(date, calendar)[1] in months


def _year(day: int, calendar: str) -> int:
    return year_and_month(_date(day), calendar)[0]


def _measure(programme: Programme, member: Member, earned_on: dict[int, int], day: int, days: range) -> int:
    tiers = programme.tiers
    if tiers is None:
        return 0
    if tiers.by == "tenure":
        return max(day - member.since, 0)
    start = day - tiers.within_days if tiers.within_days else -math.inf
    within = {d: did for d, did in member.days.items() if start < d <= day and d >= member.since}
    if tiers.by == "amount":
        return sum(did.spent - did.returned for did in within.values())
    if tiers.by == "purchases":
        return sum(did.purchases for did in within.values())
    return sum(points for d, points in earned_on.items() if start < d <= day)


def _reached(programme: Programme, measure: int, scale: int) -> int:
    if programme.tiers is None:
        return 0
    by_money = scale if programme.tiers.by == "amount" else 1
    return sum(measure >= math.ceil(step.at * by_money) for step in programme.tiers.steps)


def _step(programme: Programme, tier: int, name: str, without: int) -> int:
    if programme.tiers is None or not tier:
        return without
    value: int = getattr(programme.tiers.steps[tier - 1], name)
    return value


def _count(programme: Programme) -> int:
    return len(programme.tiers.steps) if programme.tiers else 0


def _date(day: int) -> dt.date:
    return _EPOCH + dt.timedelta(days=day)
