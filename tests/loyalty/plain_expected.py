"""What the product tells of a club, as a walk through its members' days has it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
import yaml

from crm_core.customers.metrics import kind
from crm_core.loyalty import estimates as told
from crm_core.loyalty.rules import Openings, Programme, read_programme
from crm_core.tables import Estimate
from tests.loyalty.plain_club import Club, DayTold, Walked
from tests.loyalty.plain_files import DAY, month_begin, month_number

YEAR = Fraction(1461, 4)


@dataclass
class Expected:
    """A club walked through, with nobody and with everybody using points."""

    club: Club
    calendar: str

    def __post_init__(self) -> None:
        club = self.club
        self.walks = {
            redeeming: {name: club.walk(name, redeems=redeeming == "high") for name in sorted(club.since)}
            for redeeming in ("low", "high")
        }
        self.told_days = [club.start + place * DAY for place in range((club.as_of - club.start).days + 1)]
        self.names = ["", *(step["name"] for step in club.steps)]

    def sum(self, redeeming: str, days: Sequence[dt.date]) -> DayTold:
        """What all members were given on some days."""
        found = DayTold()
        for one in self.walks[redeeming].values():
            for day in days:
                add(found, one.days.get(day))
        return found

    def cost_of_point(self) -> Fraction:
        rewards = self.club.terms.get("rewards", ())
        return max((self.club.units(one["cost"]) / one["points"] for one in rewards), default=Fraction(0))

    def months(self) -> list[dict[str, Any]]:
        rows = []
        for redeeming, walks in self.walks.items():
            for month in sorted({month_number(day, self.calendar) for day in self.told_days}):
                days = [day for day in self.told_days if month_number(day, self.calendar) == month]
                found = self.sum(redeeming, days)
                ends = [one.days[days[-1]] for one in walks.values() if days[-1] in one.days]
                balance = sum(one.balance for one in ends)
                rows.append(
                    {
                        "redeeming": redeeming,
                        "month": month,
                        "complete": whole_month(days, self.calendar),
                        "members": len(ends),
                        "issued": found.issued,
                        "redeemed": found.redeemed,
                        "expired": found.expired,
                        "taken_back": found.taken_back,
                        "balance": balance,
                        "outstanding": round(balance * self.cost_of_point()),
                        "reward_cost": round(found.reward_cost),
                        "discount": found.discount,
                    }
                )
        return rows

    def accounts(self, redeeming: str) -> list[dict[str, Any]]:
        club, rows = self.club, []
        for name, walked in self.walks[redeeming].items():
            found = DayTold()
            for day in self.told_days:
                add(found, walked.days.get(day))
            before = walked.days.get(club.start - DAY) or self.opened(name, walked)
            end = walked.days[club.as_of]
            mine = self.bought(name)
            above = club.steps[end.tier] if end.tier < len(club.steps) else None
            rows.append(
                {
                    "customer_id": name,
                    "since": walked.since,
                    "tier_before": self.names[before.tier],
                    "tier": self.names[end.tier],
                    "measure": float(walked.measure),
                    "next_tier": above["name"] if above else None,
                    "missing_to_next": float(Fraction(str(above["from"])) - walked.measure)
                    if above
                    else None,
                    "issued": found.issued,
                    "redeemed": found.redeemed,
                    "expired": found.expired,
                    "taken_back": found.taken_back,
                    "balance_before": before.balance,
                    "balance": end.balance,
                    "reward_cost": round(found.reward_cost),
                    "discount": found.discount,
                    "purchases": sum(order.amount > 0 for order in mine),
                    "revenue": sum(order.amount for order in mine),
                }
            )
        return rows

    def opened(self, name: str, walked: Walked) -> DayTold:
        """A member on the day before a replay that begins with what is told."""
        return walked.before if walked.since < self.club.start else DayTold()

    def bought(self, name: str) -> list[Any]:
        """The orders of a member in the days that are told."""
        since = max(self.club.since[name], self.club.start)
        return [one for one in self.club.orders if one.customer == name and one.day >= since]

    def moves(self) -> Counter[tuple[int, bool, str, str]]:
        found: Counter[tuple[int, bool, str, str]] = Counter()
        walks = self.walks["low"]
        for month in {month_number(day, self.calendar) for day in self.told_days}:
            days = [day for day in self.told_days if month_number(day, self.calendar) == month]
            for name, walked in walks.items():
                if walked.since > days[-1]:
                    continue
                joined = walked.since >= days[0]
                before = walked.days.get(days[0] - DAY) or self.opened(name, walked)
                now = walked.days[days[-1]]
                found[month, joined, "" if joined else self.names[before.tier], self.names[now.tier]] += 1
        return found

    def breakage(self) -> list[dict[str, Any]]:
        rows = []
        for redeeming, walks in self.walks.items():
            lots = [lot for one in walks.values() for lot in one.lots if lot.day >= self.club.begin]
            for month in sorted({month_number(lot.day, self.calendar) for lot in lots}):
                mine = [lot for lot in lots if month_number(lot.day, self.calendar) == month]
                first = month_begin(mine[0].day, self.calendar)
                days = [first]
                while month_number(days[-1] + DAY, self.calendar) == month:
                    days.append(days[-1] + DAY)
                left = sum(lot.left for lot in mine)
                issued, expired = sum(lot.issued for lot in mine), sum(lot.expired for lot in mine)
                rows.append(
                    {
                        "redeeming": redeeming,
                        "month": month,
                        "complete": first >= self.club.begin and days[-1] <= self.club.as_of and not left,
                        "issued": issued,
                        "redeemed": sum(lot.redeemed for lot in mine),
                        "expired": expired,
                        "taken_back": sum(lot.taken_back for lot in mine),
                        "balance": left,
                        "breakage": expired / issued,
                    }
                )
        return rows

    def falling(self) -> list[dict[str, Any]]:
        """Who falls at the next review, having done nothing until then."""
        club, rows = self.club, []
        review = club.next_review()
        for name, walked in self.walks["low"].items():
            tier = walked.days[club.as_of].tier
            later = club.walk(name, redeems=False, until=review)
            after = later.days[review].tier
            if after < tier:
                rows.append(
                    {
                        "customer_id": name,
                        "tier": self.names[tier],
                        "tier_next": self.names[after],
                        "lacking": float(Fraction(str(club.steps[tier - 1]["from"])) - later.measure),
                        "review_on": review,
                        "days_left": float((review - club.as_of).days),
                    }
                )
        return rows

    def gains(self) -> list[dict[str, Any]]:
        """What members are to expect, against the very same programme."""
        likely = Fraction(str(self.club.terms.get("redemption", {}).get("likely", 0)))
        rows = []
        for name, walked in self.walks["high"].items():
            days = [walked.days[day] for day in self.told_days if day in walked.days]
            rewards = sum((day.reward_cost for day in days), Fraction(0)) * likely
            given = round(rewards) + sum(day.discount for day in days)
            rows.append({"customer_id": name, "given": given, "given_other": given, "gain": 0})
        return rows

    def running(self, names: Sequence[str]) -> Fraction:
        """What these members cost beside rewards and discounts, with their share of what nobody's is."""
        cost = self.club.terms.get("running_cost", {})
        days = {name: self.member_days(name) for name in self.club.since}
        mine, all_days = sum(days[name] for name in names), sum(days.values())
        share = Fraction(mine, all_days) if all_days else Fraction(1)
        units = self.club.units
        year = units(cost.get("year", 0)) * len(self.told_days) * share
        return (year + units(cost.get("member_year", 0)) * mine) / YEAR

    def member_days(self, name: str) -> int:
        return (self.club.as_of - max(self.club.since[name], self.club.start)).days + 1

    def costs(self, names: Sequence[str], redeeming: str, *, whole_units: bool) -> dict[str, Any]:
        """What some members bring and are given; the lift of all is that of sums before they are rounded."""
        bought = [one for name in names for one in self.bought(name)]
        everything = [one for name in self.club.since for one in self.bought(name)]
        lines = [cost for one in everything for *_, cost in one.lines]
        by_margin = "cost" in self.club.files.orders[0] and None not in lines
        revenue = sum(one.amount for one in bought)
        spent = sum(cost or 0 for one in bought for *_, cost in one.lines) if by_margin else 0
        given = DayTold()
        for name in names:
            for day in self.told_days:
                add(given, self.walks[redeeming][name].days.get(day))
        rewards, discount, running = given.reward_cost, given.discount, self.running(names)
        if whole_units:
            rewards, running = Fraction(round(rewards)), Fraction(round(running))
        left = revenue - spent - rewards - discount
        total = rewards + discount + running
        return {
            "revenue": revenue,
            "by_margin": by_margin,
            "brought": revenue - spent,
            "reward_cost": round(rewards),
            "discount": discount,
            "running_cost": round(running),
            "total_cost": round(rewards) + discount + round(running),
            "break_even_lift": float(total / left) if left > 0 else None,
        }

    def parted(self, part_of: Mapping[str, str | None], redeeming: str) -> dict[str | None, dict[str, Any]]:
        """What the members of each part bring and are given, by the part."""
        found = {}
        for part in {part_of.get(name) for name in self.club.since}:
            names = [name for name in sorted(self.club.since) if part_of.get(name) == part]
            mine = [one for name in names for one in self.bought(name)]
            walks = [self.walks[redeeming][name] for name in names]
            found[part] = {
                "members": len(names),
                "purchases": sum(one.amount > 0 for one in mine),
                "issued": sum(
                    one.days[day].issued for one in walks for day in self.told_days if day in one.days
                ),
                **self.costs(names, redeeming, whole_units=True),
            }
        return found


