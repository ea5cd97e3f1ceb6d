"""What lies ahead of a club, and it against another, as a walk through members' days has it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.loyalty.plain_club import Club, Walked
from tests.loyalty.plain_expected import Expected
from tests.loyalty.plain_files import DAY

THREE_YEARS = 3 * 366
TENURE_AHEAD = 30


def rising(expected: Expected) -> list[dict[str, Any]]:
    """Whom no more than one purchase of their own usual size takes into the next tier, by id."""
    club, rows = expected.club, []
    fallen = {row["customer_id"] for row in expected.falling()}
    for name, walked in expected.walks["low"].items():
        tier = walked.days[club.as_of].tier
        if tier == len(club.steps) or name in fallen:
            continue
        above = club.steps[tier]
        lacking = Fraction(str(above["from"])) - walked.measure
        usual = usually(expected, name, walked)
        within = usual if club.tiers and club.tiers["by"] != "tenure" else Fraction(TENURE_AHEAD)
        if within is not None and 0 < lacking <= within:
            rows.append(
                {
                    "customer_id": name,
                    "tier": expected.names[tier],
                    "tier_next": above["name"],
                    "lacking": float(lacking),
                    "usual": None if usual is None else float(usual),
                    "review_on": None,
                    "days_left": None,
                }
            )
    return rows


def usually(expected: Expected, name: str, walked: Walked) -> Fraction | None:
    """What a purchase of a member adds to what tiers are by, on average; None where that is not known."""
    club = expected.club
    mine = expected.bought(name)
    purchases = sum(order.amount > 0 for order in mine)
    by = club.tiers["by"] if club.tiers else "tenure"
    if by == "tenure" or not purchases:
        return None
    if by == "purchases":
        return Fraction(1)
    if by == "amount":
        return Fraction(sum(order.amount for order in mine), club.files.scale * purchases)
    days = [walked.days[day] for day in expected.told_days if day in walked.days]
    return Fraction(sum(day.by_purchases for day in days), purchases)


def followed_from(club: Club) -> dt.date:
    """The day from which on points are followed: as long ago as they last, not in a replay's first third."""
    expiry: Mapping[str, Any] | None = club.terms.get("expiry")
    lasting = THREE_YEARS
    if expiry is not None:
        lasting = 366 * (expiry.get("years", 0) + 1) if expiry["kind"] == "year_end" else expiry["days"]
    days = (club.as_of - club.begin).days + 1
    return max(club.as_of + DAY - lasting * DAY, club.begin + days // 3 * DAY)


def chances(expected: Expected) -> tuple[Fraction, Fraction | None, Fraction]:
    """Of points that were held by members who all use them: the share used, no less, likely, no more."""
    club = expected.club
    last = followed_from(club) - DAY
    held = redeemed = lost = 0
    for name, walked in expected.walks["high"].items():
        then = club.walk(name, redeems=True, until=last)
        for before, after in zip(then.lots, walked.lots, strict=False):
            held += before.left
            redeemed += after.redeemed - before.redeemed
            lost += after.expired + after.taken_back - before.expired - before.taken_back
    if not held:
        return Fraction(0), None, Fraction(1)
    known = redeemed + lost
    likely = Fraction(redeemed, known) if known else None
    return Fraction(redeemed, held), likely, 1 - Fraction(lost, held)


def expected_uses(expected: Expected, redeeming: str, balances: Sequence[int]) -> list[dict[str, Any]]:
    """What points outstanding are expected to cost, for each number of them."""
    low, likely, high = chances(expected)
    rows = []
    for balance in balances:
        # Where nobody uses points, none will be used.
        most = balance * expected.cost_of_point() if redeeming == "high" else Fraction(0)
        rows.append(
            {
                "expected_use": (None if likely is None else round(most * likely)) if most else 0,
                "expected_use_low": round(most * low),
                "expected_use_high": round(most * high),
            }
        )
    return rows


def gains(one: Expected, other: Expected) -> list[dict[str, Any]]:
    """What members are to expect of the one and of the other, those who gain most first."""
    mine, theirs = ({row["customer_id"]: row["given"] for row in part.gains()} for part in (one, other))
    rows = [
        {
            "customer_id": name,
            "given": mine.get(name, 0),
            "given_other": theirs.get(name, 0),
            "gain": mine.get(name, 0) - theirs.get(name, 0),
        }
        for name in sorted(mine.keys() | theirs.keys())
    ]
    return sorted(rows, key=lambda row: -row["gain"])


def compared(rows: Sequence[Mapping[str, Any]], group_of: Mapping[str, str | None]) -> list[dict[str, Any]]:
    """The sums of these over each group, by its name, those who are in none last."""
    found = []
    for group in sorted(
        {group_of.get(row["customer_id"]) for row in rows}, key=lambda one: (one is None, one)
    ):
        mine = [row for row in rows if group_of.get(row["customer_id"]) == group]
        found.append(
            {
                "group": group,
                "members": len(mine),
                "gaining": sum(row["gain"] > 0 for row in mine),
                "losing": sum(row["gain"] < 0 for row in mine),
                **{name: sum(row[name] for row in mine) for name in ("given", "given_other", "gain")},
            }
        )
    return found
