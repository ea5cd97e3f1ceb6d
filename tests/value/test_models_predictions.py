"""What the models foretell, against simulated customers and against sums and integrals written plainly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import betainc, betaln

from benchmarks.purchase_processes import PROCESSES, SPEND, simulate, simulate_spend
from crm_core.value.models import (
    BgNbd,
    GammaGamma,
    MbgNbd,
    ParetoNbd,
    PurchaseCells,
    PurchaseModel,
    fit_bg_nbd,
    value_interval,
)
from crm_core.value.models.cells import Floats
from crm_core.value.models.purchase_model import on_distinct
from tests.value.fits import MODELS

WEEKS = 39.0
FREQUENT = {
    "bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 0.5, "b": 8.0},
    "mbg_nbd": {"r": 2.0, "alpha": 2.0, "a": 0.5, "b": 8.0},
    "pareto_nbd": {"r": 2.0, "alpha": 2.0, "s": 0.6, "beta": 60.0},
}
SPENDS = (SPEND, {"p": 2.0, "q": 2.5, "gamma": 30.0}, {"p": 60.0, "q": 5.0, "gamma": 10.0})

every_model = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
histories = st.one_of(
    st.tuples(st.just(0), st.just(0.0), st.floats(0, 2_000)),
    st.tuples(st.integers(1, 3_000), st.floats(1e-3, 1_000), st.floats(0, 1_000)).map(
        lambda one: (one[0], one[1], one[1] + one[2])
    ),
)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("processes", [PROCESSES, FREQUENT], ids=["seldom", "often"])
def test_simulated_customers_do_as_foretold(name: str, processes: dict[str, dict[str, float]]) -> None:
    random = np.random.default_rng(11)
    model = type(MODELS[name])(parameters=processes[name])
    ages = np.array([5.0, 20.0, 60.0])
    made = simulate(name, processes[name], np.repeat(ages, 40_000), WEEKS, random)
    history = (made.frequency, made.recency, made.age)
    mean = model.expected_purchases(WEEKS, *history)
    foretold = {
        "alive": (model.probability_alive(*history), made.alive),
        "mean": (mean, made.future),
        "none": (model.probability_of_none(WEEKS, *history), made.future == 0),
        "variance": (model.variance_of_purchases(WEEKS, *history), (made.future - mean) ** 2),
    }
    for group in (made.frequency == 0, made.frequency == 1, made.frequency > 1, made.age > 30):
        for what, (expected, found) in foretold.items():
            difference = (found - expected)[group]
            error = difference.std() / np.sqrt(difference.size)
            assert abs(difference.mean()) <= 4.5 * error, what
    new = simulate(name, processes[name], np.full(100_000, WEEKS), 1.0, random).frequency
    assert abs(new.mean() - model.expected_purchases(WEEKS, 0.0, 0.0, 0.0)) < 4.5 * new.std() / np.sqrt(
        new.size
    )


@pytest.mark.parametrize("model", [MODELS["bg_nbd"], MODELS["mbg_nbd"]], ids=["bg_nbd", "mbg_nbd"])
@pytest.mark.parametrize(("x", "t_x", "age", "weeks"), [(0, 0.0, 10.0, 5.0), (2, 30.43, 38.86, 39.0)])
def test_moments_as_sums_over_the_purchases_to_come(
    model: PurchaseModel, x: int, t_x: float, age: float, weeks: float
) -> None:
    """A living customer's k-th purchase happens if the rate allows k and k - 1 times nobody dropped out."""
    r, alpha, a, b = model.parameters.values()
    stayed = b + x + (model.name == "mbg_nbd")
    k = np.arange(1, 200_000)
    happens = betainc(k, r + x, weeks / (alpha + age + weeks))
    happens *= np.exp(betaln(a, stayed + k - 1) - betaln(a, stayed))
    alive = model.probability_alive(x, t_x, age)
    mean = alive * happens.sum()
    assert model.expected_purchases(weeks, x, t_x, age) == pytest.approx(mean, rel=1e-9)
    pairs = alive * (2 * (k - 1) * happens).sum()
    found = model.variance_of_purchases(weeks, x, t_x, age)
    assert found == pytest.approx(pairs + mean - mean**2, rel=1e-8)


