"""Whether customers are still those of whom it was learnt who leaves."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.scores import scored_on
from crm_core.churn.estimates.snapshots import known_on
from crm_core.churn.models import stability_index
from crm_core.churn.models.columns import Categories, Column
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, lasting

SCORE: Final = "churn_probability"
"""Stands in place of a feature for the scores themselves."""


@lasting
def churn_drift(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """How far customers differ from those of whom it was learnt last, feature by feature and in their scores.

    Returns:
        Grain: a feature of the chosen model, the most changed first, and `churn_probability` for the scores.

        - `feature`: a column of `churn_features`, `no_purchase_log_odds`, or `churn_probability`
        - `stability_index`: population stability index; 0 is unchanged, above 0.25 another population
        - `median_before`, `median`: of those learnt from last and of those who are scored; null for names
        - `missing_before`, `missing`: share of customers for whom it is missing, likewise
        - `trained_on`: date of the latest snapshot learnt from

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
        NotProvided: `churn` is `contract`, and the base has no contracts or does not know when they end.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    scored = scored_on(ask, day_of(as_of), question)
    model, day = scored.stored.model, scored.stored.trained_on[0]
    before = known_on(ask, day, question).of(model)
    pairs: dict[str, tuple[Column, Column]] = {
        feature: (before[feature], scored.columns[feature]) for feature in model.features
    }
    pairs[SCORE] = (model.probability(before), model.probability(scored.columns))
    rows = pd.DataFrame([_row(feature, *pair) for feature, pair in pairs.items()])
    rows["trained_on"] = pd.Series([date_of(day)] * len(rows), dtype="object")
    return rows.sort_values(["stability_index", "feature"], ascending=[False, True], ignore_index=True)


def _row(feature: str, before: Column, now: Column) -> dict[str, object]:
    return {
        "feature": feature,
        "stability_index": stability_index(before, now),
        "median_before": _median(before),
        "median": _median(now),
        "missing_before": _missing(before),
        "missing": _missing(now),
    }


def _median(column: Column) -> float:
    if isinstance(column, Categories) or np.isnan(column).all():
        return float("nan")
    return float(np.nanmedian(column))


def _missing(column: Column) -> float:
    missing = column.missing if isinstance(column, Categories) else np.isnan(column)
    return float(missing.mean())
