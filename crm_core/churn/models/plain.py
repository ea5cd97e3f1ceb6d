"""Who leaves, learnt from a table of one row a customer that says who left, by whatever else it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import scipy

from crm_core.base import InputError
from crm_core.churn.models.additive import AdditiveModel
from crm_core.churn.models.bins import LEAST_ROWS_OF_A_LEVEL
from crm_core.churn.models.calibration import shift, slope
from crm_core.churn.models.columns import Categories, Column, Columns, Floats, Sample, Snapshot, at_rows
from crm_core.churn.models.measures import Gain, Measures, auc_of, gain, measures
from crm_core.churn.models.pairs import fit_pairs
from crm_core.churn.models.training import (
    FOLDS,
    LEAST_OF_EACH,
    MEAN,
    MOST_ROWS,
    PAIRS,
    fitted,
    losses_of,
    simplest_of_the_best,
)

SEED: Final = 42
FEWEST: Final = -(-LEAST_OF_EACH * FOLDS // (FOLDS - 1))
"""Of each must be there, so that enough are left to learn from when a fifth is held out."""
TELLS_ALL: Final = 0.99
"""From so high an AUC of one column alone on it is another word for the outcome, and not known before it."""
TELLS_NEARLY_ALL: Final = 0.9
"""From so high an AUC on it may be."""
MOST_NAMES: Final = 1_000
"""A column of more different texts names customers, moments or remarks, and nothing that they share."""

Ignored = Literal["constant", "names", "tells_all"]


@dataclass(frozen=True)
class PlainFeatures:
    """What customers are told apart by.

    Args:
        columns: Numbers and names, by the table's own names.
        ignored: The columns that are not used, each with why: `constant`, everybody has the same; `names`,
            hardly two have the same; `tells_all`, it alone tells who left, so that it was not known before.
        doubtful: Of the columns that are used, those that alone tell nearly who left: the AUC of each.
    """

    columns: Columns
    ignored: Mapping[str, Ignored]
    doubtful: Mapping[str, float]


@dataclass(frozen=True)
class HeldOut:
    """How well probabilities did on rows by which they were not learnt.

    Args:
        folds: Measures of each fifth.
        pooled: Measures of all of them together.
    """

    folds: Sequence[Measures]
    pooled: Measures

    @property
    def auc(self) -> float:
        """Mean over the fifths."""
        return float(np.mean([fold.auc for fold in self.folds]))

    @property
    def brier(self) -> float:
        """Mean over the fifths."""
        return float(np.mean([fold.brier for fold in self.folds]))

    @property
    def log_loss(self) -> float:
        """Mean over the fifths."""
        return float(np.mean([fold.log_loss for fold in self.folds]))

    @property
    def calibration_error(self) -> float:
        """Of all of them together: of a fifth it would mostly be chance."""
        return self.pooled.calibration_error


@dataclass(frozen=True)
class PlainTrained:
    """A model of all rows whose outcome is known, and how well the like did on rows that it had not seen.

    Args:
        model: Fitted to all of these rows.
        chosen: Its name.
        held_out: Probability of each of these rows by models that were fitted to four fifths without it, and
            chosen and calibrated by what such models said of the other four.
        tried: How well these did.
        naive: How well one chance for everybody did, the share who left of the same four fifths.
        gains: By how much less log-loss than that the models had, fifth by fifth.
    """

    model: AdditiveModel
    chosen: str
    held_out: Floats
    tried: HeldOut
    naive: HeldOut
    gains: Sequence[Gain]


@dataclass(frozen=True)
class PlainReasons:
    """Why a model gives each row its probability: the log-odds are the base value and what is added to it.

    Args:
        base_value: The log-odds of a usual row.
        features: Of each row the names of the columns that add most, or take most away, the largest first.
        told: Of each of these what it holds as a text, None where nothing is known.
        contributions: What each of these adds.
        rest: What all others add together.
    """

    base_value: float
    features: npt.NDArray[np.object_]
    told: npt.NDArray[np.object_]
    contributions: Floats
    rest: Floats


def plain_features(columns: Columns, churned: Floats) -> PlainFeatures:
    """The columns to learn from.

    Args:
        columns: All columns of the table.
        churned: 1 for who left, 0 for who stayed, NaN where it is not known.
    """
    found: dict[str, Column] = {}
    ignored: dict[str, Ignored] = {}
    doubtful: dict[str, float] = {}
    known = ~np.isnan(churned)
    for name, column in columns.items():
        alone = max(_separation(one, churned[known]) for one in _scores(column, known, churned[known]))
        why: Ignored | None = "tells_all" if alone >= TELLS_ALL else _why_not(column)
        if why is not None:
            ignored[name] = why
            continue
        found[name] = column
        if alone >= TELLS_NEARLY_ALL:
            doubtful[name] = alone
    return PlainFeatures(found, ignored, doubtful)


def _why_not(column: Column) -> Ignored | None:
    if isinstance(column, Categories):
        there = column.codes[~column.missing]
        different = np.unique(there).size
        if different > MOST_NAMES or (different > LEAST_ROWS_OF_A_LEVEL and 2 * different > there.size):
            return "names"
        return "constant" if np.unique(column.codes).size < 2 else None
    return "constant" if np.unique(column).size < 2 else None


def _scores(column: Column, known: npt.NDArray[np.bool_], churned: Floats) -> list[Floats]:
    """By what one column may order customers: whether it is there, its numbers, who left by each name."""
    if not isinstance(column, Categories):
        missing = np.isnan(column[known])
        return [missing.astype(np.float64), np.where(missing, -np.inf, column[known])]
    codes = column.codes[known] + 1
    counts = np.bincount(codes)
    left = np.bincount(codes, churned)
    # Of a name that few have, anything may be true by chance.
    rates = np.where(counts >= LEAST_ROWS_OF_A_LEVEL, left / np.maximum(counts, 1), churned.mean())
    return [column.missing[known].astype(np.float64), rates[codes]]


def _separation(scores: Floats, churned: Floats) -> float:
    """AUC of scores, in whichever direction it is larger."""
    if not 0 < churned.sum() < churned.size:
        return 0.5
    area = auc_of(churned, scores)
    return max(area, 1 - area)


def train_plain(columns: Columns, churned: Floats) -> PlainTrained:
    """Learn who left from rows of one table, and try it on each fifth with models of the four others.

    Args:
        columns: Features of the rows.
        churned: 1 for who left, 0 for who stayed.

    Raises:
        InputError: Too few left or stayed.
    """
    from sklearn.model_selection import StratifiedKFold

    left = int(churned.sum())
    if min(left, churned.size - left) < FEWEST:
        raise InputError("churn.too_few", left=left, stayed=churned.size - left, least=FEWEST)
    parts = list(StratifiedKFold(FOLDS, shuffle=True, random_state=SEED).split(churned, churned))
    scores: dict[str, Floats] = {}
    for learnt, rest in parts:
        for name, model in _fitted(at_rows(columns, learnt), churned[learnt]).items():
            score = scores.setdefault(name, np.empty(churned.size))
            score[rest] = model.log_odds(at_rows(columns, rest))
    held_out, alike = np.empty(churned.size), np.empty(churned.size)
    for learnt, rest in parts:
        name, steep, level = _chosen({one: score[learnt] for one, score in scores.items()}, churned[learnt])
        held_out[rest] = scipy.special.expit(steep * scores[name][rest] + level)
        alike[rest] = churned[learnt].mean()
    (name, steep, level), fifths = _chosen(scores, churned), [rest for _, rest in parts]
    return PlainTrained(
        model=_fitted(columns, churned)[name].scaled(steep, level),
        chosen=name,
        held_out=held_out,
        tried=_held_out(churned, held_out, fifths),
        naive=_held_out(churned, alike, fifths),
        gains=[gain(churned[rest], held_out[rest], alike[rest]) for rest in fifths],
    )


def _fitted(columns: Columns, churned: Floats) -> dict[str, AdditiveModel]:
    sample = Sample.of([Snapshot(0, columns, churned)], SEED, MOST_ROWS)
    found = fitted(sample, {}, None, SEED)
    return {**found, PAIRS: fit_pairs(sample, found[MEAN])}


def _chosen(scores: Mapping[str, Floats], churned: Floats) -> tuple[str, float, float]:
    """The simplest of the best models on rows that it had not seen: its name, and the slope and the shift
    that bring it to the level of what came.
    """
    slopes = {name: slope(score, churned) for name, score in scores.items()}
    losses = {name: losses_of(slopes[name] * score, churned) for name, score in scores.items()}
    name = simplest_of_the_best(losses)
    return name, slopes[name], shift(slopes[name] * scores[name], churned)


def _held_out(churned: Floats, probability: Floats, fifths: Sequence[npt.NDArray[np.int64]]) -> HeldOut:
    return HeldOut(
        [measures(churned[rows], probability[rows]) for rows in fifths], measures(churned, probability)
    )


def plain_reasons(learnt: PlainTrained, columns: Columns, most: int) -> PlainReasons:
    """Why the model gives each row its probability.

    Args:
        learnt: The model.
        columns: The rows.
        most: So many columns are named of each row, or all where there are fewer.
    """
    model = learnt.model
    reasons = model.reasons(columns)
    top = np.argsort(-np.abs(reasons), axis=1, kind="stable")[:, :most]
    contributions = np.take_along_axis(reasons, top, axis=1)
    told = np.array([_texts(columns[feature]) for feature in model.features], dtype=object)
    return PlainReasons(
        base_value=float(model.log_odds(columns).mean()),
        features=np.array(model.features, dtype=object)[top],
        told=told[top, np.arange(len(top))[:, np.newaxis]],
        contributions=contributions,
        rest=reasons.sum(axis=1) - contributions.sum(axis=1),
    )


def _texts(column: Column) -> list[str | None]:
    if isinstance(column, Categories):
        levels = (*column.levels, None)
        return [levels[code] for code in column.codes]
    return [None if np.isnan(number) else format(number, ".15g") for number in column]
