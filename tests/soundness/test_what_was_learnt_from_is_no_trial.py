"""Models were chosen and calibrated by the very rows that they had learnt from, where nobody looks ahead.

A table that says who left has no horizon; so its one snapshot counted as known before itself.
"""

from __future__ import annotations

import numpy as np

from crm_core.churn.models import Categories, Snapshot, train


def test_a_snapshot_is_not_known_before_itself() -> None:
    draw = np.random.default_rng(1)
    names = Categories.of([f"shop {place}" for place in draw.integers(0, 20, 800)])
    noise = {f"noise_{place}": draw.normal(size=800) for place in range(20)}
    left = (draw.random(800) < 0.3).astype(np.float64)
    trained = train([Snapshot(0, {"shop": names, **noise}, left)], cut_off=0, horizon_days=0, rules={})
    assert not trained.out_of_time
    alike = -(left.mean() * np.log(left.mean()) + (1 - left.mean()) * np.log1p(-left.mean()))
    assert min(trained.losses.values()) > alike - 0.01
