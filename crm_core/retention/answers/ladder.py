"""How many come back a second time, a third, a fourth; and who is overdue by the rhythm of a category?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.retention.answers.survival import (
    Part,
    Ranged,
    ShareEstimate,
    Unlike,
    common_horizon,
    fallen,
    horizons,
    named,
    parts,
    ranged,
    spells_of,
    unlike,
)
from crm_core.retention.metrics import USUAL_RUNGS, category_gaps, category_silences, ladder_spells
from crm_core.retention.rules.survival import LONG_OVERDUE_AFTER, OVERDUE_AFTER, quantile
from crm_core.tables import Ask


@dataclass(frozen=True)
class Rung:
    """From one purchase to the next.

    Args:
        group: Whose, as in `Course`; None for everybody.
        rest: Whether these are all who are in no group that is named.
        purchase: The number of the purchase from which it leads, 1 or more.
        customers: Customers who made it.
        next_customers: Those of them who have made the next one.
        share: `next_customers` of `customers`; who bought lately has had little time.
        within: By horizon in days the share that makes the next one within it, each counted for as long as
            could be seen (Kaplan-Meier); only of horizons that are known.
        median_days: Days until half of them have made the next one; None where it does not come to a half.
    """

    group: str | None
    rest: bool
    purchase: int
    customers: int
    next_customers: int
    share: ShareEstimate
    within: dict[int, ShareEstimate]
    median_days: Ranged | None


@dataclass(frozen=True)
class Ladder:
    """The whole answer.

    Args:
        horizon: The days within which shares are told: the longest for which enough customers could be
            watched from their first purchase on and from their second, or else from their first; with groups
            those of each that has a name.
        rungs: From the first purchase on; only those that enough customers reached and could be watched on
            for as long.
        groups: The first rung of each group, the largest group first and the rest last; none without a
            grouping.
        unlike: Whether the groups differ; None where there is nothing to compare.
    """

    horizon: int
    rungs: tuple[Rung, ...]
    groups: tuple[Rung, ...]
    unlike: Unlike | None


def ladder(
    ask: Ask, *, as_of: dt.date, group: Grouping | None = None, won_from: dt.date | None = None
) -> Ladder | None:
    """From each purchase to the next one.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.
        won_from: Only customers whose first purchase lies on this day or later.

    Returns:
        The answer, or None where too few customers could be watched for long enough, or none came back.

    Raises:
        NotProvided: The base does not have what the grouping needs.
    """
    spells = ask(ladder_spells, as_of=as_of, rungs=USUAL_RUNGS, **named(won_from=won_from))
    steps = {
        number: spells_of(spells[spells["purchase"] == number])
        for number in sorted(int(one) for one in spells["purchase"].unique())
    }
    rungs = [
        _rung(Part(None, False, some), number)
        for number, some in steps.items()
        if some.count >= ENOUGH_CUSTOMERS
    ]
    if not rungs or not rungs[0].next_customers or not rungs[0].within:
        return None
    parted: tuple[Part, ...] = ()
    if group is not None:
        parted = parts(ask(ladder_spells, as_of=as_of, rungs=1, **named(group=group, won_from=won_from)))
    groups = tuple(_rung(one, 1) for one in parted) if len(parted) > 1 else ()
    compared = [one for one in groups if not one.rest] or rungs[:2]
    horizon = common_horizon([one.within for one in compared]) or max(rungs[0].within)
    known = tuple(one for one in rungs if horizon in one.within)
    return Ladder(horizon, known, groups, unlike(parted))


def _rung(part: Part, purchase: int) -> Rung:
    from crm_core.retention.estimates.ladder import rung

    told = rung(part.spells)
    return Rung(
        group=part.group,
        rest=part.rest,
        purchase=purchase,
        customers=told.customers,
        next_customers=told.next_customers,
        share=ShareEstimate(told.repeat_rate, told.low, told.high),
        within={day: fallen(told.curve.at(day)) for day in horizons(part.spells)},
        median_days=None if told.median_days is None else ranged(told.median_days),
    )


@dataclass(frozen=True)
class Rhythm:
    """How often customers come back to a category, and who has been away from it for longer.

    Args:
        category: Its name in the base.
        customers: Customers who bought in it.
        gaps: How often somebody came back to it.
        usual_days: Days within which half of those who came back did so.
        overdue_days: Days within which four of five of them did.
        long_overdue_days: Days within which nineteen of twenty did.
        overdue: Customers silent for longer than `overdue_days` and not than `long_overdue_days`.
        long_overdue: Customers silent for longer than that.
    """

    category: str
    customers: int
    gaps: int
    usual_days: int
    overdue_days: int
    long_overdue_days: int
    overdue: int
    long_overdue: int


@dataclass(frozen=True)
class Rhythms:
    """The categories that people come back to, most overdue customers first."""

    categories: tuple[Rhythm, ...]


def rhythms(ask: Ask, *, as_of: dt.date) -> Rhythms | None:
    """The rhythm of each category to which customers came back often enough to have one.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        The answer, or None where no category has a rhythm.

    Raises:
        NotProvided: The base does not know categories.
    """
    gaps, silences = (ask(metric, as_of=as_of) for metric in (category_gaps, category_silences))
    found = []
    for name, some in gaps.groupby("category"):
        if some["gaps"].sum() < ENOUGH_CUSTOMERS:
            continue
        counted = list(zip(some["gap_days"].tolist(), some["gaps"].tolist(), strict=True))
        late, very_late = (quantile(counted, share) for share in (OVERDUE_AFTER, LONG_OVERDUE_AFTER))
        silent = silences[silences["category"] == name]
        days, many = silent["silence_days"], silent["customers"]
        found.append(
            Rhythm(
                category=str(name),
                customers=int(many.sum()),
                gaps=int(some["gaps"].sum()),
                usual_days=quantile(counted, 0.5),
                overdue_days=late,
                long_overdue_days=very_late,
                overdue=int(many[(days > late) & (days <= very_late)].sum()),
                long_overdue=int(many[days > very_late].sum()),
            )
        )
    found.sort(key=lambda one: (-one.overdue, -one.long_overdue, one.category))
    return Rhythms(tuple(found)) if found else None
