"""Colours that can be read and told apart, and where a click leads."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

import pytest

from crm_core.i18n import language
from crm_core.looks import contrast, label, shade, steps
from crm_core.ui.plot import DARK, LIGHT, follow, look
from crm_core.ui.shell import Reader
from tests.looks import ENGLISH, PERSIAN


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_text_and_marks_can_be_read(colours: Any) -> None:
    assert contrast(colours.ink, colours.ground) >= 7
    assert contrast(colours.muted, colours.ground) >= 4.5
    for mark in (colours.accent, colours.warm, *colours.series):
        assert contrast(mark, colours.ground) >= 3.95
    assert contrast(colours.grey, colours.ground) >= 2.8
    for mark, beside in ((colours.accent, colours.accent_light), (colours.warm, colours.warm_light)):
        assert contrast(mark, beside) >= 1.5


def test_the_colours_are_those_of_the_house() -> None:
    assert LIGHT.series == ("#0f766e", "#b45309", "#3730a3", "#a855f7", "#7f1d1d", "#1c2530")
    assert (LIGHT.ink, LIGHT.muted, LIGHT.rule, LIGHT.ground) == ("#1c2530", "#5f6b78", "#e3e7ec", "#ffffff")
    assert (LIGHT.accent, LIGHT.accent_light) == ("#0f766e", "#5aa79f")
    assert (LIGHT.warm, LIGHT.warm_light) == ("#b45309", "#e0b48a")
    assert (DARK.ground, DARK.ink, DARK.accent) == ("#10161d", "#e6eaee", "#2dd4bf")
    assert len(DARK.series) == len(LIGHT.series) == 6


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_amounts_go_one_way(colours: Any) -> None:
    strength = [contrast(shade(at / 20, colours.amounts), colours.ground) for at in range(21)]
    assert all(more > less for less, more in pairwise(strength))


def test_shades_end_where_the_ramp_ends() -> None:
    assert shade(0, LIGHT.amounts) == LIGHT.amounts[0]
    assert shade(1, LIGHT.amounts) == shade(2, LIGHT.amounts) == LIGHT.amounts[-1]
    assert shade(-1, LIGHT.amounts) == LIGHT.amounts[0]


@pytest.mark.parametrize(
    ("low", "high", "lines", "expected"),
    [
        (0, 100, 5, [0, 25, 50, 75, 100]),
        (0, 1_661, 4, [0, 500, 1_000, 1_500]),
        (-742, 1_661, 6, [-500, 0, 500, 1_000, 1_500]),
        (0, 7, 4, [0, 2, 4, 6]),
        (3, 3, 4, [3]),
    ],
)
def test_grid_lines_are_round_numbers(low: float, high: float, lines: int, expected: list[float]) -> None:
    assert steps(low, high, lines) == expected


def test_what_is_counted_has_whole_grid_lines() -> None:
    assert steps(0, 8, 4) == [0, 2.5, 5, 7.5]
    assert steps(0, 8, 4, whole=True) == [0, 5]
    assert steps(0, 2, 6, whole=True) == [0, 1, 2]
    assert steps(-1, 1, 6, whole=True) == [-1, 0, 1]


@pytest.mark.parametrize("high", [0.003, 0.7, 9, 12, 99, 1_234, 987_654_321])
def test_there_are_never_more_grid_lines_than_asked_for(high: float) -> None:
    assert 2 <= len(steps(0, high, 4)) <= 4


def test_shares_have_as_many_digits_as_tell_them_from_nothing() -> None:
    shown = look(language("en"), "GBP", dark=False).percent
    assert [shown(share) for share in (0.0, 0.69, 0.097, 0.0004, 1.0)] == [
        "0%",
        "69%",
        "9.7%",
        "0.04%",
        "100%",
    ]


def test_amounts_are_in_the_currency_of_the_base() -> None:
    assert ENGLISH.money(5_728_416.0) == "£5,728,416"
    assert ENGLISH.money_compact(5_728_416.0) == "£5.7m"
    assert "پوند" in PERSIAN.money_compact(5_728_416.0)


def test_the_lines_of_a_label_stand_under_each_other_around_their_place() -> None:
    first, second = label(ENGLISH, "one<br>two", 12, x=0, y=0)
    assert first["yshift"] == 8
    assert second["yshift"] == -8
    top, below = label(ENGLISH, "one<br>two", 12, x=0, y=0, yanchor="top")
    assert (top["yshift"], below["yshift"]) == (0, -15)


def test_a_line_from_right_to_left_is_one_run() -> None:
    assert PERSIAN.line("یک ۱ دو") == "\u2067یک ۱ دو\u2069"
    assert ENGLISH.line("one 1 two") == "one 1 two"


class Follower:
    """A reader who only goes where a click leads."""

    def __init__(self) -> None:
        self.went: list[tuple[str, dict[str, object]]] = []

    def go(self, page: str, **values: object) -> None:
        self.went.append((page, values))


@pytest.mark.parametrize("data", ["segment=loyal", ["segment=loyal"]])
def test_a_click_leads_to_the_customers_behind_the_mark(data: object) -> None:
    reader = Follower()
    follow(cast(Reader, reader), {"customdata": data, "x": 3})
    assert reader.went == [("customer", {"segment": "loyal"})]


@pytest.mark.parametrize("point", [{}, {"customdata": None}, {"customdata": ""}, {"customdata": []}])
def test_a_click_beside_every_mark_leads_nowhere(point: dict[str, object]) -> None:
    reader = Follower()
    follow(cast(Reader, reader), point)
    assert reader.went == []
