"""The pictures of how long it takes."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd
import pytest

from crm_core.looks import Look
from crm_core.retention.charts.ladder import group_bars, ladder_bars
from crm_core.retention.charts.survival import Line, chances_by_age, survival_curves
from tests.looks import DARK, ENGLISH, LOOKS, keeps_the_rules, texts

WORDS = {"median": "half after 50 days", "at_risk": "still watched"}
DAYS = (0, 50, 100)


def line(name: str = "", *, end: float = 0.2, median: float | None = 50, grey: bool = False) -> Line:
    points = pd.DataFrame(
        {
            "day": [0, 50, 100],
            "share": [1.0, 0.5, end],
            "low": [1.0, 0.4, float("nan")],
            "high": [1.0, 0.6, float("nan")],
            "told": "told",
        }
    )
    return Line(name, points, median, ("100", "50", "20"), grey)


def bars(**columns: object) -> pd.DataFrame:
    rows = {"label": ["one<br>of 100", "two"], "share": [0.6, 0.3], "low": [0.5, 0.2], "high": [0.7, 0.5]}
    return pd.DataFrame(
        {**rows, "text": ["60%", "30%"], "told": "told", "code": ["rung=1", "rung=2"], **columns}
    )


@pytest.mark.parametrize("look", LOOKS)
def test_pictures_keep_the_rules(look: Look) -> None:
    several = [line("tea"), line("rice", median=None), line("other", grey=True)]
    for figure in (
        survival_curves([line()], DAYS, WORDS, look),
        survival_curves(several, DAYS, WORDS, look),
        chances_by_age(bars().rename(columns={"share": "chance"}), look, leaving=True),
        ladder_bars(bars(), look),
        group_bars(bars(), look),
    ):
        keeps_the_rules(figure, look)


def test_a_lone_curve_marks_its_median_and_the_numbers_at_risk() -> None:
    figure = survival_curves([line()], DAYS, WORDS, ENGLISH)
    said = texts(figure)
    assert "half after 50 days" in said
    assert "still watched" in said
    assert [text for text in said if text in {"100", "50", "20"}].count("20") == 1
    high, low, curve, mark = figure.data
    assert low.fill == "tonexty"
    # The band ends where it is not known.
    assert len(high.x) == len(low.x) == 2
    assert curve.line.shape == "hv"
    assert (mark.x[0], mark.y[0]) == (50, 0.5)
    assert figure.layout.yaxis.range[0] <= 0


def test_groups_have_names_at_their_ends_that_do_not_lie_upon_each_other() -> None:
    names = ["a", "b", "c", "d", "e"]
    lines = [*(line(name, end=0.01) for name in names), line("other", end=0.0, grey=True)]
    figure = survival_curves(lines, DAYS, WORDS, DARK)
    places = sorted(one.y for one in figure.layout.annotations if one.text in {*names, "other"})
    assert len(places) == 6
    assert all(above - below > 0.05 for below, above in pairwise(places))
    curves = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    colours = [trace.line.color for trace in curves]
    assert len(set(colours)) == 6
    assert colours[-1] == DARK.colours.grey
    assert "half after 50 days" not in texts(figure)


def test_bars_begin_at_zero_and_say_their_share() -> None:
    figure = ladder_bars(bars(), ENGLISH)
    assert figure.layout.yaxis.range[0] == 0
    assert {"60%", "30%", "one", "of 100", "two"} <= set(texts(figure))
    (trace,) = figure.data
    assert list(trace.customdata) == ["rung=1", "rung=2"]
    assert list(trace.error_y.array) == pytest.approx([0.1, 0.2])
    assert list(trace.error_y.arrayminus) == pytest.approx([0.1, 0.1])
    sideways = group_bars(bars(), ENGLISH)
    assert sideways.layout.xaxis.range[0] == 0
    assert list(sideways.data[0].error_x.array) == pytest.approx([0.1, 0.2])


def test_what_is_lost_is_warm_and_what_comes_is_not() -> None:
    ages = bars().rename(columns={"share": "chance"})
    leaving, coming = (chances_by_age(ages, ENGLISH, leaving=one).data[0] for one in (True, False))
    assert leaving.marker.color == ENGLISH.colours.warm
    assert coming.marker.color == ENGLISH.colours.accent


def test_a_long_name_is_cut_where_there_is_no_more_room() -> None:
    long = "North-eastern provinces of the country"
    figure = group_bars(bars(label=[f"{long}<br>of 100", "two"]), ENGLISH)
    assert {"North-eastern pro…", "of 100"} <= set(texts(figure))
    lines = survival_curves([line(long), line("rice")], DAYS, WORDS, ENGLISH)
    assert "North-eastern …" in texts(lines)
    assert any(text.endswith(long) for text in texts(lines))


def test_where_no_interval_is_known_there_is_no_whisker_and_the_share_stands_at_its_mark() -> None:
    bars = pd.DataFrame(
        {
            "label": ["a", "b"],
            "chance": [0.5, 1.0],
            "low": [0.4, None],
            "high": [0.6, None],
            "text": ["50%", "100%"],
            "told": ["", ""],
        }
    )
    figure = chances_by_age(bars, ENGLISH, leaving=True)
    assert list(figure.data[0].error_y.array) == pytest.approx([0.1, 0.0])
    assert list(figure.data[0].error_y.arrayminus) == pytest.approx([0.1, 0.0])
    assert [one.y for one in figure.layout.annotations if one.text == "100%"] == [1.0]


def test_a_single_bar_is_no_wider_than_one_of_four() -> None:
    one, four = (chances_by_age(bars().head(1).loc[[0] * count], ENGLISH, leaving=True) for count in (1, 4))
    assert one.data[0].width == pytest.approx(0.155)
    assert four.data[0].width == pytest.approx(0.62)
