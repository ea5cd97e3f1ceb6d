"""Who is newly at risk and where the risk rises, against slow loops; the verdict that pages obey."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from crm_core.base import InputError, NotProvided
from crm_core.churn import rules
from crm_core.churn.answers import (
    Deal,
    Reliance,
    Terms,
    asked,
    earned_before,
    model_named,
    reliance,
    tried,
    watched,
)
from crm_core.churn.answers.reliance import relied_on
from crm_core.churn.estimates import (
    churn_backtest,
    churn_scores,
    churn_warnings,
    churn_watch_list,
    risks_tried,
)
from crm_core.churn.estimates.effects import effect_of, offer_effect
from crm_core.churn.estimates.questions import Question
from crm_core.churn.estimates.scores import scored_on
from crm_core.churn.estimates.snapshots import known_on
from crm_core.churn.metrics import METRICS, campaign_effects, churn_features
from crm_core.customers.estimates import open_channels
from crm_core.customers.metrics import acquisition_channel, customer_owners, customers_in_groups
from crm_core.i18n import LANGUAGES, language
from crm_core.periods import day_of
from crm_core.segments.metrics import segment
from crm_core.value.estimates import probability_of_none
from crm_core.workspace import Workspace
from tests.churn.test_estimates import brought, left_by_chance

pytestmark = pytest.mark.xdist_group("leaving the demonstration")

ASKED: dict[str, Any] = {"horizon_days": 90}
QUESTION = Question(90, "purchases", probability_of_none)


@pytest.mark.parametrize(("days", "threshold"), [(30, 0.5), (60, 0.7)])
def test_who_is_newly_at_risk(workspace: Workspace, days: int, threshold: float) -> None:
    """Customer by customer, from today's model and what was known on both days."""
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_watch_list, as_of=as_of, days_before=days, threshold=threshold, **ASKED)
    scored = scored_on(ask, day_of(as_of), QUESTION)
    model, then = scored.stored.model, known_on(ask, day_of(as_of) - days, QUESTION)
    chance_then = dict(zip(then.ids, model.probability(then.of(model)), strict=True))
    slow = {}
    for _, row in ask(churn_scores, as_of=as_of, **ASKED).iterrows():
        before = chance_then.get(row["customer_id"])
        if before is not None and before <= threshold < row["churn_probability"]:
            slow[row["customer_id"]] = (row["churn_probability"], before)
    assert slow
    assert set(found["customer_id"]) == set(slow)
    for _, row in found.iterrows():
        now, before = slow[row["customer_id"]]
        assert row["churn_probability"] == pytest.approx(now, abs=1e-12)
        assert row["churn_probability_before"] == pytest.approx(before, abs=1e-12)
    assert found["churn_probability"].is_monotonic_decreasing


def test_what_changed_is_what_raised_the_chance(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_watch_list, as_of=as_of, **ASKED)
    features = ask(churn_features, as_of=as_of).set_index("customer_id")
    assert found["raises_1"].notna().all()
    assert (found["raises_1_by"] > 0).all()
    assert (found["raises_1_by"] >= found["raises_2_by"]).all()
    silent = features["days_since_last_order"].reindex(found["customer_id"])
    assert found["days_since_last_order"].tolist() == silent.tolist()
    money = {name for one in METRICS if one.build is churn_features for name in one.money}
    before = ask(churn_features, as_of=as_of - dt.timedelta(days=30)).set_index("customer_id")
    assert len(found)
    for place in ("raises_1", "raises_2", "raises_3"):
        for _, row in found[found[place].notna()].iterrows():
            then = before.loc[row["customer_id"], row[place]]
            told = row[f"{place}_name_before" if isinstance(then, str) else f"{place}_number_before"]
            scale = workspace.tables.money_scale if row[place] in money else 1
            assert told == then if isinstance(then, str) else told == pytest.approx(then / scale, nan_ok=True)


def test_the_next_step_and_whose_it_is(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_watch_list, as_of=as_of, **ASKED).set_index("customer_id")
    features = ask(churn_features, as_of=as_of).set_index("customer_id").reindex(found.index)
    complaining = features["open_complaint_count"] > 0
    assert complaining.any()
    assert (found["next_step"][complaining] == "settle_complaint").all()
    assert set(found["next_step"]) <= set(get_args(rules.NextStep))
    owners = ask(customer_owners, as_of=as_of).set_index("customer_id")["owner"]
    assert owners.reindex(found.index).notna().any()
    assert (owners.reindex(found.index).fillna("") == found["owner"].fillna("")).all()


