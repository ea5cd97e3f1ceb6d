"""A proposed programme fits the base: within its margin, within reach, in numbers that people say."""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.base import CrmError, NotProvided, Sentence, Share
from crm_core.customers.metrics import order_totals
from crm_core.i18n import LANGUAGES, language
from crm_core.loyalty.answers import reasons
from crm_core.loyalty.answers.proposed import Start, known_indicators, start
from crm_core.loyalty.estimates import loyalty_accounts, loyalty_cost, loyalty_ranking
from crm_core.loyalty.metrics import loyalty_rule_met
from crm_core.loyalty.models import steps_of
from crm_core.loyalty.rules import (
    GOALS,
    Goal,
    IndicatorName,
    Members,
    Names,
    Programme,
    Redemption,
    Rule,
    power_below,
    read_programme,
    sayable,
    sayable_below,
    usual_points,
    worth_above,
    worth_below,
    write_programme,
)
from crm_core.sources.mapping import load_mapping
from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import BaseSettings, bring

NAMES = Names("Club", ("Silver", "Gold"), ("Partner", "Preferred"), "Small", "Large", "Credit", "Thanks")
ORDERS = "orders: {columns: {order_id: o, customer_id: c, ordered_at: t, amount: a}}"
RETAIL = """
orders:
  columns: {order_id: Invoice, customer_id: CustomerID, ordered_at: InvoiceDate, amount: Quantity * Price}
  currency: GBP
"""
SAID = (1, 2, 2.5, 5)


def nearest_said(number: float, whole: bool) -> float:
    said = [digit * 10.0**power for power in range(-12, 14) for digit in SAID]
    if whole:
        said = [one for one in said if one >= 1 and one == int(one)] + [3.0, 4.0, 6.0, 7.0, 8.0, 9.0]
    return min(said, key=lambda one: abs(math.log(one / number)))


@given(st.floats(1e-3, 1e11))
def test_a_said_number_is_the_nearest_by_ratio(number: float) -> None:
    assert sayable(number) == pytest.approx(nearest_said(number, whole=False), rel=1e-12)


@given(st.floats(10, 1e11))
def test_a_whole_said_number_is_whole(number: float) -> None:
    found = sayable(number, whole=True)
    assert found == int(found)
    assert 0.5 <= found / number <= 2
    assert sayable_below(number, whole=True) <= number * (1 + 1e-8)


@given(st.floats(1e-3, 1e11))
def test_below_is_not_above_and_not_far(number: float) -> None:
    for found, most in (
        (sayable_below(number), 2.0),
        (worth_below(number), 1.5),
        (power_below(number), 10.0),
    ):
        assert found <= number * (1 + 1e-8)
        assert number / found <= most + 1e-6


def test_numbers_that_people_say() -> None:
    assert [sayable(one) for one in (3.4, 0.07, 430, 1e9 * 1.7)] == [2.5, 0.05, 500, 2e9]
    assert [sayable(one, whole=True) for one in (0.2, 3.4, 9.4, 9.6, 24)] == [1, 3, 9, 10, 25]
    assert [sayable_below(one) for one in (4.99, 5, 0.3)] == [2.5, 5, 0.25]
    assert [worth_above(one) for one in (4.99, 5, 84, 150)] == [5, 5, 100, 150]
    assert [worth_below(one) for one in (4.99, 0, 77)] == [4, 0, 60]


NAMED: Sequence[IndicatorName] = (
    "amount",
    "purchases",
    "variety",
    "days_early",
    "referrals",
    "tenure_days",
    "returned_share",
)


@given(
    st.sampled_from(NAMED),
    st.lists(st.one_of(st.just(math.nan), st.floats(-100, 1e7)), max_size=40),
)
def test_somebody_comes_to_every_step(name: IndicatorName, values: list[float]) -> None:
    found = steps_of(name, np.array(values, np.float64), 0.01)
    assert list(found.at) == sorted(set(found.at))
    for at, customers in zip(found.at, found.customers, strict=True):
        assert customers == sum(1 for one in values if one >= at)
        assert customers > 0


def test_steps_are_amounts_that_some_and_not_all_come_to() -> None:
    found = steps_of("amount", np.arange(1.0, 101.0), 0.01)
    assert len(found.at) > 1
    assert 0 < min(found.customers) <= max(found.customers) < 100


