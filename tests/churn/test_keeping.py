"""Whom it pays to keep: what is earned, what is learnt, and the same list as the estimates say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_core.base import NotProvided
from crm_core.churn.answers import Asked, Leaving, Terms, keeping, learnt, profits
from crm_core.churn.models.profit import Offer
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
        }
    )
    return Leaving(AS_OF, ASKED, risks, by_margin=True, currency="EUR")


def by_hand(row: Any, offer: Offer) -> float:
    leaves = row.churn_probability * float(offer.save_chance) * (row.margin - offer.offer_cost)
    stays = (1 - row.churn_probability) * offer.taken_by_stayers * offer.offer_cost
    return float(leaves - stays - offer.contact_cost)


@pytest.mark.parametrize("customers", [1, 3, 400])
def test_the_list_is_whom_it_pays_to_contact(customers: int) -> None:
    found, offer = made(customers), Offer(2.0, 5.0, 0.2, 0.05, 0.5)
    earned = {one.customer_id: by_hand(one, offer) for one in found.risks.itertuples()}
    worth = {who: profit for who, profit in earned.items() if profit > 0}
    kept = keeping(found, offer, calibration_error=0.02)
    assert kept.curve.best.size == len(worth) == kept.kinds[0].customers
    assert kept.curve.best.profit == pytest.approx(sum(worth.values()))
    assert sum(one.customers for one in kept.kinds) == customers
    best = sorted(worth, key=lambda who: -worth[who])[:10]
    assert kept.first["customer_id"].tolist() == best
    assert kept.first["expected_profit"].tolist() == pytest.approx([worth[who] for who in best])
    rows = profits(found, offer)
    assert set(rows.loc[rows["kind"] == "worth_keeping", "customer_id"]) == worth.keys()


def test_nobody_is_on_the_list_where_nothing_pays() -> None:
    kept = keeping(made(50), Offer(1e6, 0.0, 0.2), calibration_error=0.0)
    assert kept.first.empty
    assert kept.curve.best.size == 0


def answers(**more: Any) -> FakeAsk:
    effects = pd.DataFrame(
        {
            "treatment_customers": [1_000, 1_000],
            "control_customers": [1_000, 1_000],
            "treatment_stayed": [600, 600],
            "control_stayed": [500, 500],
        }
    )
    return FakeAsk(
        TABLES,
        {
            "purchases_of_a_year": pd.DataFrame({"purchases": [40], "revenue": [200_000]}),
            "contact_costs": pd.DataFrame({"contacts": [8], "cost": [1_234]}),
            "campaign_effects": effects,
            **more,
        },
    )


def test_costs_and_effects_are_learnt_where_the_base_knows_them() -> None:
    found = learnt(answers(), as_of=AS_OF, asked=ASKED)
    assert found.contact_cost == 1.5
    assert found.purchase == 50.0
    assert found.saved == pytest.approx(0.2)
    assert found.campaigns == 2
    offer = found.offer(Terms())
    assert (offer.contact_cost, offer.offer_cost, offer.save_chance) == (1.5, 2.5, 0.2)
    assert float(offer.save_error) > 0


def test_what_a_reader_sets_is_taken_as_it_is() -> None:
    offer = learnt(answers(), as_of=AS_OF, asked=ASKED).offer(Terms(0.0, 7.0, 0.4, 0.1))
    assert offer == Offer(0.0, 7.0, 0.4, 0.0, 0.1)


def test_campaigns_that_kept_nobody_keep_nobody() -> None:
    worse = answers()
    frame = worse.answers["campaign_effects"]
    assert isinstance(frame, pd.DataFrame)
    worse.answers["campaign_effects"] = frame.assign(treatment_stayed=[400, 400])
    assert learnt(worse, as_of=AS_OF, asked=ASKED).saved == 0.0


def test_what_is_not_known_is_assumed() -> None:
    def refused(**_: object) -> pd.DataFrame:
        raise NotProvided("base.table_not_provided", table="contacts")

    found = learnt(answers(contact_costs=refused), as_of=AS_OF, asked=ASKED)
    assert found.contact_cost is found.saved is None
    offer = found.offer(Terms())
    assert (offer.contact_cost, offer.offer_cost, offer.save_chance) == (0.5, 2.5, 0.1)
