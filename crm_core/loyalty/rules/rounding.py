"""Numbers that people say: what a threshold, a band or the worth of a reward is rounded to."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

_SAID: Final = (1.0, 2.0, 2.5, 5.0)
_FINER: Final = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
_COUNTED: Final = 10
"""Whole numbers below it are said as they are."""
_CLOSE: Final = 1e-9
_HUNDREDTHS: Final = 100


def sayable(number: float, *, whole: bool = False) -> float:
    """The nearest of 1, 2, 2.5, 5 and their tenfolds by ratio; of whole numbers below 10, the nearest.

    Args:
        number: Above 0.
        whole: Whether only whole numbers, from 1 up, will do.
    """
    if whole and number < _COUNTED - 0.5:
        return float(max(round(number), 1))
    below, above = _around(number, _SAID, whole)
    return below if number * number <= below * above * (1 + _CLOSE) else above


def sayable_below(number: float, *, whole: bool = False) -> float:
    """The highest of such numbers that is not above; 0 where there is none."""
    if whole and number < _COUNTED:
        return float(math.floor(number + _CLOSE))
    return _around(number, _SAID, whole)[0]


def worth_below(number: float, *, whole: bool = False) -> float:
    """As `sayable_below`, in finer steps, for what a reward may cost."""
    if whole and number < _COUNTED:
        return float(math.floor(number + _CLOSE))
    return _around(number, _FINER, whole)[0] if number > 0 else 0.0


def worth_above(number: float, *, whole: bool = False) -> float:
    """The lowest of the finer numbers that is not below a number above 0."""
    below, above = _around(number, _FINER, whole)
    return below if below >= number * (1 - _CLOSE) else above


def power_below(number: float) -> float:
    """The highest of 1, 10, 100 ... 0.1, 0.01 ... that is not above a number above 0."""
    return _tenfold(1.0, math.floor(math.log10(number) + _CLOSE))


def smallest_amount(money_scale: int) -> float:
    """The smallest amount that people say of a currency, in its units: a hundredth, or a whole one.

    Args:
        money_scale: Units of stored money in a unit of currency.
    """
    return 1 / min(money_scale, _HUNDREDTHS)


def rising(numbers: Iterable[float]) -> tuple[float, ...]:
    """Different numbers, lowest first."""
    return tuple(sorted(set(numbers)))


def _around(number: float, digits: tuple[float, ...], whole: bool) -> tuple[float, float]:
    """The highest such number that is not above, and the lowest that is."""
    decade = math.floor(math.log10(number))
    found = [_tenfold(digit, power) for power in range(decade - 1, decade + 2) for digit in digits]
    if whole:
        found = [one for one in found if one == int(one)]
    below = max(one for one in found if one <= number * (1 + _CLOSE))
    return below, min(one for one in found if one > below)


def _tenfold(digit: float, power: int) -> float:
    # By way of its text, which is the number that is meant and not one next to it.
    return float(f"{digit:g}e{power}")