def add(found: DayTold, day: DayTold | None) -> None:
    if day is not None:
        for name in ("issued", "redeemed", "expired", "taken_back", "reward_cost", "discount"):
            setattr(found, name, getattr(found, name) + getattr(day, name))


def whole_month(days: Sequence[dt.date], calendar: str) -> bool:
    number = month_number(days[0], calendar)
    return month_number(days[0] - DAY, calendar) < number < month_number(days[-1] + DAY, calendar)


def same(rows: pd.DataFrame, expected: Sequence[Mapping[str, Any]], what: str) -> None:
    """See that rows are those expected, in their order."""
    columns = list(expected[0]) if expected else []
    found = rows[columns].astype(object).where(rows[columns].notna(), None).to_dict("records")
    assert len(found) == len(expected), (what, len(found), len(expected))
    for mine, other in zip(found, expected, strict=True):
        for name, value in other.items():
            alike = (
                mine[name] == pytest.approx(value, rel=1e-9, abs=1e-9)
                if isinstance(value, float)
                else mine[name] == value
            )
            assert alike, (what, name, mine[name], value, mine, other)


def programme_of(club: Club) -> Programme:
    """The club's programme as the product reads it."""
    programme = read_programme(yaml.safe_dump(dict(club.terms), allow_unicode=True))
    if club.opened is None:
        return programme
    day, balances = club.opened
    names = ["", *(step["name"] for step in club.steps)]
    rows = tuple((name, points, names.index(tier)) for name, (points, tier) in sorted(balances.items()))
    return replace(programme, openings=Openings(day, rows))