def written(path: Path, customers: int, amount: float, seed: int) -> Path:
    """Orders of customers of whom few buy much and most buy little, over two years."""
    draws = random.Random(seed)
    rows = []
    for customer in range(customers):
        for order in range(1 + int(draws.expovariate(0.5))):
            day = dt.date(2024, 1, 1) + dt.timedelta(days=draws.randrange(730))
            rows.append(
                (f"{customer}-{order}", f"C{customer}", day, round(amount * draws.lognormvariate(0, 1)))
            )
    rows.append(("last", "C0", dt.date(2025, 12, 31), round(amount)))
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("o", "c", "t", "a"), *rows])
    return path


def brought(directory: Path, file: Path, currency: str, mapping: str = ORDERS) -> Workspace:
    base = directory / "base"
    settings = BaseSettings(currency=currency)
    bring(base, file, load_mapping(mapping), source_name="orders", settings=settings)
    return open_base(str(base))


@pytest.fixture(scope="module", params=["demonstration", "rial", "few", "online_retail"])
def workspace(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Workspace]:
    directory = tmp_path_factory.mktemp(request.param)
    if request.param == "demonstration":
        found = open_base(str(request.getfixturevalue("demonstration")))
    elif request.param == "online_retail":
        file = request.getfixturevalue("shared_data") / "online_retail_ii.csv.gz"
        found = brought(directory, file, "GBP", RETAIL)
    else:
        customers, amount, currency = (500, 8e6, "IRR") if request.param == "rial" else (60, 40, "EUR")
        file = written(directory / "orders.csv", customers, amount, 7)
        found = brought(directory, file, currency)
    yield found
    found.close()


@pytest.fixture(scope="module")
def begun(workspace: Workspace) -> Start:
    return start(workspace.ask(), as_of=workspace.as_of)


def used_by_everybody(programme: Programme) -> Programme:
    return replace(programme, redemption=Redemption(1.0, 1.0, 1.0))


def programmes(begun: Start) -> list[tuple[Goal, float, Programme]]:
    found = [
        (one.goal, share, begun.programme(one.goal, share, NAMES))
        for one in begun.questions
        if one.known
        for share in begun.of(one.goal).shares_given
    ]
    assert {share for goal, share, _ in found if share == begun.share(goal)}
    return found


def test_what_is_proposed_can_be_written_and_read(begun: Start) -> None:
    for _, _, programme in programmes(begun):
        assert read_programme(write_programme(programme)) == programme


def test_were_every_point_used_it_would_cost_no_more_than_was_said(
    workspace: Workspace, begun: Start
) -> None:
    ask, scale = workspace.ask(), workspace.tables.money_scale
    for goal, share, programme in programmes(begun):
        everybody = used_by_everybody(programme)
        told = ask(loyalty_cost, as_of=workspace.as_of, programme=everybody).iloc[0]
        assert told["by_margin"] == (begun.of(goal).margin is not None)
        rewards = {reward.name: reward for reward in everybody.rewards}
        # Who brings a customer is thanked beside.
        thanks = sum(rule.points for rule in programme.earn if rule.earning == "referral")
        for_thanks = 0.0
        if thanks:
            dearest = max(reward.cost / reward.points for reward in rewards.values())
            counted = next(one for one in begun.questions if one.goal == "referrals").told.values
            for_thanks = dearest * thanks * int(str(counted.get("brought", 0))) * scale
        assert told["total_cost"] <= share * told["brought"] + for_thanks
        assert told["total_cost"] > 0


def test_each_tier_and_reward_is_within_reach(workspace: Workspace, begun: Start) -> None:
    ask = workspace.ask()
    for goal, share, programme in programmes(begun):
        if share != begun.share(goal):
            continue
        everybody = used_by_everybody(programme)
        rows = ask(loyalty_accounts, as_of=workspace.as_of, programme=everybody)
        if programme.tiers is not None and programme.tiers.by == "amount":
            assert {name for name in rows["tier"] if name} == {step.name for step in programme.tiers.steps}
        assert rows["redeemed"].max() >= programme.rewards[0].points


def kind_of(programme: Programme) -> tuple[object, ...]:
    """What kind of programme it is: what gives points, its tiers, its expiry, how many rewards."""
    earn = frozenset(
        (rule.earning, rule.at_least > 0)
        for rule in programme.earn
        if rule.earning != "amount" or rule.at_least
    )
    tiers, expiry = programme.tiers, programme.expiry
    return earn, tiers and tiers.by, expiry and expiry.kind, len(programme.rewards)


