"""Points for an invoice in another currency went by the rate of the day on which it falls due.

Where that lay after `as_of`, so did the rate: a number that changed once a later rate was brought in.
"""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.metrics import loyalty_entries
from crm_core.loyalty.rules import Members, Rule
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

ORDERS = [
    {"customer_id": "a", "ordered_at": "2024-01-01 12:00:00", "amount": "1.00", "currency": "EUR"},
    {"customer_id": "a", "ordered_at": "2024-01-31 12:00:00", "amount": "1.00", "currency": "EUR"},
]
PAYMENTS = [
    {
        "customer_id": "a",
        "due_at": "2024-03-20 12:00:00",
        "paid_at": "2024-01-20 12:00:00",
        "amount": "100.00",
        "currency": "USD",
    }
]
RATES = [
    {"currency": "USD", "valid_from": "2024-01-01", "rate": "0.9"},
    {"currency": "USD", "valid_from": "2024-02-10", "rate": "0.5"},
]
EARN = (Rule("punctual", 1, unit=1),)


def test_a_later_rate_changes_nothing(engine: Engine) -> None:
    for rates in (RATES, RATES[:1]):
        ask = put(engine, Files(ORDERS, PAYMENTS, rates=rates))
        rows = ask(
            loyalty_entries,
            as_of=dt.date(2024, 1, 31),
            members=Members("everybody"),
            earn=EARN,
            begin=dt.date(2024, 1, 1),
        )
        assert rows["flat"].sum() == 90
