"""Points by indicators are bands times weights, and ranks are those of a plain count."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from crm_core.loyalty.models import indicator_points, ranks
from crm_core.loyalty.rules import Band, Indicator

NUMBERS = st.integers(-5, 5).map(float)


@st.composite
def indicators(draw: st.DrawFn) -> Indicator:
    bounds = sorted(draw(st.sets(NUMBERS, min_size=1, max_size=4)))
    bands = tuple(Band(at, float(draw(st.integers(-9, 9)))) for at in bounds)
    return Indicator("amount", float(draw(st.integers(0, 3))), bands)


@given(st.lists(indicators(), min_size=1, max_size=3), st.data())
def test_points_are_those_of_the_highest_band_reached(found: list[Indicator], data: st.DataObject) -> None:
    row = st.lists(NUMBERS | st.just(math.nan), min_size=len(found), max_size=len(found))
    values = data.draw(st.lists(row, min_size=1, max_size=5))
    points = indicator_points(found, np.array(values))
    for mine, told in zip(points, values, strict=True):
        for indicator, value, point in zip(found, told, mine, strict=True):
            reached = [band.points for band in indicator.bands if band.at <= value]
            assert point == indicator.weight * (reached[-1] if reached else 0)


@given(st.lists(NUMBERS, max_size=12))
def test_a_rank_is_one_more_than_those_with_more(points: list[float]) -> None:
    found = ranks(np.array(points))
    assert list(found) == [1 + sum(other > one for other in points) for one in points]
