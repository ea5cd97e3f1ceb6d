"""What metrics say of customers, as the arrays that models of leaving learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
import scipy

from crm_core.churn import metrics
from crm_core.churn.estimates.questions import Question
from crm_core.churn.metrics import Churn, churn_features, churn_history, churn_labels
from crm_core.churn.models import AdditiveModel, Categories, Snapshot
from crm_core.churn.models.columns import Column, Floats
from crm_core.periods import date_of
from crm_core.tables import Ask

NO_PURCHASE: Final = "no_purchase_log_odds"
"""The feature that is made of the chance of no purchase that is handed in."""
MOST_CUSTOMERS: Final = 40_000
"""Of a snapshot: the level of 40,000 is known to a hundredth of its log-odds, and six are learnt from."""
_SUREST: Final = 1e-9
_MONEY: Final = frozenset(
    name for metric in metrics.METRICS if metric.build is churn_features for name in metric.money
)


@dataclass(frozen=True)
class Known:
    """Customers as they are known on a day.

    Args:
        ids: Of each its `customer_id`, in order.
        columns: Features by name, of those of whom anything is known.
    """

    ids: pd.Series
    columns: Mapping[str, Column]

    def numbers(self, feature: str) -> Floats:
        """A feature of numbers, of each customer; NaN of everybody where nothing is known of it."""
        column = self.columns.get(feature)
        return np.full(len(self.ids), np.nan) if column is None else np.asarray(column, np.float64)

    def of(self, model: AdditiveModel) -> dict[str, Column]:
        """The features that a model reads; of one that nothing is known of, everybody's is missing."""
        names = {term.feature for term in model.terms if term.shape == "level"}
        count = len(self.ids)
        missing: dict[bool, Column] = {
            True: Categories((), np.full(count, -1, np.int64)),
            False: np.full(count, np.nan),
        }
        return {name: self.columns.get(name, missing[name in names]) for name in model.features}


def known_on(ask: Ask, day: int, question: Question, most: int = 0, *, only: str | None = None) -> Known:
    """The customers of a day, as far as they were known then, in the order of their ids.

    Args:
        ask: The base.
        day: Number of the day.
        question: What is asked of them.
        most: Of more than so many a fair draw of about as many; 0 for all.
        only: Nobody but the customer of this id; the features are still those that are known of anybody.
    """
    as_of = date_of(day)
    # Whom nobody is drawn from is one question with the one for all.
    most = most if most and _ever(ask, question.churn) > most else 0
    rows = ask(churn_features, as_of=as_of, churn=question.churn, most_customers=most)
    everybody = rows.pop("customer_id")
    order = everybody.argsort().to_numpy() if only is None else np.flatnonzero(everybody == only)
    ids = everybody.take(order).reset_index(drop=True)
    columns = {}
    for name in rows.columns:
        # Each is let go when it is read: there are many of them, and of very many customers.
        column = rows.pop(name)
        if column.notna().any():
            columns[str(name)] = _column(column.take(order), ask.tables.money_scale if name in _MONEY else 1)
    if question.no_purchase is not None:
        told = ask(question.no_purchase, as_of=as_of, horizon_days=question.horizon_days)
        if told["probability_of_none"].notna().any():
            columns[NO_PURCHASE] = log_odds_of(told, ids)
    return Known(ids, columns)


def chances_on(ask: Ask, day: int, model: AdditiveModel, question: Question, most: int = 0) -> pd.Series:
    """What a model says of the customers of a day, by their ids; of more than `most` as in `known_on`."""
    known = known_on(ask, day, question, most)
    return pd.Series(model.probability(known.of(model)), index=pd.Index(known.ids), dtype="float64")


def _ever(ask: Ask, churn: Churn) -> int:
    """How many customers there are of whom it may be asked on any day."""
    return int(ask(churn_history, as_of=date_of(ask.tables.last_day), churn=churn)["customers"].iloc[0])


def log_odds_of(told: pd.DataFrame, ids: pd.Series) -> Floats:
    """The feature that is made of the chances of no purchase: of each customer, missing of who has none."""
    chances = told.set_index("customer_id")["probability_of_none"].reindex(ids)
    chance = chances.to_numpy("float64", na_value=np.nan)
    return np.asarray(scipy.special.logit(np.clip(chance, _SUREST, 1 - _SUREST)))


def _column(column: pd.Series, scale: int) -> Column:
    if pd.api.types.is_numeric_dtype(column):
        numbers: Floats = column.to_numpy("float64", na_value=np.nan)
        return numbers if scale == 1 else numbers / scale
    codes, levels = pd.factorize(column, sort=True)
    return Categories(tuple(map(str, levels)), codes)


def snapshot_on(ask: Ask, day: int, question: Question) -> Snapshot | None:
    """Customers of a day whose horizon is over, with who of them left: of very many a fair draw.

    Returns:
        None where there were no customers on that day.
    """
    known = known_on(ask, day, question, MOST_CUSTOMERS)
    if known.ids.empty:
        return None
    return Snapshot(day, known.columns, labels_on(ask, day, question, known.ids).to_numpy("float64"))


def labels_on(ask: Ask, day: int, question: Question, ids: pd.Series) -> pd.Series:
    """Of each of some customers of a day, by id, 1 for who left within the horizon, else 0."""
    until, cut_off = date_of(day + question.horizon_days), date_of(day)
    options = {"horizon_days": question.horizon_days, "churn": question.churn}
    labels = ask(churn_labels, as_of=until, cut_off=cut_off, **options)
    return labels.set_index("customer_id")["churned"].reindex(ids)


def alike(snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Snapshots with the features alone that are known in each of them."""
    common = set.intersection(*(set(one.columns) for one in snapshots))
    return [
        Snapshot(one.day, {name: one.columns[name] for name in sorted(common)}, one.churned)
        for one in snapshots
    ]
