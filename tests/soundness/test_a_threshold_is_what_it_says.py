"""A tier from 100.04 is reached by 100.04: as a float times the base's scale it lay just above that.

A rule for at least 100.4, in a currency without fractions, gave points for 100.
"""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.loyalty.metrics import loyalty_entries
from crm_core.loyalty.models import thresholds
from crm_core.loyalty.rules import Members, Rule, Step, Tiers
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment


@pytest.mark.parametrize("scale", [100, 10_000])
def test_thresholds_of_two_decimals_are_whole_units(scale: int) -> None:
    for first in range(1, 2_000_000, 10_007):
        hundredths = range(first, first + 10)
        tiers = Tiers("amount", tuple(Step(str(one), one / 100) for one in hundredths))
        assert thresholds(tiers, scale).tolist() == [one * scale // 100 for one in hundredths]


def test_between_units_the_next_one_is_needed() -> None:
    assert thresholds(Tiers("amount", (Step("a", 0.005), Step("b", 1.001))), 100).tolist() == [1, 101]


@pytest.mark.parametrize(("least", "points"), [(100, 2), (100.4, 1), (101, 1), (101.2, 0)])
def test_what_is_below_the_least_amount_gives_nothing(least: float, points: int, engine: Engine) -> None:
    lines = (Line("a", "1", moment("2024-01-05"), 100), Line("a", "2", moment("2024-01-06"), 101))
    loaded = load(engine, Base(lines, money_scale=1))
    rows = loaded.answer(
        loyalty_entries(
            loaded.tables,
            as_of=dt.date(2024, 1, 31),
            members=Members("everybody"),
            earn=(Rule("purchase", 1, at_least=least),),
            begin=dt.date(2024, 1, 1),
        )
    )
    assert sum(rows["multiplied"].to_pylist()) == points
