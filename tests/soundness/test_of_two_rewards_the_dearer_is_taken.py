"""Of two rewards of as many points the one that stood first was counted, however little it cost.

Written in another order, the same programme cost something else.
"""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.loyalty.estimates import loyalty_cost
from crm_core.loyalty.rules import Members, Programme, Redemption, Reward, Rule
from tests.engines import Engine
from tests.loyalty.plain_asking import put
from tests.loyalty.plain_files import Files

ORDERS = [{"customer_id": "a", "ordered_at": "2024-01-01 12:00:00", "amount": "100.00"}]
REWARDS = (Reward("Tea", 10, 1.0), Reward("Cake", 10, 7.0), Reward("Little", 1, 9.0))


@pytest.mark.parametrize("rewards", [REWARDS, REWARDS[::-1]])
def test_whatever_their_order(rewards: tuple[Reward, ...], engine: Engine) -> None:
    programme = Programme(
        "Club",
        Members("everybody"),
        earn=(Rule("purchase", 10),),
        rewards=rewards,
        redemption=Redemption(1.0, 1.0, 1.0),
    )
    rows = put(engine, Files(ORDERS))(loyalty_cost, as_of=dt.date(2024, 1, 1), programme=programme)
    assert set(rows["reward_cost"]) == {70_000}
