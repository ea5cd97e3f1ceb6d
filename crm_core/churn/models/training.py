"""From snapshots to the model that is used: fitted, tried on later customers, calibrated, chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.churn.models.additive import AdditiveModel, mean_of
from crm_core.churn.models.boosted import fit_boosted
from crm_core.churn.models.calibration import expected_shift, shift, slope
from crm_core.churn.models.columns import Floats, Sample, Snapshot
from crm_core.churn.models.logistic import fit_logistic
from crm_core.churn.models.naive import fit_rule

LOGISTIC: Final = "logistic"
BOOSTED: Final = "boosted"
MEAN: Final = "logistic_and_boosted"
PAIRS: Final = "with_pairs"
"""The mean of the two, and what pairs of features say beyond it; of plain tables alone."""
PURCHASE_MODEL: Final = "purchase_model"
"""The chance of no purchase by the model of repeat purchases alone, brought to the level of what happened."""

MOST_ROWS: Final = 60_000
"""Learnt from; a sum of tables of eight pieces a feature is settled by far fewer: of 100,000 rows it tells
customers apart by .0002 of AUC better.
"""
LEAST_OF_EACH: Final = 50
"""Who left and who stayed, in all snapshots: of fewer nothing is learnt."""
FOLDS: Final = 5
NO_MATTER: Final = 0.0003
"""Of log-loss. Of few customers a standard error is wide, and a model that is better by more is taken."""
_SIMPLEST_FIRST: Final = (LOGISTIC, MEAN, BOOSTED, PURCHASE_MODEL, PAIRS)
"""In what order models are taken that did as well: bent lines vary least with what was learnt from."""

Fit = Callable[[Sample], dict[str, AdditiveModel]]


@dataclass(frozen=True)
class Trained:
    """Calibrated models, and how they were come by.

    Args:
        models: By name; rules of thumb are among them.
        losses: Log-loss of each on customers that it was not fitted to, at the level of these.
        chosen: Name of the simplest model that did as well as the best (`simplest_of_the_best`); rules of
            thumb are the yardstick and never chosen.
        rules: Names of the rules of thumb.
        trained_on: Days of the snapshots learnt from, the latest first.
        tried_on: Day of the snapshot on which they were tried.
        out_of_time: Whether what they were fitted to for the trial lay wholly before it; if not, they were
            fitted to four fifths of the customers and tried on the fifth, five times.
        level_of: Days of the snapshots from which the level comes.
        rows: How many rows were learnt from.
    """

    models: Mapping[str, AdditiveModel]
    losses: Mapping[str, float]
    chosen: str
    rules: tuple[str, ...]
    trained_on: tuple[int, ...]
    tried_on: int
    out_of_time: bool
    level_of: tuple[int, ...]
    rows: int

    @property
    def model(self) -> AdditiveModel:
        """The chosen one."""
        return self.models[self.chosen]


def train(
    snapshots: Sequence[Snapshot],
    *,
    year_before: Sequence[Snapshot] = (),
    cut_off: int,
    horizon_days: int,
    rules: Mapping[str, str],
    no_purchase: str | None = None,
    seed: int = 0,
) -> Trained:
    """Fit every model, try it on the latest snapshot, calibrate it, and choose.

    Args:
        snapshots: Customers as they stood on several days, each with the same features.
        year_before: Customers a year before the cut-off and a year before the latest snapshot (the days of
            `year_before_days`), for the level of the season; none where nothing is known of it.
        cut_off: Day of which scores are wanted.
        horizon_days: Length of the time looked ahead.
        rules: Rules of thumb: their names and the features that they go by.
        no_purchase: The feature that is the log-odds of no purchase by a model of repeat purchases.
        seed: Of all that is drawn by lot.

    Raises:
        ValueError: When a snapshot's labels look beyond the cut-off, or there are not `enough`.
    """
    latest, earlier = _parted(snapshots, year_before, cut_off, horizon_days)

    def fit(sample: Sample) -> dict[str, AdditiveModel]:
        return fitted(sample, rules, no_purchase, seed)

    out_of_time = enough(earlier)
    tried, churned = (_later if out_of_time else _crossed)(fit, earlier, latest, seed)
    sample = Sample.of(snapshots, seed, MOST_ROWS)
    levels = [Sample.of([one], seed, MOST_ROWS) for one in (latest, *year_before)]
    slopes = {name: slope(score, churned) for name, score in tried.items()}
    losses = {name: losses_of(slopes[name] * score, churned) for name, score in tried.items()}
    models = {name: _levelled(model.scaled(slopes[name], 0.0), levels) for name, model in fit(sample).items()}
    return Trained(
        models=models,
        losses={name: float(loss.mean()) for name, loss in losses.items()},
        chosen=simplest_of_the_best({name: loss for name, loss in losses.items() if name not in rules}),
        rules=tuple(rules),
        trained_on=tuple(sorted((one.day for one in snapshots), reverse=True)),
        tried_on=latest.day,
        out_of_time=out_of_time,
        level_of=tuple(one.day for one in (latest, *year_before)),
        rows=sample.churned.size,
    )


def fitted(
    sample: Sample, rules: Mapping[str, str], no_purchase: str | None, seed: int
) -> dict[str, AdditiveModel]:
    """Every model and every rule of thumb, as `train` is told of them."""
    from threadpoolctl import threadpool_limits

    # Threads of the linear algebra wait for each other longer than they work; two models do not.
    with threadpool_limits(limits=1), ThreadPoolExecutor(1) as beside:
        boosted = beside.submit(fit_boosted, sample, seed)
        found = {name: fit_rule(sample, feature) for name, feature in rules.items()}
        if no_purchase is not None:
            found[PURCHASE_MODEL] = fit_logistic(sample, [no_purchase])
        found[LOGISTIC], found[BOOSTED] = fit_logistic(sample), boosted.result()
    found[MEAN] = mean_of([found[LOGISTIC], found[BOOSTED]])
    return found


def _parted(
    snapshots: Sequence[Snapshot], year_before: Sequence[Snapshot], cut_off: int, horizon_days: int
) -> tuple[Snapshot, Sequence[Snapshot]]:
    """The latest snapshot, and those whose labels were known on its day."""
    if any(one.day + horizon_days > cut_off for one in (*snapshots, *year_before)):
        raise ValueError("labels look beyond the cut-off")
    if not enough(snapshots):
        raise ValueError("too few have left or stayed")
    latest = max(snapshots, key=lambda one: one.day)
    earlier = [one for one in snapshots if one is not latest]
    return latest, [one for one in earlier if one.day + horizon_days <= latest.day]


def enough(snapshots: Sequence[Snapshot]) -> bool:
    """Whether there is anything to learn from: who left and who stayed, counted on each day anew."""
    churned = sum(float(one.churned.sum()) for one in snapshots)
    return min(churned, sum(one.churned.size for one in snapshots) - churned) >= LEAST_OF_EACH


def _later(
    fit: Fit, earlier: Sequence[Snapshot], latest: Snapshot, seed: int
) -> tuple[dict[str, Floats], Floats]:
    """Log-odds of the latest snapshot's customers by models that were fitted to the earlier ones."""
    models = fit(Sample.of(earlier, seed, MOST_ROWS))
    tried = Sample.of([latest], seed, MOST_ROWS)
    return {name: model.log_odds(tried.columns) for name, model in models.items()}, tried.churned


