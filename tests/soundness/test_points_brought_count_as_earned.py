"""Points that were brought in expired on the first day, where the member had long been quiet.

They count as earned on the day at whose end members have them; points that expire by inactivity expired so
many days after the last purchase all the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.rules import Expiry, Members, Openings, Programme, Rule
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

ORDERS = [
    {"customer_id": "quiet", "ordered_at": "2022-01-10 12:00:00", "amount": "80.00"},
    {"customer_id": "other", "ordered_at": "2024-12-31 12:00:00", "amount": "80.00"},
]
BROUGHT = Openings(dt.date(2023, 12, 31), (("quiet", 70, 0),))
CLUB = Programme(
    "Club",
    Members("everybody"),
    earn=(Rule("purchase", 1),),
    expiry=Expiry("inactivity", days=100),
    openings=BROUGHT,
)


def test_they_last_as_long_as_points_earned_on_that_day(engine: Engine) -> None:
    ask = put(engine, Files(ORDERS))

    def balance(as_of: dt.date, programme: Programme = CLUB) -> int:
        rows = ask(loyalty_accounts, as_of=as_of, programme=programme, months=1)
        return int(rows[rows["customer_id"] == "quiet"]["balance"].sum())

    assert balance(dt.date(2024, 2, 1)) == 70
    assert balance(dt.date(2024, 4, 8)) == 70
    assert balance(dt.date(2024, 4, 9)) == 0
    fixed = replace(CLUB, expiry=Expiry("fixed", days=100))
    assert balance(dt.date(2024, 4, 8), fixed) == 70
    assert balance(dt.date(2024, 4, 9), fixed) == 0
