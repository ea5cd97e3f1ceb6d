"""Whether chances of leaving rose more than they usually do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from crm_core.churn.models.columns import Floats, Truths


@dataclass(frozen=True)
class Rise:
    """By how much the mean chance of a group rose, and by how much it usually does.

    Args:
        customers: Who were in the group when the time began, and still are customers.
        before: Their mean chance then.
        now: Their mean chance now.
        usual: By how much the mean rose, in the same time just before, of who was in the group then.
        p_value: How likely a rise at least so far above the usual one is, when nothing has changed; NaN where
            there are too few customers to say.
    """

    customers: int
    before: float
    now: float
    usual: float
    p_value: float


def rise_of(now: Floats, before: Floats, earlier: Floats, members: Truths, members_earlier: Truths) -> Rise:
    """The rise of a group against its usual one, each customer compared with himself.

    The chances of customers who are looked at again after some time rise on average by that alone, since
    nobody takes the place of those who have left. So the rise is held against that of the same group in as
    long a time just before. A customer counts in both, and what one customer does in the two is not
    independent: the variance is of the sums of each customer's two deviations.

    Args:
        now: Chance of each customer today.
        before: At the beginning of the time; NaN for who was no customer.
        earlier: At the beginning of the time before; NaN likewise.
        members: Who was in the group when the time began.
        members_earlier: Who was in it when the time before began.
    """
    members = members & ~np.isnan(before) & ~np.isnan(now)
    members_earlier = members_earlier & ~np.isnan(earlier) & ~np.isnan(before)
    count, count_earlier = int(members.sum()), int(members_earlier.sum())
    if not count:
        return Rise(0, float("nan"), float("nan"), float("nan"), float("nan"))
    rise, means = now - before, (float(before[members].mean()), float(now[members].mean()))
    if min(count, count_earlier) < 2:
        return Rise(count, *means, float("nan"), float("nan"))
    rise_earlier = before - earlier
    usual = float(rise_earlier[members_earlier].mean())
    apart = np.zeros(now.size)
    apart[members] += (rise[members] - (means[1] - means[0])) / count
    apart[members_earlier] -= (rise_earlier[members_earlier] - usual) / count_earlier
    error = float(np.sqrt((apart**2).sum() * count / (count - 1)))
    above = means[1] - means[0] - usual
    p_value = float(scipy.special.stdtr(min(count, count_earlier) - 1, -above / error)) if error else 1.0
    return Rise(count, *means, usual, p_value)


def corrected(p_values: Sequence[float]) -> Floats:
    """P-values of several tests, so that with none true a false alarm among all is as rare as in one.

    What could not be tested stays NaN and does not count.

    Reference:
        Benjamini and Hochberg (1995), Controlling the false discovery rate.
    """
    from scipy.stats import false_discovery_control

    given = np.asarray(p_values, dtype=np.float64)
    found, made = np.full(given.shape, np.nan), ~np.isnan(given)
    if made.any():
        found[made] = false_discovery_control(given[made])
    return found
