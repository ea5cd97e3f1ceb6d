"""Over how many days it is asked whether a customer comes back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

HORIZONS_DAYS: Final = (30, 60, 90, 180, 365)
"""The horizons that are proposed, the shortest first."""
LONGEST_HORIZON_DAYS: Final = 3_650
SHARE_WITHIN: Final = 0.8
"""The share of repeat purchases that come within the horizon: of who is silent for longer, few come back."""
FEWEST_REPEATS: Final = 100
"""With fewer repeat purchases than this a base has no rhythm to read."""
USUAL_HORIZON_DAYS: Final = 90
"""What is proposed to a base without a rhythm."""
HORIZONS_OF_HISTORY: Final = 3
"""A horizon of history to learn from, one whose end is learnt and one on which that is tried."""


@dataclass(frozen=True)
class ProposedHorizon:
    """The horizon that fits a company's own rhythm, and why.

    Args:
        days: The horizon.
        repeats: Repeat purchases from which the rhythm is read.
        share_within: The share of them that came within `days`; None where they are too few to say.
        shortened: Whether the rhythm asks for a longer one than the history allows to learn and to try.
    """

    days: int
    repeats: int
    share_within: float | None
    shortened: bool


def proposed_horizon(gaps: Iterable[tuple[int, int]], history_days: int) -> ProposedHorizon:
    """The shortest horizon within which four in five repeat purchases came, if the history is long enough.

    Args:
        gaps: Days from a purchase day to the customer's next one, and how many times they were that many.
        history_days: Days from the first order line to the last.
    """
    counted = list(gaps)
    repeats = sum(times for _, times in counted)
    share = {
        days: sum(times for gap, times in counted if gap <= days) / max(repeats, 1) for days in HORIZONS_DAYS
    }
    wanted = USUAL_HORIZON_DAYS
    if repeats >= FEWEST_REPEATS:
        wanted = next((days for days in HORIZONS_DAYS if share[days] >= SHARE_WITHIN), HORIZONS_DAYS[-1])
    possible = [days for days in HORIZONS_DAYS if days * HORIZONS_OF_HISTORY <= history_days]
    days = min(wanted, max(possible, default=HORIZONS_DAYS[0]))
    said = share[days] if repeats >= FEWEST_REPEATS else None
    return ProposedHorizon(days, repeats, said, shortened=days < wanted)
