"""On which days customers are looked at to learn from."""

from __future__ import annotations

from typing import Final

from crm_core.periods import YEAR_DAYS

SNAPSHOTS: Final = 6
A_HORIZON: Final = 2
"""Snapshots a horizon: closer ones say the same again, fewer say less."""
HORIZONS_BEFORE_A_SEASON: Final = 1.5
"""Of history; after less, nearly everybody is new, and the level is another for that."""


def training_days(first_day: int, cut_off: int, horizon_days: int) -> tuple[int, ...]:
    """Days of the snapshots to learn from, the latest first.

    The latest is a horizon before the cut-off, so that everything learnt from has happened by then. Others
    follow half a horizon apart, as long as there is a horizon of history before them.

    Args:
        first_day: Number of the first day with a purchase.
        cut_off: Number of the day of which scores are wanted.
        horizon_days: Length of the time looked ahead.
    """
    step = max(1, horizon_days // A_HORIZON)
    days = (cut_off - horizon_days - number * step for number in range(SNAPSHOTS))
    return tuple(day for day in days if day - first_day >= horizon_days)


def year_before_days(first_day: int, cut_off: int, horizon_days: int) -> tuple[int, ...]:
    """The days a year before the cut-off and before the latest snapshot, where there is enough history.

    From them comes the level of the season. Arguments are those of `training_days`.
    """
    if horizon_days > YEAR_DAYS:
        return ()
    days = (cut_off - YEAR_DAYS, cut_off - horizon_days - YEAR_DAYS)
    return tuple(day for day in days if day - first_day >= HORIZONS_BEFORE_A_SEASON * horizon_days)