@pytest.mark.parametrize(("a", "b"), [(1.0, 2.0), (0.02, 0.03), (0.05, 40.0), (30.0, 0.1), (400.0, 300.0)])
def test_the_sum_holds_at_the_corners_of_the_beta(a: float, b: float) -> None:
    model = BgNbd(parameters={"r": 3.0, "alpha": 2.0, "a": a, "b": b})
    k = np.arange(1, 5_000)
    happens = betainc(k, 8.0, 52.0 / (2.0 + 10.0 + 52.0)) * np.exp(
        betaln(a, b + 5 + k - 1) - betaln(a, b + 5)
    )
    alive = model.probability_alive(5, 9.0, 10.0)
    found = model.expected_purchases(52.0, 5, 9.0, 10.0)
    assert found == pytest.approx(alive * happens.sum(), rel=1e-9)


@pytest.mark.parametrize("s", [0.606, 1.0, 2.0, 1e-5])
def test_moments_of_the_pareto_model_as_integrals(s: float) -> None:
    model = ParetoNbd(parameters={**PROCESSES["pareto_nbd"], "s": s})
    r, alpha, _, beta = model.parameters.values()
    x, t_x, age = 2, 26.57, 30.86

    def stays(weeks: float) -> float:
        return float(((beta + age) / (beta + age + weeks)) ** s)

    alive = model.probability_alive(x, t_x, age)
    rate = (r + x) / (alpha + age)
    mean = alive * rate * quad(stays, 0, WEEKS, epsrel=1e-12)[0]
    assert model.expected_purchases(WEEKS, x, t_x, age) == pytest.approx(mean, rel=1e-9)
    square = rate * (r + x + 1) / (alpha + age)
    pairs = alive * square * quad(lambda week: 2 * week * stays(week), 0, WEEKS, epsrel=1e-12)[0]
    found = model.variance_of_purchases(WEEKS, x, t_x, age)
    assert found == pytest.approx(pairs + mean - mean**2, rel=1e-9)


@every_model
def test_discounting_counts_each_purchase_at_its_time(model: PurchaseModel) -> None:
    history = (np.array([0.0, 2.0, 40.0]), np.array([0.0, 26.57, 30.0]), np.array([0.0, 30.86, 31.0]))
    edges = np.linspace(0, 200, 4_001)
    expected = model.expected_purchases(edges[:, np.newaxis], *history)
    middle = (edges[1:] + edges[:-1]) / 2
    plain = (np.diff(expected, axis=0) * np.exp(-0.01 * middle)[:, np.newaxis]).sum(axis=0)
    assert model.discounted_purchases(200.0, 0.01, *history) == pytest.approx(plain, rel=1e-5)
    undiscounted = model.discounted_purchases(200.0, 0.0, *history)
    assert undiscounted == pytest.approx(model.expected_purchases(200.0, *history), rel=1e-12)


@every_model
@given(history=histories, weeks=st.floats(0, 1_000))
def test_answers_agree_with_each_other(
    model: PurchaseModel, history: tuple[int, float, float], weeks: float
) -> None:
    alive = float(model.probability_alive(*history))
    none = float(model.probability_of_none(weeks, *history))
    mean = float(model.expected_purchases(weeks, *history))
    variance = float(model.variance_of_purchases(weeks, *history))
    assert 0 <= alive <= 1
    assert 1 - alive <= none + 1e-12
    assert none <= 1 + 1e-9
    assert mean >= 1 - none - 1e-9
    # Among integers with this mean none varies less.
    assert variance >= (mean % 1) * (1 - mean % 1) - 1e-7 * (1 + mean**2)
    assert float(model.discounted_purchases(weeks, 0.002, *history)) <= mean * (1 + 1e-9)
    assert float(model.probability_of_none(0, *history)) == pytest.approx(1, abs=1e-12)
    assert float(model.expected_purchases(0, *history)) == 0


@every_model
def test_arrays_are_broadcast(model: PurchaseModel) -> None:
    weeks = np.array([[13.0], [26.0]])
    x, t_x, age = np.array([0.0, 3, 3]), np.array([0.0, 8, 9]), np.array([9.0, 20, 20])
    found = model.expected_purchases(weeks, x, t_x, age)
    assert found.shape == (2, 3)
    one = model.expected_purchases(26.0, 3, 9, 20)
    assert one.shape == ()
    assert found[1, 2] == pytest.approx(float(one), rel=1e-12)
    assert model.expected_purchases(26.0, [], [], []).shape == (0,)


def test_what_is_costly_is_worked_out_once() -> None:
    asked: list[int] = []

    def function(weeks: Floats, frequency: Floats, age: Floats) -> Floats:
        asked.append(weeks.size)
        return np.asarray(weeks + 10 * frequency + 100 * age)

    frequency, age = np.array([1.0, 2, 1, 2, 1]), np.array([5.0, 5, 5, 5, 6])
    assert on_distinct(function, 3.0, frequency, age).tolist() == [513, 523, 513, 523, 613]
    assert asked == [3]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("processes", [PROCESSES, FREQUENT], ids=["seldom", "often"])
