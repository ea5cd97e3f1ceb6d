"""On which days scores are tried, and whether they may be relied on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Final, Literal

Verdict = Literal["use", "use_with_care", "do_not_use"]
MOST_CUT_OFFS: Final = 4
"""On so many days it is tried, a horizon apart."""
HORIZONS_BEFORE_A_TRIAL: Final = 2
"""Of history before such a day: one to learn from and one whose end is learnt."""
BEYOND_CHANCE: Final = 2.0
"""Standard errors by which a model must have lost less than a rule of thumb, all trials together."""
LEAST_GAIN: Final = 0.005
"""Log-loss that a model must have gained at the least: of less nobody would notice anything."""
LEAST_SHARE: Final = 0.01
"""Share of the log-loss of one chance for all that is enough: where few leave, all losses are small."""
USE_CALIBRATION_BELOW: Final = 0.05
"""Mean distance of what was expected from what came, over all trials, up to which to use."""
CARE_CALIBRATION_BELOW: Final = 0.15
"""And up to which to use with care."""
USE_DRIFT_BELOW: Final = 0.25
"""Stability index of the scores up to which customers are those of whom it was learnt."""
ENOUGH_TRIALS: Final = 2
"""Of fewer, use with care: one may be chance."""


def backtest_days(first_day: int, last_day: int, horizon_days: int) -> tuple[int, ...]:
    """Cut-offs on which it is tried who leaves, the latest first; none where the history is too short.

    Args:
        first_day: Number of the first day of which something is known.
        last_day: Of the last one.
        horizon_days: Length of the time looked ahead.
    """
    days = (last_day - number * horizon_days for number in range(1, MOST_CUT_OFFS + 1))
    return tuple(day for day in days if day - first_day >= HORIZONS_BEFORE_A_TRIAL * horizon_days)


@dataclass(frozen=True)
class TrialResult:
    """What a trial says of the model that would have been used.

    Args:
        customers: Who were scored.
        calibration_error: How far what was expected and what came were apart.
        gains: By how much less log-loss it had than each rule of thumb, with the standard error; the same
            chance for everybody is one of these rules.
        churn_rate: Share of the customers who left.
    """

    customers: int
    calibration_error: float
    gains: Mapping[str, tuple[float, float]]
    churn_rate: float = 0.5


@dataclass(frozen=True)
class Judged:
    """Whether scores may be relied on, and why not without more.

    Args:
        verdict: What to do with them.
        reasons: Codes of what speaks against them, the weightiest first: `not_tried`, `no_better` (than a
            rule of thumb), `not_calibrated`, `ill_calibrated`, `other_customers`, `one_trial`.
        better_rule: The rule of thumb that did as well, or the nearest to it; None where none did.
        apart: How far what was expected and what came were apart, each trial as often as it has customers; 0
            without trials.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    better_rule: str | None = None
    apart: float = 0.0


def judged(trials: Sequence[TrialResult], score_drift: float) -> Judged:
    """Whether scores may be relied on.

    Args:
        trials: On the base's own past.
        score_drift: Stability index of the scores since it was learnt.
    """
    if not trials:
        return Judged("do_not_use", ("not_tried",))
    customers = sum(one.customers for one in trials)
    apart = sum(one.calibration_error * one.customers for one in trials) / customers
    gains = {rule: _together(trials, rule) for rule in sorted({rule for one in trials for rule in one.gains})}
    least = min(LEAST_GAIN, LEAST_SHARE * _loss_of_all(trials))
    beaten = {rule: mean >= least and mean > BEYOND_CHANCE * error for rule, (mean, error) in gains.items()}
    if not all(beaten.values()):
        return Judged("do_not_use", ("no_better",), min(gains, key=lambda rule: gains[rule][0]), apart)
    # Written so that what is not known counts as too much.
    if not apart <= CARE_CALIBRATION_BELOW:
        return Judged("do_not_use", ("not_calibrated",), apart=apart)
    against = {
        "ill_calibrated": not apart <= USE_CALIBRATION_BELOW,
        "other_customers": not score_drift <= USE_DRIFT_BELOW,
        "one_trial": len(trials) < ENOUGH_TRIALS,
    }
    reasons = tuple(reason for reason, true in against.items() if true)
    return Judged("use_with_care" if reasons else "use", reasons, apart=apart)


def _loss_of_all(trials: Sequence[TrialResult]) -> float:
    """Log-loss of one chance for everybody who was scored, were it the right one."""
    customers = sum(one.customers for one in trials)
    rate = sum(one.customers * one.churn_rate for one in trials) / customers
    return -sum(share * log(share) for share in (rate, 1 - rate) if share > 0)


def _together(trials: Sequence[TrialResult], rule: str) -> tuple[float, float]:
    """Mean gain on a rule over the trials that have it, each as often as it has customers; standard error."""
    those = [(one.customers, *one.gains[rule]) for one in trials if rule in one.gains]
    customers = sum(count for count, _, _ in those)
    mean = sum(count * gained for count, gained, _ in those) / customers
    error = sum((count * error) ** 2 for count, _, error in those) ** 0.5 / customers
    return mean, error
