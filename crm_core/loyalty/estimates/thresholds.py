"""What happens just above the thresholds of tiers against just below them, where customers joined."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from crm_core.loyalty.estimates.effect import NothingToCompare
from crm_core.loyalty.estimates.options import JoinedProgramme
from crm_core.loyalty.estimates.rows import entries_of
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.models import NEVER, Accounts, Entries, Near, heap, jump, reviewed, thresholds
from crm_core.loyalty.models.accounts import Floats, Integers
from crm_core.loyalty.rules import Programme, RunningCost, Tiers
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, Estimate

AFTER_DAYS: Final = 180
"""So many days after a review count."""
_BAND: Final = 0.5
"""Bandwidth as a share of the threshold."""
_NARROW: Final = 0.1
"""Of the bandwidth, where members are counted on both sides."""


@dataclass(frozen=True)
class _Looked:
    """Members near one threshold at reviews, and what they did after."""

    near: Near
    purchases: Floats
    revenue: Floats


@Estimate
def loyalty_thresholds(ask: Ask, *, as_of: AsOf, programme: JoinedProgramme) -> pd.DataFrame:
    """What members buy after a review who were just above the threshold of a tier, against just below it.

    Members are looked at on the last day of each review period since the first one joined, by what tiers are
    measured by up to then, as the programme is now; the 180 days after it count, all of them up to `as_of`.
    Near a threshold are those who lie within half of it, or up to the next threshold where that is nearer.
    On each side a line through what they bought after is drawn to the threshold, nearer members weighing more
    (triangular kernel); the difference there is told. Who lies below at a review may keep a tier that was
    reached before, so the difference is of reaching the threshold at a review, not of having the tier.
    Opening balances are not looked at.

    Returns:
        Grain: a tier x an outcome.

        - `place`: of the tier, 1 for the lowest
        - `tier`: its name
        - `at`: its threshold: units of currency, purchases, points or days
        - `bandwidth`: how far from it members are looked at; likewise
        - `outcome`: `purchases` or `revenue` in the 180 days after a review
        - `below`, `above`: of a member just below and just above; purchases or units of currency; null, as
          the following ones, where fewer than 50 members are on a side, or all at one value of the measure
        - `difference`: of the two
        - `low`, `high`: its 95 % interval, robust and clustered by member, by Student's t
        - `members_below`, `members_above`: how many are looked at; who was on both sides at different reviews
          counts on both
        - `heap_below`, `heap_above`: how many were within a tenth of the bandwidth, down to whole steps of
          the measure and one at the least, each at the first such review; null where tiers are by tenure,
          which nobody steers
        - `heap_chance`: of so many or more above, were both sides as likely: where it is small members steer
          towards the threshold, or prices do, so that those above and below are not alike; likewise null

    Raises:
        NothingToCompare: Nobody joined the programme, it has no tiers, or no review was so long ago.
        NotProvided: The base does not know who joined, or lacks what a rule is about.

    References:
        Hahn, Todd and van der Klaauw (2001), Identification and estimation of treatment effects with a
        regression-discontinuity design. McCrary (2008), Manipulation of the running variable in the
        regression discontinuity design.
    """
    tiers = programme.tiers
    if programme.members.who != "joined":
        raise NothingToCompare("loyalty.effect.thresholds.replayed", programme=programme.name)
    if tiers is None:
        raise NothingToCompare("loyalty.effect.thresholds.no_tiers", programme=programme.name)
    scale = ask.tables.money_scale
    rows = []
    for place, one in enumerate(_looked(ask, programme, tiers, as_of)):
        step = tiers.steps[place]
        unit = scale if tiers.by == "amount" else 1
        below, above = one.near.members
        told = {
            "place": place + 1,
            "tier": step.name,
            "at": step.at,
            "bandwidth": one.near.bandwidth / unit,
        }
        counts = {"members_below": below, "members_above": above} | _heaped(one.near, tiers)
        for outcome, values in (("purchases", one.purchases), ("revenue", one.revenue / scale)):
            rows.append({**told, "outcome": outcome, **_jumped(one.near, values), **counts})
    return pd.DataFrame(rows)


def _jumped(near: Near, values: Floats) -> dict[str, float]:
    if not near.enough:
        return dict.fromkeys(("below", "above", "difference", "low", "high"), np.nan)
    found = jump(near, values)
    return {
        "below": found.below,
        "above": found.above,
        "difference": found.above - found.below,
        "low": found.low,
        "high": found.high,
    }


def _heaped(near: Near, tiers: Tiers) -> dict[str, float]:
    if tiers.by == "tenure":
        return dict.fromkeys(("heap_below", "heap_above", "heap_chance"), np.nan)
    found = heap(near, _NARROW * near.bandwidth)
    return {"heap_below": found.below, "heap_above": found.above, "heap_chance": found.chance}


def _looked(ask: Ask, programme: Programme, tiers: Tiers, as_of: dt.date) -> list[_Looked]:
    """Who was near each threshold, lowest first."""
    members = ask(loyalty_members, as_of=as_of, members=programme.members, begin=as_of)
    if members.empty:
        raise NothingToCompare("loyalty.effect.nobody", programme=programme.name)
    since = members["since_day"].to_numpy(np.int64)
    begin, last = int(since.min()), day_of(as_of) - AFTER_DAYS
    rows = ask(
        loyalty_entries,
        as_of=as_of,
        members=programme.members,
        earn=programme.earn,
        begin=date_of(begin),
        purchase_cap=programme.caps.purchase,
    )
    entries = entries_of(rows)
    nothing = np.zeros(len(members), np.int64)
    accounts = Accounts(
        since, np.full(len(members), NEVER), nothing, nothing + begin - 1, nothing, nothing > 0
    )
    scale = ask.tables.money_scale if tiers.by == "amount" else 1
    ats = [int(at) for at in thresholds(tiers, scale)]
    bands = [_bandwidth(ats, place) for place in range(len(ats))]
    parts: list[list[tuple[Integers, Floats, Floats, Floats]]] = [[] for _ in ats]
    for day, measure in reviewed(
        _terms(programme), accounts, entries, days=range(begin, last + 1), money_scale=ask.tables.money_scale
    ):
        bought, brought = _after(entries, day, len(members))
        for part, at, band in zip(parts, ats, bands, strict=True):
            mine = np.flatnonzero((np.abs(measure - at) < band) & (since <= day))
            part.append((mine, (measure[mine] - at).astype(np.float64), bought[mine], brought[mine]))
    if not parts[0]:
        raise NothingToCompare(
            "loyalty.effect.thresholds.too_early", programme=programme.name, days=AFTER_DAYS
        )
    found = []
    for part, band in zip(parts, bands, strict=True):
        member, distance, purchases, revenue = (np.concatenate(one) for one in zip(*part, strict=True))
        found.append(_Looked(Near(member, distance, band), purchases, revenue))
    return found


def _bandwidth(ats: list[int], place: int) -> float:
    """Half of the threshold, or up to the next one where that is nearer."""
    others = [abs(at - ats[place]) for at in ats if at != ats[place]]
    return float(min([_BAND * ats[place], *others]))


def _after(entries: Entries, day: int, members: int) -> tuple[Floats, Floats]:
    """What each member bought and brought in the days after one."""
    rows = slice(*np.searchsorted(entries.day, [day + 1, day + AFTER_DAYS + 1]))
    place = entries.place[rows]
    brought = entries.spent[rows] - entries.returned[rows]
    bought, money = (
        np.bincount(place, values, members).astype(np.float64)
        for values in (entries.purchases[rows], brought)
    )
    return bought, money


def _terms(programme: Programme) -> Programme:
    """The programme, without what the measure of tiers does not depend on."""
    return replace(
        programme,
        expiry=None,
        rewards=(),
        redemption=None,
        running_cost=RunningCost(),
        indicators=(),
        openings=None,
    )
