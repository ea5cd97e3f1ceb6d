"""The chance of keeping who would leave, learnt from campaigns with control groups."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from crm_core.churn.models import Offer, People, RateEffect, profit_curve, rate_effect
from crm_core.churn.models.columns import Floats

RAISED = (np.log(1.3), -0.15, -0.4)


@dataclass(frozen=True)
class Campaign:
    """Whom it was about, who was contacted, and who left at a rate that contact multiplied."""

    people: People
    contacted: Floats
    left: Floats


def _campaign(draw: np.random.Generator, level: float, count: int, more: float = 0.0) -> Campaign:
    """Contact multiplies the rate by 1.3 and `more`, less the higher the margin, and less for companies."""
    people = People(draw.beta(3, 2, count), draw.lognormal(3, 0.8, count), draw.random(count) < 0.2)
    contacted = (draw.random(count) < 0.7).astype(np.float64)
    base, by_margin, by_company = RAISED
    log = base + more + by_margin * (np.log(people.margin) - 3) + by_company * people.company
    left = draw.random(count) < people.probability ** (level * np.exp(contacted * log))
    return Campaign(people, contacted, left.astype(np.float64))


def _learnt(*campaigns: Campaign) -> RateEffect:
    return rate_effect(
        People(
            np.concatenate([one.people.probability for one in campaigns]),
            np.concatenate([one.people.margin for one in campaigns]),
            np.concatenate([one.people.company for one in campaigns]),
        ),
        np.concatenate([one.contacted for one in campaigns]),
        np.concatenate([one.left for one in campaigns]),
        np.repeat(np.arange(len(campaigns)), [one.left.size for one in campaigns]),
    )


def _covariance(found: RateEffect) -> Floats:
    lower = np.zeros((3, 3))
    lower[np.tril_indices(3)] = found.spread
    return np.asarray(lower @ lower.T)


def test_the_rate_of_buying_is_found_whatever_the_level_of_each_campaign() -> None:
    draw, within = np.random.default_rng(5), np.zeros(3)
    for _ in range(300):
        found = _learnt(_campaign(draw, 0.9, 1_500), _campaign(draw, 1.2, 900))
        assert (found.customers, found.campaigns) == (2_400, 2)
        at_middle = found.log_factor - found.by_margin * (np.log(found.middle) - 3)
        errors = np.sqrt(np.diag(_covariance(found)))
        off = np.abs(np.array([at_middle, found.by_margin, found.by_company]) - RAISED)
        within += off <= 1.96 * errors
    assert (within / 300 >= 0.91).all()
    assert (within / 300 <= 0.985).all()


def test_campaigns_that_differ_are_less_sure() -> None:
    draw, within = np.random.default_rng(9), 0
    for _ in range(150):
        found = _learnt(*(_campaign(draw, 1.0, 1_200, draw.normal(0, 0.4)) for _ in range(5)))
        at_middle = found.log_factor - found.by_margin * (np.log(found.middle) - 3)
        within += abs(at_middle - RAISED[0]) <= 1.96 * found.standard_error
        assert found.between >= 0
    # Of five campaigns the spread between them is not well known, so a few more lie without than should.
    assert within / 150 >= 0.84
    alike = _learnt(*(_campaign(draw, 1.0, 5_000) for _ in range(2)))
    differ = _learnt(*(_campaign(draw, 1.0, 5_000, one) for one in (-0.4, 0.4)))
    assert differ.between > 0.2 > alike.between
    assert differ.standard_error > 2 * alike.standard_error


def test_of_who_would_leave_the_rate_keeps_what_it_says() -> None:
    draw = np.random.default_rng(6)
    made = _campaign(draw, 1.0, 200_000)
    found, people = _learnt(made), made.people
    chance, error = found.save_chance(people), found.save_error(people)
    kept = made.left[made.contacted == 0].mean() - made.left[made.contacted == 1].mean()
    assert (people.probability * chance).mean() == pytest.approx(kept, abs=0.007)
    assert found.share_saved(people) == pytest.approx(kept / people.probability.mean(), abs=0.012)
    lower = np.zeros((3, 3))
    lower[np.tril_indices(3)] = found.spread
    some = (chance > 0.01) & (people.margin > found.seen[0]) & (people.margin < found.seen[1])
    for column, step in enumerate(1e-6 * lower.T):
        moved = replace(
            found,
            log_factor=found.log_factor + step[0],
            by_margin=found.by_margin + step[1],
            by_company=found.by_company + step[2],
        )
        slope = (moved.save_chance(people) - chance) / 1e-6
        assert error[some, column] == pytest.approx(slope[some], rel=1e-3, abs=1e-6)
    lost, undecided = found.save_chance(
        People(np.array([1.0, 0.5]), np.array([20.0, 20.0]), np.zeros(2, dtype=bool))
    )
    assert lost < 1e-6 < undecided


@pytest.mark.parametrize("share", [0.01, 0.08, 0.5])
def test_a_share_that_is_set_is_kept_of_all_and_of_the_likely_first(share: float) -> None:
    made = _campaign(np.random.default_rng(3), 1.0, 4_000)
    found = _learnt(made).saving(share, made.people)
    assert found.share_saved(made.people) == pytest.approx(share, rel=1e-6)
    assert _learnt(made).saving(0.0, made.people).share_saved(made.people) == pytest.approx(0.0, abs=1e-9)
    persons = ~made.people.company
    chance, told = found.save_chance(made.people)[persons], made.people.probability[persons]
    assert chance[told > 0.95].mean() < chance[told < 0.7].mean()


def test_where_contact_drives_customers_away_nobody_is_saved() -> None:
    away = RateEffect(-0.2, 0.0, 0.0, 20.0, (1.0, 90.0), (0.1, 0.0, 0.1, 0.0, 0.0, 0.1), 0.0, 1, 100)
    people = People(np.array([0.2, 0.8]), np.array([10.0, 0.0]), np.zeros(2, dtype=bool))
    assert list(away.save_chance(people)) == [0.0, 0.0]


def test_margins_that_are_all_the_same_and_no_companies_do_not_matter() -> None:
    made = _campaign(np.random.default_rng(8), 1.0, 5_000)
    people = People(made.people.probability, np.full(5_000, 7.0), np.zeros(5_000, dtype=bool))
    found = rate_effect(people, made.contacted, made.left, np.zeros(5_000, dtype=np.int64))
    assert (found.by_margin, found.by_company) == pytest.approx((0.0, 0.0))
    assert found.log_factor > 0


@pytest.mark.parametrize("left", [0.0, 1.0])
def test_a_campaign_after_which_all_or_none_left_is_no_certainty(left: float) -> None:
    draw = np.random.default_rng(2)
    people = People(draw.random(40), draw.random(40), np.zeros(40, dtype=bool))
    contacted = np.repeat([0.0, 1.0], 20)
    found = rate_effect(people, contacted, np.full(40, left), np.zeros(40, dtype=np.int64))
    assert abs(found.log_factor) < 1
    assert found.standard_error > 0.2


def test_everybody_contacted_teaches_nothing() -> None:
    people = People(np.full(9, 0.5), np.ones(9), np.zeros(9, dtype=bool))
    with pytest.raises(ValueError, match="held back"):
        rate_effect(people, np.ones(9), np.ones(9), np.zeros(9, dtype=np.int64))


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
