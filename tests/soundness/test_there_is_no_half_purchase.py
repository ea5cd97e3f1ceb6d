"""Half a purchase was missing to a tier from two and a half purchases on, which the third one reaches."""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.rules import Members, Programme, Step, Tiers
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

ORDERS = [
    {"customer_id": "a", "ordered_at": f"2024-03-{day} 12:00:00", "amount": "80.00"} for day in (20, 21)
]
CLUB = Programme("Club", Members("everybody"), tiers=Tiers("purchases", (Step("Silver", 2.5),)))


def test_one_is_missing(engine: Engine) -> None:
    rows = put(engine, Files(ORDERS))(loyalty_accounts, as_of=dt.date(2024, 3, 21), programme=CLUB)
    assert rows["missing_to_next"].tolist() == [1.0]