@pytest.mark.parametrize(
    ("subject", "facts", "step"),
    [
        ("silence", {"open_complaints": 1, "unpaid": 2}, "settle_complaint"),
        ("silence", {"unpaid": 2}, "settle_invoice"),
        ("contract", {}, "renew_contract"),
        ("silence", {"contract": True}, "renew_contract"),
        ("complaints", {"company": True}, "ask_what_is_wrong"),
        ("silence", {"company": True}, "visit"),
        ("silence", {"open_complaints": float("nan"), "unpaid": float("nan")}, "call"),
        ("consent", {}, "write"),
        (None, {}, "write"),
    ],
)
def test_the_rules_of_the_next_step(subject: str | None, facts: dict[str, Any], step: str) -> None:
    usual: dict[str, Any] = {"open_complaints": 0, "unpaid": 0, "contract": False, "company": False}
    assert rules.next_step(subject, **{**usual, **facts}) == step


@pytest.mark.parametrize(
    ("subject", "channels", "step"),
    [
        ("silence", {"Phone": True, "Email": False}, "write"),
        ("silence", {"Phone": True, "Email": True, "SMS": False}, "write"),
        ("silence", {"Phone": True, "Email": True, "SMS": True, "Pigeon": False}, "no_contact"),
        ("complaints", {"Phone": True, "Email": True}, "no_contact"),
        ("contract", {"Phone": True, "Email": True}, "no_contact"),
        ("complaints", {"Phone": True, "Email": False}, "ask_what_is_wrong"),
        ("silence", {"Phone": False, "Email": True}, "call"),
        (None, {"Phone": False, "Email": True, "SMS": True}, "call"),
        (None, {"TEL ": True, "Email": True}, "no_contact"),
        (None, {"Pigeon": True}, "write"),
    ],
)
def test_nobody_is_called_or_written_to_who_refuses(
    subject: str | None, channels: dict[str, bool], step: str
) -> None:
    may = rules.ways_open(channels)
    told = rules.next_step(subject, open_complaints=0, unpaid=0, contract=False, company=False, may=may)
    assert told == step


@pytest.mark.parametrize(
    ("channels", "facts", "step"),
    [
        ({"Phone": True, "Email": True}, {}, "no_contact"),
        ({"Phone": True, "Email": True, "Visit": False}, {}, "visit"),
        ({"Phone": False, "Visit": True}, {}, "call"),
        ({"Phone": True, "Email": False, "Visit": True}, {}, "write"),
        ({"Phone": True, "Email": True}, {"unpaid": 1}, "settle_invoice"),
        ({"Phone": True, "Email": True}, {"open_complaints": 1}, "settle_complaint"),
    ],
)
def test_no_company_is_visited_that_refuses_every_way(
    channels: dict[str, bool], facts: dict[str, Any], step: str
) -> None:
    usual: dict[str, Any] = {"open_complaints": 0, "unpaid": 0, "contract": False, "company": True}
    may = rules.ways_open(channels)
    assert rules.next_step("silence", **{**usual, **facts}, may=may) == step


def test_who_refuses_the_phone_is_not_called(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_watch_list, as_of=as_of, **ASKED)
    told = ask(open_channels, as_of=as_of)
    refusing = told[(told["channel"].str.casefold() == "phone") & told["refused"]]["customer_id"]
    those = found[found["customer_id"].isin(refusing)]
    assert len(those)
    assert "call" not in set(those["next_step"])


@pytest.mark.parametrize("group", [acquisition_channel, segment])
def test_groups_are_those_of_the_day_before(workspace: Workspace, group: Any) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    found = ask(churn_warnings, as_of=as_of, group=group, **ASKED).set_index("group")
    model = scored_on(ask, day_of(as_of), QUESTION).stored.model
    chances = []
    for days in (0, 30, 60):
        known = known_on(ask, day_of(as_of) - days, QUESTION)
        chances.append(dict(zip(known.ids, model.probability(known.of(model)), strict=True)))
    for back in (1, 2):
        day = as_of - dt.timedelta(30 * back)
        members = ask(customers_in_groups, as_of=day, group=group)
        for name, rows in members.groupby("group"):
            ids = rows["customer_id"]
            rise = float(np.mean([chances[back - 1][one] - chances[back][one] for one in ids]))
            if back == 1:
                row = found.loc[str(name)]
                assert row["customers"] == len(ids)
                told = row["mean_now"] - row["mean_before"]
            elif name in found.index:
                told = found.loc[str(name), "usual_rise"]
            else:
                continue
            assert told == pytest.approx(rise, abs=1e-9)
    small = found["customers"] < rules.LEAST_WARNED
    assert (~small).any()
    assert found.loc[small, "p_value"].isna().all()
    assert (found["warned"] == (found["p_value"] <= rules.SURELY)).all()


