"""How long until customers buy again, or leave their contract, and at what age it happens?"""

from __future__ import annotations

import datetime as dt
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
    HORIZONS,
    LONGEST_SHOWN,
    MOST_GROUPS,
    RATE_DAYS,
    SIGNIFICANT,
    Kind,
)
from crm_core.tables import Ask

if TYPE_CHECKING:
    from crm_core.retention.models import Estimate, Spells

_METRICS: Final = {"purchase": purchase_spells, "contract": contract_spells}
_POINTS: Final = 180


@dataclass(frozen=True)
class Ranged:
    """A number with its 95 % interval; `high` is None where the interval has no upper end."""

    value: float
    low: float
    high: float | None


@dataclass(frozen=True)
class Course:
    """How one group, or everybody, lasts.

    Args:
        group: Its name; None for everybody, and for those who are in none or in one that is not named.
        rest: Whether these are all who are in no group that is named.
        count: Customers, or stays under contract.
        ended: Those of them for whom it has come: the purchase, the end.
        curve: From day 0: `day`, `share` for whom it has not come yet, `low`, `high`; no further than enough
            are at risk.
        at_risk: How many were still waiting at each of the days of the answer.
        median: Days until it has come for half of them; None where the curve does not come down to a half.
        within: By horizon in days the share for whom it comes within it; only of horizons that are known.
        mean: Days that pass on average within the days that the curve is drawn for.
    """

    group: str | None
    rest: bool
    count: int
    ended: int
    curve: pd.DataFrame
    at_risk: tuple[int, ...]
    median: Ranged | None
    within: dict[int, Ranged]
    mean: Ranged


@dataclass(frozen=True)
class Unlike:
    """Whether groups last unlike: the corrected p-value, and which pairs of them do, by place."""

    p_value: float
    pairs: tuple[tuple[int, int], ...]

    @property
    def differ(self) -> bool:
        """Whether chance alone would hardly make them differ so much."""
        return self.p_value < SIGNIFICANT


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
    chance: Ranged


@dataclass(frozen=True)
class Survival:
    """The whole answer.

    Args:
        kind: What is waited for.
        as_of: Only what happened up to the end of this day exists.
        whole: Everybody.
        groups: The groups, the largest first and the rest last; none without a grouping.
        unlike: Whether they last unlike; None where there is nothing to compare.
        days: Days at which the number at risk is told, from 0.
        ages: By age; only spans that enough reached.
    """

    kind: Kind
    as_of: dt.date
    whole: Course
    groups: tuple[Course, ...]
    unlike: Unlike | None
    days: tuple[int, ...]
    ages: tuple[Age, ...]

    @property
    def ages_differ(self) -> bool:
        """Whether no one chance lies in the intervals of all ages."""
        highest = min((1.0 if one.chance.high is None else one.chance.high for one in self.ages), default=1.0)
        return any(one.chance.low > highest for one in self.ages)


def survival(ask: Ask, kind: Kind, *, as_of: dt.date, group: Grouping | None = None) -> Survival | None:
    """How long it takes until customers buy a second time, or until they leave their contract.

    Args:
        ask: The reader's base.
        kind: What is waited for.
        as_of: Only what happened up to the end of this day exists.
        group: By what customers are parted.

    Returns:
        The answer, or None with too few customers to speak of.

    Raises:
        NotProvided: The base does not have what it takes.
    """
    from crm_core.retention.models import Spells

    rows = ask(_METRICS[kind], as_of=as_of, **({} if group is None else {"group": group}))
    whole = Spells.grouped(rows["duration_days"], rows["observed"], rows["spells"])
    end = _end(whole, LONGEST_SHOWN[kind])
    if whole.count < ENOUGH_CUSTOMERS or not whole.event_count or end < 2:
        return None
    days = _days(end)
    parts = [] if group is None else _parts(rows)
    courses = tuple(_course(name, rest, some, end, days) for name, rest, some in parts)
    return Survival(
        kind=kind,
        as_of=as_of,
        whole=_course(None, False, whole, end, days),
        groups=courses if len(courses) > 1 else (),
        unlike=_unlike([some for _, _, some in parts]) if len(courses) > 1 else None,
        days=days,
        ages=_ages(whole, AGES[kind]),
    )


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


