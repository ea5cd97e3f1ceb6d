"""The chance of keeping who would leave, learnt from campaigns with control groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from crm_core.churn.models import Offer, RateEffect, expected_profit, profit_curve, rate_effect, save_chance
from crm_core.churn.models.columns import Floats
from crm_core.sources.demonstration import demonstration


def test_one_campaign_is_the_ratio_of_those_who_left() -> None:
    found = save_chance(np.array([400.0]), np.array([60.0]), np.array([200.0]), np.array([40.0]))
    assert found.chance == pytest.approx(1 - 0.15 / 0.20)
    log_error = np.sqrt(1 / 60 - 1 / 400 + 1 / 40 - 1 / 200)
    assert found.standard_error == pytest.approx(0.75 * log_error)
    assert (found.between, found.campaigns) == (0.0, 1)


def test_two_campaigns_alike_are_surer_than_one() -> None:
    one = save_chance(np.array([400.0]), np.array([60.0]), np.array([200.0]), np.array([40.0]))
    two = save_chance(*(np.array([value, value]) for value in (400.0, 60.0, 200.0, 40.0)))
    assert two.chance == pytest.approx(one.chance)
    assert two.standard_error == pytest.approx(one.standard_error / np.sqrt(2))


def test_campaigns_that_differ_are_less_sure() -> None:
    """The three by DerSimonian and Laird, step by step."""
    size, left = np.array([1000.0, 1000, 1000]), np.array([150.0, 300, 90])
    held, gone = np.array([500.0, 500, 500]), np.array([150.0, 150, 100])
    logs = np.log((left / size) / (gone / held))
    variance = 1 / left - 1 / size + 1 / gone - 1 / held
    fixed = sum(logs / variance) / sum(1 / variance)
    q = sum((logs - fixed) ** 2 / variance)
    c = sum(1 / variance) - sum(1 / variance**2) / sum(1 / variance)
    tau = (q - 2) / c
    weights = 1 / (variance + tau)
    found = save_chance(size, left, held, gone)
    assert found.between == pytest.approx(np.sqrt(tau))
    assert found.chance == pytest.approx(1 - np.exp(weights @ logs / weights.sum()))
    assert found.standard_error == pytest.approx((1 - found.chance) / np.sqrt(weights.sum()))


def test_a_campaign_after_which_nobody_left_is_no_certainty() -> None:
    found = save_chance(np.array([50.0]), np.array([0.0]), np.array([50.0]), np.array([10.0]))
    assert 0.9 < found.chance < 1
    assert found.standard_error > 0.02


def test_a_campaign_that_drove_customers_away_is_below_nothing() -> None:
    assert save_chance(np.array([500.0]), np.array([200.0]), np.array([500.0]), np.array([100.0])).chance < 0


def test_the_interval_holds_the_true_chance() -> None:
    draw, true, within = np.random.default_rng(7), 0.2, 0
    held, gone = np.full(4, 900.0), draw.binomial(900, 0.3, (1_000, 4)).astype(np.float64)
    left = draw.binomial(2_100, 0.3 * (1 - true), (1_000, 4)).astype(np.float64)
    for place in range(1_000):
        found = save_chance(np.full(4, 2_100.0), left[place], held, gone[place])
        within += abs(found.chance - true) <= 1.96 * found.standard_error
    assert 0.93 <= within / 1_000 <= 0.98


def test_without_campaigns_nothing_is_learnt() -> None:
    none = np.empty(0)
    with pytest.raises(ValueError, match="campaign"):
        save_chance(none, none, none, none)


def _campaign(draw: np.random.Generator, level: float, count: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Foretold probabilities, margins, who was contacted, and who left at a rate that contact multiplied.

    By 1.3, and the less the higher the margin.
    """
    told, margin = draw.beta(3, 2, count), draw.lognormal(3, 0.8, count)
    contacted = (draw.random(count) < 0.7).astype(np.float64)
    factor = np.exp(contacted * (np.log(1.3) - 0.15 * (np.log(margin) - 3)))
    left = draw.random(count) < told ** (level * factor)
    return told, margin, contacted, left.astype(np.float64)


def test_the_rate_of_buying_is_found_whatever_the_level_of_each_campaign() -> None:
    draw, within, steep = np.random.default_rng(5), 0, 0
    for _ in range(300):
        told, margin, contacted, left = (
            np.concatenate(both)
            for both in zip(_campaign(draw, 0.9, 1_500), _campaign(draw, 1.2, 900), strict=True)
        )
        found = rate_effect(told, margin, contacted, left, np.repeat([0, 1], [1_500, 900]))
        assert found.customers == 2_400
        at_middle = found.log_factor - found.by_margin * (np.log(found.middle) - 3)
        within += abs(at_middle - np.log(1.3)) <= 1.96 * found.standard_error
        steep += abs(found.by_margin + 0.15) <= 1.96 * np.hypot(*found.spread[1:])
    assert 0.91 <= within / 300 <= 0.985
    assert 0.91 <= steep / 300 <= 0.985


