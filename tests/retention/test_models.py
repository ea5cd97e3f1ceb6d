"""Survival curves, their comparison and hazards: published numbers, plain loops, SciPy and lifelines."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from crm_core.retention.models import (
    IntervalEstimate,
    Spells,
    hazards,
    holm,
    kaplan_meier,
    log_rank,
    log_rank_pairs,
)
from tests.retention import slow_survival as slow

# Weeks of remission of patients with leukaemia, under 6-mercaptopurine and under placebo.
TREATED: list[slow.Spell] = [
    *[(t, 1) for t in (6, 6, 6, 7, 10, 13, 16, 22, 23)],
    *[(t, 0) for t in (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)],
]
PLACEBO: list[slow.Spell] = [
    (t, 1) for t in (1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23)
]

SPELL = st.tuples(st.integers(0, 12).map(float), st.integers(0, 1))
SAMPLES = st.lists(SPELL, min_size=1, max_size=40)
EDGES = (0.0, 2.0, 3.0, 7.0, 20.0)


def spells(sample: Sequence[slow.Spell]) -> Spells:
    return Spells.grouped([time for time, _ in sample], [happened for _, happened in sample])


def _told(estimate: IntervalEstimate) -> tuple[float, float, float]:
    return estimate.value, estimate.low, estimate.high


def test_the_curve_of_freireich_is_the_published_one() -> None:
    """D. R. Cox, D. Oakes (1984), Analysis of Survival Data, table 4.1; E. A. Gehan (1965)."""
    curve = kaplan_meier(spells(TREATED))
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448], abs=5e-4)
    assert np.sqrt(curve.variance) == pytest.approx(
        [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346], abs=5e-5
    )
    assert curve.spells.at_risk(curve.times).tolist() == [21, 17, 15, 12, 11, 7, 6]
    # R, survival 3: survfit(..., conf.type = "log-log").
    assert _told(curve.median) == (23, 13, math.inf)
    assert _told(kaplan_meier(spells(PLACEBO)).median) == (8, 4, 11)
    comparison = log_rank([spells(TREATED), spells(PLACEBO)])
    assert comparison.statistic == pytest.approx(16.793, abs=5e-4)


@given(SAMPLES)
def test_a_curve_is_the_plain_loop_and_scipys(sample: list[slow.Spell]) -> None:
    curve = kaplan_meier(spells(sample))
    wanted = slow.curve(sample)
    assert curve.times.tolist() == [time for time, _, _ in wanted]
    assert curve.survival == pytest.approx([survival for _, survival, _ in wanted])
    assert curve.variance == pytest.approx([s**2 * v if s > 0 else 0.0 for _, s, v in wanted])
    if wanted:
        times, happened = np.array(sample).T
        peer = stats.ecdf(stats.CensoredData.right_censored(times, happened == 0)).sf
        assert [peer.evaluate(time) for time in curve.times] == pytest.approx(curve.survival.tolist())
        with np.errstate(all="ignore"), warnings.catch_warnings():
            # Where the curve is at 0 neither knows a band.
            warnings.simplefilter("ignore", RuntimeWarning)
            band: Any = peer.confidence_interval(method="log-log")
        known = curve.survival > 1e-12
        for ours, theirs in ((curve.low, band.low), (curve.high, band.high)):
            assert theirs.evaluate(curve.times)[known] == pytest.approx(ours[known])
    else:
        assert curve.at(0).value == 1
        assert curve.median.value == math.inf


@given(SAMPLES, st.integers(1, 5))
def test_grouped_and_expanded_are_the_same(sample: list[slow.Spell], times: int) -> None:
    many = spells(sample * times)
    durations, observed = np.array(sample).T
    grouped = Spells.grouped(durations, observed, [times] * len(sample))
    assert grouped.times.tolist() == many.times.tolist()
    assert grouped.events.tolist() == many.events.tolist()
    assert grouped.censored.tolist() == many.censored.tolist()
    first, second = kaplan_meier(grouped), kaplan_meier(many)
    assert first.survival.tolist() == second.survival.tolist()
    assert first.low == pytest.approx(second.low, nan_ok=True)


@given(SAMPLES, st.sampled_from((0.25, 7.0, 30.0)))
def test_another_unit_of_time_changes_durations_only(sample: list[slow.Spell], unit: float) -> None:
    curve, other = kaplan_meier(spells(sample)), kaplan_meier(spells([(t * unit, x) for t, x in sample]))
    assert other.times.tolist() == (curve.times * unit).tolist()
    assert other.survival.tolist() == curve.survival.tolist()
    assert other.median.value == curve.median.value * unit
    horizon = max(time for time, _ in sample)
    mean, others = curve.restricted_mean(horizon), other.restricted_mean(horizon * unit)
    assert (others.value, others.low, others.standard_error) == pytest.approx(
        (mean.value * unit, mean.low * unit, mean.standard_error * unit)
    )
    rates, other_rates = hazards(spells(sample), EDGES), hazards(other.spells, [unit * e for e in EDGES])
    assert other_rates.rate * unit == pytest.approx(rates.rate, nan_ok=True)


@given(SAMPLES, st.floats(0, 14))
def test_the_restricted_mean_is_the_area_below_the_curve(sample: list[slow.Spell], horizon: float) -> None:
    curve = kaplan_meier(spells(sample))
    if math.isnan(curve.at(horizon).value):
        with pytest.raises(ValueError):
            curve.restricted_mean(horizon)
        return
    mean = curve.restricted_mean(horizon)
    assert (mean.value, mean.standard_error) == pytest.approx(slow.restricted_mean(sample, horizon))
    assert 0 <= mean.low <= mean.value <= mean.high <= horizon or mean.value == pytest.approx(horizon)


@given(st.lists(st.integers(0, 30).map(float), min_size=1, max_size=40))
def test_when_all_ended_the_curve_counts_who_is_left(times: list[float]) -> None:
    curve = kaplan_meier(spells([(time, 1) for time in times]))
    left = [sum(other > time for other in times) / len(times) for time in curve.times]
    assert curve.survival == pytest.approx(left)
    # The median of the curve is the lower one of the sample's.
    assert curve.median.value == sorted(times)[(len(times) + 1) // 2 - 1]
    assert curve.restricted_mean(max(times)).value == pytest.approx(np.mean(times))


@given(st.lists(st.integers(0, 30).map(float), min_size=1, max_size=40))
def test_when_nothing_ended_nothing_is_lost(times: list[float]) -> None:
    curve = kaplan_meier(spells([(time, 0) for time in times]))
    assert curve.at(max(times)).value == 1
    assert math.isnan(curve.at(max(times) + 1).value)
    assert curve.median.value == curve.median.low == curve.median.high == math.inf
    assert curve.restricted_mean(max(times)).value == max(times)
    assert curve.restricted_mean(max(times)).standard_error == 0


def test_who_is_censored_at_an_event_was_at_risk_then() -> None:
    curve = kaplan_meier(spells([(5, 1), (5, 0), (5, 0), (9, 0)]))
    assert curve.at(5).value == 0.75
    assert curve.at(4.9).value == 1


@pytest.mark.parametrize("sample", [[(5.0, 1)] * 30, [(1.0, 1), *[(5.0, 1)] * 30]])
def test_the_interval_of_a_median_begins_no_later_than_it(sample: list[slow.Spell]) -> None:
    """All at one time: the band is not known there."""
    assert _told(kaplan_meier(spells(sample)).median) == (5, 5, math.inf)


def test_a_median_at_exactly_a_half_is_found() -> None:
    # 2/3 times 3/4 is a half, and a little more in doubles.
    sample = [(1, 1), (1, 1), (2, 1), (3, 0), (3, 0), (3, 0)]
    assert kaplan_meier(spells(sample)).median.value == 2


@given(st.lists(SAMPLES, min_size=2, max_size=2))
def test_two_groups_compared_as_the_plain_loop_and_scipy(samples: list[list[slow.Spell]]) -> None:
    wanted = slow.log_rank_of_two(*samples)
    found = log_rank([spells(one) for one in samples])
    assert found.statistic == pytest.approx(wanted, nan_ok=True, abs=1e-9)
    if math.isnan(wanted) or any(not any(x for _, x in one) for one in samples):
        return
    first, second = (stats.CensoredData.right_censored(*_scipy(one)) for one in samples)
    peer = stats.logrank(first, second)
    assert found.p_value == pytest.approx(peer.pvalue)


def _scipy(sample: list[slow.Spell]) -> tuple[list[float], list[bool]]:
    return [time for time, _ in sample], [not happened for _, happened in sample]


@given(st.lists(SAMPLES, min_size=2, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_groups_does_not_matter(samples: list[list[slow.Spell]], random: Any) -> None:
    found = log_rank([spells(one) for one in samples])
    random.shuffle(samples)
    again = log_rank([spells(one) for one in samples])
    assert again.statistic == pytest.approx(found.statistic, nan_ok=True, abs=1e-7)
    assert again.p_value == pytest.approx(found.p_value, nan_ok=True, abs=1e-7)


@given(st.lists(st.floats(0, 1) | st.just(math.nan), max_size=8))
def test_holm_is_his_procedure(p_values: list[float]) -> None:
    found = holm(p_values)
    made = sorted((p, n) for n, p in enumerate(p_values) if not math.isnan(p))
    worst = 0.0
    for rank, (p, number) in enumerate(made):
        worst = max(worst, p * (len(made) - rank))
        assert found[number] == pytest.approx(min(worst, 1.0))
    assert np.isnan(found).sum() == len(p_values) - len(made)


@given(SAMPLES)
def test_hazards_are_events_over_time_lived(sample: list[slow.Spell]) -> None:
    found = hazards(spells(sample), EDGES)
    for at, (begin, end) in enumerate(pairwise(EDGES)):
        reached, events, exposure = slow.lived(sample, begin, end)
        assert (found.at_risk[at], found.events[at]) == (reached, events)
        if exposure:
            assert found.rate[at] == pytest.approx(events / exposure)
            assert found.low[at] == pytest.approx(
                stats.chi2.ppf(0.025, 2 * events) / 2 / exposure if events else 0
            )
            assert found.high[at] == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2 / exposure)
        else:
            assert math.isnan(found.rate[at])


def test_an_exact_poisson_interval_is_the_tabulated_one() -> None:
    """Of 10 events 4.795 to 18.390, of none 0 to 3.689 (E. S. Pearson, H. O. Hartley, Biometrika Tables)."""
    found = hazards(Spells.grouped([1, 1], [1, 0], [10, 90]), (0, 1, 2))
    assert (found.low[0] * 100, found.high[0] * 100) == pytest.approx((4.795, 18.390), abs=5e-4)
    none = hazards(Spells.grouped([1], [0], [100]), (0, 1))
    assert (none.low[0], none.high[0] * 100) == pytest.approx((0, 3.689), abs=5e-4)


@pytest.mark.parametrize(
    ("durations", "observed", "counts"),
    [([-1], [1], None), ([1], [2], None), ([1], [1], [-1]), ([math.nan], [1], None), ([1, 2], [1], None)],
)
def test_what_is_no_spell_is_refused(durations: list[float], observed: list[int], counts: Any) -> None:
    with pytest.raises(ValueError):
        Spells.grouped(durations, observed, counts)


def test_edges_ascend_from_zero() -> None:
    for edges in ((0,), (1, 2), (0, 2, 2)):
        with pytest.raises(ValueError):
            hazards(spells(TREATED), edges)
    with pytest.raises(ValueError):
        log_rank([spells(TREATED)])


def test_nobody_is_an_empty_curve() -> None:
    curve = kaplan_meier(Spells.grouped([], []))
    assert curve.median.value == math.inf
    assert curve.at(0).value == 1
    assert curve.spells.count == 0


def _sample(seed: int, size: int, groups: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    group = random.integers(0, groups, size)
    lasting = np.ceil(random.exponential(40 + 15 * group))
    seen = np.ceil(random.uniform(1, 120, size))
    durations = np.minimum(lasting, seen)
    return {
        "durations": durations.tolist(),
        "observed": (lasting <= seen).astype(int).tolist(),
        "groups": group.tolist(),
        "horizon": float(np.quantile(durations, 0.9)),
    }


def test_lifelines_says_the_same(
    lifelines: Callable[[list[dict[str, Any]]], list[dict[str, Any]]],
) -> None:
    samples = [_sample(seed, size, groups) for seed, size, groups in ((1, 60, 2), (2, 400, 4), (3, 3_000, 5))]
    for sample, peer in zip(samples, lifelines(samples), strict=True):
        durations, observed = np.array(sample["durations"]), np.array(sample["observed"])
        groups = np.array(sample["groups"])
        curve = kaplan_meier(Spells.grouped(durations, observed))
        places = np.searchsorted(peer["times"], curve.times)
        known = curve.survival > 1e-12
        assert np.array(peer["survival"])[places] == pytest.approx(curve.survival)
        assert np.array(peer["low"])[places][known] == pytest.approx(curve.low[known])
        assert np.array(peer["high"])[places][known] == pytest.approx(curve.high[known])
        assert curve.spells.at_risk(peer["times"]).tolist() == peer["at_risk"]
        assert curve.median.value == peer["median"]
        assert [curve.median.low, curve.median.high] == peer["median_interval"]
        assert curve.restricted_mean(sample["horizon"]).value == pytest.approx(peer["restricted_mean"])
        parts = [
            Spells.grouped(durations[groups == one], observed[groups == one]) for one in np.unique(groups)
        ]
        comparison = log_rank(parts)
        assert comparison.statistic == pytest.approx(peer["statistic"])
        assert comparison.p_value == pytest.approx(peer["p_value"])
        names = [tuple(map(int, pair.split("-"))) for pair in peer["pairs"]]
        corrected = dict(zip(names, holm(list(peer["pairs"].values())), strict=True))
        assert log_rank_pairs(parts) == pytest.approx(corrected)


def test_millions_of_spells_are_counted_and_not_laid_out() -> None:
    days = np.arange(2_000)
    curve = kaplan_meier(Spells.grouped(np.tile(days, 2), np.repeat([1, 0], 2_000), np.full(4_000, 1_000)))
    assert curve.spells.count == 4_000_000
    assert curve.spells.at_risk([0, 1_000, 2_000]).tolist() == [4e6, 2e6, 0]
