"""Whether groups last unlike: the log-rank test, for all groups at once and for each pair of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from crm_core.retention.models.spells import Spells


@dataclass(frozen=True)
class Comparison:
    """What the log-rank test says.

    Args:
        statistic: Chi-squared, 0 or more; NaN where there is nothing to compare.
        p_value: How likely a statistic at least so large is when all groups last alike.
    """

    statistic: float
    p_value: float


def log_rank(groups: Sequence[Spells]) -> Comparison:
    """The log-rank test of two or more groups.

    At each event time the events of a group are compared with what its share of those at risk would make one
    expect; the sums of the differences are set against their hypergeometric covariance.

    Args:
        groups: The spells of each group.

    Raises:
        ValueError: There are fewer than two groups.

    References:
        N. Mantel (1966), Evaluation of survival data and two new rank order statistics, Cancer Chemotherapy
        Reports 50.
    """
    if len(groups) < 2:
        raise ValueError("there are at least two groups to compare")
    times = np.unique(np.concatenate([one.times[one.events > 0] for one in groups]))
    at_risk = np.array([one.at_risk(times) for one in groups])
    events = np.array([_at(one, times) for one in groups])
    all_risk, all_events = at_risk.sum(axis=0), events.sum(axis=0)
    share = at_risk / all_risk
    expected = share * all_events
    several = all_risk > 1
    left = np.where(several, all_risk - all_events, 0.0) / np.where(several, all_risk - 1, 1.0)
    weight = all_events * left
    covariance = np.diag((share * weight).sum(axis=1)) - (share * weight) @ share.T
    excess = (events - expected).sum(axis=1)
    # A group that was never at risk when something happened says nothing.
    telling = np.flatnonzero(np.diag(covariance) > 1e-12 * max(float(all_events.sum()), 1.0))
    statistic, p_value, freedom = float("nan"), float("nan"), max(len(telling) - 1, 0)
    if freedom:
        kept = telling[:-1]
        difference = excess[kept]
        statistic = float(difference @ np.linalg.solve(covariance[np.ix_(kept, kept)], difference))
        p_value = float(scipy.special.chdtrc(freedom, statistic))
    return Comparison(statistic, p_value)


def _at(one: Spells, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Events of a group at each of some times."""
    found = np.zeros(len(times))
    there = one.events > 0
    found[np.searchsorted(times, one.times[there])] = one.events[there]
    return found


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """P-values of several tests corrected so that a false alarm among all of them stays as rare as in one.

    NaN, a test that could not be made, stays NaN and does not count.

    References:
        S. Holm (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal of
        Statistics 6.
    """
    given = np.asarray(p_values, dtype=np.float64)
    corrected = np.full(given.shape, np.nan)
    made = np.flatnonzero(~np.isnan(given))
    order = made[np.argsort(given[made], kind="stable")]
    steps = given[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected


def log_rank_pairs(groups: Sequence[Spells]) -> dict[tuple[int, int], float]:
    """The corrected p-value (Holm) of the log-rank test of each pair of groups, by their places."""
    pairs = list(combinations(range(len(groups)), 2))
    found = holm([log_rank((groups[one], groups[other])).p_value for one, other in pairs])
    return {pair: float(p_value) for pair, p_value in zip(pairs, found, strict=True)}
