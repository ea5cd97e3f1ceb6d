"""From which values on customers stand out by an indicator, in numbers that people say."""

from __future__ import annotations

from typing import Final

import numpy as np

from crm_core.loyalty.models.accounts import Floats
from crm_core.loyalty.rules import IndicatorName, Steps, rising, sayable, sayable_below

_LEVELS: Final = (0.5, 0.8, 0.95)
"""Half, four fifths and nineteen twentieths of customers lie below."""
_FEW_LEVELS: Final = (0.5, 0.9)
"""Of what few customers do, among those who do it."""
_LATE, _EARLY = 0.1, 0.9
_TENURES: Final = (30.0, 90.0, 180.0, 365.0, 730.0, 1095.0, 1825.0, 3650.0)
"""Months and years, which are what people say of time."""


def steps_of(name: IndicatorName, values: Floats, smallest: float) -> Steps:
    """Where customers stand out by an indicator.

    Args:
        name: Which.
        values: What customers come to; NaN where it is not known.
        smallest: The smallest amount of the currency.
    """
    known = values[~np.isnan(values)]
    at = tuple(one for one in _found(name, known, smallest) if (known >= one).any())
    return Steps(at, tuple(int((known >= one).sum()) for one in at))


def _found(name: IndicatorName, known: Floats, smallest: float) -> tuple[float, ...]:
    if name == "days_early":
        return _days_early(known)
    if name == "tenure_days":
        return _tenures(known)
    positive = known[known > 0]
    if name == "amount":
        return _said(positive, _LEVELS, whole=smallest >= 1)
    if name in ("purchases", "variety"):
        # Each customer has one.
        return tuple(one for one in _said(positive, _LEVELS, whole=True) if one > 1)
    if name == "referrals":
        return _said(positive, _FEW_LEVELS, whole=True)
    return rising(min(one, 1.0) for one in _said(positive, _FEW_LEVELS, whole=False))


def _tenures(known: Floats) -> tuple[float, ...]:
    reached = [one for one in _TENURES if known.size and one <= known.max()]
    if not reached:
        return ()
    logs = np.log(reached)
    return rising(reached[int(np.abs(logs - np.log(max(at, 1.0))).argmin())] for at in _at(known, _LEVELS))


def _said(values: Floats, levels: tuple[float, ...], *, whole: bool) -> tuple[float, ...]:
    """Levels in numbers that people say and that somebody comes to."""
    if not values.size:
        return ()
    most = sayable_below(float(values.max()), whole=whole)
    return rising(min(sayable(at, whole=whole), most) for at in _at(values, levels))


def _days_early(known: Floats) -> tuple[float, ...]:
    """A few days late, in time, and early."""
    if not known.size:
        return ()
    late, early = _at(known, (_LATE, _EARLY))
    found = [0.0]
    if late <= -1:
        found.append(-sayable(-late, whole=True))
    if early >= 1:
        found.append(min(sayable(early, whole=True), sayable_below(float(known.max()), whole=True)))
    return rising(found)


def _at(values: Floats, levels: tuple[float, ...]) -> list[float]:
    """For each level a value that some customer has and so large a part does not exceed."""
    return [float(one) for one in np.quantile(values, levels, method="lower")] if values.size else []
