"""What may be asked of who leaves is told once, and every estimate takes it."""

from __future__ import annotations

import pytest

from crm_core.churn.estimates import METRICS
from crm_core.tables import Build, Estimate
from crm_core.workspace.asked import describe, options_from_text

OPTIONS = ("horizon_days", "churn", "no_purchase")


@pytest.mark.parametrize("build", [one.build for one in METRICS], ids=lambda build: build.__name__)
def test_every_estimate_says_the_same_of_them(build: Build) -> None:
    assert isinstance(build, Estimate)
    (metric,) = (one for one in METRICS if one.build is build)
    told = dict(describe(metric).arguments)
    (first, *_) = METRICS
    assert {name: told[name] for name in OPTIONS} == {
        name: dict(describe(first).arguments)[name] for name in OPTIONS
    }
    needed = {"group": "first_channel"} if "group" in told else {}
    settings = ["horizon_days=30", "churn=contract", *(f"{name}={value}" for name, value in needed.items())]
    assert options_from_text(metric, settings)["churn"] == "contract"
