"""Gradient boosting whose trees ask of one feature each: free in shape, still a sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.churn.models.additive import AdditiveModel, Term
from crm_core.churn.models.columns import Categories, Column, Floats, Sample
from crm_core.churn.models.logistic import frequent_levels

BINS: Final = 48
ROUNDS: Final = 75
LEARNING_RATE: Final = 0.2
"""Four times the rounds at a quarter of the rate tell customers of public data apart no better."""
LEAVES: Final = 3
FEATURES_A_SPLIT: Final = 0.5
"""Share of the features that a tree may choose among: neighbours in meaning share what they say."""
LEAST_ROWS_OF_A_LEAF: Final = 20
LEAST_SHARE_OF_A_LEAF: Final = 0.002
RIDGE: Final = 10.0


@dataclass(frozen=True)
class _Bins:
    """How a feature becomes small whole numbers: of numbers the step, of names the level; NaN is missing."""

    feature: str
    points: tuple[float, ...]
    levels: tuple[str, ...] | None

    @classmethod
    def of(cls, feature: str, column: Column) -> _Bins:
        if isinstance(column, Categories):
            return cls(feature, (), frequent_levels(column))
        numbers = column[~np.isnan(column)]
        if not numbers.size:
            return cls(feature, (), None)
        points = np.unique(np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1], method="nearest"))
        return cls(feature, tuple(points[points > numbers.min()].tolist()), None)

    @property
    def count(self) -> int:
        return len(self.points) + 1 if self.levels is None else len(self.levels) + 1

    def codes(self, column: Column) -> Floats:
        if isinstance(column, Categories):
            levels = self.levels or ()
            codes = column.coded_as(levels)
            codes = np.where(codes < 0, len(levels), codes).astype(np.float64)
            return np.where(column.missing, np.nan, codes)
        codes = np.searchsorted(np.array(self.points), column, side="right").astype(np.float64)
        return np.where(np.isnan(column), np.nan, codes)

    def codes_to_learn_from(self, column: Column) -> Floats:
        """The codes; scikit-learn refuses a column of which nothing is known, which says nothing either."""
        codes = self.codes(column)
        return np.zeros(codes.size) if np.isnan(codes).all() else codes

    def term(self, values: Floats) -> Term:
        """The table of what each code adds; the last of `values` is for what is missing."""
        found, missing = tuple(values[:-1].tolist()), float(values[-1])
        if self.levels is None:
            return Term(self.feature, "step", self.points, (), found, missing)
        return Term(self.feature, "level", (), self.levels, found[:-1], missing, found[-1])


def fit_boosted(sample: Sample, seed: int, features: Sequence[str] | None = None) -> AdditiveModel:
    """Fit a sum of steps to who left.

    The trees are not kept: no tree joins two features, so that what they say of each value of a feature, read
    out once, is all that they say. Each snapshot has a level of its own while fitting.

    Args:
        sample: What to learn from.
        seed: Of the features that a tree may choose among.
        features: Names of those to use, None for all.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    names = sorted(sample.columns) if features is None else list(features)
    bins = [_Bins.of(name, sample.columns[name]) for name in names]
    snapshots = np.unique(sample.days, return_inverse=True)[1].astype(np.float64)
    table = np.column_stack(
        [*(one.codes_to_learn_from(sample.columns[one.feature]) for one in bins), snapshots]
    )
    rows = sample.churned.size
    boosting = HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_iter=ROUNDS,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(LEAST_ROWS_OF_A_LEAF, round(LEAST_SHARE_OF_A_LEAF * rows)),
        l2_regularization=RIDGE,
        max_features=FEATURES_A_SPLIT,
        interaction_cst="no_interactions",
        categorical_features=[one.levels is not None for one in bins] + [False],
        early_stopping=False,
        random_state=seed,
    )
    boosting.fit(table, sample.churned)
    return _read_out(boosting.decision_function, bins, snapshots)


def _read_out(score: Callable[[Floats], Floats], bins: Sequence[_Bins], snapshots: Floats) -> AdditiveModel:
    """Ask for the score of every code of a feature while all other features stay at their first."""
    first = np.zeros(len(bins) + 1)
    asked = [np.append(np.arange(one.count, dtype=np.float64), np.nan) for one in bins]
    table = np.tile(first, (sum(codes.size for codes in asked), 1))
    ends = np.cumsum([codes.size for codes in asked])
    for place, (end, codes) in enumerate(zip(ends, asked, strict=True)):
        table[end - codes.size : end, place] = codes
    level = float(score(first[None, :])[0])
    added = np.split(score(table) - level, ends[:-1])
    days = np.tile(first, (int(snapshots.max()) + 1, 1))
    days[:, -1] = np.arange(days.shape[0])
    constant = float(score(days) @ np.bincount(snapshots.astype(np.int64)) / snapshots.size)
    terms = [one.term(values) for one, values in zip(bins, added, strict=True)]
    return AdditiveModel(constant, tuple(terms))
