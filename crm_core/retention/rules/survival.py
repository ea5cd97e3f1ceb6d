"""How long is long: horizons, spans of age, and from when on somebody is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Final, Literal

Kind = Literal["purchase", "contract"]
"""What is waited for: the next purchase after the first one, or the end of a contract."""

MOST_GROUPS: Final = 5
"""So many groups are shown by name; all others together are one more."""

SIGNIFICANT: Final = 0.05
"""Groups whose difference chance alone would make less often than this differ."""

HORIZONS_DAYS: Final = (30, 90, 365)
"""Days within which the share that bought again is told; all that a page tells of one kind, by the longest
for which enough could be watched."""

COMPARED_DAYS: Final = 90
"""Days within which those who were won in two years are compared."""

LONGEST_SHOWN: Final[Mapping[Kind, int]] = {"purchase": 730, "contract": 1_826}
"""Days that a curve is drawn for at the most."""

AGES: Final[Mapping[Kind, tuple[int, ...]]] = {
    "purchase": (0, 30, 60, 90, 180, 365, 730),
    "contract": (0, 90, 180, 365, 730, 1_095, 1_826),
}
"""Where spans of age meet, in days."""

RATE_DAYS: Final = 30
"""Chances by age are told for so many days."""

OVERDUE_AFTER: Final = 0.80
"""Overdue is who has been silent for longer than it took this share of those who came back."""
LONG_OVERDUE_AFTER: Final = 0.95
"""Long overdue, in the same way."""


def quantile(counts: Sequence[tuple[int, int]], share: float) -> int:
    """The smallest value that at least a share of all do not exceed.

    Args:
        counts: Values with how often each occurs; at least one.
        share: Above 0 to 1.
    """
    ordered = sorted(counts)
    wanted = share * sum(many for _, many in ordered)
    reached = accumulate(many for _, many in ordered)
    # A share of a count may come out a little above what it is.
    return next(value for (value, _), so_far in zip(ordered, reached, strict=True) if so_far >= wanted - 1e-9)
