"""A customer who was said to have been referred by the same customer earned the points for it."""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.metrics import Looked, loyalty_indicators
from crm_core.loyalty.rules import Members, Programme, Rule
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

DAY = dt.date(2024, 5, 2)
CLUB = Programme("Club", Members("everybody"), earn=(Rule("referral", 50),))


def test_only_others_count(engine: Engine) -> None:
    days = {"a": "01", "b": "02"}
    orders = [
        {"customer_id": one, "ordered_at": f"2024-05-{day} 12:00:00", "amount": "9.00"}
        for one, day in days.items()
    ]
    people = [{"customer_id": "a", "referred_by": "a"}, {"customer_id": "b", "referred_by": "a"}]
    ask = put(engine, Files(orders, customers=people))
    rows = ask(loyalty_accounts, as_of=DAY, programme=CLUB)
    assert dict(zip(rows["customer_id"], rows["issued"], strict=True)) == {"a": 50, "b": 0}
    referrals = ask(loyalty_indicators, as_of=DAY, looked=(Looked("referrals"),))
    assert dict(zip(referrals["customer_id"], referrals["value_0"], strict=True)) == {"a": 1.0, "b": 0.0}
