"""The pictures of who is about to leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm_core.churn.charts import ProfitWords, calibration, lift, profit_curve
from crm_core.looks import Look
from tests.looks import ENGLISH, LOOKS, keeps_the_rules, texts

WORDS = ProfitWords("300: 1,000", "Best: 300", "By recency alone", "Everybody")
TENTHS = pd.DataFrame(
    {
        "expected": np.linspace(0.8, 0.1, 10),
        "actual": np.linspace(0.7, 0.12, 10),
        "lift": np.linspace(2.4, 0.3, 10),
        "label": [str(one) for one in range(1, 11)],
        "text": "x",
        "told": "told",
    }
)
CALIBRATION = TENTHS.assign(low=TENTHS["actual"] - 0.05, high=TENTHS["actual"] + 0.05)
LIFT = TENTHS.assign(low=TENTHS["lift"] - 0.2, high=TENTHS["lift"] + 0.2)


def curve(best: int = 300, cost: float = 1.0) -> pd.DataFrame:
    """Profit that rises to the best size and falls from there, to 1,000 customers."""
    sizes = np.arange(0, 1_001, 50)
    profit = np.where(sizes <= best, 10.0 * sizes, 10.0 * best - cost * (sizes - best))
    wide = 0.2 * np.sqrt(sizes) * 10
    return pd.DataFrame(
        {
            "size": sizes,
            "profit": profit,
            "low": profit - wide,
            "high": profit + wide,
            "naive": 0.4 * profit,
            "told": "told",
        }
    )


@pytest.mark.parametrize("reader", LOOKS)
def test_every_picture_keeps_the_rules(reader: Look) -> None:
    for figure in (
        profit_curve(curve(), 300, 300, WORDS, reader),
        profit_curve(curve(cost=40.0), 300, 300, WORDS, reader),
        calibration(CALIBRATION, ("Expected", "Left"), reader),
        lift(LIFT, "As among all", reader),
    ):
        keeps_the_rules(figure, reader)


def test_the_best_list_is_marked_and_everybody_is_told_where_no_line_crosses() -> None:
    figure = profit_curve(curve(), 300, 300, WORDS, ENGLISH)
    marks = figure.data[-1]
    assert list(marks.x) == [300, 1_000]
    assert list(marks.y) == [3_000, 2_300]
    assert set(texts(figure)) >= {"300: 1,000", "╌╌ By recency alone · Everybody"}
    assert any(shape.x0 == shape.x1 == 300 for shape in figure.layout.shapes)


def test_where_fewer_are_contacted_both_lists_are_marked() -> None:
    figure = profit_curve(curve(), 300, 100, WORDS, ENGLISH)
    assert list(figure.data[-1].x) == [100, 300, 1_000]
    assert set(texts(figure)) >= {"300: 1,000", "Best: 300", "╌╌ By recency alone · Everybody"}
    assert any(shape.x0 == shape.x1 == 100 for shape in figure.layout.shapes)


def test_what_could_never_pay_is_cut_off() -> None:
    """So that a best list of a few customers is not a dent in the corner of the picture."""
    rows = curve(best=100, cost=100.0)
    figure = profit_curve(rows, 100, 100, WORDS, ENGLISH)
    assert figure.layout.xaxis.range[1] < 1_000
    assert figure.layout.xaxis.range[1] >= 200
    assert figure.layout.yaxis.range[0] > rows["low"].min()
    assert list(figure.data[-1].x) == [100]
    assert "╌╌ By recency alone · Everybody" in texts(figure)


def test_where_nothing_pays_the_picture_falls_from_nothing() -> None:
    rows = curve(best=0, cost=3.0)
    figure = profit_curve(rows, 0, 0, WORDS, ENGLISH)
    low, high = figure.layout.yaxis.range
    assert low < -3_000 < 0 < high
    assert list(figure.data[-1].x) == [0, 1_000]


def test_shares_begin_at_zero_and_their_whiskers_are_the_interval() -> None:
    figure = calibration(CALIBRATION, ("Expected", "Left"), ENGLISH)
    assert figure.layout.yaxis.range[0] == 0
    assert list(figure.data[0].error_y.array) == pytest.approx([0.05] * 10)
    assert figure.data[1].marker.symbol == "line-ew"


def test_who_left_more_often_than_all_is_marked() -> None:
    figure = lift(LIFT, "As among all", ENGLISH)
    marked = [colour == ENGLISH.colours.accent for colour in figure.data[0].marker.color]
    assert marked == [one > 1 for one in LIFT["lift"]]
    assert figure.layout.shapes[0].y0 == 1.0
