"""What became of points, by the calendar period in which they were issued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from crm_core.loyalty.models.accounts import Fates, Flags, Integers


@dataclass(frozen=True)
class Use:
    """Points used by members for one thing on one day.

    Args:
        member: Places, each at most once.
        before: Points that each had used for anything before, over all.
        points: How many, above 0.
    """

    member: Integers
    before: Integers
    points: Integers


def fates(
    place: Integers,
    earned: Integers,
    cumulated: Integers,
    period: Integers,
    totals: Integers,
    uses: Sequence[Mapping[str, Sequence[Use]]],
) -> tuple[Fates, ...]:
    """Follow points from where they were issued to what they were used for, first in, first out.

    A member's points stand on a line in the order in which they were issued, all members' lines one after the
    other. Whatever uses points used a piece of that line, and what a row issued is another piece: how much of
    the second lies in the first is a difference of two sums.

    Args:
        place: Of the member, for each row that issued points, in the order of time.
        earned: Points that the row issued.
        cumulated: Points that the member had been issued by then, these and those brought in among them.
        period: Number of the calendar period of the row.
        totals: Points that each member was ever issued.
        uses: For each way in which they might be used, by what they were used for: `redeemed`, `expired`,
            `taken_back`.

    Returns:
        What became of them in each of these ways.
    """
    start = np.cumsum(totals) - totals
    ends = start[place] + cumulated
    # In the order of the line, what lies side by side in it is looked for side by side.
    order = np.argsort(ends)
    ends, earned = ends[order], earned[order]
    first_rows = np.flatnonzero(np.diff(period, prepend=period[:1] - 1))

    def by_period(points: Integers) -> Integers:
        in_time = np.empty_like(points)
        in_time[order] = points
        return np.add.reduceat(in_time, first_rows) if first_rows.size else in_time

    begins = ends - earned
    # Most begin where the one before ends.
    apart = begins != np.concatenate((np.full(1, -1), ends[:-1]))[: ends.size]

    def used(parts: Sequence[Use]) -> Integers:
        if not parts:
            return by_period(np.zeros(ends.size, np.int64))
        pieces = _pieces(start, parts)
        up_to_ends = _used_up_to(ends, pieces)
        up_to_begins = np.concatenate((np.zeros(1, np.int64), up_to_ends[:-1]))[: ends.size]
        up_to_begins[apart] = _used_up_to(begins[apart], pieces)
        return by_period(up_to_ends - up_to_begins)

    issued = by_period(earned)
    told = [{name: used(parts) for name, parts in one.items()} for one in uses]
    return tuple(
        Fates(period=period[first_rows], issued=issued, outstanding=issued - sum(one.values()), **one)
        for one in told
    )


def used_since(uses: Sequence[Use], issued: Integers, members: Flags) -> int:
    """How many of the points that some members held on a day were used for one thing after it.

    Args:
        uses: All after that day.
        issued: Points that each member had been issued by its end.
        members: Whose points are meant.
    """
    if not uses:
        return 0
    member = np.concatenate([one.member for one in uses])
    before = np.concatenate([one.before for one in uses])
    points = np.concatenate([one.points for one in uses])
    used = np.clip(issued[member] - before, 0, points)
    return int(used[members[member]].sum())


class _Pieces(NamedTuple):
    """Used pieces of the line, in its order: where they begin, how long they are, what is before them."""

    begins: Integers
    points: Integers
    before: Integers


def _pieces(start: Integers, parts: Sequence[Use]) -> _Pieces:
    begins = start[np.concatenate([one.member for one in parts])]
    begins += np.concatenate([one.before for one in parts])
    order = np.argsort(begins, kind="stable")
    points = np.concatenate([one.points for one in parts])[order]
    return _Pieces(begins[order], points, np.cumsum(points) - points)


def _used_up_to(ends: Integers, pieces: _Pieces) -> Integers:
    """How many points of the line were used before each of some places on it."""
    last = np.searchsorted(pieces.begins, ends, side="left") - 1
    used = pieces.before[last] + np.minimum(ends - pieces.begins[last], pieces.points[last])
    return np.where(last >= 0, used, 0)
