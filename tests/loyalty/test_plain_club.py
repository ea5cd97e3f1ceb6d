"""What a programme is said to have given is what a walk through the company's own files comes to."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pandas as pd
import pytest

from crm_core.loyalty import estimates as told
from crm_core.tables import Selection
from tests.engines import Engine
from tests.loyalty.plain_asking import Asked, put
from tests.loyalty.plain_club import Club
from tests.loyalty.plain_company import company, terms
from tests.loyalty.plain_expected import compare, programme_of, same
from tests.loyalty.plain_files import DAY, Files, Terms
from tests.loyalty.plain_ranking import ranked

FIRSTS = (dt.date(2023, 12, 28), dt.date(2028, 1, 1))
"""The days begin so that a Jalali year of 366 days ends in them: 1403, 1408."""
DAYS = 900
CALENDARS = ("gregorian", "jalali", "buddhist")


def narrowed(chance: random.Random) -> tuple[Selection, dict[str, Any]]:
    """What a reader has narrowed the base down to, as the product and as the oracle is told."""
    if chance.random() < 0.5:
        return Selection(), {}
    by = chance.choice(("channels", "categories", "regions"))
    if by == "regions":
        return Selection(regions=("south",)), {"regions": ("south",)}
    known, column = (("web", "phone"), "channel") if by == "channels" else (("tea",), "category")
    return Selection(**{by: known}), {"keep": lambda row: row[column] in known}


def brought(
    chance: random.Random, files: Files, said: Terms, as_of: dt.date
) -> tuple[dt.date, dict[str, tuple[int, str]]] | None:
    """What some members bring when the programme takes over; None mostly."""
    if chance.random() < 0.7:
        return None
    day = as_of - chance.randrange(1, 500) * DAY
    since = Club(files, said, day).since if day >= files.first_day else {}
    tiers: Any = said.get("tiers", {"steps": []})
    names = ["", *(step["name"] for step in tiers["steps"])]
    return day, {name: (chance.choice((0, 7, 120)), chance.choice(names)) for name in since}


@pytest.mark.parametrize("seed", range(3))
def test_programmes_by_chance(seed: int, kept_duckdb: Engine) -> None:
    chance = random.Random(seed)
    first = FIRSTS[seed % 2]
    files = company(chance, first=first, days=DAYS)
    whole = put(kept_duckdb, files, derived=True)
    as_of = first + chance.randrange(60, DAYS + 30) * DAY
    months, calendar = chance.choice((1, 5, 12, 12, 30)), chance.choice(CALENDARS)
    selection, part = narrowed(chance)
    said = terms(chance)
    opened = brought(chance, files, said, as_of) if not selection else None
    ask = Asked(whole.loaded, whole.tables.select(selection))
    compare(ask, Club(files, said, as_of, months, openings=opened, **part), calendar)


LITTLE: dict[str, Terms] = {
    "points": {
        "name": "Points",
        "members": {"who": "everybody"},
        "earn": [{"for": "amount", "points": 3, "unit": 2}, {"for": "joining", "points": 5}],
        "expiry": {"kind": "year_end"},
        "tiers": {"by": "points", "steps": [{"name": "Friend", "from": 5, "multiplier": 2}]},
        "rewards": [{"name": "Tea", "points": 6, "cost": 1}],
        "redemption": {"low": 0, "likely": 0.5, "high": 1},
        "running_cost": {"year": 10, "member_year": 1},
    },
    "discount": {
        "name": "Discount",
        "members": {"who": "everybody"},
        "tiers": {"by": "tenure", "steps": [{"name": "Guest", "from": 0, "discount": 5}]},
    },
}


def bought(customer: str, day: str, amount: str) -> dict[str, str]:
    return {"customer_id": customer, "ordered_at": f"{day} 23:59:59", "amount": amount}


LITTLE_BASES = {
    "a customer on a day": [bought("a", "2025-03-20", "9.99")],
    "a guest before": [bought("", "2025-01-01", "5.00"), bought("a", "2025-03-20", "9.99")],
    "a return before": [bought("a", "2024-12-31", "-5.00"), bought("a", "2025-03-20", "10.00")],
    "over two ends of a year": [
        bought("a", "2024-12-31", "10.00"),
        bought("a", "2025-01-01", "4.00"),
        bought("b", "2025-03-20", "8.00"),
        bought("a", "2025-03-20", "2.00"),
        bought("a", "2025-03-21", "-7.00"),
    ],
}


@pytest.mark.parametrize("name", LITTLE_BASES)
def test_bases_of_orders_alone(name: str, kept_duckdb: Engine) -> None:
    files = Files(LITTLE_BASES[name])
    ask = put(kept_duckdb, files, derived=True)
    for as_of, months, calendar in (("2025-03-20", 60, "jalali"), ("2025-03-21", 1, "gregorian")):
        for said in LITTLE.values():
            club = Club(files, {**said, "calendar": calendar}, dt.date.fromisoformat(as_of), months)
            compare(ask, club, calendar)


TABLES = (
    told.loyalty_accounts,
    told.loyalty_ahead,
    told.loyalty_breakage,
    told.loyalty_cost,
    told.loyalty_months,
    told.loyalty_moves,
    told.loyalty_tiers,
)


@pytest.mark.parametrize("seed", range(100, 101))
def test_what_comes_later_changes_nothing(seed: int, kept_duckdb: Engine) -> None:
    chance = random.Random(seed)
    files = company(chance, first=FIRSTS[0], days=DAYS)
    as_of = FIRSTS[0] + chance.randrange(300, DAYS - 60) * DAY
    said = [terms(chance) for _ in range(2)]

    def answers(ask: Asked) -> list[pd.DataFrame]:
        programmes = [programme_of(Club(files, one, as_of)) for one in said]
        return [
            ask(build, as_of=as_of, programme=one)
            for one in programmes
            for build in TABLES
            if one.tiers or build is not told.loyalty_ahead
        ]

    whole, cut = answers(put(kept_duckdb, files)), answers(put(kept_duckdb, files.before(as_of)))
    for one, other in zip(whole, cut, strict=True):
        pd.testing.assert_frame_equal(one, other)


def indicators(chance: random.Random) -> list[dict[str, Any]]:
    """Some indicators, each with bands at which values lie."""
    froms = {
        "amount": (0, 100.25, 900),
        "purchases": (1, 4, 9),
        "days_early": (-5, 0, 4.5),
        "channel_share": (0.25, 0.5, 1),
        "referrals": (1, 2),
        "tenure_days": (100, 300),
        "returned_share": (0.1, 0.5),
    }
    found = []
    for name in chance.sample(sorted(froms), 4):
        bands = [{"from": at, "points": chance.choice((-2, 1, 0.5, 3))} for at in froms[name]]
        one: dict[str, Any] = {"indicator": name, "weight": chance.choice((1, 0.1, 3)), "bands": bands}
        if name == "channel_share":
            one["channels"] = ["web", "phone"]
        if name != "tenure_days" and chance.random() < 0.5:
            one["within_days"] = chance.choice((30, 365))
        found.append(one)
    return found


@pytest.mark.parametrize("seed", range(200, 202))
def test_customers_are_ranked(seed: int, kept_duckdb: Engine) -> None:
    chance = random.Random(seed)
    files = company(chance, first=FIRSTS[0], days=DAYS)
    ask = put(kept_duckdb, files)
    for kinds in ({}, {"kinds": ["company"]}):
        as_of = FIRSTS[0] + chance.randrange(60, DAYS + 30) * DAY
        said = {"name": "Ranks", "members": {"who": "everybody", **kinds}, "indicators": indicators(chance)}
        rows = ask(told.loyalty_ranking, as_of=as_of, programme=programme_of(Club(files, said, as_of)))
        same(rows, ranked(files, said, as_of), "ranking")
