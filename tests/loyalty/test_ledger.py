"""The ledger against a walk through the days of each member, to the last point."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import get_args

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.loyalty.models import NEVER, Accounts, Entries, Replay, replay
from crm_core.loyalty.rules import (
    Caps,
    Expiring,
    Expiry,
    Measure,
    Members,
    Programme,
    ProgrammeCalendar,
    Redemption,
    Reward,
    Rule,
    Step,
    Tiers,
)
from crm_core.periods import day_of, period_of
from tests.oracle.loyalty import Day, Member, Told, told_of

SCALE = 100
MEASURES: tuple[Measure, ...] = get_args(Measure)
EXPIRING: tuple[Expiring, ...] = get_args(Expiring)


def some(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high)


@st.composite
def tiers(draw: st.DrawFn) -> Tiers:
    by = draw(st.sampled_from(MEASURES))
    most = {"amount": 40, "purchases": 6, "points": 60, "tenure": 90}[by]
    froms = sorted(draw(st.sets(some(0, most), min_size=1, max_size=3)))
    return Tiers(
        by=by,
        steps=tuple(
            Step(
                f"tier {place}", float(at), draw(st.sampled_from([100, 115, 150, 300])), draw(some(0, 2_000))
            )
            for place, at in enumerate(froms)
        ),
        within_days=draw(st.sampled_from([0, 1, 7, 30, 60])),
        review=draw(st.sampled_from(["month", "quarter", "year"])),
        grace=draw(some(0, 2)),
        way_down=draw(st.sampled_from(["one_step", "straight"])),
    )


@st.composite
def expiries(draw: st.DrawFn) -> Expiry:
    kind = draw(st.sampled_from(EXPIRING))
    if kind == "year_end":
        return Expiry(kind, years=draw(some(0, 1)))
    return Expiry(kind, days=draw(st.sampled_from([1, 2, 10, 30, 100])))


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    costs = draw(st.lists(some(1, 60), max_size=3))
    return Programme(
        name="one of many",
        members=Members("everybody"),
        calendar=draw(st.sampled_from(["gregorian", "jalali"])),
        earn=(Rule("purchase", 1),),
        caps=Caps(day=draw(st.sampled_from([0, 5, 20])), month=draw(st.sampled_from([0, 15, 60]))),
        expiry=draw(st.none() | expiries()),
        tiers=draw(st.none() | tiers()),
        rewards=tuple(Reward(f"reward {place}", points, 1.0) for place, points in enumerate(costs)),
        redemption=Redemption(0, 0.5, 1),
    )


FIRST = day_of(dt.date(2024, 11, 20))
OF_A_MEMBER = (
    *("issued", "redeemed", "expired", "taken_back", "balance", "discount"),
    *("tier_before", "tier", "measure", "misses"),
)
DAYS = range(FIRST, FIRST + 130)
"""The turn of a year of either calendar lies in these."""


@st.composite
def did(draw: st.DrawFn) -> Day:
    bought = draw(some(0, 2))
    return Day(
        multiplied=draw(some(0, 12)) if bought else 0,
        flat=draw(some(0, 5)),
        taken_back=draw(some(0, 15)),
        purchases=bought,
        spent=draw(some(1, 2_000)) if bought else 0,
        returned=draw(some(0, 500)),
    )


@st.composite
def people(draw: st.DrawFn) -> Member:
    since = draw(some(FIRST - 100, FIRST + 100))
    old = since < FIRST
    return Member(
        since=since,
        last_purchase=draw(st.none() | some(since, FIRST - 1)) if old else None,
        opening=draw(some(0, 40)) if old else 0,
        opening_day=draw(some(FIRST - 400, FIRST - 1)),
        opening_tier=draw(some(0, 3)) if old else 0,
        redeems=draw(st.booleans()),
        days=draw(st.dictionaries(some(FIRST - 90, FIRST + 119), did(), max_size=12)),
    )


@settings(max_examples=300, deadline=None)
@given(programmes(), st.lists(people(), max_size=6))
def test_the_ledger_is_a_walk_through_the_days(programme: Programme, members: list[Member]) -> None:
    found = replayed(programme, members)
    walked = [told_of(programme, member, DAYS, SCALE) for member in members]
    for place, told in enumerate(walked):
        assert _of(found, programme, place) == _walked(told), place
    _flows_are_sums(found, walked)
    _fates_are_sums(found, walked)
    _invariants(found, members)


@settings(max_examples=100, deadline=None)
@given(programmes(), st.lists(people(), max_size=4), some(0, 129))
def test_points_held_on_a_day_are_followed_to_what_used_them(
    programme: Programme, members: list[Member], after: int
) -> None:
    found = replayed(programme, members, followed_from=FIRST + after)
    walked = [told_of(programme, member, DAYS, SCALE) for member in members]
    using = [(member, told) for member, told in zip(members, walked, strict=True) if member.redeems]
    points = sum(told.by_day[after - 1][5] if after else member.opening for member, told in using)
    assert found.held.points == points
    assert found.held.redeemed == sum(told.since(FIRST + after, "redeemed") for _, told in using)
    assert found.held.lost == sum(told.since(FIRST + after, "expired", "taken_back") for _, told in using)
    assert found.held.redeemed + found.held.lost <= points
    assert found.flows.usable[-1] == sum(told.balance for _, told in using)


@settings(max_examples=100, deadline=None)
@given(programmes(), st.lists(people(), max_size=4), some(1, 119))
def test_what_is_told_from_a_day_on_is_the_rest(
    programme: Programme, members: list[Member], after: int
) -> None:
    found = replayed(programme, members, told_from=FIRST + after)
    for place, told in enumerate([told_of(programme, member, DAYS, SCALE) for member in members]):
        for column, name in enumerate(("issued", "redeemed", "expired", "taken_back", "discount")):
            told_later = sum(day[column] for day in told.by_day[after:])
            assert getattr(found, name)[place] == told_later, name
        assert found.balance_before[place] == told.by_day[after - 1][5]
        assert found.tier_before[place] == told.by_day[after - 1][6]
        assert (found.balance[place], found.tier[place]) == told.by_day[-1][5:]
    periods = period_of(np.arange(DAYS.start + after, DAYS.stop), "month")
    assert list(found.flows.period) == sorted(set(periods.tolist()))
    for name in ("issued", "redeemed", "expired", "taken_back", "discount"):
        assert getattr(found.flows, name).sum() == getattr(found, name).sum()
    assert found.flows.rewards.sum() == found.rewards.sum()
    assert found.fates.issued.sum() >= found.issued.sum()


def replayed(
    programme: Programme,
    members: list[Member],
    told_from: int | None = None,
    followed_from: int | None = None,
) -> Replay:
    rows = sorted(
        (day, place, did.multiplied, did.flat, did.taken_back, did.purchases, did.spent, did.returned)
        for place, member in enumerate(members)
        for day, did in member.days.items()
    )
    columns = np.array(rows, np.int64).reshape(len(rows), 8).T

    def of(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.array([getattr(member, name) for member in members], np.int64)

    accounts = Accounts(
        since=of("since"),
        last_purchase=np.array(
            [NEVER if member.last_purchase is None else member.last_purchase for member in members], np.int64
        ),
        opening=of("opening"),
        opening_day=of("opening_day"),
        opening_tier=of("opening_tier"),
        redeems=of("redeems").astype(bool),
    )
    periods = period_of(np.arange(DAYS.start, DAYS.stop), "month")
    return replay(
        programme,
        accounts,
        Entries(*columns),
        days=DAYS,
        periods=periods,
        money_scale=SCALE,
        told_from=told_from,
        followed_from=followed_from,
    )


def _of(found: Replay, programme: Programme, place: int) -> dict[str, object]:
    told: dict[str, object] = {name: int(getattr(found, name)[place]) for name in OF_A_MEMBER}
    taken = found.rewards[place]
    return told | {
        "rewards": {one.name: int(n) for one, n in zip(programme.rewards, taken, strict=True) if n}
    }


def _walked(told: Told) -> dict[str, object]:
    return {name: getattr(told, name) for name in (*OF_A_MEMBER, "rewards")}


def _fates_are_sums(found: Replay, walked: list[Told]) -> None:
    for place, period in enumerate(found.fates.period):
        days = [day for day in DAYS if period_of(day, "month") == period]
        issued = sum(told.by_day[day - FIRST][0] for told in walked for day in days)
        assert found.fates.issued[place] == issued
        for name in ("redeemed", "expired", "taken_back"):
            used = sum(told.fates.get((name, day), 0) for told in walked for day in days)
            assert getattr(found.fates, name)[place] == used, name
        left = sum(points for told in walked for day, points in told.lots if day in days)
        assert found.fates.outstanding[place] == left
    assert found.fates.issued.sum() == found.issued.sum()


def _flows_are_sums(found: Replay, walked: list[Told]) -> None:
    periods = period_of(np.arange(DAYS.start, DAYS.stop), "month")
    names = ("issued", "redeemed", "expired", "taken_back", "discount")
    for place, period in enumerate(found.flows.period):
        days = np.flatnonzero(periods == period)
        for column, name in enumerate(names):
            summed = sum(told.by_day[day][column] for told in walked for day in days)
            assert getattr(found.flows, name)[place] == summed, name
        assert found.flows.balance[place] == sum(told.by_day[days[-1]][5] for told in walked)
        tiers = [told.by_day[days[-1]][6] for told in walked]
        joined = found.flows.members[place]
        assert found.flows.moves[place].sum() == joined <= len(tiers)
        for tier in range(1, found.flows.moves.shape[2]):
            assert found.flows.moves[place][:, tier].sum() == tiers.count(tier)


def _invariants(found: Replay, members: list[Member]) -> None:
    assert (found.balance >= 0).all()
    opening = np.array([member.opening for member in members], np.int64)
    used = found.redeemed + found.expired + found.taken_back
    assert (opening + found.issued - used == found.balance).all()
    assert (found.flows.balance >= 0).all()


def test_a_year_ends_with_the_year_of_the_programmes_calendar() -> None:
    bought = {FIRST: Day(multiplied=10, purchases=1)}
    member = Member(since=FIRST, redeems=False, days=bought)
    programme = Programme("p", Members("everybody"), earn=(Rule("purchase", 1),), expiry=Expiry("year_end"))
    ends: dict[ProgrammeCalendar, dt.date] = {
        "gregorian": dt.date(2024, 12, 31),
        "jalali": dt.date(2025, 3, 20),
    }
    for calendar, last in ends.items():
        told = told_of(replace(programme, calendar=calendar), member, DAYS, SCALE)
        balances = [row[5] for row in told.by_day]
        assert balances == [10] * (day_of(last) - FIRST + 1) + [0] * (DAYS[-1] - day_of(last))
        assert replayed(replace(programme, calendar=calendar), [member]).expired.tolist() == [10]


def test_points_of_a_month_are_those_of_the_programmes_month() -> None:
    # 20 December is 30 Azar and 21 December 1 Dey: another month of the one calendar only.
    days = {day_of(dt.date(2024, 12, day)): Day(multiplied=10, purchases=1) for day in (20, 21)}
    member = Member(since=FIRST, redeems=False, days=days)
    programme = Programme("p", Members("everybody"), earn=(Rule("purchase", 1),), caps=Caps(month=15))
    most: dict[ProgrammeCalendar, int] = {"gregorian": 15, "jalali": 20}
    for calendar, issued in most.items():
        assert replayed(replace(programme, calendar=calendar), [member]).issued.tolist() == [issued]


def test_a_discount_of_very_much_is_its_part() -> None:
    programme = Programme(
        "p", Members("everybody"), tiers=Tiers("purchases", (Step("a", 0, discount=1_000),), review="year")
    )
    huge = Member(since=FIRST - 5, days={FIRST + 3: Day(purchases=1, spent=2 * 10**17)})
    assert int(replayed(programme, [huge]).discount[0]) == 2 * 10**16
