"""What happens just above a threshold against just below it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from crm_core.loyalty.models.accounts import Flags, Floats, Integers

FEWEST: Final = 50
"""So many members there must be on each side."""
_UPPER: Final = 0.975
_TERMS: Final = 4


@dataclass(frozen=True)
class Near:
    """Members who were looked at near a threshold: a row for a member and a day, by day.

    Args:
        member: Which.
        distance: Of the measure from the threshold; 0 or more is above.
        bandwidth: Rows lie nearer than this.
    """

    member: Integers
    distance: Floats
    bandwidth: float

    @property
    def above(self) -> Flags:
        """Whether the threshold is reached."""
        return self.distance >= 0

    @property
    def members(self) -> tuple[int, int]:
        """How many members are looked at just below and just above; some on both sides."""
        below, above = (int(np.unique(self.member[side]).size) for side in (~self.above, self.above))
        return below, above

    @property
    def enough(self) -> bool:
        """Whether there are enough members, with at least two values of the measure, on each side."""
        sides = (self.distance[~self.above], self.distance[self.above])
        return min(self.members) >= FEWEST and min(np.unique(side).size for side in sides) > 1


@dataclass(frozen=True)
class Jump:
    """What follows at the threshold, from below and from above.

    Args:
        below, above: Levels at the threshold.
        low, high: 95 % interval of their difference.
    """

    below: float
    above: float
    low: float
    high: float


def jump(near: Near, outcome: Floats) -> Jump:
    """A line on each side of the threshold, and how far they are apart there.

    Weighted least squares of the outcome y on the distance x, with d = 1 from the threshold on, b the
    bandwidth and weights 1 - abs(x) / b::

        y = below + difference d + slope x + change d x

    The variance is robust and clustered by member, with the usual factor for few clusters; Student's t has as
    many degrees of freedom as there are members on the smaller side, less the two of its line.

    Args:
        near: Who is looked at; `enough`.
        outcome: What came after, of each row.

    References:
        Hahn, Todd and van der Klaauw (2001), Identification and estimation of treatment effects with a
        regression-discontinuity design. Liang and Zeger (1986), Longitudinal data analysis using generalized
        linear models.
    """
    x, d = near.distance / near.bandwidth, near.above.astype(np.float64)
    terms = np.column_stack([np.ones_like(x), d, x, d * x])
    weighed = terms * (1 - np.abs(x))[:, np.newaxis]
    bread = np.linalg.inv(weighed.T @ terms)
    found = bread @ (weighed.T @ outcome)
    scores = weighed * (outcome - terms @ found)[:, np.newaxis]
    _, cluster = np.unique(near.member, return_inverse=True)
    sums = np.column_stack([np.bincount(cluster, column) for column in scores.T])
    clusters, rows = len(sums), len(x)
    factor = clusters / (clusters - 1) * (rows - 1) / (rows - _TERMS)
    variance = factor * bread @ (sums.T @ sums) @ bread
    freedom = min(near.members) - 2
    reach = float(scipy.special.stdtrit(freedom, _UPPER)) * float(np.sqrt(variance[1, 1]))
    below, difference = float(found[0]), float(found[1])
    return Jump(below, below + difference, difference - reach, difference + reach)


@dataclass(frozen=True)
class Heap:
    """How many members are very near a threshold, each counted on the first day on which they are.

    Args:
        below, above: On either side.
        chance: Of so many or more above, if both sides were as likely.
    """

    below: int
    above: int
    chance: float


def heap(near: Near, width: float) -> Heap:
    """Whether more members are just above the threshold than just below it.

    Where the measure takes steps, as of prices in tens, as many of them are looked at on each side.

    Args:
        near: Who is looked at.
        width: How far from the threshold counts; down to whole steps, and one at the least.
    """
    step = float(np.gcd.reduce(np.diff(np.unique(near.distance)).astype(np.int64)))
    if step:
        width = max(width // step, 1.0) * step
    rows = (near.distance >= -width) & (near.distance < width)
    _, first = np.unique(near.member[rows], return_index=True)
    above = int(near.above[rows][first].sum())
    return Heap(
        first.size - above, above, float(scipy.special.bdtrc(above - 1, first.size, 0.5)) if above else 1.0
    )