@pytest.mark.parametrize("spend", SPENDS, ids=["cdnow", "scattered", "steady"])
def test_intervals_hold_what_they_promise(
    name: str, processes: dict[str, dict[str, float]], spend: dict[str, float]
) -> None:
    random = np.random.default_rng(7)
    model, own = type(MODELS[name])(parameters=processes[name]), GammaGamma(parameters=spend)
    made = simulate(name, processes[name], random.integers(70, 420, 60_000) / 7, WEEKS, random)
    mean_spend, value = simulate_spend(spend, made, random)
    history = (made.frequency, made.recency, made.age)
    none = model.probability_of_none(WEEKS, *history)
    purchases = (
        none,
        model.expected_purchases(WEEKS, *history),
        model.variance_of_purchases(WEEKS, *history),
    )
    rate = model.rate_shape(made.frequency)
    low, high = value_interval(*purchases, rate, made.frequency, mean_spend, own)
    holds = (low <= value) & (value <= high)
    assert np.isfinite(high).all()
    assert (low <= high).all()
    assert holds.mean() > 0.95
    for least, most in ((0.0, 0.025), (0.025, 0.5), (0.5, 1.0)):
        group = (none >= least) & (none < most)
        if group.sum() > 1_000:
            assert holds[group].mean() > (0.95 if least == 0.5 else 0.925)
            assert holds[group].mean() < 0.975 or least == 0.5


@pytest.mark.parametrize("spend", SPENDS)
def test_expected_value_and_its_variance(spend: dict[str, float]) -> None:
    random = np.random.default_rng(9)
    made = simulate("bg_nbd", PROCESSES["bg_nbd"], np.full(300_000, 30.0), WEEKS, random)
    own, model = GammaGamma(parameters=spend), MODELS["bg_nbd"]
    mean_spend, value = simulate_spend(spend, made, random)
    history = (made.frequency, made.recency, made.age)
    mean = model.expected_purchases(WEEKS, *history)
    expected = mean * own.expected_spend(made.frequency, mean_spend)
    difference = value - expected
    assert abs(difference.mean()) < 4.5 * difference.std() / np.sqrt(value.size)
    bought = made.frequency > 3  # whose spend has moments enough for a mean of squares
    variances = own.variance_of_value(
        mean, model.variance_of_purchases(WEEKS, *history), made.frequency, mean_spend
    )
    squares = difference[bought] ** 2 - variances[bought]
    assert abs(squares.mean()) < 4.5 * squares.std() / np.sqrt(squares.size)


def test_an_interval_of_cells_is_that_of_customers() -> None:
    cell = np.array([0, 1, 1, 2])
    none, mean, variance = (
        np.array([0.999, 0.4, 0.001]),
        np.array([0.002, 1.5, 9.0]),
        np.array([0.01, 4.0, 20.0]),
    )
    frequency, mean_spend = np.array([0.0, 2.0, 30.0]), np.array([0.0, 20.0, 40.0, 15.0])
    own, rate = GammaGamma(parameters=SPEND), frequency + 0.3
    low, high = value_interval(none, mean, variance, rate, frequency, mean_spend, own, cell=cell)
    each = [one[cell] for one in (none, mean, variance, rate, frequency)]
    again = value_interval(each[0], each[1], each[2], each[3], each[4], mean_spend, own)
    assert low == pytest.approx(again[0])
    assert high == pytest.approx(again[1])
    assert (low[0], high[0]) == (0, 0)
    assert low[1:3].tolist() == [0, 0]
    assert low[3] > 0


def test_the_error_of_a_total_is_as_large_as_totals_miss() -> None:
    misses = []
    for seed in range(60):
        random = np.random.default_rng(seed)
        age = random.integers(10, 60, 2_000).astype(np.float64)
        made = simulate("bg_nbd", PROCESSES["bg_nbd"], age, WEEKS, random)
        cells = PurchaseCells.of_customers(made.frequency, made.recency, made.age)
        expected, error = fit_bg_nbd(cells).total(WEEKS, cells)
        misses.append((made.future.sum() - expected) / error)
    assert 0.75 < np.std(misses) < 1.25
    assert abs(np.mean(misses)) < 0.5


def test_mbg_nbd_doubts_customers_who_never_came_back() -> None:
    bg, mbg = MODELS["bg_nbd"], MODELS["mbg_nbd"]
    assert isinstance(bg, BgNbd)
    assert isinstance(mbg, MbgNbd)
    assert bg.probability_alive(0, 0, 50) == 1
    assert mbg.probability_alive(0, 0, 50) < 0.4
