"""What an address says of indicators is what was written into it, or nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.loyalty.rules import INDICATORS, Band, Indicator
from crm_core.ui.loyalty.weighing import part_of, read, written

NUMBERS = st.integers(-10_000, 10_000).map(lambda number: number / 8)


@st.composite
def indicators(draw: st.DrawFn) -> Indicator:
    name = draw(st.sampled_from(INDICATORS))
    bounds = sorted(draw(st.sets(NUMBERS, min_size=1, max_size=4)))
    channels = draw(st.lists(st.text(min_size=1, max_size=5), min_size=1, max_size=3))
    return Indicator(
        name,
        draw(st.integers(0, 80)) / 8,
        tuple(Band(at, draw(NUMBERS)) for at in bounds),
        tuple(channels) if name == "channel_share" else (),
        0 if name == "tenure_days" else draw(st.integers(0, 3650)),
    )


@given(indicators())
def test_what_is_written_is_read(one: Indicator) -> None:
    assert read([written(one)]) == (one,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "amount",
        "amount~1~365",
        "amount~1~365~10",
        "amount~-1~365~10_1",
        "amount~nan~365~10_1",
        "amount~1~-5~10_1",
        "amount~1~365~10_1~10_2",
        "amount~1~365~inf_1",
        "amount~1~365~=web~10_1",
        "channel_share~1~365~0.5_1",
        "tenure_days~1~365~10_1",
        "sympathy~1~365~10_1",
    ],
)
def test_what_is_no_indicator_is_nothing(text: str) -> None:
    assert read([text]) is None


def test_the_same_indicator_twice_is_nothing() -> None:
    assert read(["amount~1~365~10_1", "amount~2~365~20_1"]) is None
    assert read([]) is None


def test_the_programme_s_own_are_not_in_the_address() -> None:
    own = (Indicator("amount", 3.0, (Band(100.0, 1.0),), within_days=365),)
    assert part_of(own, own) is None
    assert part_of((), own) == []
