"""Regularised logistic regression on bent lines: smooth, and sure of itself with few customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.churn.models.additive import AdditiveModel, Term, logarithmic
from crm_core.churn.models.bins import frequent_levels
from crm_core.churn.models.columns import Categories, Column, Floats, Sample
from crm_core.churn.models.newton import least_loss

PIECES: Final = 8
"""Of how many pieces a line is made, each with as many customers as the others."""
PENALTY: Final = 0.02
"""Of the squared coefficients of columns of unit variance, a row and a snapshot.

Rows of one customer on several days say nearly the same.
"""

_SNAPSHOTS_FREE: Final = 3.0
_VARIED: Final = 1e-12
"""Standard deviation above which a column tells rows apart."""


@dataclass(frozen=True)
class _Design:
    """How a feature becomes columns of a regression.

    The columns are: for numbers, the logarithmic scale and the rise in each piece; for names, one a level;
    for both, whether it is missing.
    """

    feature: str
    points: Floats
    levels: tuple[str, ...] | None

    @classmethod
    def of(cls, feature: str, column: Column) -> _Design:
        if isinstance(column, Categories):
            return cls(feature, np.empty(0), frequent_levels(column))
        numbers = column[~np.isnan(column)]
        if not numbers.size:
            return cls(feature, np.zeros(1), None)
        points = np.quantile(numbers, np.linspace(0, 1, PIECES + 1), method="nearest")
        return cls(feature, np.unique(points), None)

    @property
    def width(self) -> int:
        """How many columns there are."""
        if self.levels is not None:
            return len(self.levels) + 2
        return self.points.size + 1 if self.points.size > 1 else 1

    def columns(self, column: Column) -> Floats:
        if isinstance(column, Categories):
            levels = self.levels or ()
            codes = column.coded_as(levels)
            apart = [codes == place for place in range(len(levels))]
            other = (codes < 0) & ~column.missing
            return np.column_stack([*apart, other, column.missing]).astype(np.float64)
        missing = np.isnan(column)
        numbers = logarithmic(np.where(missing, self.points[0], column))
        rises = self._rises(numbers)
        rises[missing] = 0
        return np.column_stack([rises, missing])

    def _rises(self, numbers: Floats) -> Floats:
        points = logarithmic(self.points)
        if points.size < 2:
            return np.empty((numbers.size, 0))
        widths = np.diff(points)
        pieces = np.clip((numbers[:, None] - points[:-1]) / widths, 0, 1)
        return np.column_stack([pieces @ widths, pieces])

    def term(self, coefficients: Floats) -> Term:
        """The table of what the coefficients of this feature's columns add."""
        missing = float(coefficients[-1])
        if self.levels is not None:
            added = tuple(coefficients[:-2].tolist())
            return Term(self.feature, "level", (), self.levels, added, missing, float(coefficients[-2]))
        values = self._rises(logarithmic(self.points)) @ coefficients[:-1]
        return Term(self.feature, "line", tuple(self.points.tolist()), (), tuple(values.tolist()), missing)


def fit_logistic(sample: Sample, features: Sequence[str] | None = None) -> AdditiveModel:
    """Fit a sum of bent lines to who left.

    Each snapshot has a level of its own while fitting, so that what a season does to everybody is not taken
    for what a feature does; the model has their mean.

    Args:
        sample: What to learn from.
        features: Names of those to use, None for all.
    """
    names = sorted(sample.columns) if features is None else list(features)
    designs = [_Design.of(name, sample.columns[name]) for name in names]
    seasons = _snapshots(sample)
    ends = np.cumsum([design.width for design in designs])
    count = ends[-1] + seasons.shape[1]
    # Half as wide as other numbers, for there are hundreds of columns of many rows.
    table = np.empty((sample.churned.size, count), np.float32)
    means, spreads = np.empty(count), np.empty(count)
    for design, end in zip(designs, ends, strict=True):
        place = slice(end - design.width, end)
        table[:, place], means[place], spreads[place] = _alike(design.columns(sample.columns[design.feature]))
    place = slice(ends[-1], None)
    table[:, place], means[place], spreads[place] = _alike(seasons)
    table[:, place] *= _SNAPSHOTS_FREE
    constant, coefficients = least_loss(table, sample.churned, PENALTY * (seasons.shape[1] + 1))
    coefficients = coefficients / spreads
    coefficients[ends[-1] :] = 0
    constant -= float(coefficients @ means)
    apart = np.split(coefficients[: ends[-1]], ends[:-1])
    terms = [design.term(part) for design, part in zip(designs, apart, strict=True)]
    return AdditiveModel(constant, tuple(terms))


def _alike(block: Floats) -> tuple[Floats, Floats, Floats]:
    """Columns of mean 0 and of unit variance, all 0 where they do not vary; their means and deviations."""
    means, spreads = block.mean(axis=0), block.std(axis=0)
    spreads = np.where(spreads > _VARIED, spreads, 1.0)
    return (block - means) / spreads, means, spreads


def _snapshots(sample: Sample) -> Floats:
    days = np.unique(sample.days)
    return np.asarray((sample.days[:, None] == days[1:]).astype(np.float64))
