"""Scores add up, are stored and come back, and say something of whatever they are asked."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.churn.models import AdditiveModel, Categories, Sample, Snapshot, Term, measures
from crm_core.churn.models.additive import mean_of
from crm_core.churn.models.bins import LEAST_ROWS_OF_A_LEVEL
from crm_core.churn.models.boosted import fit_boosted
from crm_core.churn.models.columns import Column
from crm_core.churn.models.logistic import fit_logistic
from crm_core.churn.models.naive import fit_rule
from crm_core.churn.models.newton import least_loss
from tests.churn.samples import made_customers, made_snapshots


@pytest.fixture(scope="module")
def sample() -> Sample:
    return Sample.of(made_snapshots(600), 3, 100_000)


@pytest.fixture(scope="module", params=["logistic", "boosted", "mean", "rule"])
def model(request: pytest.FixtureRequest, sample: Sample) -> AdditiveModel:
    if request.param == "rule":
        return fit_rule(sample, "days_since_last_order")
    fitted = {"logistic": fit_logistic(sample), "boosted": fit_boosted(sample, 3)}
    return fitted.get(request.param) or mean_of(list(fitted.values()))


def test_reasons_add_up_to_the_score(model: AdditiveModel) -> None:
    scored = made_customers(500, 400).columns
    log_odds, reasons = model.log_odds(scored), model.reasons(scored)
    assert reasons.shape == (500, len(model.features))
    assert np.abs(log_odds.mean() + reasons.sum(axis=1) - log_odds).max() < 1e-9
    assert np.abs(model.constant + model.parts(scored).sum(axis=1) - log_odds).max() < 1e-9
    assert np.abs(reasons.mean(axis=0)).max() < 1e-9
    assert np.allclose(model.probability(scored), 1 / (1 + np.exp(-log_odds)))


def test_a_model_comes_back_from_its_rows_bit_for_bit(model: AdditiveModel) -> None:
    again = AdditiveModel.from_rows(model.rows())
    assert again == model
    scored = made_customers(200, 400).columns
    assert again.log_odds(scored).tobytes() == model.log_odds(scored).tobytes()


def test_the_least_loss_is_that_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    draw = np.random.default_rng(2)
    table = draw.normal(size=(4_000, 12)).astype(np.float32)
    table -= table.mean(axis=0)
    churned = (draw.random(4_000) < 1 / (1 + np.exp(3 - table @ draw.normal(size=12)))).astype(np.float64)
    for rows, penalty in ((4_000, 0.02), (4_000, 1e-3), (150, 0.1)):
        constant, coefficients = least_loss(table[:rows], churned[:rows], penalty)
        peer = LogisticRegression(C=1 / (penalty * rows), tol=1e-8, max_iter=1_000)
        peer.fit(table[:rows].astype(np.float64), churned[:rows])
        assert constant == pytest.approx(peer.intercept_[0], abs=1e-4)
        assert coefficients == pytest.approx(peer.coef_[0], abs=1e-4)


def test_boosting_foretells_as_well_as_that_of_scikit_learn(sample: Sample) -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier

    names = [name for name, column in sample.columns.items() if not isinstance(column, Categories)]
    later = made_customers(4_000, 270)
    table, asked = (
        np.column_stack([np.asarray(one.columns[name]) for name in names]) for one in (sample, later)
    )
    peer = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=300,
        max_leaf_nodes=3,
        l2_regularization=10.0,
        interaction_cst="no_interactions",
        early_stopping=False,
    )
    theirs = peer.fit(table, sample.churned).predict_proba(asked)[:, 1]
    ours = fit_boosted(sample, 3, names).probability(later.columns)
    assert measures(later.churned, ours).log_loss < measures(later.churned, theirs).log_loss + 0.002


def test_what_no_row_lacks_weighs_as_usual_where_it_is_missing() -> None:
    draw = np.random.default_rng(4)
    number, kind = draw.random(2_000), Categories.of(["a", "b"] * 1_000)
    churned = (draw.random(2_000) < number).astype(np.float64)
    some = Sample.of([Snapshot(1, {"number": number, "kind": kind}, churned)], 0, 2_000)
    model = fit_boosted(some, 0)
    for term in model.terms:
        mean = float(term.of(some.columns[term.feature]).mean())
        assert term.missing == pytest.approx(mean, abs=1e-9)
        assert term.shape == "step" or term.other == pytest.approx(mean, abs=1e-9)
    steps = next(term for term in model.terms if term.feature == "number")
    assert steps.values[-1] - steps.values[0] > 2


def test_what_is_missing_has_a_weight_of_its_own() -> None:
    draw = np.random.default_rng(5)
    number = np.where(draw.random(4_000) < 0.3, np.nan, draw.random(4_000))
    gone = np.where(np.isnan(number), 0.8, 0.2)
    churned = (draw.random(4_000) < gone).astype(np.float64)
    some = Sample.of([Snapshot(1, {"number": number}, churned)], 0, 4_000)
    found = fit_boosted(some, 0).probability({"number": np.array([np.nan, 0.1, 0.9])})
    assert found == pytest.approx([0.8, 0.2, 0.2], abs=0.05)


def test_the_logistic_table_is_the_regression(sample: Sample) -> None:
    """Between two points of a line nothing but a line, beyond the outermost nothing more."""
    model = fit_logistic(sample, ["days_since_last_order"])
    (term,) = model.terms
    low, high = term.at[0], term.at[-1]
    asked = np.array([low - 1e9, low, high, high + 1e9])
    assert term.of(asked).tolist() == [term.values[0], term.values[0], term.values[-1], term.values[-1]]
    assert term.values[-1] - term.values[0] > 1


def test_what_was_never_seen_is_answered(model: AdditiveModel) -> None:
    columns: dict[str, Column] = {
        "days_since_last_order": np.array([np.nan, np.inf, -np.inf, 1e300]),
        "order_count": np.array([0.0, np.nan, 1e18, -5.0]),
        "days_between_orders": np.array([np.nan, np.nan, 0.0, 1e300]),
        "complaint_count": np.array([np.nan, 0.0, 1e9, 1.0]),
        "channel": Categories.of(["post", None, "web", ""]),
        "noise": np.array([np.nan, -1e300, 1e300, 0.0]),
    }
    found = model.probability(columns)
    assert np.isfinite(found).all()
    assert ((found > 0) & (found < 1)).all()


def test_a_name_that_is_new_counts_as_a_rare_one() -> None:
    term = Term("channel", "level", (), ("web", "shop"), (1.0, 2.0), missing=3.0, other=4.0)
    assert term.of(Categories.of(["shop", "post", None, "web"])).tolist() == [2.0, 4.0, 3.0, 1.0]


def test_steps_hold_from_their_point_on() -> None:
    term = Term("orders", "step", (2.0, 5.0), (), (1.0, 2.0, 3.0), missing=9.0)
    assert term.of(np.array([-1.0, 1.9, 2.0, 4.9, 5.0, np.nan])).tolist() == [1.0, 1.0, 2.0, 2.0, 3.0, 9.0]


def test_a_line_is_straight_on_the_logarithmic_scale() -> None:
    term = Term("days", "line", (0.0, 99.0), (), (0.0, 2.0), missing=9.0)
    assert term.of(np.array([0.0, 9.0, 99.0, 1e6])) == pytest.approx([0.0, 1.0, 2.0, 2.0])


@given(
    points=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=6, unique=True),
    values=st.lists(st.floats(-50, 50), min_size=7, max_size=7),
)
def test_any_table_survives_storage(points: list[float], values: list[float]) -> None:
    rising = tuple(sorted(points))
    steps = Term("a", "step", rising, (), tuple(values[: len(rising) + 1]), values[6])
    line = Term("b", "line", rising, (), tuple(values[: len(rising)]), values[6])
    names = Term("c", "level", (), ("x", ""), (values[0], values[1]), values[2], values[3])
    model = AdditiveModel(values[5], (steps, line, names))
    assert AdditiveModel.from_rows(model.rows()) == model


def test_rows_that_are_no_model_are_refused() -> None:
    rows = fit_rule(Sample.of([made_customers(300)], 0, 1_000), "noise").rows()
    with pytest.raises(ValueError, match="constant"):
        AdditiveModel.from_rows(rows[1:])
    with pytest.raises(ValueError, match="a line, steps or levels"):
        AdditiveModel.from_rows(rows[:-1])
    with pytest.raises(ValueError, match="values are needed"):
        replace(fit_rule(Sample.of([made_customers(300)], 0, 1_000), "noise").terms[0], values=())
    with pytest.raises(ValueError, match="points rise"):
        Term("a", "step", (2.0, 1.0), (), (0.0, 0.0, 0.0), 0.0)


def test_numbers_for_names_are_refused(sample: Sample) -> None:
    model = fit_logistic(sample, ["channel"])
    with pytest.raises(ValueError, match="not of the kind"):
        model.log_odds({"channel": np.zeros(3)})


def test_features_that_say_nothing_add_nothing() -> None:
    """One value for everybody, nothing known of anybody, one name for all."""
    some = made_customers(400)
    columns = {
        "days_since_last_order": some.columns["days_since_last_order"],
        "constant": np.full(400, 7.0),
        "empty": np.full(400, np.nan),
        "name": Categories.of(["only"] * 400),
        "nameless": Categories.of([None] * 400),
    }
    sample = Sample.of([Snapshot(0, columns, some.churned)], 0, 1_000)
    for model in (fit_logistic(sample), fit_boosted(sample, 0)):
        parts = dict(zip(model.features, model.parts(columns).T, strict=True))
        for name in ("constant", "empty", "name", "nameless"):
            assert np.ptp(parts[name]) == 0
        assert np.isfinite(model.log_odds({name: columns[name] for name in columns})).all()


def test_rare_names_are_one() -> None:
    some = made_customers(600)
    enough = LEAST_ROWS_OF_A_LEVEL
    names = ["second"] * enough + ["scarce"] * (enough - 1) + [f"rare {number % 30}" for number in range(40)]
    names += ["common"] * (600 - len(names))
    snapshot = Snapshot(0, {"name": Categories.of(names)}, some.churned)
    for model in (
        fit_logistic(Sample.of([snapshot], 0, 1_000)),
        fit_boosted(Sample.of([snapshot], 0, 1_000), 0),
    ):
        assert model.terms[0].levels == ("common", "second")


def test_rules_never_fall() -> None:
    sample = Sample.of(made_snapshots(400), 0, 10_000)
    (term,) = fit_rule(sample, "days_since_last_order").terms
    assert list(term.values) == sorted(term.values)
    assert term.values[-1] - term.values[0] > 1
    (overdue,) = fit_rule(sample, "days_between_orders").terms
    assert math.isfinite(overdue.missing)
    with pytest.raises(ValueError, match="goes by a number"):
        fit_rule(sample, "channel")


def test_a_feature_of_which_nothing_was_known_is_stored_as_its_kind() -> None:
    terms = (
        Term("channel", "level", (), (), (), missing=0.5, other=-0.25),
        Term("days", "line", (), (), (), missing=0.75),
    )
    model = AdditiveModel(1.0, terms)
    assert AdditiveModel.from_rows(model.rows()) == model