def test_of_who_would_leave_the_rate_keeps_what_it_says() -> None:
    draw = np.random.default_rng(6)
    told, margin, contacted, left = _campaign(draw, 1.0, 200_000)
    found = rate_effect(told, margin, contacted, left, np.zeros(told.size, dtype=np.int64))
    chance, error = found.save_chance(told, margin), found.save_error(told, margin)
    kept = left[contacted == 0].mean() - left[contacted == 1].mean()
    assert (told * chance).mean() == pytest.approx(kept, abs=0.007)
    raised = replace(found, log_factor=found.log_factor + 1e-6 * found.spread[0])
    steeper = replace(raised, by_margin=found.by_margin + 1e-6 * found.spread[1])
    some = (chance > 0.01) & (margin > found.seen[0]) & (margin < found.seen[1])
    slope = (steeper.save_chance(told, margin) - chance) / 1e-6
    assert error[some, 0] == pytest.approx(slope[some], rel=1e-3, abs=1e-6)
    lost, undecided = found.save_chance(np.array([1.0, 0.5]), np.array([20.0, 20.0]))
    assert lost < 1e-6 < undecided


def test_where_contact_drives_customers_away_nobody_is_saved() -> None:
    away = RateEffect(-0.2, 0.0, 20.0, (1.0, 90.0), (0.1, 0.0, 0.1), 100)
    assert list(away.save_chance(np.array([0.2, 0.8]), np.array([10.0, 0.0]))) == [0.0, 0.0]


def test_margins_that_are_all_the_same_do_not_matter() -> None:
    told, _, contacted, left = _campaign(np.random.default_rng(8), 1.0, 5_000)
    found = rate_effect(told, np.full(5_000, 7.0), contacted, left, np.zeros(5_000, dtype=np.int64))
    assert found.by_margin == pytest.approx(0.0)
    assert found.log_factor > 0


def test_everybody_contacted_teaches_nothing() -> None:
    with pytest.raises(ValueError, match="held back"):
        rate_effect(np.full(9, 0.5), np.ones(9), np.ones(9), np.ones(9), np.zeros(9, dtype=np.int64))


def test_errors_that_are_independent_add_up_by_their_squares() -> None:
    told, margin = np.array([0.6, 0.3, 0.8]), np.array([50.0, 90.0, 30.0])
    nobody = np.zeros(3, dtype=np.int64)
    errors = np.array([[0.02, 0.01], [0.03, -0.01], [0.01, 0.02]])
    sums = [float((one * told * margin).sum()) for one in errors.T]
    wide = [
        (one.everybody.high - one.everybody.profit) / 1.959963984540054
        for one in (
            profit_curve(told, margin, nobody, Offer(0.0, 0.0, np.full(3, 0.2), error))
            for error in (np.zeros(3), errors)
        )
    ]
    assert wide[1] ** 2 - wide[0] ** 2 == pytest.approx(sums[0] ** 2 + sums[1] ** 2)


def test_on_the_demonstration_the_list_earns_what_the_best_list_would() -> None:
    """Who leaves, who is kept and what it earns are the demonstration's own truth; the effect is learnt.

    The truth has another effect for each group, the model one that goes with the margin.
    """
    truth = pa.concat_tables(demonstration().truth_customers()).to_pandas()
    names = ("spring_2025", "autumn_2025")
    known = [truth[truth[f"{name}_arm"].isin(["treatment", "control"])] for name in names]
    likely = [np.exp(-one[f"{name}_expected_purchases"]) for one, name in zip(known, names, strict=True)]
    told, contacted, left = (
        np.concatenate(parts).astype(np.float64)
        for parts in (
            likely,
            [one[f"{name}_arm"] == "treatment" for one, name in zip(known, names, strict=True)],
            [one[f"{name}_purchases"] == 0 for one, name in zip(known, names, strict=True)],
        )
    )
    margins = 0.4 * np.concatenate([one["mean_spend"] for one in known])
    number = np.repeat([0, 1], [len(one) for one in known])
    found = rate_effect(told, margins, contacted, left, number)
    autumn, probability, margin = known[1], told[number == 1], margins[number == 1]
    offer = Offer(0.35, 0.0, found.save_chance(probability, margin), found.save_error(probability, margin))
    curve = profit_curve(probability, margin, np.zeros(len(autumn), dtype=np.int64), offer)
    factor = autumn["autumn_2025_rate_factor"].to_numpy()
    truly = (probability - probability**factor) * margin - 0.35
    order = np.argsort(-expected_profit(probability, margin, offer))
    earned = np.cumsum(truly[order])
    assert earned[curve.best.size - 1] >= 0.97 * earned.max()
    assert curve.best.low < earned[curve.best.size - 1] < curve.best.high
