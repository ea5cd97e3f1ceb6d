"""Whom it pays to keep: what is earned, what is learnt, and the same list as the estimates say."""

from __future__ import annotations

import datetime as dt
from typing import Any

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


@pytest.mark.parametrize("customers", [1, 3, 400])
def test_the_list_is_whom_it_pays_to_contact(customers: int) -> None:
    found, deal = made(customers), Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
    earned = {one.customer_id: by_hand(one, deal) for one in found.risks.itertuples()}
    worth = {who: profit for who, profit in earned.items() if profit > 0}
    kept = keeping(found, deal, calibration_error=0.02)
    assert kept.curve.best.size == len(worth) == kept.kinds[0].customers
    assert kept.curve.best.profit == pytest.approx(sum(worth.values()))
    assert sum(one.customers for one in kept.kinds) == customers
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
            "contact_costs": pd.DataFrame({"contacts": [8], "cost": [1_234]}),
            "offer_effect": pd.DataFrame([told]),
            **more,
        },
    )


def test_costs_and_effects_are_learnt_where_the_base_knows_them() -> None:
    base, found = learnt(answers(), as_of=AS_OF, asked=ASKED), made(300)
    assert base == Learnt(1.5, 50.0, EFFECT)
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
    every, few = (keeping(found, deal, calibration_error=0.02, most=most) for most in (None, 7))
    assert few.curve.chosen.size == len(few.first) == 7
    assert few.first.equals(every.first[:7])
    assert few.curve.best.size == every.curve.best.size
    assert few.kinds == every.kinds


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
    (row,) = earned_before(answers(risks_tried=scaled), as_of=AS_OF, asked=ASKED, deal=deal, most=20).to_dict(
        "records"
    )
    those = rows[rows["reachable"]]
    expected = {one.customer_id: by_hand(one, deal) for one in those.itertuples()}
    listed = [who for who in sorted(expected, key=lambda who: -expected[who])[:20] if expected[who] > 0]
    came = those.assign(churn_probability=those["churned"]).set_index("customer_id")
    got = sum(by_hand(one, deal) for one in came.loc[listed].itertuples())
    assert (row["customers"], row["contacted"]) == (150, len(listed))
    assert row["earned"] == pytest.approx(got)
