"""Who lacked exactly one usual purchase was not told, where binary fractions put the two a hair apart.

And points for joining or for somebody referred made a usual purchase larger than any that was ever made.
"""

from __future__ import annotations

import datetime as dt

from crm_core.loyalty.estimates import loyalty_ahead
from crm_core.loyalty.rules import Members, Programme, Rule, Step, Tiers
from tests.engines import Engine
from tests.loyalty.plain_asking import Asked, put
from tests.loyalty.plain_files import Files

DAY = dt.date(2024, 5, 1)


def bought(customer: str, *amounts: str) -> list[dict[str, str]]:
    return [{"customer_id": customer, "ordered_at": f"{DAY} 12:00:00", "amount": one} for one in amounts]


def rising(ask: Asked, programme: Programme) -> dict[str, tuple[float, float]]:
    rows = ask(loyalty_ahead, as_of=DAY, programme=programme)
    rows = rows[rows["rises"]]
    lacking, usual = rows["lacking"].tolist(), rows["usual"].tolist()
    return dict(zip(rows["customer_id"], zip(lacking, usual, strict=True), strict=True))


def test_to_the_last_cent(engine: Engine) -> None:
    rows = bought("exactly", "4.96", "4.96") + bought("short", "4.96", "4.95") + bought("half", "7.44")
    club = Programme("Club", Members("everybody"), tiers=Tiers("amount", (Step("Silver", 14.88),)))
    found = rising(put(engine, Files(rows)), club)
    assert found == {"exactly": (4.96, 4.96), "half": (7.44, 7.44)}


def test_joining_is_no_purchase(engine: Engine) -> None:
    club = Programme(
        "Club",
        Members("everybody"),
        (Rule("joining", 90), Rule("amount", 1, 1.0)),
        tiers=Tiers("points", (Step("Silver", 130.0),)),
    )
    found = rising(put(engine, Files(bought("a", "20.00", "15.00") + bought("b", "20.00"))), club)
    assert found == {"b": (20.0, 20.0), "a": (5.0, 17.5)}
