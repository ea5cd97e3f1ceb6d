"""The horizon that fits a rhythm, the days on which it is tried, and when scores may be relied on."""

from __future__ import annotations

import pytest

from crm_core.churn.rules import Judged, ProposedHorizon, TrialResult, backtest_days, judged, proposed_horizon

LONG = 10_000


@pytest.mark.parametrize(
    ("gaps", "days", "share"),
    [
        ([(10, 80), (100, 20)], 30, 0.8),
        ([(10, 79), (31, 21)], 60, 1.0),
        ([(10, 70), (60, 9), (90, 1), (180, 20)], 90, 0.8),
        ([(181, 90), (30, 10)], 365, 1.0),
        ([(400, 90), (30, 10)], 365, 0.1),
    ],
)
def test_the_shortest_within_which_four_in_five_came(
    gaps: list[tuple[int, int]], days: int, share: float
) -> None:
    assert proposed_horizon(gaps, LONG) == ProposedHorizon(days, 100, share, shortened=False)


def test_too_few_repeat_purchases_make_no_rhythm() -> None:
    assert proposed_horizon([(5, 99)], LONG) == ProposedHorizon(90, 99, None, shortened=False)
    assert proposed_horizon([], LONG) == ProposedHorizon(90, 0, None, shortened=False)


def test_a_short_history_shortens_it() -> None:
    assert proposed_horizon([(170, 100)], 539) == ProposedHorizon(90, 100, 0.0, shortened=True)
    assert proposed_horizon([(170, 100)], 540) == ProposedHorizon(180, 100, 1.0, shortened=False)
    assert proposed_horizon([(170, 100)], 20) == ProposedHorizon(30, 100, 0.0, shortened=True)


def test_it_is_tried_a_horizon_apart_after_two_horizons() -> None:
    assert backtest_days(0, 179 + 90, 90) == ()
    assert backtest_days(0, 180 + 90, 90) == (180,)
    assert backtest_days(0, 180 + 4 * 90, 90) == (450, 360, 270, 180)
    assert backtest_days(0, 180 + 9 * 90, 90) == (900, 810, 720, 630)


NAN = float("nan")


def tried(
    apart: float = 0.01, gain: float = 0.02, error: float = 0.001, rule: str = "recency"
) -> TrialResult:
    return TrialResult(1_000, apart, {"all_alike": (0.1, 0.001), rule: (gain, error)})


@pytest.mark.parametrize(
    ("trials", "drift", "verdict", "reasons"),
    [
        ([], 0.0, "do_not_use", ("not_tried",)),
        ([tried(), tried()], 0.0, "use", ()),
        ([tried()], 0.0, "use_with_care", ("one_trial",)),
        # A rule of thumb that did nearly as well, surely or not, in whichever trial it was.
        ([tried(gain=0.005), tried(gain=0.005)], 0.0, "use", ()),
        ([tried(gain=0.0049), tried(gain=0.0049)], 0.0, "do_not_use", ("no_better",)),
        ([tried(error=0.013), tried(error=0.013)], 0.0, "use", ()),
        ([tried(error=0.015), tried(error=0.015)], 0.0, "do_not_use", ("no_better",)),
        ([tried(), tried(rule="overdue", gain=-0.5)], 0.0, "do_not_use", ("no_better",)),
        ([tried(gain=NAN), tried()], 0.0, "do_not_use", ("no_better",)),
        # The mean over trials counts.
        ([tried(0.05), tried(0.05)], 0.0, "use", ()),
        ([tried(0.04), tried(0.07)], 0.0, "use_with_care", ("ill_calibrated",)),
        ([tried(0.15), tried(0.15)], 0.0, "use_with_care", ("ill_calibrated",)),
        ([tried(0.15), tried(0.16)], 0.0, "do_not_use", ("not_calibrated",)),
        ([tried(NAN), tried()], 0.0, "do_not_use", ("not_calibrated",)),
        ([tried(), tried()], 0.25, "use", ()),
        ([tried(), tried()], 0.26, "use_with_care", ("other_customers",)),
        ([tried(), tried()], NAN, "use_with_care", ("other_customers",)),
        ([tried(0.1)], 0.3, "use_with_care", ("ill_calibrated", "other_customers", "one_trial")),
    ],
)
def test_what_the_verdict_follows_from(
    trials: list[TrialResult], drift: float, verdict: str, reasons: tuple[str, ...]
) -> None:
    found = judged(trials, drift)
    assert (found.verdict, found.reasons) == (verdict, reasons)


@pytest.mark.parametrize(("gain", "verdict"), [(0.0005, "use"), (0.0004, "do_not_use")])
def test_where_few_leave_less_is_enough(gain: float, verdict: str) -> None:
    """Of customers of whom 0.8 % leave, the same chance for all loses 0.047."""
    trials = [
        TrialResult(10_000, 0.001, {"all_alike": (gain, 0.0001)}, churn_rate) for churn_rate in (0.009, 0.007)
    ]
    assert judged(trials, 0.0).verdict == verdict


def test_the_rule_that_did_best_is_named() -> None:
    trials = [tried(gain=0.001), tried(rule="overdue", gain=-0.2)]
    apart = tried().calibration_error
    assert judged(trials, 0.0) == Judged("do_not_use", ("no_better",), "overdue", apart)


def test_how_far_apart_is_told_by_as_many_as_were_scored() -> None:
    trials = [TrialResult(100, 0.04, {}), TrialResult(300, 0.08, {})]
    assert judged(trials, 0.0).apart == pytest.approx(0.07)
    assert judged([], 0.0).apart == 0
