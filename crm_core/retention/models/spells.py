"""Grouped durations: what every estimate of the time until something happens is made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Spells:
    """Durations by their distinct values, of which some ended in the event and some are not over yet.

    At the same duration events come before censorings: who is censored at t was still at risk at t.

    Args:
        times: Distinct durations, ascending, 0 or more.
        events: How many ended in the event at each of them.
        censored: How many were not over when they were last seen at each of them.
    """

    times: NDArray[np.float64]
    events: NDArray[np.float64]
    censored: NDArray[np.float64]

    @classmethod
    def grouped(cls, durations: ArrayLike, observed: ArrayLike, counts: ArrayLike | None = None) -> Spells:
        """Spells from rows of duration, whether it ended in the event (1 or 0), and how many such there are.

        Rows may repeat and lie in any order; without `counts` each stands for one spell.

        Raises:
            ValueError: A duration or a count is negative or none, `observed` is neither 0 nor 1, or the
                columns are not of the same length.
        """
        lasted = np.asarray(durations, dtype=np.float64)
        happened = np.asarray(observed, dtype=np.float64)
        many = np.ones_like(lasted) if counts is None else np.asarray(counts, dtype=np.float64)
        if not lasted.shape == happened.shape == many.shape or lasted.ndim != 1:
            raise ValueError("durations, observed and counts are columns of the same length")
        if not (np.isfinite(lasted).all() and np.isfinite(many).all()):
            raise ValueError("durations and counts are finite")
        if (lasted < 0).any() or (many < 0).any():
            raise ValueError("durations and counts are 0 or more")
        if not np.isin(happened, (0.0, 1.0)).all():
            raise ValueError("observed is 0 or 1")
        there = many > 0
        times, place = np.unique(lasted[there], return_inverse=True)
        many, happened = many[there], happened[there]
        events = np.bincount(place, weights=many * happened, minlength=len(times)).astype(np.float64)
        censored = np.bincount(place, weights=many * (1.0 - happened), minlength=len(times)).astype(
            np.float64
        )
        return cls(times, events, censored)

    @property
    def count(self) -> float:
        """How many there are."""
        return float(self.events.sum() + self.censored.sum())

    @property
    def event_count(self) -> float:
        """How many of them ended in the event."""
        return float(self.events.sum())

    @property
    def longest(self) -> float:
        """The longest duration, 0 when there is none."""
        return float(self.times[-1]) if len(self.times) else 0.0

    def at_risk(self, times: ArrayLike) -> NDArray[np.float64]:
        """How many had lasted at least so long, the event not having come before."""
        leaving = np.append(np.cumsum((self.events + self.censored)[::-1])[::-1], 0.0)
        found: NDArray[np.float64] = leaving[np.searchsorted(self.times, np.asarray(times, np.float64))]
        return found
