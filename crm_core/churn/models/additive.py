"""Scores that are a sum of one part for each feature, so that their reasons are exact."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import scipy

from crm_core.churn.models.bins import Bins
from crm_core.churn.models.columns import Categories, Column, Columns, Floats, rows_of

Shape = Literal["line", "step", "level"]


def logarithmic(numbers: Floats) -> Floats:
    """The scale that numbers are learnt on, sign(x) log(1 + |x|): a day more counts less, later."""
    return np.asarray(np.copysign(np.log1p(np.abs(numbers)), numbers))


@dataclass(frozen=True)
class Term:
    """What one feature adds to the log-odds: a table.

    Args:
        feature: Its name.
        shape: `line`: values at points, straight between them on the logarithmic scale and level beyond the
            outermost; `step`: one value more than there are points, the first below the first point, the
            next from it on; `level`: a value for each name.
        at: The points, rising; none for names.
        levels: The names; none for numbers.
        values: What is added.
        missing: What is added where the feature is missing.
        other: What is added for a name that is not among the levels.
    """

    feature: str
    shape: Shape
    at: tuple[float, ...]
    levels: tuple[str, ...]
    values: tuple[float, ...]
    missing: float
    other: float = 0.0

    def __post_init__(self) -> None:
        expected = {"line": len(self.at), "step": len(self.at) + 1, "level": len(self.levels)}[self.shape]
        if len(self.values) != expected:
            raise ValueError(f"{self.feature}: {expected} values are needed, {len(self.values)} are given")
        if not all(low < high for low, high in itertools.pairwise(self.at)):
            raise ValueError(f"{self.feature}: points rise")

    def of(self, column: Column) -> Floats:
        """What is added for each row.

        Raises:
            ValueError: When names are given for a feature of numbers, or the other way round.
        """
        if isinstance(column, Categories) != (self.shape == "level"):
            raise ValueError(f"{self.feature} is not of the kind that the model was fitted to")
        if isinstance(column, Categories):
            codes = column.coded_as(self.levels)
            found = np.array([*self.values, self.other])[codes]
            return np.where(column.missing, self.missing, found)
        return np.where(np.isnan(column), self.missing, self._of_numbers(column))

    def _of_numbers(self, numbers: Floats) -> Floats:
        values = np.array(self.values)
        if self.shape == "step":
            return np.asarray(values[np.searchsorted(np.array(self.at), numbers, side="right")])
        return np.asarray(np.interp(logarithmic(numbers), logarithmic(np.array(self.at)), values))

    def times(self, factor: float) -> Term:
        """The same table with every value multiplied."""
        values = tuple(factor * value for value in self.values)
        return replace(self, values=values, missing=factor * self.missing, other=factor * self.other)


def term_of(bins: Bins, values: Floats) -> Term:
    """The table of what each code of a feature adds; the last of `values` is for what is missing."""
    found, missing = tuple(values[:-1].tolist()), float(values[-1])
    if bins.levels is None:
        return Term(bins.feature, "step", bins.points, (), found, missing)
    return Term(bins.feature, "level", (), bins.levels, found[:-1], missing, found[-1])


@dataclass(frozen=True)
class Pair:
    """What two features add to the log-odds together, beyond what each adds alone: a table.

    Args:
        first: How the one becomes a row of the table.
        second: How the other becomes a column.
        values: What is added.
    """

    first: Bins
    second: Bins
    values: tuple[tuple[float, ...], ...]

    @property
    def features(self) -> tuple[str, str]:
        """Their names."""
        return self.first.feature, self.second.feature

    def of(self, columns: Columns) -> Floats:
        """What is added for each row."""
        row, column = (one.codes(columns[one.feature]) for one in (self.first, self.second))
        return np.asarray(np.array(self.values)[row, column])

    def times(self, factor: float) -> Pair:
        """The same table with every value multiplied."""
        return replace(self, values=tuple(tuple(factor * one for one in row) for row in self.values))


@dataclass(frozen=True)
class TermRow:
    """A row of the table in which a model is stored.

    Args:
        term: Number of the term; -1 for the constant.
        feature: Name of the feature; empty for the constant.
        part: `constant`, `line`, `step`, `level`, `missing` or `other`.
        at: The point; of a `step` the one from which on the value holds, NaN for the first, which has none.
        level: The name, of a `level`.
        value: What is added to the log-odds.
    """

    term: int
    feature: str
    part: str
    at: float
    level: str
    value: float


@dataclass(frozen=True)
class AdditiveModel:
    """A probability of leaving whose log-odds are a constant and a part of each feature.

    Args:
        constant: What everybody has.
        terms: What features add; a feature may have several, whose sum is its part.
        pairs: What features add two at a time; each of the two has half of it in its part.
    """

    constant: float
    terms: tuple[Term, ...]
    pairs: tuple[Pair, ...] = ()

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the features, each once, in order."""
        return tuple(dict.fromkeys(term.feature for term in self.terms))

    def log_odds(self, columns: Columns) -> Floats:
        """The score on the scale on which parts add up."""
        total = np.full(rows_of(columns), self.constant)
        for term in self.terms:
            total += term.of(columns[term.feature])
        for pair in self.pairs:
            total += pair.of(columns)
        return total

    def probability(self, columns: Columns) -> Floats:
        """Probability of leaving within the horizon."""
        return np.asarray(scipy.special.expit(self.log_odds(columns)))

    def parts(self, columns: Columns) -> Floats:
        """What each feature adds: a row for each customer, a column for each of `features`."""
        places = {feature: place for place, feature in enumerate(self.features)}
        found = np.zeros((rows_of(columns), len(places)))
        for term in self.terms:
            found[:, places[term.feature]] += term.of(columns[term.feature])
        for pair in self.pairs:
            half = pair.of(columns) / 2
            for feature in pair.features:
                found[:, places[feature]] += half
        return found

    def reasons(self, columns: Columns) -> Floats:
        """`parts`, each above its mean over these customers: rows add up to the log-odds above their mean."""
        found = self.parts(columns)
        found -= found.mean(axis=0)
        return found

    def scaled(self, slope: float, shift: float) -> AdditiveModel:
        """The model whose log-odds are `shift` + `slope` times these."""
        pairs = tuple(pair.times(slope) for pair in self.pairs)
        terms = tuple(term.times(slope) for term in self.terms)
        return AdditiveModel(shift + slope * self.constant, terms, pairs)

    def rows(self) -> list[TermRow]:
        """The model as a table, from which `from_rows` makes it again, bit for bit.

        Raises:
            ValueError: When there are pairs of features, which have no place in it.
        """
        if self.pairs:
            raise ValueError("a model with pairs of features is not stored")
        nothing = float("nan")
        found = [TermRow(-1, "", "constant", nothing, "", self.constant)]
        for number, term in enumerate(self.terms):
            points = (nothing, *term.at) if term.shape == "step" else term.at
            points = points or (nothing,) * len(term.levels)
            names = term.levels or ("",) * len(term.values)
            found += [
                TermRow(number, term.feature, term.shape, at, level, value)
                for at, level, value in zip(points, names, term.values, strict=True)
            ]
            found.append(TermRow(number, term.feature, "missing", nothing, "", term.missing))
            if term.shape == "level":
                found.append(TermRow(number, term.feature, "other", nothing, "", term.other))
        return found

    @classmethod
    def from_rows(cls, rows: Iterable[TermRow]) -> AdditiveModel:
        """The model that was stored.

        Raises:
            ValueError: When the rows are not those of a model.
        """
        parts: dict[int, list[TermRow]] = {}
        for row in rows:
            parts.setdefault(row.term, []).append(row)
        constant = parts.pop(-1, [])
        if len(constant) != 1:
            raise ValueError("a model has one constant")
        return cls(constant[0].value, tuple(_term(parts[number]) for number in sorted(parts)))


def _term(rows: Sequence[TermRow]) -> Term:
    ends = {row.part: row.value for row in rows if row.part in ("missing", "other")}
    table = [row for row in rows if row.part not in ends]
    # Of a feature of which nothing was known there is no table; what is said of other names tells its kind.
    shape: Shape = "level" if "other" in ends else "step" if table and table[0].part == "step" else "line"
    if "missing" not in ends or not {row.part for row in table} <= {shape}:
        raise ValueError("rows of a term are a line, steps or levels, what is missing and, of levels, other")
    points = {"line": table, "step": table[1:], "level": []}[shape]
    return Term(
        feature=rows[0].feature,
        shape=shape,
        at=tuple(row.at for row in points),
        levels=tuple(row.level for row in table) if shape == "level" else (),
        values=tuple(row.value for row in table),
        missing=ends["missing"],
        other=ends.get("other", 0.0),
    )


def mean_of(models: Sequence[AdditiveModel]) -> AdditiveModel:
    """The model whose log-odds are the mean of theirs."""
    share = 1 / len(models)
    return AdditiveModel(
        share * sum(model.constant for model in models),
        tuple(term.times(share) for model in models for term in model.terms),
        tuple(pair.times(share) for model in models for pair in model.pairs),
    )
