"""Forecasts of each customer's purchases, by models and by naive rules, and how far off they were."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crm_core.value.models.cells import Floats, Integers, PurchaseCells
from crm_core.value.models.purchase_model import PurchaseModel
from crm_core.value.rules import DAYS_PER_WEEK

EVERYBODY: Final = "everybody_average"
NAIVE: Final = ("same_rate", "recent_window", EVERYBODY)
"""As often as ever since the first purchase; as often as lately; all customers alike."""
AVERAGED: Final = "_and_recent_window"
"""Ends the name of the mean of a model's forecast and that of the recent window."""

_TENTHS: Final = 10


@dataclass(frozen=True)
class Snapshot:
    """Purchase histories at a cut-off, each with how many customers share it.

    Args:
        cells: The histories; the same one may stand in several cells that differ in what follows.
        window_frequency: Repeat purchase days in the last `window_weeks` up to the cut-off.
        window_weeks: Length of the recent window.
    """

    cells: PurchaseCells
    window_frequency: Floats
    window_weeks: float

    def part(self, places: Integers) -> Snapshot:
        """Those of the histories that stand at these places."""
        return Snapshot(self.cells.part(places), self.window_frequency[places], self.window_weeks)


@dataclass(frozen=True)
class Errors:
    """How far a forecast of purchases was off, over all customers of a snapshot.

    Args:
        error_of_total: Forecast of all purchases over what they were, less 1; NaN where there were none.
        mae: Mean absolute error, purchases per customer.
        rmse: Root of the mean squared error, purchases per customer.
        rank_correlation: Spearman's, between forecast and outcome; NaN where either is the same for all.
    """

    error_of_total: float
    mae: float
    rmse: float
    rank_correlation: float

    @property
    def loss(self) -> float:
        """What forecasts are chosen by: the geometric mean of both errors, of which neither may run away."""
        return float(np.sqrt(self.mae * self.rmse))


def forecasts(snapshot: Snapshot, models: Sequence[PurchaseModel], weeks: float) -> dict[str, Floats]:
    """Expected purchases in the weeks after the cut-off for each cell, by the name of the forecast."""
    cells = snapshot.cells
    customers, window = cells.customers, snapshot.window_frequency
    seen = np.minimum(cells.age, snapshot.window_weeks) @ customers
    # Nobody's history is shorter than the day that it began on.
    age = np.maximum(cells.age, 1 / DAYS_PER_WEEK)
    found = {
        "same_rate": cells.frequency / age * weeks,
        "recent_window": window * (weeks / snapshot.window_weeks),
        EVERYBODY: np.full(window.shape, (window @ customers) / seen * weeks if seen else 0.0),
    }
    for model in models:
        each = model.expected_purchases(weeks, cells.frequency, cells.recency, cells.age)
        found[model.name] = each
        found[model.name + AVERAGED] = (each + found["recent_window"]) / 2
    return found


def errors(forecast: Floats, held_out: Floats, customers: Floats) -> Errors:
    """Compare a forecast with what came.

    Args:
        forecast: Expected purchases, by cell.
        held_out: Purchases that were made, by cell.
        customers: Customers in the cell.
    """
    count, purchases = customers.sum(), held_out @ customers
    off = forecast - held_out
    return Errors(
        error_of_total=float(forecast @ customers / purchases - 1) if purchases else float("nan"),
        mae=float(np.abs(off) @ customers / count),
        rmse=float(np.sqrt(off**2 @ customers / count)),
        rank_correlation=rank_correlation(forecast, held_out, customers),
    )


def rank_correlation(one: Floats, other: Floats, customers: Floats) -> float:
    """Spearman's correlation of customers given by cells, ties sharing their mean rank; NaN if undefined."""
    ranks = [_mid_ranks(values, customers) for values in (one, other)]
    centred = [rank - (rank @ customers) / customers.sum() for rank in ranks]
    spread = np.sqrt(np.prod([rank**2 @ customers for rank in centred]))
    if spread <= np.finfo(float).eps * customers.sum():
        return float("nan")
    return float(np.clip((centred[0] * centred[1]) @ customers / spread, -1, 1))


def _mid_ranks(values: Floats, customers: Floats) -> Floats:
    _, place = np.unique(values, return_inverse=True)
    tied = np.bincount(place, customers)
    ranks: Floats = (np.cumsum(tied) - tied / 2)[place]
    return ranks


def by_tenth(forecast: Floats, held_out: Floats, customers: Floats) -> Mapping[str, Floats]:
    """Calibration: customers in ten equal parts by their forecast, highest first.

    Returns:
        `customers`, `expected` and `actual` (purchases per customer) of each tenth; a cell of equal
        customers that reaches over a border is split at it.
    """
    order = np.argsort(-forecast, kind="stable")
    ends = np.cumsum(customers[order])
    borders = ends[-1] * np.arange(_TENTHS + 1) / _TENTHS
    starts = ends - customers[order]
    # Customers of each cell (rows) that fall into each tenth (columns).
    inside = [
        np.clip(np.minimum(ends, high) - np.maximum(starts, low), 0, None)
        for low, high in itertools.pairwise(borders)
    ]
    counts = np.array([part.sum() for part in inside])
    return {
        "customers": counts,
        "expected": np.array([part @ forecast[order] for part in inside]) / counts,
        "actual": np.array([part @ held_out[order] for part in inside]) / counts,
    }


def chosen(losses: Sequence[Mapping[str, float]]) -> str:
    """The forecast whose loss was smallest over all trials, each counting as much as the others.

    Args:
        losses: `Errors.loss` by the name of the forecast, of each trial. Only forecasts that every trial has
            can be chosen; of equally good ones the first is.
    """
    names = [name for name in losses[0] if all(name in trial for trial in losses)]
    # Relative to the best of its trial, so that one with many purchases does not outweigh the others.
    best = [min(trial[name] for name in names) or np.finfo(float).tiny for trial in losses]

    def total(name: str) -> float:
        return sum(trial[name] / least for trial, least in zip(losses, best, strict=True))

    return min(names, key=total)
