"""Segments, strategies, ways between them, and shares as people say them."""

from __future__ import annotations

from itertools import product

import pytest

from crm_core.i18n import LANGUAGES, language
from crm_core.segments.rules import SEGMENT_GRID, SEGMENTS, STRATEGY, in_ten, value_score, way

SCORES = range(1, 6)


def segment_of(r_score: int, f_score: int, m_score: int) -> str:
    column: int = value_score(f_score, m_score) - 1
    return SEGMENT_GRID[r_score - 1][column]


def test_every_cell_is_in_exactly_one_segment() -> None:
    cells = list(product(SCORES, SCORES, SCORES))
    assert len(cells) == 125
    found = {cell: segment_of(*cell) for cell in cells}
    assert set(found.values()) == set(SEGMENTS)
    assert len(set(SEGMENTS)) == len(SEGMENTS)


def test_the_grid_has_a_segment_for_each_pair_of_scores() -> None:
    assert [len(row) for row in SEGMENT_GRID] == [5] * 5
    assert {name for row in SEGMENT_GRID for name in row} == set(SEGMENTS)


@pytest.mark.parametrize(
    ("f_score", "m_score", "expected"), [(1, 1, 1), (1, 2, 2), (2, 1, 2), (5, 5, 5), (1, 5, 3)]
)
def test_halves_of_the_value_score_go_upward(f_score: int, m_score: int, expected: int) -> None:
    assert value_score(f_score, m_score) == expected


def test_more_recent_and_more_valuable_is_never_a_less_engaged_segment_at_the_corners() -> None:
    assert segment_of(5, 5, 5) == "champions"
    assert segment_of(1, 1, 1) == "lost"
    assert segment_of(1, 5, 5) == "cannot_lose_them"
    assert segment_of(5, 1, 1) == "new_customers"


def test_every_segment_has_a_strategy_and_words_in_every_language() -> None:
    assert set(STRATEGY) == set(SEGMENTS)
    for code, name in product(LANGUAGES, SEGMENTS):
        spoken = language(code)
        for key in (f"segment.{name}", f"segment.{name}.cell", f"segment.{name}.strategy"):
            assert spoken.say(key)
        assert spoken.say(f"strategy.{STRATEGY[name]}")


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, "lost", "new"),
        ("loyal", "champions", "up"),
        ("champions", "loyal", "down"),
        ("lost", "promising", "up"),
    ],
)
def test_ways_lead_up_or_down(before: str | None, now: str, expected: str) -> None:
    assert way(before, now) == expected


@pytest.mark.parametrize(
    ("share", "tenths"), [(0.3, 3), (0.29, 3), (0.31, 3), (0.24, None), (0.02, None), (0.9, 9), (0.99, None)]
)
def test_a_share_is_said_in_tenths_only_when_it_is_near_one(share: float, tenths: int | None) -> None:
    assert in_ten(share) == tenths
