"""What lies ahead of a club, and one programme against another, are what a walk through the days comes to."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from typing import Any

import pytest

from crm_core.customers.metrics import kind
from crm_core.loyalty import estimates as told
from tests.engines import Engine
from tests.loyalty.plain_ahead import compared, expected_uses, gains, rising
from tests.loyalty.plain_asking import Asked, put
from tests.loyalty.plain_club import Club
from tests.loyalty.plain_company import company, terms
from tests.loyalty.plain_expected import Expected, compare, programme_of, same
from tests.loyalty.plain_files import DAY

FIRST = dt.date(2023, 12, 28)
DAYS = 900


def ahead(ask: Asked, club: Club, calendar: str) -> None:
    """See that what is told of what will come is so."""
    expected = Expected(club, calendar)
    given: dict[str, Any] = {
        "as_of": club.as_of,
        "programme": programme_of(club),
        "months": club.months,
        "calendar": calendar,
    }
    if club.tiers:
        rows = ask(told.loyalty_ahead, **given)
        same(rows[rows["rises"]].sort_values("customer_id"), rising(expected), "about to rise")
    months, end = ask(told.loyalty_months, **given), ask(told.loyalty_cost, **given)
    for redeeming in ("low", "high"):
        for found in (months, end):
            mine = found[found["redeeming"] == redeeming]
            uses = expected_uses(expected, redeeming, mine["balance"].tolist())
            same(mine, uses, f"expected use {redeeming}")


@pytest.mark.parametrize("seed", [1, 18, 40])
def test_programmes_by_chance(seed: int, kept_duckdb: Engine) -> None:
    chance = random.Random(seed)
    files = company(chance, first=FIRST, days=DAYS, customers=5)
    ask = put(kept_duckdb, files)
    as_of = FIRST + chance.randrange(60, DAYS + 30) * DAY
    club, other = (Club(files, terms(chance), as_of) for _ in range(2))
    for calendar in ("gregorian", "jalali"):
        ahead(ask, club, calendar)
    options: dict[str, Any] = {"as_of": as_of, "programme": programme_of(club), "other": programme_of(other)}
    against = gains(Expected(club, "gregorian"), Expected(other, "gregorian"))
    same(ask(told.loyalty_gains, **options), against, "gains")
    kinds = {row["customer_id"]: row["kind"] or None for row in files.customers}
    same(ask(told.loyalty_compared, **options, group=kind), compared(against, kinds), "compared")


def test_thousandths_of_a_currency(kept_duckdb: Engine) -> None:
    """As the dinar has them."""
    chance = random.Random(7)
    files = company(chance, first=FIRST, days=400, customers=4)
    fine = [{**row, "amount": f"{row['amount']}{chance.randrange(10)}"} for row in files.orders]
    files = replace(files, orders=fine)
    ask = put(kept_duckdb, files, derived=True)
    said = {
        "name": "Fils",
        "members": {"who": "everybody"},
        "earn": [{"for": "amount", "points": 1, "unit": 0.125, "at_least": 20.005}],
        "tiers": {
            "by": "amount",
            "within_days": 90,
            "steps": [{"name": "Fine", "from": 20.125, "multiplier": 1.15, "discount": 3.75}],
        },
        "rewards": [{"name": "Tea", "points": 300, "cost": 0.375}],
        "redemption": {"low": 0, "likely": 0.5, "high": 1},
        "running_cost": {"year": 10.005, "member_year": 0.125},
    }
    club = Club(files, said, FIRST + 399 * DAY)
    compare(ask, club, "gregorian")
    ahead(ask, club, "gregorian")
