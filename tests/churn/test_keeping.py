"""Whom it pays to keep: what is earned, what is learnt, and the same list as the estimates say."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import ibis
import numpy as np
import pandas as pd
import pytest

from crm_core.base import NotProvided
from crm_core.churn.answers import (
    Asked,
    Deal,
    Learnt,
    Leaving,
    Terms,
    earned_before,
    keeping,
    learnt,
    profits,
)
from crm_core.churn.answers.keeping import people_of
from crm_core.churn.metrics.stakes import contact_costs
from crm_core.churn.models import RateEffect
from crm_core.churn.rules import ProposedHorizon
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2024, 12, 31)
ASKED = Asked(90, "purchases", ProposedHorizon(90, 500, 0.85, shortened=False), with_contracts=False)
TABLES = tables_between(dt.date(2022, 1, 1), AS_OF)


def made(customers: int, seed: int = 5) -> Leaving:
    draw = np.random.default_rng(seed)
    risks = pd.DataFrame(
        {
            "customer_id": [f"c{one:04}" for one in range(customers)],
            "churn_probability": draw.random(customers),
            "days_since_last_order": draw.integers(0, 400, customers),
            "margin": draw.gamma(1, 200, customers),
            "kept_margin": draw.gamma(1, 220, customers),
            "company": draw.random(customers) < 0.1,
        }
    )
    most = np.minimum(risks["kept_margin"], risks["margin"])
    risks = risks.assign(at_risk=risks["churn_probability"] * most)
    return Leaving(AS_OF, ASKED, risks, by_margin=True, kept_days=365, learnt_on=AS_OF, currency="EUR")


def by_hand(row: Any, deal: Deal, saved: float | None = None) -> float:
    chance = deal.saved if saved is None else saved
    leaves = row.churn_probability * chance * (row.kept_margin - deal.offer_cost)
    stays = (1 - row.churn_probability) * deal.taken * deal.offer_cost
    return float(leaves - stays - deal.contact_cost)


def variance_by_hand(row: Any, deal: Deal, saved: float) -> float:
    """Of what a contact earns: kept, given something in vain, or neither."""
    kept = row.churn_probability * saved
    in_vain = (1 - row.churn_probability) * deal.taken
    outcomes = [(kept, row.kept_margin - deal.offer_cost), (in_vain, -deal.offer_cost)]
    mean = sum(chance * amount for chance, amount in outcomes)
    return float(sum(chance * amount**2 for chance, amount in outcomes) - mean**2)


@pytest.mark.parametrize("customers", [1, 3, 400])
def test_the_list_is_whom_it_pays_to_contact(customers: int) -> None:
    found, deal = made(customers), Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
    earned = {one.customer_id: by_hand(one, deal) for one in found.risks.itertuples()}
    worth = {who: profit for who, profit in earned.items() if profit > 0}
    kept = keeping(found, deal, calibration_error=0.02)
    assert kept.curve.best.size == len(worth) == kept.kinds[0].customers
    assert kept.curve.best.profit == pytest.approx(sum(worth.values()))
    assert sum(one.customers for one in kept.kinds) == customers
    listed = found.risks[found.risks["customer_id"].isin(list(worth))]
    assert kept.leaving == pytest.approx(listed["churn_probability"].sum())
    best = sorted(worth, key=lambda who: -worth[who])[:10]
    assert kept.first["customer_id"].tolist() == best
    assert kept.first["expected_profit"].tolist() == pytest.approx([worth[who] for who in best])
    rows = profits(found.risks, deal)
    assert set(rows.loc[rows["kind"] == "worth_keeping", "customer_id"]) == worth.keys()


def test_nobody_is_on_the_list_where_nothing_pays() -> None:
    kept = keeping(made(50), Deal(1e6, 0.0, 0.2, 1.0, None, sure=True), calibration_error=0.0)
    assert kept.first.empty
    assert kept.curve.best.size == 0


EFFECT = RateEffect(0.2, -0.05, -0.3, 150.0, (5.0, 900.0), (0.05, 0.0, 0.02, 0.0, 0.0, 0.1), 0.0, 2, 4_000)


def answers(**more: Any) -> FakeAsk:
    told = {
        **{name: getattr(EFFECT, name) for name in ("log_factor", "by_margin", "by_company", "middle")},
        **{name: getattr(EFFECT, name) for name in ("between", "campaigns", "customers")},
        "seen_from": EFFECT.seen[0],
        "seen_to": EFFECT.seen[1],
        **{f"spread_{place}": one for place, one in enumerate(EFFECT.spread, start=1)},
    }
    return FakeAsk(
        TABLES,
        {
            "purchases_of_a_year": pd.DataFrame({"purchases": [40], "revenue": [200_000]}),
            "contact_costs": pd.DataFrame(
                {"channel": ["Phone", "phone ", "SMS"], "contacts": [2, 1, 5], "cost": [700, 200, 334]}
            ),
            "offer_effect": pd.DataFrame([told]),
            **more,
        },
    )


def test_costs_and_effects_are_learnt_where_the_base_knows_them() -> None:
    base, found = learnt(answers(), as_of=AS_OF, asked=ASKED), made(300)
    assert base == Learnt(1.5, 50.0, EFFECT, {"phone": 3.0, "sms": 0.67})
    costs = [base.deal(Terms(way=one), found).contact_cost for one in ("Phone", "SMS", "Email", None)]
    assert costs == [3.0, 0.67, 1.5, 1.5]
    deal = base.deal(Terms(), found)
    assert (deal.contact_cost, deal.offer_cost) == (1.5, 2.5)
    people = people_of(found.risks)
    chance = EFFECT.save_chance(people)
    assert deal.saved == pytest.approx(
        (people.probability * chance).sum() / people.probability.sum(), abs=5e-4
    )
    offer = deal.to(people)
    assert np.asarray(offer.save_chance) == pytest.approx(chance)
    assert np.asarray(offer.save_error).shape == (300, 3)
    rows = profits(found.risks, deal)["expected_profit"]
    for row, saved, profit in zip(found.risks.itertuples(), chance, rows, strict=True):
        assert profit == pytest.approx(by_hand(row, deal, saved))


def test_what_a_reader_sets_is_taken_as_it_is() -> None:
    found = made(300)
    deal = Learnt(1.5, 50.0, None).deal(Terms(0.0, 7.0, 0.4, 0.1), found)
    assert deal == Deal(0.0, 7.0, 0.4, 0.1, None, sure=True)
    offer = deal.to(people_of(found.risks))
    assert (offer.save_chance, offer.save_error, offer.taken_by_stayers) == (0.4, 0.0, 0.1)


def test_a_share_that_is_set_is_that_of_all_and_whom_is_learnt() -> None:
    found, people = made(300), people_of(made(300).risks)
    deal = learnt(answers(), as_of=AS_OF, asked=ASKED).deal(Terms(saved=0.4), found)
    offer = deal.to(people)
    kept = (people.probability * offer.save_chance).sum() / people.probability.sum()
    assert (deal.saved, offer.save_error) == (0.4, 0.0)
    assert kept == pytest.approx(0.4)


def test_campaigns_that_kept_nobody_keep_nobody() -> None:
    told = answers().answers["offer_effect"]
    assert isinstance(told, pd.DataFrame)
    worse = answers(offer_effect=told.assign(log_factor=-0.9))
    deal = learnt(worse, as_of=AS_OF, asked=ASKED).deal(Terms(), made(300))
    assert deal.saved == 0.0
    assert keeping(made(300), deal, calibration_error=0.0).curve.best.size == 0


def test_what_is_not_known_is_assumed() -> None:
    def refused(**_: object) -> pd.DataFrame:
        raise NotProvided("base.table_not_provided", table="contacts")

    base = learnt(answers(contact_costs=refused, offer_effect=pd.DataFrame()), as_of=AS_OF, asked=ASKED)
    assert base.contact_cost is None
    assert base.effect is None
    deal = base.deal(Terms(), made(3))
    assert (deal.contact_cost, deal.offer_cost, deal.saved) == (0.5, 2.5, 0.1)


def test_only_so_many_can_be_contacted() -> None:
    found, deal = made(400), Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
    every, few = (keeping(found, deal, calibration_error=0.02, terms=Terms(most=most)) for most in (None, 7))
    assert few.curve.chosen.size == len(few.first) == 7
    assert few.first.equals(every.first[:7])
    assert few.curve.best.size == every.curve.best.size
    assert few.kinds == every.kinds


def cost_by_hand(row: Any, deal: Deal) -> float:
    taken = row.churn_probability * deal.saved + (1 - row.churn_probability) * deal.taken
    return float(deal.contact_cost + taken * deal.offer_cost)


@pytest.mark.parametrize("budget", [0.5, 4.0, 60.0, 1e9])
def test_a_budget_pays_for_the_first_of_the_list(budget: float) -> None:
    found, deal = made(400), Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
    left, listed = budget, []
    for one in sorted(found.risks.itertuples(), key=lambda one: -by_hand(one, deal)):
        left -= cost_by_hand(one, deal)
        if left < 0 or by_hand(one, deal) <= 0:
            break
        listed.append(one)
    kept = keeping(found, deal, calibration_error=0.02, terms=Terms(budget=budget))
    assert kept.curve.chosen.size == len(listed)
    assert kept.cost == pytest.approx(sum(cost_by_hand(one, deal) for one in listed))
    assert kept.cost <= budget
    assert kept.curve.chosen.profit == pytest.approx(sum(by_hand(one, deal) for one in listed))
    fewer = keeping(found, deal, calibration_error=0.02, terms=Terms(budget=budget, most=3))
    assert fewer.curve.chosen.size == min(3, len(listed))


def test_a_budget_that_is_just_enough_pays_for_all_that_it_is_for() -> None:
    found = made(400)
    deal = Deal(0.1, 0.0, 0.2, 0.5, None, sure=False)
    assert keeping(found, deal, calibration_error=0.0, terms=Terms(budget=0.3)).curve.chosen.size == 3
    free = Deal(0.0, 0.0, 0.2, 0.5, None, sure=False)
    whole = keeping(found, free, calibration_error=0.0, terms=Terms(budget=0.01))
    assert whole.curve.chosen == whole.curve.best


def test_a_list_says_of_each_how_likely_the_offer_keeps_whoever_would_leave() -> None:
    found = made(300)
    deal = learnt(answers(), as_of=AS_OF, asked=ASKED).deal(Terms(), found)
    rows = profits(found.risks, deal)
    assert rows["save_chance"].to_numpy() == pytest.approx(EFFECT.save_chance(people_of(found.risks)))
    leaving = rows["churn_probability"]
    assert (leaving * rows["save_chance"]).sum() / leaving.sum() == pytest.approx(deal.saved, abs=5e-4)
    assert profits(found.risks[:0], deal).empty


def test_lists_of_several_days_share_the_doubt_about_the_offer() -> None:
    draw = np.random.default_rng(3)
    parts = [
        made(120, seed).risks.assign(
            cut_off=dt.date(2024, 3 * seed, 28), churned=(draw.random(120) < 0.5).astype(int), reachable=True
        )
        for seed in (1, 2, 3)
    ]
    rows = pd.concat(parts, ignore_index=True)
    scaled = rows.assign(margin=100 * rows["margin"], kept_margin=100 * rows["kept_margin"])
    asking = answers(risks_tried=scaled)
    deal = learnt(asking, as_of=AS_OF, asked=ASKED).deal(Terms(), made(300))
    before = earned_before(asking, as_of=AS_OF, asked=ASKED, deal=deal, terms=Terms())
    assert before is not None
    alone, shared, total = 0.0, np.zeros(3), 0.0
    for part in parts:
        offer = deal.to(people_of(part))
        chances = np.asarray(offer.save_chance)
        hoped = [by_hand(one, deal, chance) for one, chance in zip(part.itertuples(), chances, strict=True)]
        came = part.assign(churn_probability=part["churned"])
        got = [by_hand(one, deal, chance) for one, chance in zip(came.itertuples(), chances, strict=True)]
        listed = [place for place, profit in enumerate(hoped) if profit > 0]
        amounts = np.array([got[place] for place in listed])
        total += amounts.sum()
        people = list(part.itertuples())
        alone += sum(variance_by_hand(people[place], deal, chances[place]) for place in listed)
        lost = (came["churned"] * (came["kept_margin"] - deal.offer_cost)).to_numpy()
        shared += (np.asarray(offer.save_error) * lost[:, None])[listed].sum(axis=0)
    half = 1.959964 * np.sqrt(alone + (shared**2).sum())
    assert before.together.profit == pytest.approx(total)
    assert before.days["earned"].sum() == pytest.approx(total)
    assert before.together.high - total == pytest.approx(half, rel=1e-5)
    assert total - before.together.low == pytest.approx(half, rel=1e-5)
    assert half > np.sqrt(((before.days["high"] - before.days["earned"]) ** 2).sum())


def test_lists_of_earlier_days_leave_out_who_had_refused_the_way_by_then() -> None:
    day = dt.date(2024, 6, 30)
    rows = made(4).risks.assign(cut_off=day, churned=1, reachable=True, kept_margin=100_000, margin=100_000)
    told = pd.DataFrame(
        {"customer_id": ["c0000", "c0001"], "refused": ["Phone", ""], "granted": ["", "Phone"]}
    )
    by_then = {"channel_consents": lambda *, as_of: told if as_of == day else told[:0]}
    asking = answers(risks_tried=rows, **by_then)
    deal = Deal(0.0, 0.0, 0.2, 0.5, None, sure=False)
    many = {}
    for way in (None, "Phone", "Email"):
        before = earned_before(asking, as_of=AS_OF, asked=ASKED, deal=deal, terms=Terms(way=way))
        assert before is not None
        many[way] = before.days["customers"].tolist()
    assert many == {None: [4], "Phone": [3], "Email": [4]}


def test_at_risk_is_no_more_than_was_brought() -> None:
    found = made(400)
    sums = keeping(found, Deal(2.0, 5.0, 0.2, 0.5, None, sure=False), calibration_error=0.0).kinds
    assert sum(one.margin_at_risk for one in sums) == pytest.approx(found.margin_at_risk)
    least = np.minimum(found.risks["margin"], found.risks["kept_margin"])
    assert found.margin_at_risk == pytest.approx((found.risks["churn_probability"] * least).sum())


def test_lists_of_earlier_days_leave_out_who_refused_by_then() -> None:
    rows = made(200).risks.assign(
        cut_off=dt.date(2024, 6, 30),
        churned=(np.random.default_rng(1).random(200) < 0.4).astype(int),
        reachable=np.arange(200) % 4 > 0,
    )
    scaled = rows.assign(margin=100 * rows["margin"], kept_margin=100 * rows["kept_margin"])
    deal = Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
    before = earned_before(
        answers(risks_tried=scaled), as_of=AS_OF, asked=ASKED, deal=deal, terms=Terms(most=20)
    )
    assert before is not None
    (row,) = before.days.to_dict("records")
    those = rows[rows["reachable"]]
    expected = {one.customer_id: by_hand(one, deal) for one in those.itertuples()}
    listed = [who for who in sorted(expected, key=lambda who: -expected[who])[:20] if expected[who] > 0]
    came = those.assign(churn_probability=those["churned"]).set_index("customer_id")
    got = sum(by_hand(one, deal) for one in came.loc[listed].itertuples())
    assert (row["customers"], row["contacted"]) == (150, len(listed))
    assert row["earned"] == pytest.approx(got)


def test_it_is_told_where_past_campaigns_kept_hardly_anybody() -> None:
    found, base = made(300), learnt(answers(), as_of=AS_OF, asked=ASKED)
    deal = base.deal(Terms(), found)
    assert [deal.hardly_keeps(one) for one in (0.0, 0.004, 0.005, 0.2)] == [True, True, False, False]
    # A reader who sets that nobody is kept is not told that campaigns say so.
    assert not base.deal(Terms(saved=0.0), found).hardly_keeps(0.0)
    assert not Deal(2.0, 5.0, 0.0, 0.5, None, sure=False).hardly_keeps(0.0)


def test_what_contacts_beyond_those_that_pay_would_lose_is_known() -> None:
    found, deal = made(400), Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
    earned = sorted((by_hand(one, deal) for one in found.risks.itertuples()), reverse=True)
    best = sum(one > 0 for one in earned)
    more = keeping(found, deal, calibration_error=0.0, terms=Terms(most=best + 30))
    assert (more.curve.chosen.size, more.beyond) == (best, 30)
    assert more.lost == pytest.approx(sum(earned[best : best + 30]))
    fewer = keeping(found, deal, calibration_error=0.0, terms=Terms(most=best - 1))
    assert (fewer.beyond, fewer.lost) == (0, 0.0)
    every = keeping(found, deal, calibration_error=0.0, terms=Terms(most=10_000))
    assert every.beyond == 400 - best


def test_what_a_contact_costs_is_told_by_its_channel() -> None:
    rows = [
        ("c1", dt.datetime(2024, 12, 1), "Phone", "outbound", 500),
        ("c2", dt.datetime(2024, 12, 31, 12), "Phone", "outbound", 300),
        ("c2", dt.datetime(2024, 6, 1), "SMS", "outbound", 10),
        ("c2", dt.datetime(2024, 6, 1), "SMS", "inbound", 70),
        ("c2", dt.datetime(2024, 6, 1), "SMS", "outbound", None),
        ("c2", dt.datetime(2023, 12, 31), "SMS", "outbound", 90),
        ("c2", dt.datetime(2025, 1, 1), "Phone", "outbound", 90),
    ]
    names = ["customer_id", "contacted_at", "channel", "direction", "cost"]
    frame = pd.DataFrame(rows, columns=names).astype({"cost": "Int64"}).assign(currency=None)
    contacts = ibis.memtable(frame).cast({"currency": "string", "cost": "int64"})
    tables = replace(TABLES, others={"contacts": contacts})
    found = ibis.duckdb.connect().to_pandas(contact_costs(tables, as_of=AS_OF))
    told = {one.channel: (one.contacts, one.cost) for one in found.itertuples()}
    assert told == {"Phone": (2, 800), "SMS": (1, 10)}