def _parts(rows: pd.DataFrame) -> list[tuple[str | None, bool, Spells]]:
    """The largest groups by name, and all others together."""
    from crm_core.retention.models import Spells

    sizes = rows.groupby("group")["spells"].sum()
    sizes = sizes[sizes >= ENOUGH_CUSTOMERS]
    named = sorted(sizes.index, key=lambda name: (-int(sizes[name]), str(name)))[:MOST_GROUPS]
    found: list[tuple[str | None, bool, Spells]] = []
    for name in named:
        some = rows[rows["group"] == name]
        found.append(
            (str(name), False, Spells.grouped(some["duration_days"], some["observed"], some["spells"]))
        )
    others = rows[~rows["group"].isin(named)]
    if others["spells"].sum() >= ENOUGH_CUSTOMERS:
        rest = Spells.grouped(others["duration_days"], others["observed"], others["spells"])
        found.append((None, True, rest))
    return found


def _course(group: str | None, rest: bool, spells: Spells, end: int, days: tuple[int, ...]) -> Course:
    from crm_core.retention.models import kaplan_meier

    curve = kaplan_meier(spells)
    last = min(_end(spells, end), end)
    step = max(last // _POINTS, 1)
    shown = sorted({*range(0, last + 1, step), last})
    points = [(day, curve.at(day)) for day in shown]
    median = curve.median
    return Course(
        group=group,
        rest=rest,
        count=int(spells.count),
        ended=int(spells.event_count),
        curve=pd.DataFrame(
            [(day, one.value, one.low, one.high) for day, one in points],
            columns=["day", "share", "low", "high"],
        ),
        at_risk=tuple(int(many) for many in spells.at_risk(days)),
        median=ranged(median) if median.value <= last else None,
        within={day: fallen(curve.at(day)) for day in HORIZONS if day <= last},
        mean=ranged(curve.restricted_mean(last)),
    )


def ranged(estimate: Estimate) -> Ranged:
    """An estimate without what is not known of its interval."""
    high = None if isnan(estimate.high) or estimate.high == float("inf") else estimate.high
    return Ranged(estimate.value, estimate.low, high)


def fallen(left: Estimate) -> Ranged:
    """The share for whom it has come, given the share for whom it has not."""
    low, high = (1.0 - end for end in (left.high, left.low))
    known = not isnan(left.low)
    return Ranged(1.0 - left.value, low if known else 1.0 - left.value, high if known else 1.0 - left.value)


def _unlike(parts: list[Spells]) -> Unlike | None:
    from crm_core.retention.models import log_rank, log_rank_pairs

    found = log_rank(parts)
    if isnan(found.p_value):
        return None
    pairs = log_rank_pairs(parts)
    return Unlike(found.p_value, tuple(pair for pair, p_value in pairs.items() if p_value < SIGNIFICANT))


def _ages(spells: Spells, edges: tuple[int, ...]) -> tuple[Age, ...]:
    from crm_core.retention.models import hazards

    found = hazards(spells, edges)
    ages = []
    for at, (begins, ends) in enumerate(pairwise(edges)):
        if found.at_risk[at] < ENOUGH_CUSTOMERS or not found.exposure[at]:
            break
        rate, low, high = (float(each[at]) for each in (found.rate, found.low, found.high))
        chance = Ranged(_chance(rate), _chance(low), _chance(high))
        ages.append(Age(begins, ends, int(found.at_risk[at]), int(found.events[at]), chance))
    return tuple(ages)


def _chance(rate: float) -> float:
    """The chance that it comes within 30 days at a rate a day."""
    return 1.0 - exp(-RATE_DAYS * rate)
