"""How long until customers buy again, or leave their contract, and at what age it happens?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, isnan
from typing import TYPE_CHECKING, Final

import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.retention.metrics import contract_spells, purchase_spells
from crm_core.retention.rules.survival import (
    AGES,
    HORIZONS_DAYS,
    LONGEST_SHOWN,
    MOST_GROUPS,
    RATE_DAYS,
    SIGNIFICANT,
    Kind,
)
from crm_core.tables import Ask

if TYPE_CHECKING:
    from crm_core.retention.models import IntervalEstimate, Spells

_METRICS: Final = {"purchase": purchase_spells, "contract": contract_spells}
_POINTS: Final = 180


@dataclass(frozen=True)
class Ranged:
    """Days with their 95 % interval; `high` is None where the interval has no upper end."""

    value: float
    low: float
    high: float | None


@dataclass(frozen=True)
class ShareEstimate:
    """A share, 0 to 1, with its 95 % interval; its ends are None where none is known."""

    value: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Course:
    """How one group, or everybody, lasts.

    Args:
        group: Its name; None for everybody and for those who are in a group that is not named, "" where all
            of these are in none.
        rest: Whether these are all who are in no group that is named.
        count: Customers, or stays under contract.
        ended: Those of them for whom it has come: the purchase, the end.
        curve: From day 0: `day`, `share` for whom it has not come yet, `low`, `high`; no further than enough
            are at risk.
        at_risk: How many were still waiting at each of the days of the answer.
        median: Days until it has come for half of them; None where the curve does not come down to a half.
        within: By horizon in days the share for whom it comes within it; only of horizons that are known.
        means: Days that pass on average within each of the days of the answer, whoever takes longer counted
            as so many (the restricted mean); as far as the curve is known.
        mean: The same within the days of `Survival.mean_days`.
    """

    group: str | None
    rest: bool
    count: int
    ended: int
    curve: pd.DataFrame
    at_risk: tuple[int, ...]
    median: Ranged | None
    within: dict[int, ShareEstimate]
    means: tuple[Ranged, ...]
    mean: Ranged


@dataclass(frozen=True)
class Unlike:
    """Whether groups last unlike, by the log-rank test.

    Args:
        p_value: Of the test of all groups at once.
        pairs: Which pairs of them do, by their places: those whose own p-value, corrected for the number of
            pairs (Holm), says so too.
    """

    p_value: float
    pairs: tuple[tuple[int, int], ...]

    @property
    def differ(self) -> bool:
        """Whether chance alone would hardly make them differ so much."""
        return self.p_value < SIGNIFICANT

    def tells_apart(self, one: int, other: int) -> bool:
        """Whether two groups may be set against each other in words."""
        return self.differ and (min(one, other), max(one, other)) in self.pairs


@dataclass(frozen=True)
class Part:
    """A group by its name, or all who are in none that is named: `rest`."""

    group: str | None
    rest: bool
    spells: Spells


@dataclass(frozen=True)
class Age:
    """A span of age: days from the first day after `begins` to `ends`, and what happens in it.

    `chance` is the chance that it comes within 30 days for who has waited so long, taken as the same all
    through the span.
    """

    begins: int
    ends: int
    at_risk: int
    ended: int
    chance: ShareEstimate


@dataclass(frozen=True)
class Survival:
    """The whole answer.

    Args:
        kind: What is waited for.
        whole: Everybody.
        groups: The groups, the largest first and the rest last; none without a grouping.
        unlike: Whether they last unlike; None where there is nothing to compare.
        days: Days at which the number at risk is told, from 0.
        mean_days: The last day to which enough of everybody and of each group are at risk, so that means
            within it can be compared.
        ages: By age; only spans in which enough were watched for 30 days.
    """

    kind: Kind
    whole: Course
    groups: tuple[Course, ...]
    unlike: Unlike | None
    days: tuple[int, ...]
    mean_days: int
    ages: tuple[Age, ...]

    @property
    def horizon(self) -> int | None:
        """The longest of the horizons that is known of each named group, or else of everybody, if any is."""
        named = [one.within for one in self.groups if not one.rest]
        return common_horizon(named) or common_horizon([self.whole.within])

    @property
    def ages_differ(self) -> bool:
        """Whether no one chance lies in the intervals of all ages."""
        lows = [one.chance.low for one in self.ages if one.chance.low is not None]
        highs = [one.chance.high for one in self.ages if one.chance.high is not None]
        return max(lows, default=0.0) > min(highs, default=1.0)


def survival(
    ask: Ask,
    kind: Kind,
    *,
    as_of: dt.date,
    group: Grouping | None = None,
    won_from: dt.date | None = None,
) -> Survival | None:
    """How long it takes until customers buy a second time, or until they leave their contract.

    Args:
        ask: The reader's base.
        kind: What is waited for.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.
        won_from: Only customers whose first purchase lies on this day or later; None for all, and for
            contracts.

    Returns:
        The answer, or None with too few customers to speak of.

    Raises:
        NotProvided: The base does not have what it takes.
    """
    rows = ask(_METRICS[kind], as_of=as_of, **named(group=group, won_from=won_from))
    whole = spells_of(rows)
    end = _end(whole, LONGEST_SHOWN[kind])
    if whole.count < ENOUGH_CUSTOMERS or not whole.event_count or end < 2:
        return None
    days = _days(end)
    parted = () if group is None else parts(rows)
    mean_days = min(end, *(_end(one.spells, end) for one in parted)) if len(parted) > 1 else end
    courses = tuple(_course(one, end, days, mean_days) for one in parted)
    return Survival(
        kind=kind,
        whole=_course(Part(None, False, whole), end, days, mean_days),
        groups=courses if len(courses) > 1 else (),
        unlike=unlike(parted),
        days=days,
        mean_days=mean_days,
        ages=_ages(whole, AGES[kind]),
    )


def named(**options: object) -> dict[str, object]:
    """The options that are asked for: the engine remembers what it was asked, and None asks for nothing."""
    return {name: value for name, value in options.items() if value is not None}


def horizons(spells: Spells) -> tuple[int, ...]:
    """The horizons in days for which enough could be watched."""
    risk = spells.at_risk(list(HORIZONS_DAYS))
    return tuple(day for day, many in zip(HORIZONS_DAYS, risk, strict=True) if many >= ENOUGH_CUSTOMERS)


def common_horizon(within: Sequence[Mapping[int, ShareEstimate]]) -> int | None:
    """The longest of the horizons that is known of all; None where none is."""
    known = set.intersection(*map(set, within)) if within else set()
    return max(known, default=None)


def _end(spells: Spells, most: int) -> int:
    """The last day at which enough are still at risk."""
    enough = spells.times[spells.at_risk(spells.times) >= ENOUGH_CUSTOMERS]
    return min(int(enough[-1]), most) if len(enough) else 0


def _days(end: int) -> tuple[int, ...]:
    """A few round days from 0 to the end."""
    for step in (1, 2, 5, 10, 15, 30, 60, 90, 180, 365, 730):
        if end // step <= 4:
            return tuple(range(0, end + 1, step))
    return (0, end)


def parts(rows: pd.DataFrame) -> tuple[Part, ...]:
    """The groups that counted times are parted into, as every picture of groups names them.

    The largest by name, if each has enough customers, and all others together; a single other group keeps its
    name, and so do those who are in none, where these are all the others.

    Args:
        rows: `group`, `duration_days`, `observed`, `spells`.
    """
    sizes = rows.groupby("group")["spells"].sum()
    enough = sizes[sizes >= ENOUGH_CUSTOMERS]
    ranked = sorted(enough.index, key=lambda name: (-int(enough[name]), str(name)))
    alone = len(sizes) == MOST_GROUPS + 1 == len(ranked) and not rows["group"].isna().any()
    named = ranked if alone else ranked[:MOST_GROUPS]
    found = [Part(str(name), False, spells_of(rows[rows["group"] == name])) for name in named]
    others = rows[~rows["group"].isin(named)]
    if others["spells"].sum() >= ENOUGH_CUSTOMERS:
        nobody = bool(others["group"].isna().all())
        found.append(Part("" if nobody else None, True, spells_of(others)))
    return tuple(found)


def spells_of(rows: pd.DataFrame) -> Spells:
    """Counted times as the models take them."""
    from crm_core.retention.models import Spells

    return Spells.grouped(rows["duration_days"], rows["observed"], rows["spells"])


def _course(part: Part, end: int, days: tuple[int, ...], mean_days: int) -> Course:
    from crm_core.retention.models import kaplan_meier

    spells = part.spells
    curve = kaplan_meier(spells)
    last = _end(spells, end)
    step = max(last // _POINTS, 1)
    shown = sorted({*range(0, last + 1, step), last})
    points = [(day, curve.at(day)) for day in shown]
    median = curve.median
    return Course(
        group=part.group,
        rest=part.rest,
        count=int(spells.count),
        ended=int(spells.event_count),
        curve=pd.DataFrame(
            [(day, one.value, one.low, one.high) for day, one in points],
            columns=["day", "share", "low", "high"],
        ),
        at_risk=tuple(int(many) for many in spells.at_risk(days)),
        median=ranged(median) if median.value <= last else None,
        within={day: fallen(curve.at(day)) for day in horizons(spells) if day <= last},
        means=tuple(ranged(curve.restricted_mean(day)) for day in days if day <= last),
        mean=ranged(curve.restricted_mean(mean_days)),
    )


def ranged(estimate: IntervalEstimate) -> Ranged:
    """Estimated days without what is not known of their interval."""
    high = None if isnan(estimate.high) or estimate.high == float("inf") else estimate.high
    return Ranged(estimate.value, estimate.low, high)


def fallen(left: IntervalEstimate) -> ShareEstimate:
    """The share for whom it has come, given the share for whom it has not."""
    low, high = (None if isnan(end) else 1.0 - end for end in (left.high, left.low))
    return ShareEstimate(1.0 - left.value, low, high)


def unlike(parted: Sequence[Part]) -> Unlike | None:
    """Whether groups last unlike; None where there is nothing to compare."""
    from crm_core.retention.models import log_rank, log_rank_pairs

    if len(parted) < 2:
        return None
    compared = [one.spells for one in parted]
    found = log_rank(compared)
    if isnan(found.p_value):
        return None
    pairs = log_rank_pairs(compared)
    return Unlike(found.p_value, tuple(pair for pair, p_value in pairs.items() if p_value < SIGNIFICANT))


def _ages(spells: Spells, edges: tuple[int, ...]) -> tuple[Age, ...]:
    from crm_core.retention.models import hazards

    found = hazards(spells, edges)
    ages = []
    for at, (begins, ends) in enumerate(pairwise(edges)):
        # A chance within 30 days is told where enough were watched for as long.
        if spells.at_risk([begins + RATE_DAYS])[0] < ENOUGH_CUSTOMERS:
            break
        rate, low, high = (float(each[at]) for each in (found.rate, found.low, found.high))
        chance = ShareEstimate(_chance(rate), _chance(low), _chance(high))
        ages.append(Age(begins, ends, int(found.at_risk[at]), int(found.events[at]), chance))
    return tuple(ages)


def _chance(rate: float) -> float:
    """The chance that it comes within 30 days at a rate a day."""
    return 1.0 - exp(-RATE_DAYS * rate)