def compare(ask: Any, club: Club, calendar: str) -> None:
    """See that all that is told of a club is what a walk through its members' days comes to."""
    expected, as_of = Expected(club, calendar), club.as_of
    programme = programme_of(club)
    given: dict[str, Any] = {
        "as_of": as_of,
        "programme": programme,
        "months": club.months,
        "calendar": calendar,
    }

    def rows(build: Estimate, **options: Any) -> pd.DataFrame:
        found: pd.DataFrame = ask(build, **given, **options)
        if "redeeming" in found:
            found = found[found["redeeming"] != "likely"]
        return found.reset_index(drop=True)

    same(rows(told.loyalty_accounts, redeeming="low"), expected.accounts("low"), "accounts low")
    same(rows(told.loyalty_accounts, redeeming="high"), expected.accounts("high"), "accounts high")
    one_of_both(rows(told.loyalty_accounts, redeeming="likely"), expected)
    same(rows(told.loyalty_gains, other=programme).sort_values("customer_id"), expected.gains(), "gains")
    same(rows(told.loyalty_months), expected.months(), "months")
    moves = rows(told.loyalty_moves)
    found = {
        (m, bool(j), b, a): n
        for m, j, b, a, n in moves[["month", "joined", "tier_before", "tier", "members"]].itertuples(
            index=False
        )
    }
    assert found == dict(expected.moves()), (
        "moves",
        Counter(found) - expected.moves(),
        expected.moves() - Counter(found),
    )
    same(rows(told.loyalty_breakage), expected.breakage(), "breakage")
    costs = rows(told.loyalty_cost)
    for place, redeeming in enumerate(("low", "high")):
        names = sorted(expected.club.since)
        mine = {
            "redeeming": redeeming,
            "days": len(expected.told_days),
            "members": len(names),
            "buyers": sum(any(one.amount > 0 for one in expected.bought(name)) for name in names),
            **expected.costs(names, redeeming, whole_units=False),
        }
        same(costs.iloc[[place]], [mine], "cost")
    if expected.club.tiers:
        ahead = rows(told.loyalty_ahead)
        same(ahead[~ahead["rises"]].sort_values("customer_id"), expected.falling(), "about to fall")
    kinds = {row["customer_id"]: row["kind"] or None for row in expected.club.files.customers}
    for redeeming in ("low", "high"):
        tiers = {
            name: expected.names[one.days[as_of].tier] for name, one in expected.walks[redeeming].items()
        }
        same_parts(rows(told.loyalty_tiers), "tier", redeeming, expected.parted(tiers, redeeming))
        if kinds:
            groups = rows(told.loyalty_groups, group=kind)
            same_parts(groups, "group", redeeming, expected.parted(kinds, redeeming))


def one_of_both(rows: pd.DataFrame, expected: Expected) -> None:
    """See that each member uses points always or never."""
    both = zip(expected.accounts("low"), expected.accounts("high"), strict=True)
    for place, (never, always) in enumerate(both):
        used = ("redeemed", "balance_before", "balance", "expired", "taken_back")
        mine = [rows.loc[place, name] for name in used]
        some = always if mine == [always[name] for name in used] else never
        same(rows.iloc[[place]], [some], "accounts likely")


def same_parts(
    rows: pd.DataFrame, by: str, redeeming: str, expected: Mapping[str | None, Mapping[str, Any]]
) -> None:
    mine = rows[(rows["redeeming"] == redeeming) & (rows["members"] > 0)]
    found = {None if pd.isna(part) else part for part in mine[by]}
    assert found == set(expected), (by, found, set(expected))
    for part, values in expected.items():
        same(mine[mine[by].isna() if part is None else mine[by] == part], [values], f"{by} {part}")
