"""A tier from 100.04 is reached by 100.04: as a float times the base's scale it lay just above that."""

from __future__ import annotations

import pytest

from crm_core.loyalty.models import thresholds
from crm_core.loyalty.rules import Step, Tiers


@pytest.mark.parametrize("scale", [100, 10_000])
def test_thresholds_of_two_decimals_are_whole_units(scale: int) -> None:
    for first in range(1, 2_000_000, 10_007):
        hundredths = range(first, first + 10)
        tiers = Tiers("amount", tuple(Step(str(one), one / 100) for one in hundredths))
        assert thresholds(tiers, scale).tolist() == [one * scale // 100 for one in hundredths]


def test_between_units_the_next_one_is_needed() -> None:
    assert thresholds(Tiers("amount", (Step("a", 0.005), Step("b", 1.001))), 100).tolist() == [1, 101]