@pytest.mark.parametrize(
    ("build", "options"),
    [
        (churn_watch_list, {"days_before": 0}),
        (churn_watch_list, {"threshold": 1.0}),
        (churn_warnings, {"days_before": 366, "group": segment}),
    ],
)
def test_an_option_out_of_range_is_refused(workspace: Workspace, build: Any, options: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        workspace.ask()(build, as_of=workspace.as_of, **ASKED, **options)
    assert caught.value.key == "metric.bad_option"


def test_lists_of_earlier_days_against_a_loop(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    deal = Deal(1.0, 5.0, 0.3, 1.0, None, sure=True)
    question = asked(ask, as_of=as_of, churn="purchases", horizon_days=90)
    before = earned_before(ask, as_of=as_of, asked=question, deal=deal, terms=Terms())
    assert before is not None
    found = before.days
    rows = ask(risks_tried, as_of=as_of, **ASKED)
    tried_on = ask(churn_backtest, as_of=as_of, **ASKED)
    assert found["cut_off"].tolist() == sorted(tried_on["cut_off"].unique(), reverse=True)
    for _, one in found.iterrows():
        part = rows[(rows["cut_off"] == one["cut_off"]) & rows["reachable"]]
        told, best, everybody, contacted = 0.0, 0.0, 0.0, 0
        for chance, left, margin in zip(
            part["churn_probability"],
            part["churned"],
            part["kept_margin"] / workspace.tables.money_scale,
            strict=True,
        ):
            came = 0.3 * left * (margin - 5.0) - (1 - left) * 5.0 - 1.0
            if chance * 0.3 * (margin - 5.0) - (1 - chance) * 5.0 - 1.0 > 0:
                told, contacted = told + came, contacted + 1
            best, everybody = best + max(came, 0.0), everybody + came
        assert one["contacted"] == contacted
        assert one["earned"] == pytest.approx(told)
        assert one["foresight"] == pytest.approx(best)
        assert one["everybody"] == pytest.approx(everybody)


def test_trials_are_told_with_their_verdict(workspace: Workspace) -> None:
    ask, as_of = workspace.ask(), workspace.as_of
    question = asked(ask, as_of=as_of, churn="purchases", horizon_days=90)
    found = tried(ask, as_of=as_of, asked=question)
    assert found.trials == 4
    assert found.models["used"].tolist() == [True] + [False] * (len(found.models) - 1)
    each = found.each[found.each["model"] == found.model]
    auc = float(np.average(each["auc"], weights=each["customers"]))
    assert found.models["auc"].iloc[0] == pytest.approx(auc)
    assert found.reliance == reliance(ask, as_of=as_of, asked=question)
    assert found.reliance.usable
    for code in LANGUAGES:
        assert language(code).tell(found.told)
        assert language(code).tell(found.why)
        for model in found.each["model"].unique():
            assert language(code).tell(model_named(model))


def test_where_nothing_can_be_foretold_nothing_is_to_be_used(tmp_path: Path) -> None:
    """Customers who all buy at random at one rate."""
    opened = brought(tmp_path / "chance", left_by_chance(800))
    ask, as_of = opened.ask(), opened.as_of
    question = asked(ask, as_of=as_of, churn="purchases", horizon_days=90)
    found = reliance(ask, as_of=as_of, asked=question)
    listed = watched(ask, as_of=as_of, asked=question, group=segment)
    with pytest.raises(NotProvided):
        ask(customer_owners, as_of=as_of)
    opened.close()
    assert found.verdict == "do_not_use"
    assert not found.usable
    assert found.care is not None
    assert listed.newly["owner"].isna().all()
    for code in LANGUAGES:
        assert language(code).tell(found.care)


def test_care_is_said_where_there_is_reason_to() -> None:
    assert Reliance("use", ()).care is None
    assert Reliance("use", ()).usable


def test_the_effect_of_offers_is_learnt_from_the_latest_campaigns(workspace: Workspace) -> None:
    """By hand: the same model's chances on the day before, what was bought, who was held back."""
    ask, as_of = workspace.ask(), workspace.as_of
    found = effect_of(ask(offer_effect, as_of=as_of, **ASKED))
    told = ask(campaign_effects, as_of=as_of, horizon_days=90)
    assert found is not None
    assert found.campaigns == len(told) == 2
    assert found.customers == told[["treatment_customers", "control_customers"]].sum().sum()
    earlier = told["sent_on"].max() + dt.timedelta(80)
    before = effect_of(ask(offer_effect, as_of=earlier, **ASKED))
    assert before is not None
    assert before.campaigns == 1
    assert ask(offer_effect, as_of=told["sent_on"].min(), **ASKED).empty
    assert ask(offer_effect, as_of=as_of, horizon_days=90, churn="contract", no_purchase=None).empty


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_does_no_better_than_one_chance_for_all_is_said_in_words(code: str) -> None:
    trials = [rules.TrialResult(1_000, 0.01, {"all_alike": (0.0, 0.001), "recency": (0.1, 0.001)})] * 2
    told = language(code).tell(relied_on(trials).told)
    assert language(code).say("churn.against.alike") in told
    assert language(code).say("churn.model.all_alike") not in told
