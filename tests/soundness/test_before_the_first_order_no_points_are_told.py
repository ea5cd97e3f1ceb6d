"""Points for joining were told of no day at all: of a month that began before the base's first order."""

from __future__ import annotations

import datetime as dt
from typing import Any

from crm_core.loyalty.estimates import (
    loyalty_accounts,
    loyalty_ahead,
    loyalty_breakage,
    loyalty_cost,
    loyalty_months,
    loyalty_moves,
)
from crm_core.loyalty.rules import Members, Programme, Rule, Step, Tiers
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

FILES = Files(
    [{"customer_id": "a", "ordered_at": "2024-03-20 12:00:00", "amount": "80.00"}],
    contacts=[
        {
            "customer_id": "a",
            "contacted_at": "2024-03-05 12:00:00",
            "channel": "email",
            "campaign_id": "club",
            "outcome": "joined",
        }
    ],
)
CLUB = Programme(
    "Club",
    Members("joined", "club"),
    (Rule("joining", 50),),
    tiers=Tiers("points", (Step("Silver", 50.0),)),
)
JOINED_NOT_BOUGHT = dt.date(2024, 3, 10)


def test_of_no_days_nothing_is_told(engine: Engine) -> None:
    ask = put(engine, FILES)
    given: dict[str, Any] = {"as_of": JOINED_NOT_BOUGHT, "programme": CLUB}
    accounts = ask(loyalty_accounts, **given)
    assert accounts[["customer_id", "issued", "balance", "tier"]].to_numpy().tolist() == [["a", 0, 0, ""]]
    assert ask(loyalty_cost, **given)[
        ["days", "members", "balance"]
    ].drop_duplicates().to_numpy().tolist() == [[0, 1, 0]]
    for build in (loyalty_months, loyalty_breakage, loyalty_moves, loyalty_ahead):
        assert ask(build, **given).empty, build
