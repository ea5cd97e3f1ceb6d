"""Whether scores may be relied on, by how they did on the base's own past, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from crm_core.base import Sentence
from crm_core.churn import rules
from crm_core.churn.answers.leaving import Asked
from crm_core.churn.estimates import churn_backtest, churn_drift
from crm_core.churn.estimates.backtest import ALIKE
from crm_core.churn.estimates.drift import SCORE
from crm_core.churn.rules import Judged, Verdict
from crm_core.tables import Ask


@dataclass(frozen=True)
class Reliance:
    """Whether scores may be relied on, as every page that shows any has to say.

    Args:
        verdict: What to do with them.
        against: What speaks against them, the weightiest first; nothing where the verdict is to use them.
        apart: How far chances were from what came, on average over the days on which they were tried.
    """

    verdict: Verdict
    against: tuple[Sentence, ...]
    apart: float = 0.0

    @property
    def usable(self) -> bool:
        """Whether scores may be shown at all."""
        return self.verdict != "do_not_use"

    @property
    def told(self) -> Sentence:
        """The verdict with its reasons."""
        if not self.against:
            return Sentence("churn.verdict.use")
        return Sentence(f"churn.verdict.{self.verdict}", {"reason": _together(self.against)})

    @property
    def care(self) -> Sentence | None:
        """The word of care that stands beside a score; None where none is needed."""
        return self.told if self.against else None


def reliance(ask: Ask, *, as_of: dt.date, asked: Asked) -> Reliance:
    """Whether scores may be relied on: what every page that shows any asks first.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.

    Raises:
        InputError: The history is too short, or too few have left or stayed.
    """
    each, drift = (ask(one, as_of=as_of, **asked.options) for one in (churn_backtest, churn_drift))
    return reliance_of(each, drift, asked.horizon_days)


def reliance_of(each: pd.DataFrame, drift: pd.DataFrame, days: int) -> Reliance:
    """Whether scores may be relied on.

    Args:
        each: Rows of `churn_backtest`.
        drift: Rows of `churn_drift`.
        days: Length of the time looked ahead.
    """
    score_drift = float(drift.set_index("feature")["stability_index"][SCORE])
    trials = [_trial(rows) for _, rows in each.groupby("cut_off", sort=True)]
    return relied_on(trials, score_drift, days)


def relied_on(trials: Sequence[rules.TrialResult], score_drift: float = 0.0, days: int = 0) -> Reliance:
    """Whether scores may be relied on by how they did, in words.

    Args:
        trials: What was tried.
        score_drift: Stability index of the scores since it was learnt.
        days: Length of the time looked ahead, where it is one.
    """
    judged = rules.judged(trials, score_drift)
    values = _values(score_drift, judged, days)
    told = tuple(Sentence(f"churn.against.{_code(code, judged)}", values) for code in judged.reasons)
    return Reliance(judged.verdict, told, judged.apart)


def model_named(model: str) -> Sentence:
    """What a model or a rule of thumb is called."""
    return Sentence(f"churn.model.{model}")


def _trial(rows: pd.DataFrame) -> rules.TrialResult:
    chosen, naive = rows[rows["chosen"]].iloc[0], rows[rows["rule"]]
    gains = zip(naive["model"], naive["lost_more"], naive["lost_more_error"], strict=True)
    return rules.TrialResult(
        int(chosen["customers"]),
        float(chosen["calibration_error"]),
        {str(rule): (float(gained), float(error)) for rule, gained, error in gains},
        float(chosen["churn_rate"]),
    )


def _values(score_drift: float, judged: Judged, days: int) -> Mapping[str, object]:
    """What the sentences on what speaks against scores may name."""
    return {
        "days": days,
        "least": (rules.HORIZONS_BEFORE_A_TRIAL + 1) * days,
        "apart": round(100 * judged.apart, 1),
        "care": round(100 * rules.CARE_CALIBRATION_BELOW),
        "use": round(100 * rules.USE_CALIBRATION_BELOW),
        "index": round(score_drift, 2),
        "limit": rules.USE_DRIFT_BELOW,
        "rule": model_named(judged.better_rule or ALIKE),
    }


def _code(reason: str, judged: Judged) -> str:
    """The end of a message's key: that one chance for all does as well has its own words."""
    return "alike" if reason == "no_better" and judged.better_rule == ALIKE else reason


def _together(sentences: Sequence[Sentence]) -> Sentence:
    first, *others = sentences
    for other in others:
        first = Sentence("churn.against.and", {"first": first, "then": other})
    return first
