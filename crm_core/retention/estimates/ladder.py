"""The repeat ladder with the time that each of its steps takes."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf

import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.retention.metrics import USUAL_RUNGS, ladder_spells
from crm_core.retention.models import IntervalEstimate, Spells, SurvivalCurve, kaplan_meier
from crm_core.retention.rules import wilson_interval
from crm_core.tables import Ask, AsOf, Estimate

_COLUMNS = ("purchase", "customers", "next_customers", "repeat_rate", "low", "high", "median_days")


@Estimate
def repeat_ladder(
    ask: Ask, *, as_of: AsOf, group: Grouping | None = None, rungs: int = USUAL_RUNGS
) -> pd.DataFrame:
    """How many customers who bought so many times bought once more, and how long it takes them.

    Purchases are purchase days: several orders of one day count once.

    Args:
        group: By what customers are parted: the name of a grouping.
        rungs: How many purchases to count from, 1 to 10.

    Returns:
        Grain: the number of a purchase that somebody has made. With `group`, of each group: its text is in a
        column `group` before all others, null for customers who are in none.

        - `purchase`: number of the purchase, 1 to `rungs`
        - `customers`: customers who made it, 1 or more
        - `next_customers`: those of them who have made the next one up to `as_of`
        - `repeat_rate`: `next_customers` / `customers`, 0 to 1; who bought lately has had little time
        - `low`: 95 % Wilson interval of that share, its lower end, 0 to 1
        - `high`: its upper end, 0 to 1
        - `median_days`: days until half of them have made the next one (Kaplan-Meier, which counts who
          bought lately only for as long as could be seen); null where it does not come to a half

    Raises:
        InputError: `rungs` is out of its range.

    References:
        E. B. Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
    """
    options = {} if group is None else {"group": group}
    spells = ask(ladder_spells, as_of=as_of, rungs=rungs, **options)
    keys = [*options, "purchase"]
    rows = [
        dict(zip(keys, key, strict=True)) | _row(some)
        for key, some in spells.groupby(keys, dropna=False, sort=True)
    ]
    found = pd.DataFrame(rows, columns=[*options, *_COLUMNS])
    return found.astype({"median_days": "Int64"})


def _row(some: pd.DataFrame) -> dict[str, object]:
    """The columns of the times from one purchase to the next."""
    told = rung(Spells.grouped(some["duration_days"], some["observed"], some["spells"]))
    return {
        "customers": told.customers,
        "next_customers": told.next_customers,
        "repeat_rate": told.repeat_rate,
        "low": told.low,
        "high": told.high,
        "median_days": None if told.median_days is None else int(told.median_days.value),
    }


@dataclass(frozen=True)
class RungEstimate:
    """What the times from one purchase to the next say.

    Args:
        customers: Customers who made the one.
        next_customers: Those of them who have made the next one.
        repeat_rate: `next_customers` / `customers`, 0 to 1.
        low: 95 % Wilson interval of that share, its lower end.
        high: Its upper end.
        curve: How long it takes them.
        median_days: Days until half of them have made the next one; None where it does not come to a half.
    """

    customers: int
    next_customers: int
    repeat_rate: float
    low: float
    high: float
    curve: SurvivalCurve
    median_days: IntervalEstimate | None


def rung(spells: Spells) -> RungEstimate:
    """From one purchase to the next, of at least one customer."""
    customers, next_customers = int(spells.count), int(spells.event_count)
    low, high = wilson_interval(next_customers, customers)
    curve = kaplan_meier(spells)
    median = None if isinf(curve.median.value) else curve.median
    return RungEstimate(customers, next_customers, next_customers / customers, low, high, curve, median)
