"""A programme set against another one: what each costs, and who gains and who loses."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.loyalty.answers.club import Club, club
from crm_core.loyalty.estimates import loyalty_compared, loyalty_gains
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar
from crm_core.tables import Ask

NAMED: Final = 5
"""How many of those who gain most and of those who lose most are named."""
_MONEY: Final = ("given", "given_other", "gain")


@dataclass(frozen=True)
class Against:
    """Two programmes replayed over the same purchases; amounts in units of currency over the days told.

    Args:
        other: The one that the first is set against.
        members: Of either.
        gaining: Members whom the first gives more.
        losing: Members whom it gives less.
        gain: By how much it gives more to all of them together.
        groups: Rows of `loyalty_compared`, where most is gained or lost first.
        most: Rows of `loyalty_gains`: those who gain most.
        least: Those who lose most, the most first.
        currency: Of all amounts.
    """

    other: Club
    members: int
    gaining: int
    losing: int
    gain: float
    groups: pd.DataFrame
    most: pd.DataFrame
    least: pd.DataFrame
    currency: str


def against(
    ask: Ask,
    *,
    as_of: dt.date,
    programme: Programme,
    other: Programme,
    group: Grouping,
    months: int,
    calendar: Calendar = "gregorian",
) -> Against:
    """A programme against another one.

    Raises:
        CrmError: Nobody would be a member of the other one.
        NotProvided: The base lacks what a programme is about.
    """
    theirs = club(ask, as_of=as_of, programme=other, months=months, calendar=calendar)
    both: dict[str, object] = {"programme": programme, "other": other, "months": months, "calendar": calendar}
    rows = ask(loyalty_gains, as_of=as_of, **both, most=NAMED)
    groups = ask(loyalty_compared, as_of=as_of, **both, group=group)
    scale = ask.tables.money_scale
    rows, groups = (one.assign(**{name: one[name] / scale for name in _MONEY}) for one in (rows, groups))
    return Against(
        other=theirs,
        members=int(groups["members"].sum()),
        gaining=int(groups["gaining"].sum()),
        losing=int(groups["losing"].sum()),
        gain=float(groups["gain"].sum()),
        groups=groups.sort_values("gain", key=abs, ascending=False, ignore_index=True, kind="stable"),
        most=rows[rows["gain"] > 0],
        least=rows[rows["gain"] < 0].iloc[::-1],
        currency=ask.tables.currency,
    )