def _crossed(
    fit: Fit, earlier: Sequence[Snapshot], latest: Snapshot, seed: int
) -> tuple[dict[str, Floats], Floats]:
    """Log-odds of the latest snapshot's customers, a fifth at a time, by models fitted to the others."""
    del earlier
    tried = Sample.of([latest], seed, MOST_ROWS)
    # The rows are in an order as if drawn by lot; who left and who stayed are dealt out in turn.
    folds = np.empty(tried.churned.size, np.int64)
    for label in (0.0, 1.0):
        rows = np.flatnonzero(tried.churned == label)
        folds[rows] = np.arange(rows.size) % FOLDS
    found: dict[str, Floats] = {}
    for fold in range(FOLDS):
        inside = folds == fold
        for name, model in fit(tried.at(~inside)).items():
            scores = found.setdefault(name, np.empty(tried.churned.size))
            scores[inside] = model.log_odds(tried.at(inside).columns)
    return found, tried.churned


def losses_of(log_odds: Floats, churned: Floats) -> Floats:
    """Log-loss of each, at the level of all: what a season does to everybody tells no models apart."""
    levelled = log_odds + shift(log_odds, churned)
    return np.asarray(np.logaddexp(0, np.where(churned > 0, -levelled, levelled)))


def simplest_of_the_best(losses: Mapping[str, Floats]) -> str:
    """The first of the models in order of simplicity whose loss is hardly larger than the least.

    Hardly is no more than a standard error of the difference, and no more than `NO_MATTER`.

    Reference:
        Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees, 3.4.3: the 1 SE rule.
    """
    best = min(losses.values(), key=lambda loss: float(loss.mean()))

    def as_good(loss: Floats) -> bool:
        more = loss - best
        return bool(more.mean() <= min(NO_MATTER, more.std() / np.sqrt(more.size)))

    return next(name for name in _SIMPLEST_FIRST if name in losses and as_good(losses[name]))


def _levelled(model: AdditiveModel, levels: Sequence[Sample]) -> AdditiveModel:
    shifts = [shift(model.log_odds(sample.columns), sample.churned) for sample in levels]
    return model.scaled(1.0, expected_shift(shifts[0], shifts[1:]))
