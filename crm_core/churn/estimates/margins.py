"""What customers' orders brought: one basis for all days that are looked at together."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.churn.metrics.stakes import brought_lately
from crm_core.periods import YEAR_DAYS
from crm_core.tables import Ask

COSTED: Final = 0.5
"""Share of the revenue whose cost must be known for cost to be taken off."""


@dataclass(frozen=True)
class Basis:
    """What is counted as brought by an order: one basis for all days that are looked at together.

    Args:
        by_margin: Whether cost is taken off.
        usual_margin: What is left then of the revenue of an order with a line without a cost: the share that
            is left of the others together; 1 where cost is not taken off.
    """

    by_margin: bool
    usual_margin: float


def basis_of(ask: Ask, as_of: dt.date) -> Basis:
    """By margin where the orders whose every line has a cost make up at least half of a year's revenue.

    Args:
        ask: The base.
        as_of: The last day of the year.
    """
    sums = ask(brought_lately, as_of=as_of)[["costed_revenue", "cost", "uncosted_revenue"]].sum()
    costed, cost, uncosted = (float(one) for one in sums)
    by_margin = costed > 0 and costed >= COSTED * (costed + uncosted)
    return Basis(by_margin, 1 - cost / costed if by_margin else 1.0)


def margins_on(ask: Ask, as_of: dt.date, basis: Basis, days: int = YEAR_DAYS) -> pd.Series:
    """What each customer with an order in the last days brought, money, by `customer_id`.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        basis: What is counted.
        days: How many days, the last of them `as_of`.
    """
    rows = ask(brought_lately, as_of=as_of, days=days).set_index("customer_id")
    brought = rows["costed_revenue"] + basis.usual_margin * rows["uncosted_revenue"]
    return (brought - rows["cost"] if basis.by_margin else brought).round().astype("int64")
