"""Groups had the miss of all customers in their intervals, and of segments three in four lay within them.

Customers are sorted into segments by how they bought, so what the method misses of one segment is made good
by another, and the total looks sure.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crm_core.value.estimates.together import _missed


def test_a_group_is_as_unsure_as_it_was_missed() -> None:
    trials = pd.DataFrame(
        [
            ("sure", 300, 303),
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
            "variance": [1.0, 0.0, 4.0, 0.0],
        }
    )
    found = _missed(trials, groups)
    # Of the unsure a hundredth is chance: 4 of the square of 20.
    beyond = [0.01**2, 0.01**2, 0.6**2 - 0.01, 0.5**2 - 0.01, 0.0]
    # Little money tells little of the other groups.
    pooled = float(np.average(beyond, weights=[300, 100, 100, 100, 100]))
    expected = [pooled, (2e-4 + pooled) / 3, (0.6**2 + 0.5**2 - 0.02 + pooled) / 3, pooled / 2]
    assert found == pytest.approx(expected)


def test_without_trials_nothing_is_known_to_be_missed() -> None:
    trials = pd.DataFrame({"group": [], "forecast_money": [], "actual_money": []})
    groups = pd.DataFrame({"group": ["one"], "value": [10.0], "variance": [1.0]})
    assert _missed(trials, groups).tolist() == [0.0]
    assert _missed(trials, groups, 0.01).tolist() == [0.01]
