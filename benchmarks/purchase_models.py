"""Models of repeat purchases: speed and memory against lifetimes, growth, and whether intervals hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import numpy as np

from benchmarks.purchase_processes import PROCESSES, SPEND, Simulated, simulate, simulate_spend
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import REPOSITORY, Settings
from benchmarks.timing import seconds_of
from crm_core.value.models import (
    GammaGamma,
    PurchaseCells,
    PurchaseModel,
    fit_bg_nbd,
    fit_gamma_gamma,
    fit_mbg_nbd,
    fit_pareto_nbd,
    group_days,
    value_interval,
)
from crm_core.value.models.cells import Floats, Integers
from crm_core.value.rules import DAYS_PER_WEEK

TIMES_AS_FAST: Final = 40.0
PREDICTION_SECONDS: Final = 5.0
GROWTH: Final = 3.0
SHARE_WITHIN: Final = (0.93, 0.97)

_WEEKS: Final = 39.0
_SEEDS: Final = 200
_CUSTOMERS_OF_A_SEED: Final = 4_000
_FITS: Final = {"bg_nbd": fit_bg_nbd, "mbg_nbd": fit_mbg_nbd, "pareto_nbd": fit_pareto_nbd}
_TWO_SIDED: Final = 1.959964
_PEER: Final = REPOSITORY / ".venv-peers" / "bin" / "python"


class _Fitted(NamedTuple):
    seconds: float
    megabytes: float
    parameters: dict[str, float]


def run(settings: Settings) -> Report:
    """Everything on simulated customers won within twelve weeks and seen for 27 to 39, like those of CDNOW.

    `settings.rows` is the largest number of customers; a tenth of it and a hundredth are the others.
    """
    many = settings.rows // 10
    lines: list[Figure | Check] = []
    left_out = []
    for name, customers in (("bg_nbd", many), ("pareto_nbd", many // 10)):
        file = settings.directory / f"{name}.npz"
        frequency, recency, age = _customers(name, customers, seed=1).days()
        np.savez(file, frequency=frequency, recency_days=recency, age_days=age)
        if _PEER.exists():
            lines += _against_peer(name, customers, file, settings.pairs)
        else:
            left_out.append(f"{name} against lifetimes: there is no {_PEER.relative_to(REPOSITORY)}")
    lines += _predictions(many)
    lines += _growth(settings, many)
    seeds = max(min(_SEEDS, settings.rows // 50_000), 2)
    for name in _FITS:
        lines += _coverage(name, seeds)
    about = f"{settings.rows:,} customers at the most, {seeds} seeds of {_CUSTOMERS_OF_A_SEED:,}"
    return Report("purchase_models", about, tuple(lines), tuple(left_out))


def _against_peer(name: str, customers: int, file: Path, pairs: int) -> list[Figure | Check]:
    # The peer takes long and is run once; ours is over so soon that the machine's noise would be what counts.
    before = [_fitted(sys.executable, "ours", name, file) for _ in range(pairs)]
    peer = _fitted(str(_PEER), "peer", name, file)
    after = [_fitted(sys.executable, "ours", name, file) for _ in range(pairs)]
    seconds = median(fitted.seconds for fitted in before + after)
    ours = before[0]
    times = peer.seconds / seconds
    apart = max(abs(ours.parameters[key] / value - 1) for key, value in peer.parameters.items())
    of = f"{name}, {customers:,} customers"
    return [
        Figure(f"{of}: grouping and fit", seconds),
        Figure(f"{of}: lifetimes", peer.seconds),
        Check(f"{of}: {TIMES_AS_FAST:.0f} times as fast", times >= TIMES_AS_FAST, f"{times:.1f} times"),
        Figure(f"{of}: as many times as fast", times, "x"),
        Figure(f"{of}: peak memory", ours.megabytes, "MB", peer.megabytes),
        Check(f"{of}: parameters within 2 % of the peer's", apart < 0.02, f"{apart:.1%} apart"),
    ]


def _fitted(python: str, whose: str, name: str, file: Path) -> _Fitted:
    command = [python, "-m", "benchmarks.purchase_fits", whose, name, str(file)]
    told = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    return _Fitted(**json.loads(told.splitlines()[-1]))


def _predictions(customers: int) -> list[Figure | Check]:
    lines: list[Figure | Check] = []
    for name, fit in _FITS.items():
        made = _customers(name, customers, seed=2)
        mean_spend, _ = simulate_spend(SPEND, made, np.random.default_rng(2))
        cells, cell = group_days(*made.days())
        model, spend = fit(cells), GammaGamma(parameters=SPEND)

        seconds = seconds_of(lambda: _predicted(model, spend, cells, cell, mean_spend))  # noqa: B023 - at once
        of = f"{customers:,} customers in {cells.age.size:,} cells"
        lines.append(Figure(f"{name}: value with interval of {of}", seconds, limit=PREDICTION_SECONDS))
    made = _customers("bg_nbd", customers, seed=2)
    mean_spend, _ = simulate_spend(SPEND, made, np.random.default_rng(2))
    repeats = made.frequency > 0
    count = np.ones(int(repeats.sum()))
    spend_seconds = seconds_of(lambda: fit_gamma_gamma(made.frequency[repeats], mean_spend[repeats], count))
    lines.append(Figure(f"gamma_gamma: fit to {count.size:,} customers", spend_seconds))
    return lines


def _predicted(
    model: PurchaseModel, spend: GammaGamma, cells: PurchaseCells, cell: Integers, mean_spend: Floats
) -> tuple[Floats, Floats, Floats]:
    """Expected value of each customer and the bounds of its interval."""
    frequency = cells.frequency
    history = (frequency, cells.recency, cells.age)
    mean = model.expected_purchases(_WEEKS, *history)
    none = model.probability_of_none(_WEEKS, *history)
    variance = model.variance_of_purchases(_WEEKS, *history)
    expected = mean[cell] * spend.expected_spend(frequency[cell], mean_spend)
    rate = model.rate_shape(frequency)
    low, high = value_interval(none, mean, variance, rate, frequency, mean_spend, spend, cell=cell)
    return expected, low, high


def _growth(settings: Settings, many: int) -> list[Figure | Check]:
    lines: list[Figure | Check] = []
    for name in ("bg_nbd", "pareto_nbd"):
        parts = [_customers(name, many, seed=seed).days() for seed in range(10)]
        some, _ = group_days(*parts[0])
        frequency, recency, age = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        more, _ = group_days(frequency, recency, age)
        fit = _FITS[name]
        ratios = [
            seconds_of(lambda: fit(more)) / seconds_of(lambda: fit(some))  # noqa: B023 - called at once
            for _ in range(settings.pairs)
        ]
        sizes = f"{many:,} to {10 * many:,} customers ({some.age.size:,} to {more.age.size:,} cells)"
        lines.append(Figure(f"{name}: fit to grouped cells, {sizes}", median(ratios), "x", GROWTH))
    return lines


def _coverage(name: str, seeds: int) -> list[Figure | Check]:
    """How often parameters, totals and values of customers lie within their intervals."""
    fit, truth = _FITS[name], np.log(list(PROCESSES[name].values()))
    parameters, totals, values = [], [], []
    for seed in range(seeds):
        random = np.random.default_rng(1_000 + seed)
        made = _customers(name, _CUSTOMERS_OF_A_SEED, seed=1_000 + seed)
        mean_spend, value = simulate_spend(SPEND, made, random)
        history = (made.frequency, made.recency, made.age)
        cells = PurchaseCells(*history, np.ones(_CUSTOMERS_OF_A_SEED))
        model = fit(cells)
        found = np.log(list(model.parameters.values()))
        within = _TWO_SIDED * np.sqrt(np.diag(model.covariance))
        parameters.append(np.abs(found - truth) <= within)
        expected, error = model.total(_WEEKS, cells)
        totals.append(abs(made.future.sum() - expected) <= _TWO_SIDED * error)
        everyone = np.arange(_CUSTOMERS_OF_A_SEED)
        spend = GammaGamma(parameters=SPEND)
        _, low, high = _predicted(model, spend, cells, everyone, mean_spend)
        likely_to_buy = model.probability_of_none(_WEEKS, *history) < 0.5
        values.append(((low <= value) & (value <= high))[likely_to_buy])
    shares = {
        "parameters": float(np.mean(parameters)),
        "totals of all customers": float(np.mean(totals)),
        "values of customers likelier to buy than not": float(np.concatenate(values).mean()),
    }
    low_share, high_share = SHARE_WITHIN
    return [
        Check(
            f"{name}: {what} within their 95 % intervals: {share:.1%}",
            low_share <= share <= high_share,
            f"{share:.1%}",
        )
        for what, share in shares.items()
    ]


def _customers(name: str, customers: int, seed: int) -> Simulated:
    random = np.random.default_rng(seed)
    age = random.integers(27 * DAYS_PER_WEEK, 39 * DAYS_PER_WEEK + 1, customers) / DAYS_PER_WEEK
    return simulate(name, PROCESSES[name], age, _WEEKS, random)
