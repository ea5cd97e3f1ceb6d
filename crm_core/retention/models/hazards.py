"""How often the event happens at each age: events over the time that was lived through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from crm_core.retention.models.spells import Spells
from crm_core.retention.models.survival import CONFIDENCE


@dataclass(frozen=True)
class Hazards:
    """The rate of events in each of some spans of age, taken as the same all through a span.

    Args:
        begins: Where each span begins, that age not included but for 0.
        ends: Where it ends, included.
        at_risk: Spells that reached the span.
        events: Events in it.
        rate: Events for one unit of time lived through; NaN where none was.
        low: Lower end of the exact Poisson interval of the rate.
        high: Upper end.
    """

    begins: NDArray[np.float64]
    ends: NDArray[np.float64]
    at_risk: NDArray[np.float64]
    events: NDArray[np.float64]
    rate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def hazards(spells: Spells, edges: ArrayLike, confidence: float = CONFIDENCE) -> Hazards:
    """The rate of events by age.

    With d events, the exact interval of their number is chi-squared((1 - c) / 2, 2 d) / 2 to
    chi-squared((1 + c) / 2, 2 d + 2) / 2, which are quantiles of gamma(d) and gamma(d + 1).

    Args:
        spells: Grouped durations.
        edges: Where spans meet, ascending, the first 0; what lasts longer than the last is not counted.
        confidence: Coverage of the intervals.

    Raises:
        ValueError: The edges do not ascend from 0.

    References:
        F. Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28.
    """
    bounds = np.asarray(edges, dtype=np.float64)
    if len(bounds) < 2 or bounds[0] != 0 or (np.diff(bounds) <= 0).any():
        raise ValueError("edges ascend from 0")
    begins, ends = bounds[:-1], bounds[1:]
    counts = spells.events + spells.censored
    lived = np.clip(spells.times, begins[:, None], ends[:, None]) - begins[:, None]
    exposure = lived @ counts
    span = np.maximum(np.searchsorted(bounds, spells.times, side="left") - 1, 0)
    within = span < len(begins)
    events = np.bincount(span[within], weights=spells.events[within], minlength=len(begins)).astype(
        np.float64
    )
    reached = np.concatenate(
        (spells.at_risk([0.0]), [counts[spells.times > edge].sum() for edge in begins[1:]])
    )
    tail = (1 - confidence) / 2
    # No event is the least there can be: 0, which no quantile says.
    fewest = np.where(events > 0, scipy.special.gammaincinv(np.maximum(events, 1), tail), 0.0)
    most = scipy.special.gammaincinv(events + 1, 1 - tail)
    none = np.full(len(begins), np.nan)
    rate, low, high = (
        np.divide(some, exposure, out=none.copy(), where=exposure > 0) for some in (events, fewest, most)
    )
    return Hazards(begins, ends, reached, events, rate, low, high)
