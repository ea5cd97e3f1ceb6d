"""The curve of the mean."""

from __future__ import annotations

import pandas as pd
import pytest

from crm_core.looks import Look
from crm_core.retention.charts import mean_curve
from tests.looks import LOOKS, keeps_the_rules, texts


def rows(count: int = 40) -> pd.DataFrame:
    rate = [0.4 - 0.005 * place for place in range(count)]
    return pd.DataFrame(
        {
            "rate": rate,
            "low": [one - 0.02 for one in rate],
            "high": [one + 0.02 for one in rate],
            "few": [place > 35 for place in range(count)],
            "name": [str(place + 1) for place in range(count)],
            "told": "told",
        }
    )


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("benchmark", [None, 0.25, 0.9])
def test_it_keeps_the_rules(benchmark: float | None, look: Look) -> None:
    figure = mean_curve(rows(), benchmark, "ours", look)
    keeps_the_rules(figure, look)
    assert ("ours" in texts(figure)) == (benchmark is not None)
    low, high = figure.layout.yaxis.range
    assert low == 0
    assert high >= max(0.42, benchmark or 0)
    assert len(figure.layout.xaxis.ticktext) <= 13


def test_the_band_holds_the_curve_and_few_customers_are_open_marks() -> None:
    band, curve = mean_curve(rows(), None, "", LOOKS[0]).data
    assert len(band.y) == 2 * len(curve.y)
    assert max(band.y) > max(curve.y) > min(curve.y) > min(band.y)
    assert len(set(curve.marker.color)) == 2


def test_one_period_alone_can_be_drawn() -> None:
    keeps_the_rules(mean_curve(rows(1), 0.3, "ours", LOOKS[1]), LOOKS[1])
