"""Pictures of points."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from crm_core.looks import Look
from crm_core.loyalty.charts import outstanding
from tests.looks import LOOKS


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize(("written", "least"), [("€60k", 60), ("۵۰۰ میلیون ریال", 85), ("IRR 500 พันล้าน", 75)])
def test_labels_of_amounts_have_room_beside_the_axis(written: str, least: int, look: Look) -> None:
    months = pd.DataFrame(
        {"outstanding": [5.0, 9.0], "expected_use": [1.0, 2.0], "least": [0.5, 1.0], "most": [2.0, 3.0]}
    ).assign(label="1", year="", told="")
    figure = outstanding(months, ("expected", "all"), replace(look, money_compact=lambda _: written))
    margin = figure.layout.margin
    assert (margin.r if look.rtl else margin.l) >= least
    assert (margin.r if look.rtl else margin.l) < 110
