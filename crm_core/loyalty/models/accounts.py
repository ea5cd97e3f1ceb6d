"""The members of a programme, what they did, and what a replay tells of them."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Final

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

NEVER: Final = -(2**40)
"""A day before all days."""


@dataclass(frozen=True)
class Accounts:
    """The members of a programme as the replay finds them; a member's place is the place in these arrays.

    Args:
        since: Day of joining.
        last_purchase: Day of the last purchase before the replay begins, or `NEVER`.
        opening: Points that are brought in, 0 or more.
        opening_day: The day on which those were earned, before the replay begins.
        opening_tier: The place of the tier that is brought in, 1 for the lowest, 0 for none.
        redeems: Whether the member uses points.
    """

    since: Integers
    last_purchase: Integers
    opening: Integers
    opening_day: Integers
    opening_tier: Integers
    redeems: Flags

    def __len__(self) -> int:
        return len(self.since)


@dataclass(frozen=True)
class Entries:
    """What members did, by day, then member: one row for each member and day on which there is something.

    Rows from before the replay begins count towards tiers only, rows from before joining not at all.

    Args:
        day: Day number.
        place: Of the member.
        multiplied: Points earned that a tier multiplies, 0 or more.
        flat: Points earned beside them.
        taken_back: Points that returns take back.
        purchases: How many purchases.
        spent: Money, sum of those.
        returned: Money, sum of returns without its sign.
    """

    day: Integers
    place: Integers
    multiplied: Integers
    flat: Integers
    taken_back: Integers
    purchases: Integers
    spent: Integers
    returned: Integers

    def only(self, kept: Flags) -> Entries:
        """Some of the rows."""
        return replace(self, **{column.name: getattr(self, column.name)[kept] for column in fields(self)})


@dataclass(frozen=True)
class Flows:
    """What happened in each calendar period of the replay, all members together.

    Args:
        period: The period's number.
        issued: Points.
        redeemed: Points.
        expired: Points.
        taken_back: Points.
        balance: Points outstanding at its end.
        usable: Those of them that members hold who use points.
        rewards: How many of each reward were taken; periods x rewards.
        discount: Money given as discounts, less that of returns.
        members: How many there are at its end.
        moves: Members by the tier at its beginning and at its end; periods x (tiers + 2) x (tiers + 1). Place
            0 is no tier; the last row is who joined in it.
    """

    period: Integers
    issued: Integers
    redeemed: Integers
    expired: Integers
    taken_back: Integers
    balance: Integers
    usable: Integers
    rewards: Integers
    discount: Integers
    members: Integers
    moves: Integers


@dataclass(frozen=True)
class Fates:
    """The points issued in each calendar period, and what had become of them by the end.

    Args:
        period: The period's number.
        issued: Points.
        redeemed: Of these.
        expired: Of these.
        taken_back: Of these.
        outstanding: Of these.
    """

    period: Integers
    issued: Integers
    redeemed: Integers
    expired: Integers
    taken_back: Integers
    outstanding: Integers


@dataclass(frozen=True)
class Held:
    """The points that members who use points held on an earlier day, and what had become of them by the end.

    Args:
        points: How many.
        redeemed: Of these.
        lost: Of these, expired or taken back; all others are outstanding.
    """

    points: int
    redeemed: int
    lost: int


@dataclass(frozen=True)
class Replay:
    """What a programme gave each member over the days that are told, and all together period by period.

    Args:
        issued: Points, those brought in not among them.
        by_purchases: Of these by amount and by purchase, of which caps take away last.
        redeemed: Points.
        expired: Points.
        taken_back: Points.
        balance_before: Points on the day before.
        balance: Points at the end.
        rewards: How many of each reward; members x rewards.
        discount: Money, less that of returns; below 0 where more is returned than was bought at a discount.
        tier_before: Place of the tier on the day before, 0 for none.
        tier: Place of the tier at the end.
        measure: What tiers are by, at the end: money in whole units, purchases, points or days.
        measure_ahead: The same on the day of the next review if the member does nothing until then.
        misses: Reviews missed in a row.
        flows: All members together.
        fates: What became of the points issued in each period of the whole replay.
        held: What became of the points that were held on the day from which on they are followed.
    """

    issued: Integers
    by_purchases: Integers
    redeemed: Integers
    expired: Integers
    taken_back: Integers
    balance_before: Integers
    balance: Integers
    rewards: Integers
    discount: Integers
    tier_before: Integers
    tier: Integers
    measure: Integers
    measure_ahead: Integers
    misses: Integers
    flows: Flows
    fates: Fates
    held: Held


class RowsOfDays:
    """Which rows are of which day, looked up once for all days; rows are in the order of days."""

    def __init__(self, days: Integers) -> None:
        self._first = int(days[0]) if days.size else 0
        end = int(days[-1]) + 1 if days.size else 0
        self._starts: list[int] = np.searchsorted(days, np.arange(self._first, end + 1)).tolist()

    def __getitem__(self, day: int) -> slice:
        place = day - self._first
        if 0 <= place < len(self._starts) - 1:
            return slice(self._starts[place], self._starts[place + 1])
        return slice(0, 0)
