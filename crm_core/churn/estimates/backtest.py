"""How well the same method would have foretold who leaves, on a base's own past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import InputError
from crm_core.churn import rules
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, first_day, question_of
from crm_core.churn.estimates.risks import margins, silence
from crm_core.churn.estimates.scores import scored_on
from crm_core.churn.estimates.trained import stored_of
from crm_core.churn.metrics import Churn, churn_labels
from crm_core.churn.models import deciles, gain, measures
from crm_core.churn.models.columns import Floats
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, Estimate, lasting

ALIKE: Final = "all_alike"
"""The rule of thumb that gives everybody the same chance: that of the chosen model, on average."""
COLUMNS: Final = (
    *("cut_off", "model", "customers", "churn_rate", "auc", "brier", "log_loss", "lift_at_10", "chosen"),
    *("rule", "lift_low", "lift_high", "pr_auc", "calibration_error", "mean_probability"),
    *("lost_more", "lost_more_error", "horizon_days"),
)


@dataclass(frozen=True)
class Trial:
    """Customers of a day as they were scored then, and what they did.

    Args:
        day: Number of the cut-off.
        rows: Those of `churn_trial`.
        churned: Who left.
        chances: By each model, and by rules of thumb.
        chosen: Name of the model that would have been used.
        rules: Names of the rules of thumb.
    """

    day: int
    rows: pd.DataFrame = field(repr=False)
    churned: Floats
    chances: Mapping[str, Floats]
    chosen: str
    rules: tuple[str, ...]


@Estimate
def churn_trial(
    ask: Ask,
    *,
    as_of: dt.date,
    horizon_days: int,
    churn: Churn = "purchases",
    no_purchase: Estimate | None = None,
) -> pd.DataFrame:
    """Customers as they were scored a horizon ago, and what they have done since.

    Args:
        ask: The base.
        as_of: The last day of the horizon.
        horizon_days: Its length.
        churn: As in `churn_scores`.
        no_purchase: As in `churn_scores`.

    Returns:
        Grain: a customer as in `churn_scores` a horizon before. No rows where too few had left or stayed by
        then to learn from.

        - `customer_id`: text
        - `churned`: 1 for who has left since, else 0
        - `days_since_last_order`: as in `customer_risks` a horizon before
        - with `churn` `contract` `margin`: likewise
        - by each model of `trained_churn` the chance of leaving
    """
    question, day = Question(horizon_days, churn, no_purchase), day_of(as_of) - horizon_days
    try:
        scored = scored_on(ask, day, question)
    except InputError as error:
        if error.key != "churn.too_few":
            raise
        return pd.DataFrame(columns=["customer_id", "churned", "days_since_last_order"])
    known, cut_off = scored.known, date_of(day)
    labels = ask(churn_labels, as_of=as_of, cut_off=cut_off, horizon_days=horizon_days, churn=churn)
    return pd.DataFrame(
        {
            "customer_id": known.ids,
            "churned": labels.set_index("customer_id")["churned"].reindex(known.ids).to_numpy("float64"),
            "days_since_last_order": silence(known),
            **({"margin": margins(ask, cut_off, known, churn)[0]} if churn == "contract" else {}),
            **{name: model.probability(known.of(model)) for name, model in scored.stored.models.items()},
        }
    )


def trial_on(ask: Ask, day: int, question: Question) -> Trial | None:
    """A day tried; None where too few had left or stayed by then to learn from, or nobody was a customer."""
    rows = ask(churn_trial, as_of=date_of(day + question.horizon_days), **question.options)
    if rows.empty:
        return None
    stored = stored_of(ask, day, question)
    chances = {name: rows[name].to_numpy("float64") for name in stored.models}
    chances[ALIKE] = np.full(len(rows), chances[stored.chosen].mean())
    churned = rows["churned"].to_numpy("float64")
    return Trial(day, rows, churned, chances, stored.chosen, (*stored.rules, ALIKE))


def trials_of(ask: Ask, as_of: dt.date, question: Question) -> Iterator[Trial]:
    """The days on which it can be tried, the latest first."""
    first = first_day(ask, as_of, question.churn)
    for day in rules.backtest_days(first, day_of(as_of), question.horizon_days):
        trial = trial_on(ask, day, question)
        if trial is not None:
            yield trial


@lasting
def churn_backtest(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """How well it would have been foretold before who leaves: models and rules of thumb at several cut-offs.

    At each cut-off everything is learnt anew of what was known by then, and held against what came.

    Returns:
        Grain: a cut-off x a model or a rule of thumb; cut-offs lie a horizon apart. No rows where the history
        is too short to try any, or too few had left or stayed by then.

        - `cut_off`: the last day that was known
        - `model`: as in `trained_churn`, or `all_alike`, the same chance for everybody
        - `customers`: who were scored
        - `churn_rate`: share of them who left
        - `auc`: chance that who left was scored above who stayed, ties counting half; null if all did the
            same
        - `brier`: mean squared difference of probability and outcome
        - `log_loss`: mean of minus the logarithm of the probability of what happened
        - `lift_at_10`: share who left of the tenth with the highest scores, over `churn_rate`; null if nobody
            left
        - `chosen`: whether it would have been used then
        - `rule`: whether it is a rule of thumb
        - `lift_low`, `lift_high`: the 95 % interval of `lift_at_10`
        - `pr_auc`: average precision; null if nobody left
        - `calibration_error`: mean over tenths of how far mean probability and share who left are apart
        - `mean_probability`: mean of the probabilities
        - `lost_more`: by how much more log-loss it had than the chosen one; below 0 it was better
        - `lost_more_error`: standard error of that
        - `horizon_days`: over which it is asked

    Raises:
        InputError: There is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    rows = [_row(trial, name) for trial in trials_of(ask, as_of, question) for name in trial.chances]
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.assign(horizon_days=question.horizon_days)


