"""The pictures of the page of value to come."""

from __future__ import annotations

import pandas as pd
import pytest

from crm_core.looks import Look
from crm_core.value.charts import calibration, course, tenths
from tests.looks import ENGLISH, LOOKS, keeps_the_rules, texts

NAMES = ("Forecast", "Came")
PAST = pd.DataFrame(
    {
        "expected": [1.0, 2.0, 3.0],
        "actual": [1.5, 2.5, 3.01],
        "label": ["1", "", "3"],
        "told": "told",
    }
)
TENTHS = pd.DataFrame(
    {
        "share": [0.6, 0.3, 0.1],
        "label": list("123"),
        "low": [0.5, 0.2, 0.0],
        "high": [0.7, 0.4, 0.2],
        "text": list("abc"),
        "told": "told",
        "code": "tenth=1",
    }
)


@pytest.mark.parametrize("reader", LOOKS)
def test_every_picture_keeps_the_rules(reader: Look) -> None:
    for figure in (tenths(TENTHS, reader), calibration(PAST, NAMES, reader), course(PAST, NAMES, reader)):
        keeps_the_rules(figure, reader)
        assert figure.layout.yaxis.range[0] == 0


def test_the_best_tenth_is_marked() -> None:
    colours = tenths(TENTHS, ENGLISH).data[0].marker.color
    assert colours == (ENGLISH.colours.accent, ENGLISH.colours.grey, ENGLISH.colours.grey)


def test_names_of_lines_that_end_together_stand_apart() -> None:
    named = {one.text.split()[-1]: one.y for one in course(PAST, NAMES, ENGLISH).layout.annotations}
    assert named["Came"] - named["Forecast"] >= 0.07 * 3


def test_a_forecast_is_dashed_and_only_labelled_steps_have_ticks() -> None:
    figure = course(PAST, NAMES, ENGLISH)
    assert [line.line.dash for line in figure.data] == ["dash", "solid"]
    assert {"1", "3"} <= set(texts(figure))
    assert list(figure.layout.xaxis.tickvals) == [0, 2]


def test_nothing_bought_and_nothing_forecast_can_be_drawn() -> None:
    assert course(PAST.assign(expected=0.0, actual=0.0), NAMES, ENGLISH).data