def test_each_goal_is_answered_by_a_programme_of_another_kind(workspace: Workspace, begun: Start) -> None:
    kinds = {goal: kind_of(programme) for goal, _, programme in programmes(begun)}
    assert len(kinds) >= 3
    for one, other in itertools.combinations(kinds.values(), 2):
        assert one[0] != other[0], "they give points for the same"
        assert one[1:] != other[1:], "tiers, expiry and rewards are the same"


def test_each_goal_is_what_gives_the_points(begun: Start) -> None:
    wanted = {
        "again": "repeat",
        "often": "purchase",
        "more": "amount",
        "wider": "variety",
        "punctual": "punctual",
        "referrals": "referral",
    }
    for goal, _, programme in programmes(begun):
        assert wanted[goal] in {rule.earning for rule in programme.earn}
    (more,) = {programme.earn for goal, _, programme in programmes(begun) if goal == "more"}
    assert all(rule.at_least > begun.habits.purchase for rule in more)


def test_each_term_has_a_reason_in_every_language(begun: Start) -> None:
    for goal, _, programme in programmes(begun):
        found = reasons(begun, goal, programme)
        steps = programme.tiers.steps if programme.tiers else ()
        terms = {*programme.earn, *programme.rewards, *steps, programme.expiry}
        assert terms <= found.keys()
        for code, (term, sentence) in itertools.product(LANGUAGES, found.items()):
            assert language(code).tell(sentence), (goal, term)


def test_what_saving_up_brings_is_what_the_rounded_rewards_give(begun: Start) -> None:
    for goal, _, programme in programmes(begun):
        if len(programme.rewards) < 2:
            continue
        small, large = programme.rewards
        for cost in (large.cost, 4 * small.cost, 6 * small.cost):
            changed = replace(large, cost=cost)
            told = reasons(begun, goal, replace(programme, rewards=(small, changed)))[changed]
            more = cost / large.points / (small.cost / small.points) - 1
            values = {"more": Share(more, 0)} if more >= 0.01 else {}
            assert told == Sentence(f"loyalty.why.large{'' if values else '.saved'}", values)


def test_the_second_purchase_takes_the_small_reward(begun: Start) -> None:
    (again,) = {programme for goal, share, programme in programmes(begun)[:1]}
    repeated = {rule.number: rule.points for rule in again.earn if rule.earning == "repeat"}
    usual = usual_points(begun.habits)
    assert again.rewards[0].points <= 2 * usual + repeated[2]
    assert repeated[2] > repeated[3] >= usual


def test_points_last_as_long_as_most_who_come_back_take(begun: Start) -> None:
    rhythm = begun.patterns.rhythm
    assert rhythm is not None
    assert 0 < rhythm.second <= rhythm.most
    again = begun.programme("again", 0.01, NAMES)
    assert again.expiry is not None
    assert rhythm.most <= again.expiry.days or again.expiry.days == 730


