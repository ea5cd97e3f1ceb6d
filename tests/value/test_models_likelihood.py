"""The likelihoods: gradients, cells against customers, other units of time, and data that say little."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import gammaln

from benchmarks.purchase_processes import PROCESSES, SPEND, simulate, simulate_spend
from crm_core.value.models import (
    PurchaseCells,
    beta_geometric,
    fit_bg_nbd,
    fit_gamma_gamma,
    gamma_gamma,
    group_days,
    pareto_nbd,
)
from crm_core.value.models.cells import Floats
from crm_core.value.models.dropout_integral import dropout_integral
from crm_core.value.models.maximum import Likelihood
from tests.value.fits import FITS

LIKELIHOODS: dict[str, Callable[[PurchaseCells], Likelihood]] = {
    "bg_nbd": lambda cells: beta_geometric._likelihood(cells, 0),
    "mbg_nbd": lambda cells: beta_geometric._likelihood(cells, 1),
    "pareto_nbd": pareto_nbd._likelihood,
}


def cells_of(*columns: Sequence[float] | Sequence[Sequence[float]] | Floats) -> PurchaseCells:
    """Cells of columns written as lists."""
    frequency, recency, age, customers = (np.array(column, dtype=np.float64) for column in columns)
    return PurchaseCells(frequency, recency, age, customers)


parameters = st.lists(st.floats(-4, 4), min_size=4, max_size=4).map(np.array)


def simulated(name: str, customers: int, seed: int = 1) -> PurchaseCells:
    random = np.random.default_rng(seed)
    made = simulate(name, PROCESSES[name], random.uniform(10, 60, customers), 1.0, random)
    return group_days(*made.days())[0]


@st.composite
def histories(draw: st.DrawFn) -> PurchaseCells:
    rows = draw(
        st.lists(
            st.tuples(
                st.one_of(st.integers(0, 8), st.integers(1_000, 4_000)),
                st.floats(0.001, 1.0),
                st.floats(0.1, 1_500.0),
                st.integers(1, 1_000),
            ),
            min_size=1,
            max_size=6,
        )
    )
    x, share, age, customers = (np.array(column, float) for column in zip(*rows, strict=True))
    return PurchaseCells(x, np.where(x > 0, share * age, 0.0), age, customers)


@pytest.mark.parametrize("name", LIKELIHOODS)
@settings(max_examples=60)
@given(cells=histories(), point=parameters)
def test_gradient(name: str, cells: PurchaseCells, point: Floats) -> None:
    assert_gradient(LIKELIHOODS[name](cells), point)


@settings(max_examples=60)
@given(point=parameters, mean=st.floats(0.01, 1e4), frequency=st.integers(1, 3_000))
def test_gradient_of_spend(point: Floats, mean: float, frequency: int) -> None:
    x, spend = np.array([frequency, 1.0]), np.array([mean, 1.0])
    assert_gradient(gamma_gamma._likelihood(x, spend, np.array([3.0, 2.0])), point[:3])


def assert_gradient(likelihood: Likelihood, point: Floats) -> None:
    value, gradient = likelihood(point)
    assert np.isfinite(value)
    assert np.isfinite(gradient).all()
    for slope, step in zip(gradient, 1e-3 * np.eye(point.size), strict=True):
        # Of fourth order, so that what is left is the rounding of the values.
        near, far = (likelihood(point + k * step)[0] - likelihood(point - k * step)[0] for k in (1, 2))
        rounding = 1e-11 * abs(value)
        assert slope == pytest.approx((8 * near - far) / 12e-3, rel=1e-5, abs=1e-5 + rounding)


@pytest.mark.parametrize("name", FITS)
def test_cells_say_what_their_customers_say(name: str) -> None:
    cells = simulated(name, 600)
    one_by_one = [np.repeat(part, cells.customers.astype(int)) for part in vars(cells).values()]
    expanded = cells_of(*one_by_one[:3], np.ones(one_by_one[0].size))
    grouped, single = FITS[name](cells), FITS[name](expanded)
    assert single.log_likelihood == pytest.approx(grouped.log_likelihood, rel=1e-10)
    assert single.parameters == pytest.approx(grouped.parameters, rel=1e-4)
    regrouped = PurchaseCells.of_customers(one_by_one[0], one_by_one[1], one_by_one[2])
    assert regrouped.customers.sum() == cells.customers.sum()
    assert regrouped.age.size == cells.age.size


@pytest.mark.parametrize("name", FITS)
def test_time_in_days_is_time_in_weeks_seven_times_over(name: str) -> None:
    cells = simulated(name, 2_000)
    days = PurchaseCells(cells.frequency, cells.recency * 7, cells.age * 7, cells.customers)
    weekly, daily = FITS[name](cells), FITS[name](days)
    for key, value in weekly.parameters.items():
        factor = 7 if key in ("alpha", "beta") else 1
        assert daily.parameters[key] == pytest.approx(factor * value, rel=1e-5)
    per_day = weekly.log_likelihood - float(cells.frequency @ cells.customers) * np.log(7)
    assert daily.log_likelihood == pytest.approx(per_day, abs=1e-5)


@pytest.mark.parametrize("name", FITS)
def test_a_start_elsewhere_ends_at_the_same_parameters(name: str) -> None:
    cells = simulated(name, 2_000)
    found = FITS[name](cells)
    start = {key: value * 5 for key, value in found.parameters.items()}
    again = FITS[name](cells, start)
    assert again.parameters == pytest.approx(found.parameters, rel=1e-3)


@pytest.mark.parametrize("name", FITS)
def test_parameters_are_found_again(name: str) -> None:
    model = FITS[name](simulated_exactly(name, 30_000))
    for key, value in PROCESSES[name].items():
        assert abs(model.parameters[key] - value) < 3.5 * model.standard_errors[key]


def simulated_exactly(name: str, customers: int) -> PurchaseCells:
    random = np.random.default_rng(5)
    made = simulate(name, PROCESSES[name], random.uniform(10, 60, customers), 1.0, random)
    return PurchaseCells.of_customers(made.frequency, made.recency, made.age)


def test_parameters_of_spend_are_found_again() -> None:
    random = np.random.default_rng(5)
    made = simulate("bg_nbd", PROCESSES["bg_nbd"], np.full(20_000, 50.0), 1.0, random)
    mean, _ = simulate_spend(SPEND, made, random)
    repeats = made.frequency > 0
    model = fit_gamma_gamma(made.frequency[repeats], mean[repeats], np.ones(repeats.sum()))
    for key, value in SPEND.items():
        assert abs(model.parameters[key] - value) < 3.5 * model.standard_errors[key]


@settings(max_examples=80)
@given(
    power=st.floats(0.01, 60),
    fall=st.floats(1.001, 30),
    alpha=st.floats(0.01, 500),
    beta=st.floats(0.01, 500),
    begin=st.floats(0, 100),
    length=st.floats(0.001, 500),
)
def test_dropout_integral(
    power: float, fall: float, alpha: float, beta: float, begin: float, length: float
) -> None:
    for other in (beta, alpha):
        found = dropout_integral(power, fall, alpha, other, begin, begin + length)
        top = -power * np.log(alpha + begin) - fall * np.log(other + begin)

        def height(stretch: float, other: float = other, top: float = top) -> float:
            u = begin + (min(alpha, other) + begin) * np.expm1(stretch)
            slope = np.log(min(alpha, other) + u)
            return float(np.exp(slope - power * np.log(alpha + u) - fall * np.log(other + u) - top))

        width = np.log1p(length / (min(alpha, other) + begin))
        ends = [width * share for share in (1e-4, 1e-3, 1e-2, 0.1, 0.3)]
        total, _ = quad(height, 0, width, points=ends, epsabs=0, epsrel=1e-12, limit=500)
        assert found.logarithm == pytest.approx(np.log(total) + top, abs=1e-10)


def test_dropout_integral_of_a_power_alone() -> None:
    """Where alpha is beta: an antiderivative in closed form."""
    found = dropout_integral(2_000.5, 1.5, 10.0, 10.0, 3.0, 40.0).logarithm
    whole = -2_001.0 * np.log(13.0) + np.log1p(-((13 / 50) ** 2_001.0)) - np.log(2_001.0)
    assert found == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize("name", FITS)
@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (cells_of([0.0], [0.0], [30.0], [500.0]), "too_few_repeat_customers"),
        (cells_of([0.0], [0.0], [0.0], [1.0]), "too_few_repeat_customers"),
        (cells_of([0.0, 1], [0.0, 4], [30.0, 20], [5_000.0, 3]), "too_few_repeat_customers"),
        (cells_of([3.0], [20.0], [30.0], [1_000.0]), "heterogeneity_at_bound"),
        (cells_of([2_000.0, 5], [2_900.0, 1], [3_000.0, 2_000], [50.0, 50]), ""),
    ],
)
def test_data_that_say_little_are_called_so(name: str, cells: PurchaseCells, problem: str) -> None:
    model = FITS[name](cells)
    if problem:
        assert problem in model.problems
        assert not model.identified
    numbers = [*model.parameters.values(), *model.standard_errors.values(), model.log_likelihood]
    assert np.isfinite(numbers).all()
    assert np.isfinite(model.covariance).all()
    assert np.isfinite(model.total(52.0, cells)).all()
    history = (cells.frequency, cells.recency, cells.age)
    for answer in (model.expected_purchases, model.probability_of_none, model.variance_of_purchases):
        assert np.isfinite(answer(52.0, *history)).all()


@pytest.mark.parametrize("name", FITS)
def test_customers_who_never_drop_out(name: str) -> None:
    random = np.random.default_rng(2)
    age = random.uniform(30, 100, 3_000)
    count = random.poisson(random.gamma(1.0, 0.1, age.size) * age).astype(np.float64)
    recency = np.where(count > 0, age * random.random(age.size) ** (1 / np.maximum(count, 1)), 0.0)
    model = FITS[name](PurchaseCells(count, recency, age, np.ones(age.size)))
    assert model.problems == ("dropout_at_zero",)
    assert model.parameters["r"] == pytest.approx(1.0, rel=0.1)
    assert model.parameters["alpha"] == pytest.approx(10.0, rel=0.1)


@pytest.mark.parametrize(
    ("frequency", "recency", "age", "customers"),
    [
        ([1.0], [0.0], [5.0], [1.0]),
        ([0.0], [1.0], [5.0], [1.0]),
        ([1.0], [6.0], [5.0], [1.0]),
        ([-1.0], [1.0], [5.0], [1.0]),
        ([1.5], [1.0], [5.0], [1.0]),
        ([1.0], [1.0], [np.inf], [1.0]),
        ([1.0], [1.0], [5.0], [0.0]),
        ([1.0, 2], [1.0], [5.0], [1.0]),
        ([[1.0]], [[1.0]], [[5.0]], [[1.0]]),
    ],
)
def test_histories_that_cannot_be(
    frequency: list[float], recency: list[float], age: list[float], customers: list[float]
) -> None:
    with pytest.raises(ValueError):
        cells_of(frequency, recency, age, customers)


def test_nobody_has_no_model() -> None:
    with pytest.raises(ValueError):
        fit_bg_nbd(cells_of([], [], [], []))
    with pytest.raises(ValueError):
        fit_gamma_gamma(np.array([]), np.array([]), np.array([]))
    with pytest.raises(ValueError):
        fit_gamma_gamma(np.array([1.0]), np.array([0.0]), np.array([1.0]))


def test_spend_that_is_all_the_same() -> None:
    model = fit_gamma_gamma(np.array([1.0, 2.0]), np.array([10.0, 10.0]), np.array([500.0, 500.0]))
    assert not model.identified
    assert "heterogeneity_at_bound" in model.problems
    assert model.expected_spend([0, 3], [0, 10]) == pytest.approx([10, 10], rel=1e-2)
    assert np.isfinite(list(model.standard_errors.values())).all()


def test_spend_without_a_variance_is_named() -> None:
    random = np.random.default_rng(8)
    mean = random.gamma(2.0, 1 / random.gamma(1.5, 1 / 30.0, 5_000))
    model = fit_gamma_gamma(np.ones(mean.size), mean, np.ones(mean.size))
    assert model.parameters["q"] == pytest.approx(1.5, rel=0.15)
    assert model.problems == ("spend_variance_infinite",)
    assert model.identified
    assert np.isfinite(model.variance_of_value(1.0, 1.0, 0, 0))


def test_log_likelihood_of_one_customer_by_the_papers_formula() -> None:
    """BG/NBD as Fader, Hardie and Lee write it: beta and gamma functions."""
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    x, t_x, age = 2.0, 30.43, 38.86

    def beta(first: float, second: float) -> float:
        return float(np.exp(gammaln(first) + gammaln(second) - gammaln(first + second)))

    rate = np.exp(gammaln(r + x) - gammaln(r)) * alpha**r
    alive = beta(a, b + x) / beta(a, b) * rate / (alpha + age) ** (r + x)
    gone = beta(a + 1, b + x - 1) / beta(a, b) * rate / (alpha + t_x) ** (r + x)
    cells = cells_of([x], [t_x], [age], [1.0])
    found, _ = LIKELIHOODS["bg_nbd"](cells)(np.log([r, alpha, a, b]))
    assert found == pytest.approx(np.log(alive + gone), abs=1e-12)
