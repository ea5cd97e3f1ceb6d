"""What models of leaving make of a base: columns as told, reasons that add up, nothing of what came later."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from crm_core.base import InputError, NotProvided
from crm_core.churn import answers, rules
from crm_core.churn.answers import asked
from crm_core.churn.estimates import (
    METRICS,
    churn_backtest,
    churn_calibration,
    churn_drift,
    churn_drivers,
    churn_reasons,
    churn_scores,
    trained_churn,
)
from crm_core.churn.estimates.trained import Stored
from crm_core.churn.metrics import churn_features
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, Metric, Selection
from crm_core.value.estimates import probability_of_none
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.asked import describe, options_from_text
from crm_core.workspace.bringing import bring, load_mapping
from tests.needed import options_needed

pytestmark = pytest.mark.xdist_group("leaving the demonstration")

MAPPING = "orders: {columns: {customer_id: who, ordered_at: day, amount: amount}}"
ASKED: dict[str, Any] = {"horizon_days": 90, "no_purchase": probability_of_none}
FIRST, LAST = dt.date(2022, 1, 1), dt.date(2023, 12, 31)


def brought(directory: Path, rows: list[str]) -> Workspace:
    directory.mkdir(exist_ok=True)
    file = directory / "orders.csv"
    file.write_text("\n".join(["who,day,amount", *rows]))
    bring(directory / "base", file, load_mapping(MAPPING), source_name=file.name)
    return open_base(str(directory / "base"))


def made_orders(customers: int, seed: int = 3) -> list[str]:
    """Two years of customers who come in rhythms of their own and stay away for good at some time."""
    draw = np.random.default_rng(seed)
    days = (LAST - FIRST).days + 1
    rows = []
    for one in range(customers):
        start, stay, gap = draw.integers(days), draw.exponential(300), draw.uniform(10, 60)
        moments = start + np.cumsum(draw.exponential(gap, 80))
        for moment in [start, *moments[moments < start + stay]]:
            if moment < days:
                day = FIRST + dt.timedelta(days=int(moment))
                rows.append(f"c{one},{day},{draw.integers(5, 90)}")
    return rows


def left_by_chance(customers: int, seed: int = 3) -> list[str]:
    """Two years of customers of whom each comes in a month or not by the same lot, whatever was before."""
    draw = np.random.default_rng(seed)
    days = pd.date_range(FIRST, LAST, freq="45D")
    return [
        f"c{one},{str(day)[:10]},{draw.integers(5, 90)}"
        for day in days
        for one in range(customers)
        if day == days[0] or draw.random() < 0.3
    ]


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_columns_are_those_that_are_told(workspace: Workspace, metric: Metric) -> None:
    needed = options_needed(metric, workspace.as_of)
    rows = workspace.ask()(metric.build, as_of=workspace.as_of, **{**needed, **ASKED})
    assert rows.columns.tolist() == [name.strip("` ") for name, _ in describe(metric).columns]
    assert len(rows)
    assert not rows.duplicated([name.removeprefix("-") for name in metric.order]).any()


def test_the_columns_that_others_call_come_first(workspace: Workspace) -> None:
    scores = workspace.ask()(churn_scores, as_of=workspace.as_of, **ASKED)
    tried = workspace.ask()(churn_backtest, as_of=workspace.as_of, **ASKED)
    assert scores.columns[:2].tolist() == ["customer_id", "churn_probability"]
    assert tried.columns[:9].tolist() == [
        *("cut_off", "model", "customers", "churn_rate", "auc", "brier", "log_loss", "lift_at_10", "chosen")
    ]


def test_every_customer_is_scored_and_reasons_add_up(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    scores = ask(churn_scores, as_of=as_of, **ASKED).set_index("customer_id")
    assert sorted(scores.index) == sorted(ask(churn_features, as_of=as_of)["customer_id"])
    assert scores["churn_probability"].between(0, 1).all()
    for most in (1, 5, 20):
        reasons = ask(churn_reasons, as_of=as_of, most=most, **ASKED)
        told = reasons.groupby("customer_id")["contribution"].agg(["sum", "size"])
        total = told["sum"].reindex(scores.index) + scores["base_value"]
        assert np.abs(expit(total) - scores["churn_probability"]).max() < 1e-6
        assert np.abs(total - scores["log_odds"]).max() < 1e-6
        assert (told["size"] == most + 1).all()
    reasons = ask(churn_reasons, as_of=as_of, most=20, **ASKED)
    weights = reasons[reasons["feature"] != "rest"].copy()
    weights["weight"] = weights["contribution"].abs()
    assert (weights.groupby("customer_id")["weight"].diff().fillna(0) <= 0).all()
    raised = reasons["effect"].map({"raises": 1, "neither": 0, "lowers": -1})
    assert (raised == np.sign(reasons["contribution"])).all()


def test_a_reason_tells_the_value_of_the_feature(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    features = ask(churn_features, as_of=as_of).set_index("customer_id")
    reasons = ask(churn_reasons, as_of=as_of, most=20, **ASKED)
    some = reasons[reasons["feature"] == "days_since_last_order"]
    assert (some["number"] == features["days_since_last_order"].reindex(some["customer_id"]).array).all()
    spent = reasons[reasons["feature"] == "revenue_365"]
    money = features["revenue_365"].reindex(spent["customer_id"]) / workspace.tables.money_scale
    assert np.allclose(spent["number"], money)
    channels = reasons[reasons["feature"] == "main_channel"]
    assert (channels["name"] == features["main_channel"].reindex(channels["customer_id"]).array).all()


def test_drivers_are_the_weightiest_of_all_reasons(workspace: Workspace) -> None:
    drivers = workspace.ask()(churn_drivers, as_of=workspace.as_of, **ASKED)
    assert drivers["mean_contribution"].is_monotonic_decreasing
    directions = drivers.set_index("feature")["direction"]
    assert directions["days_since_last_order"] == "rising"
    assert directions["main_channel"] == "names"


def test_what_is_stored_is_the_model(workspace: Workspace) -> None:
    rows = workspace.ask()(trained_churn, as_of=workspace.as_of, **ASKED)
    stored = Stored.of(rows)
    assert set(stored.models) == {
        *("recency", "overdue", "purchase_model", "logistic", "boosted", "logistic_and_boosted")
    }
    assert stored.rules == ("recency", "overdue")
    losses = rows.groupby("model")["log_loss"].first()
    assert losses[stored.chosen] < losses[list(stored.rules)].min()
    assert rows["value"].notna().all()


def test_windows_of_what_is_learnt_end_before_the_day(workspace: Workspace) -> None:
    """A label looks a horizon ahead of its snapshot, and no further than the day that is asked about."""
    tried = workspace.ask()(churn_backtest, as_of=workspace.as_of, **ASKED)
    for day in [workspace.as_of, *tried["cut_off"].unique()]:
        stored = Stored.of(workspace.ask()(trained_churn, as_of=day, **ASKED))
        assert all(one + 90 <= day_of(day) for one in stored.trained_on)
    days = sorted(day_of(day) for day in tried["cut_off"].unique())
    assert len(days) == rules.MOST_CUT_OFFS
    assert set(np.diff(days)) == {90}
    assert days[-1] + 90 == day_of(workspace.as_of)


def test_the_backtest_holds_models_against_rules(workspace: Workspace) -> None:
    tried = workspace.ask()(churn_backtest, as_of=workspace.as_of, **ASKED)
    assert (tried.groupby("cut_off")["chosen"].sum() == 1).all()
    chosen, alike = tried[tried["chosen"]], tried[tried["model"] == "all_alike"]
    assert (chosen["lost_more"] == 0).all()
    assert not chosen["rule"].any()
    assert set(tried[tried["rule"]]["model"]) == {"recency", "overdue", "all_alike"}
    assert (alike["auc"] == 0.5).all()
    assert (alike["lost_more"] > 0).all()
    assert tried["lift_at_10"].between(tried["lift_low"], tried["lift_high"]).all()
    tenths = workspace.ask()(churn_calibration, as_of=workspace.as_of, **ASKED)
    assert tenths["decile"].tolist() == list(range(1, 11))
    latest = tried[tried["cut_off"] == tried["cut_off"].max()]
    assert tenths["customers"].sum() == latest["customers"].iloc[0]
    assert tenths["lift"].iloc[0] == pytest.approx(latest.loc[latest["chosen"], "lift_at_10"].iloc[0])


def test_drift_is_of_each_feature_and_of_the_scores(workspace: Workspace) -> None:
    drift = workspace.ask()(churn_drift, as_of=workspace.as_of, **ASKED).set_index("feature")
    assert "churn_probability" in drift.index
    assert (drift["stability_index"] >= 0).all()
    # Everybody has been known for longer than before.
    assert drift["median"]["known_days"] > drift["median_before"]["known_days"]


def test_the_horizon_is_proposed_unless_told(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    proposed = ask(churn_scores, as_of=as_of, no_purchase=probability_of_none)
    days = int(proposed["horizon_days"].iloc[0])
    assert days in rules.HORIZONS_DAYS
    told = ask(churn_scores, as_of=as_of, horizon_days=days, no_purchase=probability_of_none)
    pd.testing.assert_frame_equal(proposed, told)


def test_the_command_line_needs_no_options(workspace: Workspace) -> None:
    metric = next(one for one in METRICS if one.build is churn_scores)
    assert options_from_text(metric, []) == {}
    with pytest.raises(InputError) as caught:
        options_from_text(metric, ["no_purchase=x"])
    assert caught.value.key == "metric.unknown_option"
    given: dict[str, Any] = options_from_text(metric, ["horizon_days=90"])
    rows = workspace.table(metric, **given).to_pandas()
    handed_in = workspace.ask()(churn_scores, as_of=workspace.as_of, **ASKED)
    pd.testing.assert_frame_equal(
        rows, handed_in.sort_values("customer_id", ignore_index=True), check_dtype=False
    )


def test_whoever_asks_is_told_what_other_rooms_know(workspace: Workspace) -> None:
    ask = workspace.ask()
    told = ask.rows(churn_scores, as_of=workspace.as_of, horizon_days=90)
    assert told is ask.rows(churn_scores, as_of=workspace.as_of, **ASKED)
    alone = ask(churn_scores, as_of=workspace.as_of, horizon_days=90, no_purchase=None)
    assert (told.to_pandas()["churn_probability"] != alone["churn_probability"]).any()


def test_a_selection_has_scores_of_its_own(workspace: Workspace) -> None:
    ask = workspace.ask(Selection(channels=(workspace.choices.channels[0],)))
    rows = ask(churn_scores, as_of=workspace.as_of, **ASKED)
    assert sorted(rows["customer_id"]) == sorted(ask(churn_features, as_of=workspace.as_of)["customer_id"])


def test_whose_contract_ends(workspace: Workspace, tmp_path: Path) -> None:
    """A demonstration has too few contracts to learn from, and orders alone have none: both are said."""
    with pytest.raises(InputError) as caught:
        workspace.ask()(churn_scores, as_of=workspace.as_of, churn="contract")
    assert caught.value.key == "churn.too_few"
    opened = brought(tmp_path / "orders", made_orders(30))
    with pytest.raises(NotProvided):
        opened.ask()(churn_scores, as_of=opened.as_of, churn="contract")
    opened.close()


def test_nothing_after_the_day_is_known_and_no_order_of_rows_matters(tmp_path: Path) -> None:
    """The scores as of a day are those of a base that ends on it, its rows in any order."""
    rows = made_orders(400)
    as_of = dt.date(2023, 6, 30)
    early = [row for row in rows if row.split(",")[1] <= as_of.isoformat()]
    np.random.default_rng(1).shuffle(early)
    found = []
    for name, some in (("whole", rows), ("early", early)):
        opened = brought(tmp_path / name, some)
        options = {"horizon_days": 60, "no_purchase": probability_of_none}
        found.append([opened.ask()(one, as_of=as_of, **options) for one in (churn_scores, churn_backtest)])
        opened.close()
    for whole, alone in zip(*found, strict=True):
        pd.testing.assert_frame_equal(whole, alone, check_exact=True)


def test_chance_is_not_foretold(tmp_path: Path) -> None:
    opened = brought(tmp_path / "chance", left_by_chance(800))
    ask, as_of = opened.ask(), opened.as_of
    tried = ask(churn_backtest, as_of=as_of, **ASKED)
    verdict = verdict_of(ask, as_of)
    opened.close()
    chosen = tried[tried["chosen"]]
    assert len(chosen) == rules.MOST_CUT_OFFS
    assert np.average(chosen["auc"]) == pytest.approx(0.5, abs=0.03)
    assert verdict == "do_not_use"


def test_what_can_be_foretold_may_be_used(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    assert verdict_of(ask, as_of) in ("use", "use_with_care")


def verdict_of(ask: Ask, as_of: dt.date) -> str:
    question = asked(ask, as_of=as_of, churn="purchases", horizon_days=90)
    return answers.tried(ask, as_of=as_of, asked=question).reliance.verdict


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"horizon_days": -1}, "metric.bad_option"),
        ({"horizon_days": 4_000}, "metric.bad_option"),
        ({"horizon_days": 1_000}, "churn.too_short"),
    ],
    ids=str,
)
def test_a_horizon_that_is_none_is_refused(workspace: Workspace, options: dict[str, int], key: str) -> None:
    with pytest.raises(InputError) as caught:
        workspace.ask()(churn_scores, as_of=workspace.as_of, **options)
    assert caught.value.key == key


def test_too_few_customers_are_refused_and_not_tried(tmp_path: Path) -> None:
    opened = brought(tmp_path / "few", made_orders(10))
    with pytest.raises(InputError) as caught:
        opened.ask()(churn_scores, as_of=opened.as_of, horizon_days=90)
    assert caught.value.key == "churn.too_few"
    # Ten customers are ten at the most, on however many days they are looked at.
    left, stayed = (int(str(caught.value.values[name])) for name in ("left", "stayed"))
    assert 0 < left <= 10
    assert 0 < stayed <= 10
    for build in (churn_backtest, churn_calibration):
        assert opened.ask()(build, as_of=opened.as_of, horizon_days=90).empty
    opened.close()


def test_the_first_day_is_too_early(workspace: Workspace) -> None:
    with pytest.raises(InputError) as caught:
        workspace.ask()(churn_scores, as_of=date_of(workspace.tables.first_day))
    assert caught.value.key == "churn.too_short"
