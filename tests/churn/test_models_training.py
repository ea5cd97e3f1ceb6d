"""Training repeats, finds what is there and nothing where there is nothing, and refuses what it cannot do."""

from __future__ import annotations

import numpy as np
import pytest

from crm_core.churn.models import (
    Categories,
    Sample,
    Snapshot,
    Trained,
    gain,
    measures,
    train,
    training_days,
    year_before_days,
)
from crm_core.churn.models.training import enough
from tests.churn.samples import RULES, made_customers, made_snapshots


def _trained(snapshots: list[Snapshot], seed: int = 0) -> Trained:
    return train(snapshots, cut_off=270, horizon_days=90, rules=RULES, seed=seed)


@pytest.fixture(scope="module")
def trained() -> Trained:
    return _trained(made_snapshots())


def test_it_finds_what_makes_customers_leave(trained: Trained) -> None:
    later = made_customers(6_000, 270)
    found = measures(later.churned, trained.model.probability(later.columns))
    naive = measures(later.churned, trained.models["recency"].probability(later.columns))
    assert found.auc > naive.auc + 0.02
    assert found.calibration_error < 0.02
    assert trained.losses[trained.chosen] < trained.losses["recency"]
    assert trained.out_of_time
    assert trained.tried_on == 180


def test_the_same_seed_gives_the_same_bytes_in_any_order_of_rows(trained: Trained) -> None:
    draw = np.random.default_rng(9)
    shuffled = []
    for one in reversed(made_snapshots()):
        mixed = one.at(draw.permutation(one.churned.size))
        columns = {name: mixed.columns[name] for name in reversed(list(mixed.columns))}
        channel = columns["channel"]
        assert isinstance(channel, Categories)
        other = (*reversed(channel.levels), "unused")
        columns["channel"] = Categories(other, channel.coded_as(other))
        shuffled.append(Snapshot(mixed.day, columns, mixed.churned))
    again = _trained(shuffled)
    assert again.losses == trained.losses
    for name, model in trained.models.items():
        assert again.models[name] == model


def test_of_models_that_do_as_well_the_simplest_is_chosen() -> None:
    alike = _trained(made_snapshots(effect=0.0))
    assert alike.losses["logistic_and_boosted"] < alike.losses["logistic"]
    assert alike.chosen == "logistic"
    # Leaving that comes and goes with every day of silence is beyond bent lines.
    jumping = []
    for one in made_snapshots(effect=0.0):
        even = np.asarray(one.columns["days_since_last_order"]) % 2 == 0
        jumping.append(Snapshot(one.day, one.columns, np.where(even, 1.0, one.churned)))
    told = _trained(jumping)
    assert told.chosen == "boosted"
    assert told.losses["boosted"] < told.losses["logistic"] - 0.01


