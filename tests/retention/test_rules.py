"""What may be said of cohorts."""

from __future__ import annotations

import pytest

from crm_core.retention.rules import (
    MOST_BRACKETS,
    bracket_edges,
    old_customers,
    standing,
    usual_brackets,
    wilson_interval,
)


@pytest.mark.parametrize(
    ("text", "edges"),
    [
        ("0,1,4", (0, 1, 4)),
        ("1,4,7,13", (0, 1, 4, 7, 13)),
        ("5", (0, 5)),
        ("0", ()),
        ("", ()),
        ("4,1", ()),
        ("1,1", ()),
        ("-1,2", ()),
        ("1,x", ()),
        ("1,99999", ()),
        ("١,٤", ()),
    ],
)
def test_brackets_as_somebody_wrote_them(text: str, edges: tuple[int, ...]) -> None:
    assert bracket_edges(text) == edges


@pytest.mark.parametrize("unit", ["week", "month", "quarter"])
def test_brackets_that_are_offered_rise_from_the_first_period(unit: str) -> None:
    edges = usual_brackets(unit)
    assert edges[:2] == (0, 1)
    assert list(edges) == sorted(set(edges))
    assert not usual_brackets("year")


def test_the_first_cohorts_may_hold_old_customers() -> None:
    assert old_customers([50, 20, 10, 10, 9, 11, 10]) == 2
    assert old_customers([10, 50, 10, 10, 9, 11, 10]) == 0
    assert old_customers([50, 10, 10]) == 0
    assert old_customers([]) == 0


def test_an_interval_lies_above_below_or_around_a_mark() -> None:
    assert standing(0.5, 0.6, 0.4) == "above"
    assert standing(0.5, 0.6, 0.7) == "below"
    assert standing(0.5, 0.6, 0.55) == standing(0.5, 0.6, 0.5) == "level"


def test_the_interval_of_newcombe() -> None:
    """81 of 263 (Newcombe 1998, table I, method 3), and the ends of what a share can be."""
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(0, 10)[0] == 0.0
    assert wilson_interval(10, 10)[1] == 1.0


def test_so_many_brackets_and_no_more() -> None:
    assert len(bracket_edges(",".join(map(str, range(MOST_BRACKETS + 1))))) == MOST_BRACKETS + 1
    assert bracket_edges(",".join(map(str, range(MOST_BRACKETS + 2)))) == ()
