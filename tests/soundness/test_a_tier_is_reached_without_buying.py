"""Who reached a tier by time, by joining or as a return was forgotten rose only with the next purchase.

That purchase had no discount and no more points, and until then, or until the next review, the member was
shown below.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import yaml

from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.rules import read_programme
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

ORDERS = [
    {"order_id": "1", "customer_id": "a", "ordered_at": "2024-01-10 12:00:00", "amount": "80.00"},
    {"order_id": "2", "customer_id": "a", "ordered_at": "2024-01-11 12:00:00", "amount": "-40.00"},
    {"order_id": "3", "customer_id": "b", "ordered_at": "2024-01-01 12:00:00", "amount": "10.00"},
    {"order_id": "4", "customer_id": "a", "ordered_at": "2024-02-12 12:00:00", "amount": "90.00"},
    {"order_id": "5", "customer_id": "a", "ordered_at": "2024-03-04 12:00:00", "amount": "100.00"},
]
CONTACTS = [
    {
        "customer_id": "a",
        "contacted_at": "2024-01-09 12:00:00",
        "channel": "shop",
        "campaign_id": "club",
        "outcome": "joined",
    }
]
JOINED = {"who": "joined", "campaign": "club"}


def found(engine: Engine, as_of: str, members: dict[str, Any], **tiers: Any) -> tuple[str, int]:
    """The tier of customer `a` on a day, and the discounts up to it."""
    ask = put(engine, Files(ORDERS, contacts=CONTACTS))
    steps = [{"name": "Friend", "from": tiers.pop("at"), "discount": 10}]
    told = {"name": "Club", "members": members, "tiers": {**tiers, "review": "year", "steps": steps}}
    programme = read_programme(yaml.safe_dump(told))
    rows = ask(loyalty_accounts, as_of=dt.date.fromisoformat(as_of), programme=programme)
    (mine,) = rows[rows["customer_id"] == "a"].to_dict("records")
    return mine["tier"], mine["discount"]


def test_by_time(engine: Engine) -> None:
    everybody = {"who": "everybody"}
    assert found(engine, "2024-02-08", everybody, by="tenure", at=30) == ("", 0)
    assert found(engine, "2024-02-09", everybody, by="tenure", at=30) == ("Friend", 0)
    assert found(engine, "2024-02-12", everybody, by="tenure", at=30) == ("Friend", 90_000)


@pytest.mark.parametrize("by", ["amount", "purchases"])
def test_by_joining(by: str, engine: Engine) -> None:
    assert found(engine, "2024-01-09", JOINED, by=by, at=0) == ("Friend", 0)
    assert found(engine, "2024-01-10", JOINED, by=by, at=0) == ("Friend", 80_000)


def test_as_a_return_is_no_longer_looked_at(engine: Engine) -> None:
    within = {"by": "amount", "within_days": 33, "at": 85}
    assert found(engine, "2024-02-12", JOINED, **within) == ("", 0)
    assert found(engine, "2024-02-13", JOINED, **within) == ("Friend", 0)
    assert found(engine, "2024-03-04", JOINED, **within) == ("Friend", 100_000)
