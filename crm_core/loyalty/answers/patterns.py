"""What came back, grew and widened in the purchases of a year: what a first programme is derived from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from crm_core.loyalty.metrics import Looked, loyalty_indicators, loyalty_rhythm, loyalty_rule_met
from crm_core.loyalty.models import steps_of
from crm_core.loyalty.models.accounts import Floats
from crm_core.loyalty.rules import (
    WITHIN_DAYS,
    Habits,
    IndicatorName,
    Members,
    Patterns,
    Rhythm,
    Rule,
    rising,
    worth_above,
)
from crm_core.tables import Ask

EVERYBODY: Final = Members("everybody")

_STEPS_ABOVE: Final = (1.2, 2.0)
"""From so many usual purchases on one is larger, and much larger."""
_HALF, _MOST = 0.5, 0.8
_WINDOWS: Final = (90, 180, WITHIN_DAYS)
_TIMES: Final = 3
"""So often who comes back buys in the shortest window that will do."""


def begin_of_year(as_of: dt.date) -> dt.date:
    """The first of the days that are looked at."""
    return as_of - dt.timedelta(days=WITHIN_DAYS - 1)


def patterns_of(
    ask: Ask, as_of: dt.date, habits: Habits, values: Mapping[IndicatorName, Floats], ever: Floats
) -> Patterns:
    """What came back, grew and widened.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        habits: What customers do.
        values: What each comes to in the year, by indicator.
        ever: How many purchases each has made in all.
    """

    def met(rule: Rule) -> int:
        rows = ask(loyalty_rule_met, as_of=as_of, members=EVERYBODY, rule=rule, begin=begin_of_year(as_of))
        return int(rows["points"].sum())

    gaps = ask(loyalty_rhythm, as_of=as_of, begin=begin_of_year(as_of))
    whole, smallest = habits.whole_money, habits.smallest
    above = (worth_above(max(part * habits.purchase, smallest), whole=whole) for part in _STEPS_ABOVE)
    larger = rising(max(at, smallest) for at in above)
    variety = values.get("variety", np.zeros(0))
    return Patterns(
        purchases=int(values["purchases"].sum()),
        spent=float(values["amount"].sum()),
        once=int((ever == 1).sum()),
        seconds=int(gaps.loc[gaps["number"] == 2, "times"].sum()),
        thirds=int(gaps.loc[gaps["number"] == 3, "times"].sum()),
        rhythm=_rhythm(ask, as_of, habits, gaps),
        larger=tuple((at, met(Rule("purchase", 1, at_least=at))) for at in larger),
        widest=int(variety.max(initial=0)),
        narrow=int((variety == 1).sum()),
        widened=met(Rule("variety", 1)) if variety.size else 0,
    )


def _rhythm(ask: Ask, as_of: dt.date, habits: Habits, gaps: pd.DataFrame) -> Rhythm | None:
    if gaps.empty:
        return None
    seconds = gaps[gaps["number"] == 2]
    if seconds.empty:
        seconds = gaps
    usual = _days(gaps, _HALF)
    window = next((one for one in _WINDOWS if one >= _TIMES * usual), _WINDOWS[-1])
    looked = (Looked("purchases", within_days=window),)
    rows = ask(loyalty_indicators, as_of=as_of, looked=looked)
    bought = rows["value_0"].to_numpy(np.float64)
    several = bought[bought > 1]
    return Rhythm(
        usual=usual,
        second=_days(seconds, _HALF),
        most=_days(seconds, _MOST),
        window=window,
        times=int(np.median(several)) if several.size else 1,
        steps=steps_of("purchases", bought[bought > 0], habits.smallest),
        customers=int((bought > 0).sum()),
    )


def _days(gaps: pd.DataFrame, part: float) -> int:
    """The least number of days within which so large a part lies."""
    ordered = gaps.groupby("days")["times"].sum()
    reached = ordered.cumsum() >= part * ordered.sum()
    return int(ordered.index[reached.to_numpy()][0])
