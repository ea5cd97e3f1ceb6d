"""What may be asked of who leaves is told once, and every estimate takes it."""

from __future__ import annotations

import datetime as dt
import inspect

import pandas as pd
import pytest

from crm_core.churn.estimates import METRICS
from crm_core.churn.estimates.questions import Question, of_question
from crm_core.tables import Ask, Build, Estimate, lasting
from crm_core.workspace.asked import describe, options_from_text
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2025, 1, 1)
OPTIONS = ("horizon_days", "churn", "no_purchase")


@lasting
@of_question
def asked(ask: Ask, *, as_of: dt.date, question: Question, most: int = 5) -> pd.DataFrame:
    """What is asked.

    Args:
        ask: The base.
        as_of: The day.
        question: What is asked of customers.
        most: How many.

    Returns:
        Grain: one row.

        - `days`: how many
    """
    del ask, as_of
    return pd.DataFrame({"days": [question.horizon_days], "churn": [question.churn], "most": [most]})


def test_options_are_those_of_a_question_in_its_place() -> None:
    assert list(inspect.signature(asked).parameters) == ["ask", "as_of", *OPTIONS, "most"]
    assert inspect.signature(asked).parameters["horizon_days"].default == 0
    assert "        question: " not in str(asked.__doc__)
    assert "`contract`: whose contract ends" in str(asked.__doc__)


def test_what_is_told_reaches_the_question(base_of_nothing: FakeAsk) -> None:
    rows = asked(base_of_nothing, as_of=AS_OF, horizon_days=30, churn="contract", most=2)
    assert rows.iloc[0].to_dict() == {"days": 30, "churn": "contract", "most": 2}
    assert asked(base_of_nothing, as_of=AS_OF).iloc[0].to_dict() == {
        "days": 0,
        "churn": "purchases",
        "most": 5,
    }


@pytest.fixture
def base_of_nothing() -> FakeAsk:
    return FakeAsk(tables_between(AS_OF, AS_OF), {})


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
