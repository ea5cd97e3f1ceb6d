"""Gradient boosting whose trees ask of one feature each: free in shape, still a sum."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import scipy

from crm_core.churn.models.additive import AdditiveModel, term_of
from crm_core.churn.models.bins import Bins
from crm_core.churn.models.columns import Floats, Integers, Sample, Truths

ROUNDS: Final = 75
LEARNING_RATE: Final = 0.2
"""Four times the rounds at a quarter of the rate tell customers of public data apart no better."""
LEAVES: Final = 3
FEATURES_A_SPLIT: Final = 0.5
"""Share of the features that a tree may choose among: neighbours in meaning share what they say."""
LEAST_ROWS_OF_A_LEAF: Final = 20
LEAST_SHARE_OF_A_LEAF: Final = 0.002
RIDGE: Final = 10.0


def fit_boosted(sample: Sample, seed: int, features: Sequence[str] | None = None) -> AdditiveModel:
    """Fit a sum of steps to who left.

    No tree joins two features, so that a tree only adds to the table of one, and how it is best split is told
    by sums over each step of each feature. Each snapshot has a level of its own while fitting.

    Args:
        sample: What to learn from.
        seed: Of the features that a tree may choose among.
        features: Names of those to use, None for all.

    Reference:
        Friedman (2001), Greedy function approximation: a gradient boosting machine.
    """
    names = sorted(sample.columns) if features is None else list(features)
    bins = [Bins.of(name, sample.columns[name]) for name in names]
    days, snapshots = np.unique(sample.days, return_inverse=True)
    codes = [*(one.codes(sample.columns[one.feature]) for one in bins), snapshots]
    missing = [*(one.count if one.levels is None else None for one in bins), None]
    width = 1 + max(days.size, *(one.count for one in bins))
    growing = _Growing(codes, missing, width, sample.churned)
    draw = np.random.default_rng(seed)
    for _ in range(ROUNDS):
        growing.grow(draw.permutation(len(codes))[: max(1, int(FEATURES_A_SPLIT * len(codes)))])
    tables = growing.tables()
    shares = np.bincount(snapshots, minlength=days.size) / snapshots.size
    constant = growing.level + float(tables[-1, : days.size] @ shares)
    terms = [term_of(one, table[: one.count + 1]) for one, table in zip(bins, tables[:-1], strict=True)]
    return AdditiveModel(constant, tuple(terms))


class _Growing:
    """Tables that grow by a tree at a time, one for each feature.

    Args:
        codes: Of each feature the code of each row of the sample.
        missing: Of each feature the code for what is missing, which goes with the lowest codes or with the
            highest; None where codes have no order.
        width: More than any code.
        churned: Who left.
    """

    def __init__(
        self, codes: Sequence[Integers], missing: Sequence[int | None], width: int, churned: Floats
    ) -> None:
        rows = churned.size
        self._codes = codes
        self._churned = churned
        self._least = max(LEAST_ROWS_OF_A_LEAF, round(LEAST_SHARE_OF_A_LEAF * rows))
        self._named = np.array([one is None for one in missing])
        self._missing = np.array([one or 0 for one in missing])
        self._width = width
        self._counts = np.stack([np.bincount(one, minlength=self._width) for one in codes])
        self._added = np.zeros(self._counts.shape)
        gone = (churned.sum() + 0.5) / (rows + 1)
        self.level = float(np.log(gone / (1 - gone)))
        self._log_odds = np.full(rows, self.level)

    def tables(self) -> Floats:
        """What each code of each feature adds; what no row has, as much as rows have on average."""
        usual = (self._added * self._counts).sum(axis=1, keepdims=True) / self._churned.size
        return np.where(self._counts > 0, self._added, usual)

    def grow(self, features: Integers) -> None:
        """Add a tree that splits on one of some features."""
        chances = scipy.special.expit(self._log_odds)
        slopes, curvatures = chances - self._churned, chances * (1 - chances)
        sums = np.empty((3, features.size, self._width))
        for place, feature in enumerate(features):
            sums[0, place] = np.bincount(self._codes[feature], slopes, self._width)
            sums[1, place] = np.bincount(self._codes[feature], curvatures, self._width)
        sums[2] = self._counts[features]
        gains, firsts = self._splits(sums, features)
        best = int(gains.argmax())
        if gains[best] <= 0:
            return
        feature, own = features[best], sums[:, best]
        leaves = [firsts[best], ~firsts[best]]
        while len(leaves) < LEAVES:
            parts = np.stack([own * leaf for leaf in leaves], axis=1)
            gains, firsts = self._splits(parts, np.repeat(feature, len(leaves)))
            parted = int(gains.argmax())
            if gains[parted] <= 0:
                break
            leaf = leaves.pop(parted)
            leaves += [leaf & firsts[parted], leaf & ~firsts[parted]]
        tree = np.zeros(self._width)
        for leaf in leaves:
            slope, curvature, _ = (own * leaf).sum(axis=1)
            tree[leaf] = -LEARNING_RATE * slope / (curvature + RIDGE)
        self._added[feature] += tree
        self._log_odds += tree[self._codes[feature]]

    def _splits(self, sums: Floats, features: Integers) -> tuple[Floats, Truths]:
        """By how much the best split of each feature lowers the loss, and which codes it parts from the rest.

        Args:
            sums: Slopes, curvatures and rows, by feature and code.
            features: Which features they are.
        """
        named = self._named[features]
        # Codes without an order stand in that of what their rows ask for: no better split cuts across it.
        ordered = np.where(named[:, None], sums[0] / (sums[1] + RIDGE), np.arange(self._width))
        order = np.argsort(ordered, axis=1, kind="stable")
        rows, apart = np.flatnonzero(~named), np.zeros((3, features.size, 1))
        missing = self._missing[features[rows]]
        apart[:, rows, 0] = sums[:, rows, missing]
        known = sums.copy()
        known[:, rows, missing] = 0
        low = np.cumsum(np.take_along_axis(known, order[None], axis=2), axis=2)
        first = np.concatenate([low, low + apart], axis=2)
        whole = sums.sum(axis=2, keepdims=True)
        gain = _gain(first) + _gain(whole - first) - _gain(whole)
        gain[np.minimum(first[2], whole[2] - first[2]) < self._least] = 0
        best = gain.argmax(axis=1)
        with_missing, last = np.divmod(best, self._width)
        found = np.argsort(order, axis=1) <= last[:, None]
        found[rows, missing] = with_missing[rows] == 1
        return gain[np.arange(features.size), best], found


def _gain(sums: Floats) -> Floats:
    """How far rows may be brought down together, twice; of no rows nothing."""
    return np.asarray(sums[0] ** 2 / (sums[1] + RIDGE))