def test_a_rhythm_is_that_of_the_days_between_purchases(workspace: Workspace, begun: Start) -> None:
    orders = order_totals(workspace.tables).execute()
    days = orders[orders["revenue"] > 0].assign(day=orders["ordered_at"].dt.normalize())
    begin = pd.Timestamp(workspace.as_of - dt.timedelta(days=364))
    gaps, seconds = [], []
    for _, found in days.groupby("customer_id")["day"]:
        on = sorted(set(found))
        for place, (one, other) in enumerate(itertools.pairwise(on)):
            if other >= begin:
                gaps.append((other - one).days)
                if not place:
                    seconds.append((other - one).days)
    rhythm = begun.patterns.rhythm
    assert rhythm is not None
    assert rhythm.usual == sorted(gaps)[-(-len(gaps) // 2) - 1]
    assert rhythm.second == sorted(seconds)[-(-len(seconds) // 2) - 1]
    assert begun.patterns.seconds == len(seconds)
    for number, times in ((2, begun.patterns.seconds), (3, begun.patterns.thirds)):
        met = workspace.ask()(
            loyalty_rule_met,
            as_of=workspace.as_of,
            members=Members("everybody"),
            rule=Rule("repeat", 1, number=number),
            begin=begin.date(),
        )
        assert met["points"].tolist() == [times]


def test_where_nobody_came_back_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    rows = [(f"o{place}", f"C{place}", dt.date(2025, 6, place + 1), 10 + place) for place in range(12)]
    with file.open("w", newline="") as opened:
        csv.writer(opened).writerows([("o", "c", "t", "a"), *rows])
    workspace = brought(tmp_path, file, "EUR")
    found = start(workspace.ask(), as_of=workspace.as_of)
    assert found.patterns.rhythm is None
    assert not found.question("often").known
    again = found.programme("again", 0.02, NAMES)
    told = {one.key for one in reasons(found, "again", again).values()}
    assert {"loyalty.why.second.nobody", "loyalty.why.inactivity.nobody"} <= told
    kinds = [kind_of(found.programme(goal, 0.02, NAMES)) for goal in ("again", "more")]
    assert kinds[0][0] != kinds[1][0]
    assert kinds[0][1:] != kinds[1][1:]
    workspace.close()


def test_money_is_in_numbers_of_the_currency(workspace: Workspace, begun: Start) -> None:
    for _, _, programme in programmes(begun):
        amounts = [reward.cost for reward in programme.rewards]
        amounts += [amount for rule in programme.earn for amount in (rule.unit, rule.at_least)]
        if programme.tiers is not None and programme.tiers.by == "amount":
            amounts += [step.at for step in programme.tiers.steps]
        for amount in amounts:
            units = amount * min(workspace.tables.money_scale, 100)
            assert units == pytest.approx(round(units))


def test_indicators_are_those_that_the_base_knows(workspace: Workspace, begun: Start) -> None:
    known = set(known_indicators(workspace.ask()))
    provided = workspace.tables.provided
    assert ("variety" in known) == ("orders.category" in provided)
    assert ("days_early" in known) == ("payments.paid_at" in provided)
    for _, _, programme in programmes(begun):
        assert {one.name for one in programme.indicators} <= known
        ranked = workspace.ask()(loyalty_ranking, as_of=workspace.as_of, programme=programme)
        assert ranked["indicator_points"].nunique() > 3


def test_what_the_base_does_not_know_is_refused_in_a_sentence(workspace: Workspace, begun: Start) -> None:
    unknown = [one for one in begun.questions if not one.known]
    provided = workspace.tables.provided
    needs = {"wider": "orders.category", "punctual": "payments.paid_at", "referrals": "customers.referred_by"}
    assert {one.goal for one in unknown} == {goal for goal, name in needs.items() if name not in provided}
    for one in unknown:
        assert one.told.key == f"loyalty.goal.{one.goal}.unknown"
        with pytest.raises(NotProvided):
            begun.programme(one.goal, 0.1, NAMES)
    assert [one.goal for one in begun.questions] == list(GOALS)


def test_questions_tell_what_customers_do(demonstration: Path) -> None:
    workspace = open_base(str(demonstration))
    begun = start(workspace.ask(), as_of=workspace.as_of)
    told = {one.goal: one.told.values for one in begun.questions}
    orders = workspace.tables.orders.execute()
    sums = orders[orders["customer_id"].notna()].copy()
    # An order that came to something is a purchase, whatever its currency.
    per_order = sums.groupby(["customer_id", "order_id"])["amount"].sum()
    counts = per_order[per_order > 0].groupby("customer_id").size()
    assert told["again"]["count"] == int((counts == 1).sum())
    customers = workspace.tables.need("customers").execute()
    referred = customers[customers["referred_by"].notna() & customers["customer_id"].isin(counts.index)]
    first = sums[sums.set_index(["customer_id", "order_id"]).index.isin(per_order[per_order > 0].index)]
    first_day = first.groupby("customer_id")["ordered_at"].min().dt.date
    begin = workspace.as_of - dt.timedelta(days=364)
    recent = [
        row.referred_by
        for row in referred.itertuples()
        if first_day[row.customer_id] >= begin and row.referred_by in counts.index
    ]
    assert told["referrals"]["brought"] == len(recent)
    assert told["referrals"]["count"] == len(set(recent))
    workspace.close()


def test_without_margin_nothing_is_given(workspace: Workspace, begun: Start) -> None:
    poor = replace(begun, habits=replace(begun.habits, margin=1e-7), companies=None)
    for goal in ("again", "often", "more"):
        with pytest.raises(CrmError, match="no_margin"):
            poor.programme(goal, 0.1, NAMES)
