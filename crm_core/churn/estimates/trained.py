"""The models as they learn from a base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import InputError
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, first_day, question_of
from crm_core.churn.estimates.snapshots import (
    MOST_CUSTOMERS,
    NO_PURCHASE,
    alike,
    known_on,
    labels_on,
    snapshot_on,
)
from crm_core.churn.models import (
    AdditiveModel,
    Snapshot,
    TermRow,
    Trained,
    train,
    training_days,
    year_before_days,
)
from crm_core.churn.models.training import LEAST_OF_EACH, enough
from crm_core.churn.rules import HORIZONS_OF_HISTORY
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, lasting

RULES: Final[Mapping[str, str]] = {"recency": "days_since_last_order", "overdue": "overdue_ratio"}
"""Rules of thumb, and the features that they go by."""
_TERM: Final = ("term", "feature", "part", "at", "level", "value")


@lasting
def trained_churn(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """Models of who leaves, as they learn from a base's own past: each the sum of a table for each feature.

    They are fitted to customers as they stood on several days whose horizon is over, tried on the latest of
    these, brought to the level of what happened and of the season, and of those that did as well as the best
    the simplest is chosen.

    Returns:
        Grain: a number of a model.

        - `model`: `logistic`, `boosted`, their mean `logistic_and_boosted`, `purchase_model`, or a rule of
            thumb: `recency`, `overdue`
        - `chosen`: whether it is the one that is used: of those that are no rules of thumb the simplest whose
            `log_loss` is no more than .0003 and a standard error beyond the least
        - `rule`: whether it is a rule of thumb
        - `log_loss`: of the customers on whom it was tried, who were not learnt from
        - `horizon_days`: over which it is asked
        - `trained_on`: dates of the snapshots learnt from, separated by blanks, the latest first
        - `tried_on`: date of the snapshot on which it was tried
        - `out_of_time`: whether what was learnt for that lay wholly before it
        - `level_of`: dates of the snapshots from which the level comes
        - `customers`: how many were learnt from, in all snapshots
        - `term`: number of the table; -1 for what everybody has
        - `feature`: a column of `churn_features`, or `no_purchase_log_odds`; empty for what everybody has
        - `part`: `constant`; `line`, with straight lines from point to point on the logarithmic scale;
            `step`; `level`; `missing`; `other`
        - `at`: the point, or from where on a step holds; null where there is none
        - `level`: the name
        - `value`: what is added to the log-odds

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = Question(horizon_days, churn, no_purchase)
    settled = question_of(ask, as_of, question)
    if settled != question:
        # So that nothing is learnt twice because it was asked for in other words.
        return ask(trained_churn, as_of=as_of, **settled.options)
    return _rows(_trained(ask, day_of(as_of), settled), settled)


def _trained(ask: Ask, cut_off: int, question: Question) -> Trained:
    first, horizon = first_day(ask, date_of(cut_off), question.churn), question.horizon_days
    days = training_days(first, cut_off, horizon)
    if not days:
        known = max(cut_off - first, 0)
        # Of less it could be learnt, and could not be tried: nothing of it would be used.
        least = HORIZONS_OF_HISTORY * horizon
        raise InputError("churn.too_short", days=known, horizon=horizon, least=least)
    found = [snapshot_on(ask, day, question) for day in days]
    snapshots = [one for one in found if one is not None]
    if not enough(snapshots):
        left, stayed = _customers(ask, days, question)
        raise InputError("churn.too_few", left=left, stayed=stayed, least=LEAST_OF_EACH)
    # The second lies a year before the latest snapshot, and says nothing without that or the first.
    year_before: list[Snapshot] = []
    for day in year_before_days(first, cut_off, horizon)[: 1 if found[0] is None else 2]:
        season = snapshot_on(ask, day, question)
        if season is None:
            break
        year_before.append(season)
    learnt = alike([*snapshots, *year_before])
    features = learnt[0].columns
    return train(
        learnt[: len(snapshots)],
        year_before=learnt[len(snapshots) :],
        cut_off=cut_off,
        horizon_days=horizon,
        rules={rule: feature for rule, feature in RULES.items() if feature in features},
        no_purchase=NO_PURCHASE if NO_PURCHASE in features else None,
    )


def _customers(ask: Ask, days: Sequence[int], question: Question) -> tuple[int, int]:
    """How many customers left after any of some days, and how many stayed, each counted once."""
    ids = {day: known_on(ask, day, question, MOST_CUSTOMERS).ids for day in days}
    churned = pd.concat([labels_on(ask, day, question, of_day) for day, of_day in ids.items()])
    return int(churned.index[churned == 1].nunique()), int(churned.index[churned == 0].nunique())


def _rows(trained: Trained, question: Question) -> pd.DataFrame:
    parts = []
    for name, model in trained.models.items():
        rows = pd.DataFrame([[getattr(row, part) for part in _TERM] for row in model.rows()], columns=_TERM)
        told = {
            "model": name,
            "chosen": name == trained.chosen,
            "rule": name in trained.rules,
            "log_loss": trained.losses[name],
            "horizon_days": question.horizon_days,
            "trained_on": _dates(trained.trained_on),
            "tried_on": _dates((trained.tried_on,)),
            "out_of_time": trained.out_of_time,
            "level_of": _dates(trained.level_of),
            "customers": trained.rows,
        }
        parts.append(pd.DataFrame([told] * len(rows)).join(rows))
    return pd.concat(parts, ignore_index=True)


def _dates(days: tuple[int, ...]) -> str:
    return " ".join(date_of(day).isoformat() for day in days)


@dataclass(frozen=True)
class Stored:
    """The models that rows of `trained_churn` tell of.

    Args:
        models: By name.
        chosen: Name of the one that is used.
        rules: Names of the rules of thumb.
        trained_on: Numbers of the days of the snapshots learnt from, the latest first.
        tried_on: Of the day on which they were tried.
    """

    models: Mapping[str, AdditiveModel]
    chosen: str
    rules: tuple[str, ...]
    trained_on: tuple[int, ...]
    tried_on: int

    @property
    def model(self) -> AdditiveModel:
        """The chosen one."""
        return self.models[self.chosen]

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Stored:
        """The models of all rows."""
        each = rows.groupby("model", sort=False)
        first = each.first()
        return cls(
            models={str(name): _model(part) for name, part in each},
            chosen=str(first.index[first["chosen"]][0]),
            rules=tuple(first.index[first["rule"]]),
            trained_on=_days(first["trained_on"].iloc[0]),
            tried_on=_days(first["tried_on"].iloc[0])[0],
        )


def _model(rows: pd.DataFrame) -> AdditiveModel:
    at = rows["at"].to_numpy("float64", na_value=float("nan"))
    columns = [rows[name].tolist() if name != "at" else at.tolist() for name in _TERM]
    return AdditiveModel.from_rows(TermRow(*row) for row in zip(*columns, strict=True))


def _days(dates: str) -> tuple[int, ...]:
    return tuple(day_of(dt.date.fromisoformat(date)) for date in dates.split())


def stored_of(ask: Ask, day: int, question: Question) -> Stored:
    """The models as they learnt from what was known on a day.

    Raises:
        InputError: As `trained_churn`.
    """
    return Stored.of(ask(trained_churn, as_of=date_of(day), **question.options))
