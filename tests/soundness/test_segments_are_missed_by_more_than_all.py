"""Groups had the miss of all customers in their intervals, and of segments three in four lay within them.

Customers are sorted into segments by how they bought, so what the method misses of one segment is made good
by another, and the total looks sure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm_core.value.estimates.together import _missed_by_group


def test_a_group_is_as_unsure_as_it_was_missed() -> None:
    trials = pd.DataFrame(
        [
            ("sure", 100, 101),
            ("sure", 100, 99),
            ("unsure", 100, 160),
            ("unsure", 100, 50),
            (None, 100, 100),
            (None, 0, 70),
        ],
        columns=["group", "forecast_money", "actual_money"],
    )
    groups = pd.DataFrame(
        {
            "group": ["new", "sure", "unsure", None],
            "value": [5.0, 10.0, 20.0, 4.0],
            "off": [1.0, 0.0, 4.0, 0.0],
        }
    )
    found = _missed_by_group(trials, groups)
    # Of the unsure a hundredth is chance: 4 of the square of 20.
    beyond = [0.01**2, 0.01**2, 0.6**2 - 0.01, 0.5**2 - 0.01, 0.0]
    pooled = float(np.mean(beyond))
    expected = [pooled, (2e-4 + pooled) / 3, (0.6**2 + 0.5**2 - 0.02 + pooled) / 3, pooled / 2]
    assert found == pytest.approx(expected)


def test_without_trials_nothing_is_known_to_be_missed() -> None:
    trials = pd.DataFrame({"group": [], "forecast_money": [], "actual_money": []})
    groups = pd.DataFrame({"group": ["one"], "value": [10.0], "off": [1.0]})
    assert _missed_by_group(trials, groups).tolist() == [0.0]
