"""A discount on goods that were given back counted as a cost, while revenue and margin had them taken off.

Who is paid back is paid back what was paid. So a programme of discounts seemed to cost more than it does, by
as much as customers return, and took a larger lift to pay.
"""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.estimates import loyalty_accounts, loyalty_cost, loyalty_months
from crm_core.loyalty.rules import Members, Programme, Step, Tiers
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

LAST = dt.date(2024, 6, 30)
LADDER = Programme(
    "Ladder", Members("everybody"), tiers=Tiers("tenure", (Step("Friend", 0.0, discount=500),))
)
"""5 % from the day after joining on."""


def order(customer: str, day: str, amount: str) -> dict[str, str]:
    return {"customer_id": customer, "ordered_at": f"2024-{day} 12:00:00", "amount": amount}


ORDERS = [
    *(order(one, "01-10", "10.00") for one in ("keeps", "returns", "returns more")),
    *(order(one, "02-10", "100.00") for one in ("keeps", "returns", "returns more")),
    *(order("returns", day, "-40.00") for day in ("02-10", "03-10")),
    order("returns more", "03-10", "-150.00"),
    order("returns more", "04-10", "200.00"),
    order("keeps", "06-30", "1.00"),
]


def test_a_return_gives_back_what_was_given(engine: Engine) -> None:
    ask = put(engine, Files(ORDERS))
    rows = ask(loyalty_accounts, as_of=LAST, programme=LADDER).set_index("customer_id")
    assert dict(rows["discount"] / 10_000) == {"keeps": 5.05, "returns": 1.0, "returns more": 10.0}
    months = ask(loyalty_months, as_of=LAST, programme=LADDER)
    mine = months[months["redeeming"] == "likely"]
    assert list(mine["discount"] / 10_000) == [0.0, 13.0, -7.0, 10.0, 0.0, 0.05]
    (cost, *_) = ask(loyalty_cost, as_of=LAST, programme=LADDER).to_dict("records")
    assert cost["discount"] == 160_500
    assert cost["break_even_lift"] == 160_500 / (3_010_000 - 160_500)


def test_of_what_was_given_before_these_months_too(engine: Engine) -> None:
    ask = put(engine, Files(ORDERS))
    rows = ask(loyalty_accounts, as_of=LAST, programme=LADDER, months=4).set_index("customer_id")
    assert dict(rows["discount"] / 10_000) == {"keeps": 0.05, "returns": -2.0, "returns more": 5.0}
