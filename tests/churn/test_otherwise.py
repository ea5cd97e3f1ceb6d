"""What would be foretold of customers if one thing were otherwise, against a base in which it is."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_core.churn.answers import Otherwise, asked, leaving, otherwise
from crm_core.churn.answers.otherwise import Change
from crm_core.churn.estimates import churn_otherwise, churn_scores
from crm_core.churn.estimates.otherwise import customer_otherwise
from crm_core.churn.estimates.questions import Question
from crm_core.churn.estimates.scores import scored_on
from crm_core.churn.estimates.snapshots import NO_PURCHASE, Known, known_on, log_odds_of
from crm_core.churn.models import Categories
from crm_core.churn.models.columns import Column
from crm_core.churn.models.otherwise import (
    CHANGES,
    bought_today,
    complaints_settled,
    contacted_today,
    invoices_paid,
)
from crm_core.i18n import language
from crm_core.periods import day_of
from crm_core.value.estimates import probability_of_none
from crm_core.workspace import Workspace
from tests.churn.test_estimates import brought, made_orders

pytestmark = pytest.mark.xdist_group("leaving otherwise")

ASKED: dict[str, Any] = {"horizon_days": 90, "no_purchase": probability_of_none}
ALONE = Question(90, "purchases", None)
_SPAN = range(360, 365)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    opened = brought(tmp_path_factory.mktemp("otherwise") / "made", made_orders(400))
    yield opened
    opened.close()


def known_of(opened: Workspace, day: dt.date) -> Known:
    return known_on(opened.ask(), day_of(day), ALONE)


def numbers(column: Column) -> np.ndarray[Any, np.dtype[np.float64]]:
    assert not isinstance(column, Categories)
    return np.asarray(column, np.float64)


def test_a_purchase_today_is_as_if_it_had_been_made(workspace: Workspace, tmp_path: Path) -> None:
    as_of = workspace.as_of
    known = known_of(workspace, as_of)
    possible, changed = bought_today(known.columns)
    spent = numbers(known.columns["average_order_value"])
    assert possible.mean() > 0.5
    more = [
        f"{name},{as_of},{amount:.4f}"
        for name, amount, some in zip(known.ids, spent, possible, strict=True)
        if some
    ]
    made = brought(tmp_path / "more", [*made_orders(400), *more])
    after = known_of(made, as_of)
    made.close()
    assert after.ids.tolist() == known.ids.tolist()
    # Purchases of these days fall between the sums of a year and of twice 180 days.
    edges = _bought_between(workspace, as_of, known)
    assert possible.sum() - edges[possible].sum() > 100
    for name, column in after.columns.items():
        those = possible & ~edges if name.endswith("_trend_180") else possible
        told = numbers(changed.get(name, known.columns[name]))[those]
        assert told == pytest.approx(numbers(column)[those], rel=1e-6, abs=1e-6, nan_ok=True), name


def _bought_between(opened: Workspace, as_of: dt.date, known: Known) -> np.ndarray[Any, np.dtype[np.bool_]]:
    ages = [known_of(opened, as_of - dt.timedelta(days=ago)) for ago in (_SPAN.start, _SPAN.stop)]
    counts = [
        pd.Series(numbers(one.columns["order_count"]), index=pd.Index(one.ids)).reindex(known.ids).fillna(0)
        for one in ages
    ]
    return np.asarray(counts[0].to_numpy() != counts[1].to_numpy(), dtype=bool)


def test_the_chance_is_that_of_the_same_model(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_otherwise, as_of=as_of, **ASKED)
    scores = ask(churn_scores, as_of=as_of, **ASKED).set_index("customer_id")["churn_probability"]
    assert found["churn_probability"].to_numpy() == pytest.approx(scores[found["customer_id"]].to_numpy())
    scored = scored_on(ask, day_of(as_of), Question(90, "purchases", probability_of_none))
    possible, changed = bought_today(scored.known.columns)
    told = probability_of_none(ask, as_of=as_of, horizon_days=90, once_more=True)
    changed[NO_PURCHASE] = log_odds_of(told, scored.known.ids)
    columns = {name: changed.get(name, column) for name, column in scored.columns.items()}
    chance = scored.stored.model.probability(columns)[possible]
    assert found["change"].unique().tolist() == ["bought_today"]
    assert found["customer_id"].tolist() == scored.known.ids[possible].tolist()
    assert found["probability_otherwise"].to_numpy() == pytest.approx(chance)
    # Who was silent for long and buys again is likelier to stay.
    silent = numbers(scored.known.columns["overdue_ratio"])[possible] > 2
    assert (found["probability_otherwise"] < found["churn_probability"])[silent].mean() > 0.95


def test_of_one_customer_it_is_what_it_is_of_all(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_otherwise, as_of=as_of, **ASKED)
    ids = ask(churn_scores, as_of=as_of, **ASKED)["customer_id"]
    # Of who bought but once several features are missing that others have.
    for who in [*ids[::80], *(one for one in ids if (found["customer_id"] != one).all())][:8]:
        own = ask(customer_otherwise, as_of=as_of, customer_id=who, **ASKED)
        expected = found[found["customer_id"] == who].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, expected, check_exact=False, rtol=1e-12)
    assert ask(customer_otherwise, as_of=as_of, customer_id="nobody", **ASKED).empty


def test_what_else_can_be_changed() -> None:
    nan = float("nan")
    columns: dict[str, Column] = {
        "open_complaint_count": np.array([2.0, 0.0]),
        "unpaid_count": np.array([0.0, 3.0]),
        "unpaid_amount": np.array([0.0, 90.0]),
        "oldest_unpaid_days": np.array([nan, 12.0]),
        "late_share": np.array([0.0, 0.5]),
        "contact_count_30": np.array([0.0, 1.0]),
        "contact_count_365": np.array([4.0, 1.0]),
        "days_since_last_contact": np.array([nan, 0.0]),
    }
    possible, changed = complaints_settled(columns)
    assert possible.tolist() == [True, False]
    assert {name: numbers(one).tolist() for name, one in changed.items()} == {
        "open_complaint_count": [0.0, 0.0]
    }
    possible, changed = invoices_paid(columns)
    assert possible.tolist() == [False, True]
    assert sorted(changed) == ["oldest_unpaid_days", "unpaid_amount", "unpaid_count"]
    assert np.isnan(numbers(changed["oldest_unpaid_days"])).all()
    possible, changed = contacted_today(columns)
    assert possible.tolist() == [True, False]
    assert sorted(changed) == ["contact_count_30", "contact_count_365", "days_since_last_contact"]
    assert numbers(changed["contact_count_365"]).tolist() == [5.0, 2.0]


def test_where_nothing_was_spent_before_or_after_there_is_no_trend() -> None:
    nothing = np.zeros(1)
    spent = {f"revenue_{window}": nothing for window in (30, 90, 180, 365)}
    columns: dict[str, Column] = {
        **dict.fromkeys(("average_order_value", "revenue_trend_90", "revenue_trend_180"), nothing),
        **spent,
    }
    with warnings.catch_warnings(action="error"):
        _, changed = bought_today(columns)
    assert np.isnan(numbers(changed["revenue_trend_90"])).all()
    assert np.isnan(numbers(changed["revenue_trend_180"])).all()


def test_complaints_of_today_count_as_one() -> None:
    columns: dict[str, Column] = {
        "days_since_last_complaint": np.array([0.0, 3.0, float("nan")]),
        "complaint_count_since_order": np.array([2.0, 2.0, 0.0]),
    }
    _, changed = bought_today(columns)
    assert numbers(changed["complaint_count_since_order"]).tolist() == [1.0, 0.0, 0.0]


@pytest.mark.parametrize("change", CHANGES)
def test_of_what_is_not_known_nothing_can_be_said(change: str) -> None:
    possible, changed = CHANGES[change]({"age_years": np.array([40.0])})
    assert not possible.any()
    assert changed == {}


@pytest.mark.parametrize(
    ("chance", "changes", "told"),
    [
        (0.2, {"bought_today": 0.1}, []),
        (0.8, {}, ["none"]),
        (0.8, {"bought_today": 0.3, "contacted_today": 0.7}, ["stays", "not_enough"]),
        (0.45, {"complaints_settled": 0.2, "invoices_paid": 0.4}, ["middle", "not_enough"]),
    ],
)
def test_what_would_make_a_customer_safe(chance: float, changes: dict[str, float], told: list[str]) -> None:
    found = Otherwise(chance, 0.3, tuple(Change(code, with_it) for code, with_it in changes.items()))
    assert [one.key for one in found.told] == [f"churn.otherwise.{key}" for key in told]


def test_a_change_is_told_with_both_chances() -> None:
    (said,) = Otherwise(0.8, 0.3, (Change("bought_today", 0.27),)).told
    told = language("en").tell(said)
    assert told.startswith("With another purchase today the chance would be 27.0% instead of 80.0%: ")


def test_who_refuses_every_contact_is_not_to_be_contacted(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = leaving(ask, as_of=as_of, asked=asked(ask, as_of=as_of, churn="purchases", horizon_days=90))
    contacts = pd.DataFrame(
        {
            "customer_id": ["c1"] * 2,
            "change": ["contacted_today", "bought_today"],
            "probability_otherwise": 0.0,
        }
    )

    class Told:
        tables = ask.tables

        def __call__(self, build: object, **options: object) -> pd.DataFrame:
            assert build is customer_otherwise
            assert options["customer_id"] == "c1"
            return contacts

    for contactable, codes in ((True, ["contacted_today", "bought_today"]), (False, ["bought_today"])):
        told = otherwise(Told(), "c1", as_of=as_of, found=found, contactable=contactable)
        assert told is not None
        assert [one.code for one in told.changes] == codes
    assert otherwise(ask, "nobody", as_of=as_of, found=found) is None
