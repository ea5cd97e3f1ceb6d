"""What contacting customers is expected to earn, held against loops and against a truth that is known."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.special import expit

from crm_core.churn.models import (
    KINDS,
    Offer,
    earned,
    expected_profit,
    kind_sums,
    kinds,
    profit_curve,
    ranked,
)
from crm_core.churn.models.columns import Floats, Integers

OFFER = Offer(contact_cost=0.5, offer_cost=4.0, save_chance=0.25, save_error=0.04, taken_by_stayers=0.6)


@dataclass(frozen=True)
class Made:
    """Customers whose true probability of leaving is known, and what a calibrated model says of it."""

    true: Floats
    told: Floats
    margin: Floats
    recency: Integers


def made(count: int, noise: float, seed: int = 1) -> Made:
    """Log-odds of which a part, by `noise`, is seen by nobody; told is the mean truth of who look alike."""
    draw = np.random.default_rng(seed)
    seen = draw.normal(-0.8, 1.2, count)
    true = expit(seen + noise * draw.normal(size=count))
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    told = expit(seen[:, None] + noise * nodes) @ (weights / weights.sum())
    recency = np.floor(60 * np.exp(0.5 * seen + draw.normal(0, 0.8, count))).astype(np.int64)
    return Made(true, told, draw.lognormal(3.5, 0.9, count), recency)


def test_profit_is_what_each_outcome_earns_by_its_chance() -> None:
    probability, margin = np.array([0.0, 0.3, 1.0]), np.array([20.0, -5.0, 40.0])
    for chance, worth, profit in zip(
        probability, margin, expected_profit(probability, margin, OFFER), strict=True
    ):
        outcomes = (
            (chance * 0.25, worth - 4.0 - 0.5),
            (chance * 0.75, -0.5),
            ((1 - chance) * 0.6, -4.0 - 0.5),
            ((1 - chance) * 0.4, -0.5),
        )
        assert profit == pytest.approx(sum(one * value for one, value in outcomes))


def test_the_curve_equals_a_loop_over_the_customers() -> None:
    people = made(700, 0.5)
    profit = expected_profit(people.told, people.margin, OFFER)
    order = ranked(profit)
    curve = profit_curve(people.told, people.margin, people.recency, OFFER)
    sums = [0.0, *itertools.accumulate(float(profit[place]) for place in order)]
    assert [one.profit for one in curve.choices] == pytest.approx([sums[one.size] for one in curve.choices])
    assert curve.best.size == int(np.argmax(sums))
    assert curve.best.profit == pytest.approx(max(sums))
    assert curve.everybody.size == curve.choices[-1].size == 700
    assert curve.choices[0].size == curve.choices[0].profit == curve.choices[0].low == 0


def test_recency_alone_contacts_the_longest_silent_and_of_equals_the_same_share() -> None:
    profit = np.array([3.0, -1.0, 5.0, 1.0])
    flat = Offer(contact_cost=0.0, offer_cost=0.0, save_chance=1.0)
    curve = profit_curve(np.ones(4), profit, np.array([10, 30, 20, 20]), flat)
    naive = dict(zip((one.size for one in curve.choices), curve.naive, strict=True))
    assert naive == {0: 0.0, 1: -1.0, 2: pytest.approx(2.0), 3: pytest.approx(5.0), 4: pytest.approx(8.0)}
    assert curve.best.size == 3
    assert curve.naive_at_chosen == pytest.approx(5.0)


def test_the_choice_does_not_depend_on_the_order_of_customers() -> None:
    people = made(2_000, 0.5)
    mixed = np.random.default_rng(3).permutation(2_000)
    one = profit_curve(people.told, people.margin, people.recency, OFFER)
    other = profit_curve(people.told[mixed], people.margin[mixed], people.recency[mixed], OFFER)
    assert one.best.size == other.best.size
    assert one.best.profit == pytest.approx(other.best.profit)
    assert one.naive == pytest.approx(other.naive)


def test_the_optimum_is_that_of_the_truth() -> None:
    """Of the list that is chosen, what it truly earns is as said, and no other length earns 3 % more."""
    people = made(200_000, 0.7)
    curve = profit_curve(people.told, people.margin, people.recency, OFFER)
    order = ranked(expected_profit(people.told, people.margin, OFFER))
    truly = np.cumsum(expected_profit(people.true, people.margin, OFFER)[order])
    got = truly[curve.best.size - 1]
    assert got >= 0.97 * truly.max()
    assert curve.best.profit == pytest.approx(got, rel=0.03)


def test_a_model_that_knows_nearly_all_earns_nearly_what_the_truth_would() -> None:
    people = made(200_000, 0.25)
    chosen = expected_profit(people.told, people.margin, OFFER) > 0
    truly = expected_profit(people.true, people.margin, OFFER)
    best = truly[truly > 0].sum()
    assert truly[chosen].sum() >= 0.97 * best
    naive = profit_curve(people.true, people.margin, people.recency, OFFER).naive
    assert max(naive) < 0.8 * best


def test_the_band_holds_what_is_earned() -> None:
    people = made(3_000, 0.0)
    curve = profit_curve(people.told, people.margin, people.recency, OFFER)
    chosen = expected_profit(people.told, people.margin, OFFER) > 0
    draw = np.random.default_rng(9)
    margin, true = people.margin[chosen], people.true[chosen]
    within = 0
    for _ in range(1_000):
        chance = draw.normal(OFFER.save_chance, OFFER.save_error)
        leaves = draw.random(true.size) < true
        saved = leaves & (draw.random(true.size) < chance)
        took = saved | (~leaves & (draw.random(true.size) < OFFER.taken_by_stayers))
        got = (saved * margin - took * OFFER.offer_cost - OFFER.contact_cost).sum()
        within += curve.best.low <= got <= curve.best.high
    assert 0.93 <= within / 1_000 <= 0.97


def test_a_level_that_was_wrong_before_widens_the_band() -> None:
    people = made(5_000, 0.5)
    sure, unsure = (
        profit_curve(people.told, people.margin, people.recency, OFFER, calibration_error=one)
        for one in (0.0, 0.02)
    )
    assert unsure.best.low < sure.best.low
    assert unsure.best.profit == sure.best.profit


@pytest.mark.parametrize("sure_first", [True, False])
def test_of_equal_customers_the_first_is_contacted_first(sure_first: bool) -> None:
    """All earn the same, and only who leaves for sure earns it for sure."""
    sure = np.arange(200) % 2 == (0 if sure_first else 1)
    probability, margin = np.where(sure, 1.0, 0.5), np.where(sure, 10.0, 20.0)
    free = Offer(contact_cost=0.0, offer_cost=0.0, save_chance=1.0)
    first = profit_curve(probability, margin, np.zeros(200, dtype=np.int64), free, most=1).chosen
    assert first.profit == 10.0
    assert (first.low == first.high) == sure_first


@pytest.mark.parametrize("most", [1, 37, 10_000])
def test_where_only_so_many_can_be_contacted_the_first_of_the_best_list_are(most: int) -> None:
    people = made(2_000, 0.5)
    curve, whole = (
        profit_curve(people.told, people.margin, people.recency, OFFER, most=one) for one in (most, None)
    )
    profit = np.sort(expected_profit(people.told, people.margin, OFFER))[::-1]
    assert whole.best == whole.chosen
    assert curve.best.size == whole.best.size
    assert curve.best.profit == pytest.approx(whole.best.profit)
    assert curve.chosen.size == min(most, whole.best.size)
    assert curve.chosen.profit == pytest.approx(profit[: curve.chosen.size].sum())
    assert curve.chosen in curve.choices
    assert curve.best in curve.choices


def test_of_an_earlier_list_only_so_many_could_be_contacted_too() -> None:
    people = made(2_000, 0.5)
    churned = (np.random.default_rng(4).random(2_000) < people.true).astype(np.float64)
    got = earned(people.told, churned, people.margin, people.recency, OFFER, most=50)
    came = expected_profit(churned, people.margin, OFFER)
    first = ranked(expected_profit(people.told, people.margin, OFFER))[:50]
    assert got.chosen.size == 50
    assert got.chosen.profit == pytest.approx(came[first].sum())
    assert got.foresight == pytest.approx(np.sort(came)[::-1][:50].sum())


def test_where_nothing_pays_the_best_list_is_nobody() -> None:
    people = made(100, 0.5)
    curve = profit_curve(people.told, people.margin, people.recency, replace(OFFER, save_chance=0.0))
    assert (curve.best.size, curve.best.profit, curve.best.low, curve.best.high) == (0, 0, 0, 0)
    assert max(curve.naive) == 0
    assert curve.everybody.profit < 0


def test_one_customer_is_a_list() -> None:
    curve = profit_curve(np.array([0.9]), np.array([90.0]), np.array([5]), OFFER)
    assert [one.size for one in curve.choices] == [0, 1]
    assert curve.best.size == 1


def test_everybody_is_of_one_kind() -> None:
    # Leaves and is worth it; stays; leaves, and nothing pays; stays, and nothing pays.
    probability, margin = np.array([0.9, 0.01, 0.9, 0.01]), np.array([90.0, 90.0, 3.0, 3.0])
    names = [KINDS[place] for place in kinds(probability, margin, OFFER)]
    assert names == ["worth_keeping", "stay_anyway", "leave_anyway", "not_worth_it"]
    sums = kind_sums(probability, margin, OFFER)
    assert [one.kind for one in sums] == list(KINDS)
    assert [one.customers for one in sums] == [1, 1, 1, 1]
    assert sums[0].margin_at_risk == pytest.approx(81.0)
    assert sum(one.profit for one in sums) == pytest.approx(expected_profit(probability, margin, OFFER).sum())


def test_who_is_worth_keeping_is_on_the_best_list() -> None:
    people = made(4_000, 0.5)
    sums = kind_sums(people.told, people.margin, OFFER)
    best = profit_curve(people.told, people.margin, people.recency, OFFER).best
    assert sums[0].customers == best.size
    assert sums[0].profit == pytest.approx(best.profit)
    assert sum(one.customers for one in sums) == 4_000


def test_what_a_list_would_have_earned_is_told_by_who_left() -> None:
    people = made(20_000, 0.5)
    churned = (np.random.default_rng(4).random(20_000) < people.true).astype(np.float64)
    got = earned(people.told, churned, people.margin, people.recency, OFFER)
    came = expected_profit(churned, people.margin, OFFER)
    chosen = expected_profit(people.told, people.margin, OFFER) > 0
    assert got.chosen.size == int(chosen.sum())
    assert got.chosen.profit == pytest.approx(came[chosen].sum())
    assert got.everybody.profit == pytest.approx(came.sum())
    assert got.foresight >= got.chosen.profit > got.naive
    expected = profit_curve(people.told, people.margin, people.recency, OFFER).best
    assert got.chosen.low < expected.profit < got.chosen.high


def test_a_list_of_one_is_not_sure_of_what_it_would_have_earned() -> None:
    people = made(200, 0.5)
    got = earned(people.told, np.ones(200), people.margin, people.recency, OFFER, most=1)
    assert got.chosen.size == 1
    assert got.chosen.low < got.chosen.profit < got.chosen.high


def test_what_is_not_known_of_the_offer_widens_what_lists_would_have_earned() -> None:
    people = made(3_000, 0.5)
    churned = (np.random.default_rng(4).random(3_000) < people.true).astype(np.float64)
    errors = np.column_stack([np.full(3_000, 0.05), np.linspace(-0.02, 0.02, 3_000)])
    known, unsure = (
        earned(people.told, churned, people.margin, people.recency, replace(OFFER, save_error=one))
        for one in (0.0, errors)
    )
    chosen = expected_profit(people.told, people.margin, OFFER) > 0
    for sure, wide, those in (
        (known.chosen, unsure.chosen, chosen),
        (known.everybody, unsure.everybody, np.ones(3_000, dtype=bool)),
    ):
        saved = (churned * (people.margin - OFFER.offer_cost))[those]
        shared = sum(float((one[those] * saved).sum()) ** 2 for one in errors.T)
        halves = [(one.high - one.profit) / 1.959963984540054 for one in (sure, wide)]
        assert wide.profit == sure.profit
        assert halves[1] ** 2 - halves[0] ** 2 == pytest.approx(shared)


def test_a_list_of_nobody_would_have_earned_nothing() -> None:
    people, nothing = made(50, 0.5), replace(OFFER, save_chance=0.0)
    got = earned(people.told, np.ones(50), people.margin, people.recency, nothing)
    assert (got.chosen.profit, got.chosen.low, got.chosen.high, got.naive, got.foresight) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [{"save_chance": 1.1}, {"taken_by_stayers": -0.1}, {"contact_cost": -1.0}, {"save_error": np.inf}],
)
def test_an_offer_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"chance|costs|errors"):
        replace(OFFER, **wrong)


@pytest.mark.parametrize(
    ("probability", "margin"), [([1.2], [1.0]), ([0.5], [np.nan]), ([np.nan], [1.0]), ([], [])]
)
def test_customers_of_whom_nothing_is_known_are_refused(
    probability: list[float], margin: list[float]
) -> None:
    with pytest.raises(ValueError, match=r"nobody|probabilities"):
        profit_curve(np.array(probability), np.array(margin), np.zeros(len(margin), dtype=np.int64), OFFER)
