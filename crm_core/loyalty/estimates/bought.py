"""What members bought, and what that brings: margin where all costs are known, else revenue."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from crm_core.loyalty.estimates.replayed import Replayed
from crm_core.loyalty.metrics import loyalty_bought
from crm_core.loyalty.rules import Programme
from crm_core.periods import date_of
from crm_core.tables import Ask


def bought_by(ask: Ask, programme: Programme, found: Replayed, as_of: dt.date) -> pd.DataFrame:
    """What each member bought in the days that are told, as in `loyalty_bought`, in the members' order."""
    begin = date_of(found.days.start)
    bought = ask(loyalty_bought, as_of=as_of, members=programme.members, begin=begin).set_index("place")
    return bought.reindex(range(len(found.members)), fill_value=0)


def costs_known(ask: Ask, rows: pd.DataFrame) -> bool:
    """Whether all costs of what was bought are known, of rows with `uncosted_line_count`."""
    return "orders.cost" in ask.tables.provided and not rows["uncosted_line_count"].sum()


def brought_by(rows: pd.DataFrame, *, by_margin: bool) -> pd.Series:
    """What rows with `revenue` and `cost` bring, money: margin, else revenue."""
    return rows["revenue"] - rows["cost"] if by_margin else rows["revenue"]
