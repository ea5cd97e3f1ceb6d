"""Whatever comes from a base is text on the page, never markup."""

from __future__ import annotations

import pytest

from crm_core.base import Id
from crm_core.i18n import language
from crm_core.ui import markup
from crm_core.ui.report import ShownChange, ShownFigure
from crm_core.ui.tables import Column, Sorting, html

HOSTILE = "<img src=x onerror=alert(1)>\"'&"


def test_text_is_escaped_everywhere() -> None:
    figure = ShownFigure(
        HOSTILE, HOSTILE, HOSTILE, (ShownChange(HOSTILE, HOSTILE, "up", True),), (1, 2), HOSTILE
    )
    made = [
        markup.tag("p", HOSTILE),
        markup.way(HOSTILE, HOSTILE),
        markup.note(HOSTILE, "mo-notice"),
        markup.facts({HOSTILE: HOSTILE}),
        markup.figure(figure, rtl=False),
        html(
            [Column(HOSTILE)],
            [(HOSTILE,)],
            caption=HOSTILE,
            links={0: [HOSTILE]},
            sortings={0: Sorting(HOSTILE, "none")},
        ),
        markup.link(HOSTILE, HOSTILE, HOSTILE),
    ]
    for piece in made:
        assert "<img" not in piece
        assert "\"'&" not in piece


def test_an_id_stands_by_itself_letter_for_letter_from_left_to_right() -> None:
    heading = language("fa").say("customer.orders_of", customer=Id("10-42/A 7"))
    assert '<bdi dir="ltr">10-42/A 7</bdi>' in markup.tag("h2", heading)
    hostile = markup.tag("h2", language("fa").say("customer.orders_of", customer=Id(HOSTILE)))
    assert "<bdi" in hostile
    assert "<img" not in hostile


def test_text_of_the_other_direction_stands_by_itself() -> None:
    said = language("fa").say("import.empty_file", file="orders2024.csv")
    assert "<bdi>orders2024.csv</bdi>" in markup.tag("p", said)


@pytest.mark.parametrize(
    "text", ["![](http://x/y.png)", "[a](b)", ":red[x]", "**bold**", "$x$", "`a`", "a_b_c"]
)
def test_a_label_says_what_it_is_given(text: str) -> None:
    shown = markup.plain(text)
    assert shown.replace("\\", "") == text
    assert all(shown[at - 1] == "\\" for at, sign in enumerate(shown) if sign in "![]()*:$`_")


def test_a_label_is_one_line() -> None:
    assert markup.plain("a\n\n# b") == "a \\# b"


def test_time_runs_as_the_language_does() -> None:
    left_to_right = markup.trend((1, 2, 3), "up", rtl=False)
    right_to_left = markup.trend((1, 2, 3), "up", rtl=True)
    assert "left: 97.3%" in left_to_right
    assert "left: 2.7%" in right_to_left


def test_a_level_course_is_a_level_line() -> None:
    assert "top: 50.0%" in markup.trend((5, 5), "level", rtl=False)