def _row(trial: Trial, name: str) -> dict[str, object]:
    chance = trial.chances[name]
    found = measures(trial.churned, chance)
    first = deciles(trial.churned, chance)[0]
    ahead = gain(trial.churned, trial.chances[trial.chosen], chance)
    return {
        "cut_off": date_of(trial.day),
        "model": name,
        "customers": found.customers,
        "churn_rate": found.churn_rate,
        "auc": found.auc,
        "brier": found.brier,
        "log_loss": found.log_loss,
        "lift_at_10": found.lift_at_10,
        "chosen": name == trial.chosen,
        "rule": name in trial.rules,
        "lift_low": first.lift_low,
        "lift_high": first.lift_high,
        "pr_auc": found.pr_auc,
        "calibration_error": found.calibration_error,
        "mean_probability": found.mean_probability,
        "lost_more": ahead.log_loss,
        "lost_more_error": ahead.standard_error,
    }


@lasting
def churn_calibration(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """What was expected of each tenth of customers and what came, at the latest cut-off of `churn_backtest`.

    Returns:
        Grain: a tenth of the customers by score. No rows where nothing could be tried.

        - `cut_off`: the last day that was known
        - `decile`: 1 (the highest scores) to 10
        - `customers`: in it
        - `mean_probability`: what was expected
        - `churn_rate`: share who left
        - `low`, `high`: the 95 % interval of that share
        - `lift`: `churn_rate` over that of all customers; null if nobody left
        - `lift_low`, `lift_high`: the 95 % interval of that

    Raises:
        InputError: There is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    trial = next(trials_of(ask, as_of, question), None)
    columns = ["cut_off", "decile", "customers", "mean_probability", "churn_rate", "low", "high"]
    columns += ["lift", "lift_low", "lift_high"]
    if trial is None:
        return pd.DataFrame(columns=columns)
    found = pd.DataFrame(deciles(trial.churned, trial.chances[trial.chosen]))
    found.insert(0, "cut_off", pd.Series([date_of(trial.day)] * len(found), dtype="object"))
    return found[columns]
