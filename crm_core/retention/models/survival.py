"""The product-limit estimate of a survival curve, its band, its quantiles and its restricted mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from crm_core.retention.models.spells import Spells

CONFIDENCE: Final = 0.95

_SAME: Final = 1e-9
"""Products of shares that should be a half may lie this far beside it."""


@dataclass(frozen=True)
class IntervalEstimate:
    """A number with its confidence interval; `standard_error` is NaN where the interval is not made of it."""

    value: float
    low: float
    high: float
    standard_error: float = float("nan")


@dataclass(frozen=True)
class SurvivalCurve:
    """A survival curve: the share of spells that the event has not ended after each duration.

    Args:
        spells: What it was estimated from.
        times: Durations at which an event happened, ascending; the curve is flat in between.
        survival: S(t), the share that lasts longer than t, 0 to 1.
        low: Lower end of the pointwise band; NaN where the curve has come down to 0.
        high: Upper end.
        variance: Greenwood's estimate of the variance of S(t).
        confidence: Coverage of every interval.
    """

    spells: Spells
    times: NDArray[np.float64]
    survival: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    variance: NDArray[np.float64]
    confidence: float

    def at(self, time: float) -> IntervalEstimate:
        """The share that lasts longer than `time`; NaN beyond the longest duration of a curve above 0."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        if time > self.spells.longest and (not len(self.times) or self.survival[-1] > 0):
            return IntervalEstimate(float("nan"), float("nan"), float("nan"))
        if place < 0:
            return IntervalEstimate(1.0, 1.0, 1.0, 0.0)
        return IntervalEstimate(
            float(self.survival[place]),
            float(self.low[place]),
            float(self.high[place]),
            float(np.sqrt(self.variance[place])),
        )

    def quantile(self, share: float) -> IntervalEstimate:
        """The first duration after which the event has ended at least this share of spells.

        Infinite where the curve does not come down so far. The interval is that of Brookmeyer and Crowley:
        all durations at which the band holds 1 - `share`. Where the curve comes down to 0 before the band is
        known to have come so far, no shorter duration is held, and the interval begins with the value.
        """
        left = 1.0 - share
        value, low, high = (self._first(curve, left) for curve in (self.survival, self.low, self.high))
        return IntervalEstimate(value, min(low, value), high)

    def _first(self, curve: NDArray[np.float64], left: float) -> float:
        # A band that is not known any more, the curve being at 0, ends no duration.
        down = np.flatnonzero(curve <= left + _SAME)
        return float(self.times[down[0]]) if len(down) else float("inf")

    @property
    def median(self) -> IntervalEstimate:
        """The duration after which the event has ended half of the spells."""
        return self.quantile(0.5)

    def restricted_mean(self, horizon: float) -> IntervalEstimate:
        """The mean of durations, those beyond the horizon counted as the horizon: the area below the curve.

        Raises:
            ValueError: The curve is not known as far as the horizon.
        """
        if horizon < 0 or np.isnan(self.at(horizon).value):
            raise ValueError(f"the curve is not known at {horizon}")
        before = self.times < horizon
        begins = np.concatenate(([0.0], self.times[before]))
        heights = np.concatenate(([1.0], self.survival[before]))
        pieces = heights * np.diff(np.append(begins, horizon))
        area_after = np.cumsum(pieces[::-1])[::-1][1:]
        at_risk, events = self.spells.at_risk(self.times[before]), self._events[before]
        # Where all who were at risk had the event nothing lies after it.
        alive = at_risk > events
        spread = np.divide(events, at_risk * (at_risk - events), out=np.zeros_like(events), where=alive)
        mean, error = float(pieces.sum()), float(np.sqrt((area_after**2 * spread).sum()))
        reach = float(scipy.special.ndtri((1 + self.confidence) / 2)) * error
        return IntervalEstimate(mean, max(mean - reach, 0.0), min(mean + reach, horizon), error)

    @property
    def _events(self) -> NDArray[np.float64]:
        return self.spells.events[self.spells.events > 0]


def kaplan_meier(spells: Spells, confidence: float = CONFIDENCE) -> SurvivalCurve:
    """The product-limit estimate of the survival curve.

    S(t) is the product over event times t_i up to t of 1 - d_i / n_i, with d_i events among n_i at risk. Its
    variance is S(t)^2 times the sum of d_i / (n_i (n_i - d_i)) (Greenwood); the band is symmetric for
    log(-log S), so that it stays between 0 and 1.

    Args:
        spells: Grouped durations.
        confidence: Coverage of the pointwise band and of all intervals.

    References:
        E. L. Kaplan, P. Meier (1958), Nonparametric estimation from incomplete observations, JASA 53.
        R. Brookmeyer, J. Crowley (1982), A confidence interval for the median survival time, Biometrics 38.
    """
    there = spells.events > 0
    times, events = spells.times[there], spells.events[there]
    at_risk = spells.at_risk(times)
    survival = np.cumprod((at_risk - events) / at_risk, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.cumsum(events / (at_risk * (at_risk - events)))
        logarithm = np.log(survival)
        reach = scipy.special.ndtri((1 + confidence) / 2) * np.sqrt(spread) / logarithm
        low = survival ** np.exp(-reach)
        high = survival ** np.exp(reach)
        variance = np.where(survival > 0, survival**2 * spread, 0.0)
    known = survival > 0
    return SurvivalCurve(
        spells=spells,
        times=times,
        survival=survival,
        low=np.where(known, low, np.nan),
        high=np.where(known, high, np.nan),
        variance=variance,
        confidence=confidence,
    )
