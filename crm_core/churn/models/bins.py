"""Features as small whole numbers: the places of tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.churn.models.columns import Categories, Column, Integers

BINS: Final = 48
MOST_LEVELS: Final = 20
LEAST_ROWS_OF_A_LEVEL: Final = 20
"""Rarer names are one level, `other`: of fewer rows nothing is learnt."""


@dataclass(frozen=True)
class Bins:
    """How a feature becomes small whole numbers: of numbers the step, of names the level.

    Args:
        feature: Its name.
        points: Of numbers, where each step but the first begins.
        levels: The names that have a code of their own; None for numbers.
    """

    feature: str
    points: tuple[float, ...]
    levels: tuple[str, ...] | None

    @classmethod
    def of(cls, feature: str, column: Column, most: int = BINS) -> Bins:
        """The steps, `most` of them, each with as many rows as the others, or the frequent names."""
        if isinstance(column, Categories):
            return cls(feature, (), frequent_levels(column)[: most - 1])
        numbers = column[~np.isnan(column)]
        if not numbers.size:
            return cls(feature, (), None)
        points = np.unique(np.quantile(numbers, np.linspace(0, 1, most + 1)[1:-1], method="nearest"))
        return cls(feature, tuple(points[points > numbers.min()].tolist()), None)

    @property
    def count(self) -> int:
        """How many codes there are besides that of what is missing."""
        return len(self.points) + 1 if self.levels is None else len(self.levels) + 1

    def codes(self, column: Column) -> Integers:
        """Of each row the step or the level; what is missing has the last code."""
        if isinstance(column, Categories):
            levels = self.levels or ()
            codes = column.coded_as(levels)
            codes = np.where(codes < 0, len(levels), codes)
            return np.where(column.missing, self.count, codes)
        codes = np.searchsorted(np.array(self.points), column, side="right")
        return np.where(np.isnan(column), self.count, codes)


def frequent_levels(column: Categories) -> tuple[str, ...]:
    """The names that enough rows have, the most frequent first."""
    counts = np.bincount(column.codes[~column.missing], minlength=len(column.levels))
    order = sorted(range(len(column.levels)), key=lambda place: (-counts[place], column.levels[place]))
    enough = [column.levels[place] for place in order if counts[place] >= LEAST_ROWS_OF_A_LEVEL]
    return tuple(enough[:MOST_LEVELS])
