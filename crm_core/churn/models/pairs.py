"""What two features say together beyond what each says alone: tables that are added to a sum of tables."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from crm_core.churn.models.additive import AdditiveModel, Pair, term_of
from crm_core.churn.models.bins import Bins
from crm_core.churn.models.boosted import LEAST_ROWS_OF_A_LEAF, LEAST_SHARE_OF_A_LEAF, RIDGE
from crm_core.churn.models.columns import Columns, Floats, Integers, Sample, Truths

BINS: Final = 24
BINS_TO_FIND: Final = 8
MOST_FEATURES: Final = 40
"""Those that weigh most alone; of more, pairs are too many to look at."""
MOST_PAIRS: Final = 12
ROUNDS: Final = 150
PARTS: Final = 4
"""Of the pairs one part is asked for each tree."""
LEARNING_RATE: Final = 0.1
_SWEEPS: Final = 100
_NOTHING: Final = 1e-12

Names = tuple[str, str]
Leaves = list[Truths]


def fit_pairs(sample: Sample, alone: AdditiveModel) -> AdditiveModel:
    """Add to a model what pairs of features say beyond it.

    Pairs are those of which one small tree would lower most what the model still loses. Then such trees are
    added, each of the pair that is best just then. What of their sum is said by one feature goes to that one.

    Args:
        sample: What the model was fitted to.
        alone: The model.

    References:
        Lou, Caruana, Gehrke and Hooker (2013), Accurate intelligible models with pairwise interactions.
        Lengerich, Tan, Chang, Hooker and Caruana (2020), Purifying interaction effects with the functional
        ANOVA.
    """
    weights = alone.parts(sample.columns).std(axis=0)
    order = np.argsort(-weights, kind="stable")[:MOST_FEATURES]
    features = sorted(alone.features[place] for place in order)
    rest = _Rest(sample.churned, alone.log_odds(sample.columns))
    pairs = _found(rest, features, sample.columns)
    terms, added = list(alone.terms), []
    for tables, table in _grown(rest, pairs, sample.columns):
        of_first, of_second, together = _apart(table, tables.counts)
        terms += [term_of(tables.first, of_first), term_of(tables.second, of_second)]
        added.append(Pair(tables.first, tables.second, tuple(map(tuple, together.tolist()))))
    return AdditiveModel(alone.constant, tuple(terms), tuple(added))


class _Rest:
    """What a model has still to learn of some rows.

    Args:
        churned: Who left.
        log_odds: What it says so far.
    """

    def __init__(self, churned: Floats, log_odds: Floats) -> None:
        self._churned = churned
        self._log_odds = log_odds
        self.least = max(LEAST_ROWS_OF_A_LEAF, round(LEAST_SHARE_OF_A_LEAF * churned.size))

    def add(self, log_odds: Floats) -> None:
        self._log_odds = self._log_odds + log_odds

    def slopes(self) -> tuple[Floats, Floats]:
        """Of the loss by the log-odds of each row, and how these change."""
        chances = scipy.special.expit(self._log_odds)
        return chances - self._churned, chances * (1 - chances)


def _found(rest: _Rest, features: Sequence[str], columns: Columns) -> list[Names]:
    """The pairs of which a tree over few steps lowers the loss most."""
    if len(features) < 2:
        return []
    bins = [Bins.of(name, columns[name], BINS_TO_FIND) for name in features]
    apart = [np.eye(one.count + 1, dtype=np.float32)[one.codes(columns[one.feature])] for one in bins]
    ends = np.cumsum([0, *(one.count + 1 for one in bins)])
    table = np.concatenate(apart, axis=1)
    weights = (*rest.slopes(), np.ones(len(table)))
    # One product for all pairs: the sums over rows in two steps at once.
    sums = np.stack([table.T @ (table * one[:, None].astype(np.float32)) for one in weights]).astype(float)
    gains = []
    for one, other in itertools.combinations(range(len(bins)), 2):
        part = sums[:, ends[one] : ends[one + 1], ends[other] : ends[other + 1]]
        gain, _ = _tree(part, (bins[one], bins[other]), rest.least)
        gains.append((-gain, (bins[one].feature, bins[other].feature)))
    return [names for gain, names in sorted(gains)[:MOST_PAIRS] if gain < 0]


class _Tables:
    """A pair of features, and sums over the rows in each step of both."""

    def __init__(self, names: Names, columns: Columns) -> None:
        self.first, self.second = (Bins.of(name, columns[name], BINS) for name in names)
        self._shape = self.first.count + 1, self.second.count + 1
        codes = [one.codes(columns[one.feature]) for one in (self.first, self.second)]
        self._codes: Integers = codes[0] * self._shape[1] + codes[1]
        self.counts = self._sums(None)
        self.values = np.zeros(self._shape)

    def _sums(self, weights: Floats | None) -> Floats:
        sums = np.bincount(self._codes, weights, self._shape[0] * self._shape[1])
        return np.asarray(sums.reshape(self._shape).astype(np.float64))

    def best(self, slopes: Floats, curvatures: Floats, least: int) -> tuple[float, Floats]:
        """By how much a tree lowers the loss, and what it adds."""
        sums = np.stack([self._sums(slopes), self._sums(curvatures), self.counts])
        gain, leaves = _tree(sums, (self.first, self.second), least)
        tree = np.zeros(self._shape)
        for leaf in leaves:
            slope, curvature, _ = sums[:, leaf].sum(axis=1)
            tree[leaf] = -LEARNING_RATE * slope / (curvature + RIDGE)
        return gain, tree

    def of_rows(self, tree: Floats) -> Floats:
        return np.asarray(tree.ravel()[self._codes])


def _grown(rest: _Rest, pairs: Sequence[Names], columns: Columns) -> list[tuple[_Tables, Floats]]:
    """What trees of pairs add up to, of each pair that has any."""
    tables = [_Tables(names, columns) for names in pairs]
    for number in range(ROUNDS if tables else 0):
        slopes, curvatures = rest.slopes()
        # In turn a part of the pairs: which of them is the best just then matters little in the end.
        asked = tables[number % PARTS :: PARTS]
        trees = [(*one.best(slopes, curvatures, rest.least), one) for one in asked]
        for _, tree, best in sorted(trees, key=lambda found: -found[0])[:1]:
            best.values += tree
            rest.add(best.of_rows(tree))
    return [(one, one.values) for one in tables if one.values.any()]


def _tree(sums: Floats, bins: tuple[Bins, Bins], least: int) -> tuple[float, Leaves]:
    """The best tree that is split by one of two features, and each half by the other: its gain, its leaves.

    Args:
        sums: Slopes, curvatures and rows, by step of the first and of the second.
        bins: The features.
        least: Rows of a leaf.
    """
    named, other_named = (one.levels is not None for one in bins)
    turned = sums.transpose(0, 2, 1)
    one, other = _split(sums, named, other_named, least), _split(turned, other_named, named, least)
    if one.gain >= other.gain:
        return one.gain, one.leaves(named)
    return other.gain, [leaf.T for leaf in other.leaves(other_named)]


@dataclass(frozen=True)
class _Split:
    """A split by one feature, and of each half by the other.

    Args:
        gain: By how much the loss is lowered.
        at: The name that is parted from the others, or the last step of the lower half.
        steps: How many steps the feature has.
        order: Of each half the steps of the other feature, in the order in which they are parted.
        last: Of each half the last place in this order that is on the one side.
    """

    gain: float
    at: int
    steps: int
    order: Integers
    last: Integers

    def leaves(self, named: bool) -> Leaves:
        """Which steps of both are in each leaf; none where there is nothing to gain."""
        if self.gain <= 0:
            return []
        steps = np.arange(self.steps)
        inside = steps == self.at if named else steps <= self.at
        found = []
        for rows, order, last in zip((inside, ~inside), self.order, self.last, strict=True):
            lower = np.argsort(order) <= last
            found += [np.outer(rows, lower), np.outer(rows, ~lower)]
        return found


def _split(sums: Floats, named: bool, other_named: bool, least: int) -> _Split:
    """The best such tree that is split by the first feature first."""
    steps, whole = sums.shape[1], sums.sum(axis=1, keepdims=True)
    # Of names each stands against all others, of numbers the lower against the higher.
    first = sums if named else np.cumsum(sums, axis=1)[:, :-1]
    halves = np.stack([first, whole - first], axis=1)
    by = halves[0] / (halves[1] + RIDGE) if other_named else np.zeros(halves.shape[1:])
    order = np.argsort(by, axis=-1, kind="stable")
    if other_named:
        halves = np.take_along_axis(halves, order[None], axis=-1)
    low = np.cumsum(halves, axis=-1)
    total = low[..., -1:]
    gain = _gain(low) + _gain(total - low) - _gain(total)
    gain[np.minimum(low[2], total[2] - low[2]) < least] = 0
    last = gain.argmax(axis=-1)
    gains = (gain.max(axis=-1) + _gain(total)[..., 0]).sum(axis=0) - _gain(whole.sum(axis=2))[0]
    gains[total[2, ..., 0].min(axis=0) < least] = 0
    if not gains.size:
        return _Split(0.0, 0, steps, np.empty((2, 0), np.int64), np.empty(2, np.int64))
    at = int(gains.argmax())
    return _Split(float(gains[at]), at, steps, order[:, at], last[:, at])


def _gain(sums: Floats) -> Floats:
    """How far rows may be brought down together, twice."""
    return np.asarray(sums[0] ** 2 / (sums[1] + RIDGE))


def _apart(table: Floats, counts: Floats) -> tuple[Floats, Floats, Floats]:
    """What of a table is each row's and each column's own, and the rest, whose means over the rows are 0."""
    rest, of_rows, of_columns = table.copy(), np.zeros(table.shape[0]), np.zeros(table.shape[1])
    shares = [counts / np.maximum(counts.sum(axis=axis, keepdims=True), 1) for axis in (1, 0)]
    for _ in range(_SWEEPS):
        means = (rest * shares[0]).sum(axis=1)
        rest -= means[:, None]
        others = (rest * shares[1]).sum(axis=0)
        rest -= others
        of_rows, of_columns = of_rows + means, of_columns + others
        if max(np.abs(means).max(), np.abs(others).max()) < _NOTHING:
            break
    return of_rows, of_columns, rest
