"""Reasons for leaving that are planted in the demonstration base are among those that are told.

Of customers who left for a planted reason in the half year before, it is asked how often what stands for it
is among the three weightiest reasons: features by `churn_reasons`, and subjects as they are told. Those who
left by themselves are asked the same, since what everybody is told would say nothing.

In April 2026 the rival of Berlin, there since mid-January, is not asked for. Of 20,000 customers the latest
horizon of 90 days over by then shows more leaving, beyond what was foretold, in four other cities; so
no model can have learnt it. What a city's customers bought of late against before, set against all others',
does not tell it either: until August other cities differ as much by chance and season.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_core.churn.estimates import churn_reasons
from crm_core.churn.estimates.risks import customer_risks
from crm_core.churn.rules import subject_of
from crm_core.value.estimates import probability_of_none
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import write_demonstration

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("planted reasons")]

ASKED: dict[str, Any] = {"horizon_days": 90, "no_purchase": probability_of_none}
LATELY = pd.Timedelta(days=180)
STANDS_FOR = {
    "late_delivery": {"complaints"},
    "price_rise": {"prices", "categories"},
    "many_returns": {"returns"},
    "competitor": {"place"},
}
AT_LEAST = {
    dt.date(2026, 4, 30): {
        "late_delivery": (0.95, 0.95),
        "price_rise": (0.35, 0.70),
        "many_returns": (0.90, 0.90),
    },
    dt.date(2026, 10, 31): {
        "late_delivery": (0.95, 0.95),
        "many_returns": (0.95, 0.95),
        "competitor": (0.75, 0.95),
    },
}
"""By features and as told. Measured: 1.00 and 1.00, .38 and .72, .97 and .97; 1.00, 1.00, .83 and 1.00.

The rise of one category's prices is spread over its price, its name and its share: as single features few of
them are among the first three, as one subject they are.
"""
FEWEST = 15


@dataclass(frozen=True)
class Planted:
    """The demonstration base and its truth, by customer."""

    workspace: Workspace
    truth: pd.DataFrame


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Planted]:
    directory: Path = tmp_path_factory.mktemp("planted") / "base"
    write_demonstration(directory, customers=5_000, seed=4)
    opened = open_base(str(directory))
    truth = pd.read_parquet(directory / "truth" / "customers.parquet").set_index("customer_id")
    yield Planted(opened, truth)
    opened.close()


@pytest.mark.parametrize("day", AT_LEAST, ids=str)
def test_planted_reasons_of_the_demonstration_base_are_found_in_the_top_three(
    planted: Planted, day: dt.date
) -> None:
    ask = planted.workspace.ask()
    risks = ask(customer_risks, as_of=day, **ASKED).set_index("customer_id")
    places = risks[[place for place in risks if str(place) in ("raises_1", "raises_2", "raises_3")]]
    told = pd.Series({who: set(row) for who, *row in places.itertuples(name=None)})
    reasons = ask(churn_reasons, as_of=day, most=20, **ASKED)
    raising = reasons[(reasons["effect"] == "raises") & (reasons["feature"] != "rest")]
    features = raising.groupby("customer_id").head(3).groupby("customer_id")["feature"].agg(set)
    end = pd.Timestamp(day) + pd.Timedelta(days=1)
    truth = planted.truth.reindex(risks.index)
    gone = (truth["left_at"] > end - LATELY) & (truth["left_at"] <= end)
    for reason, least in AT_LEAST[day].items():
        theirs = risks.index[gone & (truth["leaving_reason"] == reason)]
        others = risks.index[gone & (truth["leaving_reason"] == "by itself")]
        assert len(theirs) >= FEWEST
        for said, enough in zip((features, told), least, strict=True):
            found, otherwise = (_share(said.reindex(those), STANDS_FOR[reason]) for those in (theirs, others))
            assert found >= enough, (reason, found)
            assert found >= otherwise + 0.25, (reason, found, otherwise)


def _share(said: pd.Series, subjects: set[str]) -> float:
    """Of how many customers one of the features told is of one of the subjects."""
    hits = [
        isinstance(those, set) and any(isinstance(one, str) and subject_of(one) in subjects for one in those)
        for those in said
    ]
    return sum(hits) / len(hits)