def test_a_draw_is_fair_and_does_not_depend_on_order() -> None:
    some = made_snapshots(2_000)
    whole = Sample.of(some, 4, 1_000)
    drawn = Sample.of([one.drawn(4, 1_000) for one in reversed(some)], 4, 1_000)
    assert np.array_equal(whole.churned, drawn.churned)
    assert np.array_equal(whole.days, drawn.days)
    silent = "days_since_last_order"
    assert np.array_equal(np.asarray(whole.columns[silent]), np.asarray(drawn.columns[silent]))
    assert np.bincount(whole.days // 45) == pytest.approx(np.full(5, 200), abs=60)
    assert not np.array_equal(Sample.of(some, 5, 1_000).churned, whole.churned)


def test_without_signal_nothing_is_found() -> None:
    trained = _trained(made_snapshots(effect=0.0))
    later = made_customers(6_000, 270, effect=0.0)
    found = measures(later.churned, trained.model.probability(later.columns))
    assert found.auc == pytest.approx(0.5, abs=0.03)
    assert found.calibration_error < 0.05
    alike = np.full(later.churned.size, later.churned.mean())
    gained = gain(later.churned, trained.model.probability(later.columns), alike)
    assert gained.log_loss < 2 * gained.standard_error


def test_shuffled_labels_teach_nothing() -> None:
    draw = np.random.default_rng(11)
    shuffled = [Snapshot(one.day, one.columns, draw.permutation(one.churned)) for one in made_snapshots()]
    later = made_customers(6_000, 270)
    trained = _trained(shuffled)
    auc = measures(later.churned, trained.models["logistic"].probability(later.columns)).auc
    assert auc == pytest.approx(0.5, abs=0.08)
    tried = measures(draw.permutation(later.churned), trained.model.probability(later.columns))
    assert tried.auc == pytest.approx(0.5, abs=0.03)


def test_labels_that_look_beyond_the_cut_off_are_refused() -> None:
    with pytest.raises(ValueError, match="beyond the cut-off"):
        train(made_snapshots(), cut_off=269, horizon_days=90, rules=RULES)
    with pytest.raises(ValueError, match="beyond the cut-off"):
        train(
            made_snapshots(),
            year_before=[made_customers(500, 200)],
            cut_off=270,
            horizon_days=90,
            rules=RULES,
        )


def test_too_few_are_refused() -> None:
    for snapshots in ([made_customers(60, 180)], []):
        assert not enough(snapshots)
        with pytest.raises(ValueError, match="too few"):
            _trained(snapshots)


def test_one_snapshot_is_tried_by_fifths() -> None:
    trained = train([made_customers(3_000)], cut_off=90, horizon_days=90, rules=RULES)
    assert not trained.out_of_time
    later = made_customers(6_000, 270)
    assert measures(later.churned, trained.model.probability(later.columns)).calibration_error < 0.04


def test_a_purchase_model_is_a_candidate() -> None:
    trained = train(
        made_snapshots(500), cut_off=270, horizon_days=90, rules=RULES, no_purchase="days_since_last_order"
    )
    assert trained.models["purchase_model"].features == ("days_since_last_order",)
    assert "purchase_model" in trained.losses


def test_the_season_of_a_year_before_sets_the_level() -> None:
    """Half as many leave at this time of the year: nothing in the features says so, last year does."""

    def season(day: int, kept: float) -> Snapshot:
        some = made_customers(2_000, day)
        gone = some.churned * (np.random.default_rng(day).random(2_000) < kept)
        return Snapshot(day, some.columns, gone)

    usual = [season(day, 1.0) for day in (400, 445, 490)]
    year_before = [season(580 - 365, 0.5), season(490 - 365, 1.0)]
    later = season(580, 0.5)
    errors = [
        measures(
            later.churned,
            train(usual, year_before=years, cut_off=580, horizon_days=90, rules=RULES).model.probability(
                later.columns
            ),
        ).calibration_error
        for years in ([], year_before)
    ]
    assert errors[0] > 0.15
    assert errors[1] < 0.06


def test_days_to_learn_from() -> None:
    assert training_days(0, 600, 90) == (510, 465, 420, 375, 330, 285)
    assert training_days(0, 300, 90) == (210, 165, 120)
    assert training_days(0, 100, 90) == ()
    assert year_before_days(0, 600, 90) == (235, 145)
    assert year_before_days(0, 520, 90) == (155,)
    assert year_before_days(0, 400, 90) == ()
    assert year_before_days(0, 5_000, 366) == ()
    assert all(day + 90 <= 600 for day in training_days(0, 600, 90) + year_before_days(0, 600, 90))


def test_snapshots_are_checked() -> None:
    columns = {"a": np.zeros(3)}
    with pytest.raises(ValueError, match="differ in length"):
        Snapshot(0, columns, np.zeros(2))
    with pytest.raises(ValueError, match="left or has not"):
        Snapshot(0, columns, np.full(3, 0.5))
    with pytest.raises(ValueError, match="finite, or missing"):
        Snapshot(0, {"a": np.full(3, np.inf)}, np.zeros(3))
    with pytest.raises(ValueError, match="of one length"):
        Snapshot(0, {"a": np.zeros(3), "b": np.zeros(2)}, np.zeros(3))
    with pytest.raises(ValueError, match="different features"):
        Sample.of([Snapshot(0, columns, np.zeros(3)), Snapshot(0, {"b": np.zeros(3)}, np.zeros(3))], 0, 9)
    with pytest.raises(ValueError, match="names in another"):
        Sample.of(
            [
                Snapshot(0, columns, np.zeros(3)),
                Snapshot(0, {"a": Categories.of(["x"] * 3)}, np.zeros(3)),
            ],
            0,
            9,
        )
    with pytest.raises(ValueError, match="named twice"):
        Categories(("a", "a"), np.zeros(1, np.int64))
    with pytest.raises(ValueError, match="stands for no level"):
        Categories(("a",), np.ones(1, np.int64))
