"""Members were said to steer towards a tier where prices were all multiples of twenty.

Very near a threshold of 300 lay 300 itself above it, and no sum that such prices come to below.
"""

from __future__ import annotations

import numpy as np
import pytest

from crm_core.loyalty.models import Near, heap


@pytest.mark.parametrize("step", [1, 10, 20, 25, 40])
def test_as_many_sums_are_looked_at_on_each_side(step: int) -> None:
    random = np.random.default_rng(step)
    spent = random.integers(150 // step + 1, 450 // step, 4_000) * step
    members = np.arange(4_000)
    found = heap(Near(members, spent.astype(np.float64) - 300, 150.0), 15.0)
    assert min(found.below, found.above) > 50
    assert found.chance > 0.01
    steered = np.where((spent < 300) & (spent >= 300 - max(step, 15)), 300, spent)
    assert heap(Near(members, steered - 300.0, 150.0), 15.0).chance < 1e-6
