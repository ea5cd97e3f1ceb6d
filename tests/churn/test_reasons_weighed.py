"""What is said of one fact in several features is weighed together, against a slow loop."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from crm_core.churn import rules
from crm_core.churn.estimates.risks import PLACES, weightiest
from crm_core.churn.estimates.snapshots import Known
from crm_core.churn.models import Categories

FEATURES = (
    *("days_since_last_order", "overdue_ratio", "order_count_30", "order_count_90", "revenue_90"),
    *("order_trend_90", "discount_share_90", "order_count_365", "open_complaint_count", "city", "kind"),
)


def known_of(since: list[float], revenue_90: list[float]) -> Known:
    """Customers who bought once in 90 days, if their silence is not longer."""
    days = np.array(since)
    some = len(since)
    return Known(
        pd.Series([f"c{one}" for one in range(some)]),
        {
            "days_since_last_order": days,
            "overdue_ratio": days / 30,
            "order_count_30": np.where(days < 30, 1.0, 0.0),
            "order_count_90": np.where(days < 90, 1.0, 0.0),
            "revenue_90": np.array(revenue_90),
            "order_trend_90": np.where(days < 90, 0.0, -1.0),
            "discount_share_90": np.where(days < 90, 0.1, np.nan),
            "order_count_365": np.ones(some),
            "open_complaint_count": np.ones(some),
            "city": Categories.of(["Berlin"] * some),
            "kind": Categories.of(["person"] * some),
        },
    )


def told_of_one(row: dict[str, float], since: float, revenue_90: float) -> dict[str, float]:
    """What each subject of a customer weighs."""
    found: dict[str, float] = {}
    for feature, part in row.items():
        subject: str = rules.subject_of(feature)
        window = {"order_count_30": 30, "order_count_90": 90, "order_trend_90": 90, "discount_share_90": 90}
        if feature == "revenue_90" and revenue_90 == 0:
            window["revenue_90"] = 90
        if feature in window and since >= window[feature]:
            subject = "silence"
        found[subject] = found.get(subject, 0.0) + part
    return found


@pytest.mark.parametrize("seed", range(5))
def test_what_nothing_bought_brings_about_belongs_to_silence(seed: int) -> None:
    draw = np.random.default_rng(seed)
    since = [0.0, 29.0, 30.0, 89.0, 90.0, 140.0, 140.0]
    revenue_90 = [10.0, 10.0, 10.0, 10.0, 0.0, 0.0, -4.0]
    parts = draw.normal(size=(len(since), len(FEATURES)))
    known = known_of(since, revenue_90)
    found = pd.DataFrame(weightiest(parts, list(FEATURES), known))
    for number, row in found.iterrows():
        at = int(str(number))
        weights = told_of_one(dict(zip(FEATURES, parts[at], strict=True)), since[at], revenue_90[at])
        raising = sorted((weight for weight in weights.values() if weight > 0), reverse=True)[:6]
        lowering = sorted(weight for weight in weights.values() if weight < 0)[:4]
        wanted = [*raising, *[0.0] * (6 - len(raising)), *lowering, *[0.0] * (4 - len(lowering))]
        assert [row[f"{place}_by"] for place in PLACES] == pytest.approx(wanted)
        for place in PLACES:
            if not isinstance(row[place], str):
                continue
            subject = rules.subject_of(row[place])
            assert row[f"{place}_by"] == pytest.approx(weights[subject])
            if subject == "silence":
                assert (row[place], row[f"{place}_number"]) == ("days_since_last_order", since[at])
        subjects = [rules.subject_of(row[place]) for place in PLACES if isinstance(row[place], str)]
        assert len(subjects) == len(set(subjects))


def test_silence_is_named_by_its_days_though_the_model_does_not_read_them() -> None:
    known = known_of([140.0], [0.0])
    found = weightiest(np.array([[0.5, -0.2]]), ["order_count_90", "open_complaint_count"], known)
    row = pd.DataFrame(found).iloc[0]
    assert (row["raises_1"], row["raises_1_number"], row["raises_1_by"]) == (
        "days_since_last_order",
        140.0,
        0.5,
    )
    assert row["lowers_1"] == "open_complaint_count"
    assert math.isnan(row["raises_2_number"])
