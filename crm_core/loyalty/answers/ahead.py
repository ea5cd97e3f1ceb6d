"""Which members are about to rise or to fall?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from crm_core.base import InputError
from crm_core.loyalty.estimates import loyalty_ahead
from crm_core.loyalty.rules import Programme
from crm_core.loyalty.rules.programme import Measure
from crm_core.periods import Calendar
from crm_core.tables import Ask


@dataclass(frozen=True)
class Ahead:
    """Members who are about to move.

    Args:
        rising: Rows of `loyalty_ahead` of those who are about to rise, who brings most first.
        falling: Likewise of those who are about to fall.
        review_on: When they would; None where nobody is about to fall.
        days_left: Days until then; likewise.
        by: What tiers are by, which tells what `lacking` and `usual` are.
        currency: Of amounts among them.
    """

    rising: pd.DataFrame
    falling: pd.DataFrame
    review_on: dt.date | None
    days_left: int | None
    by: Measure
    currency: str


def about_to_move(
    ask: Ask, *, as_of: dt.date, programme: Programme, months: int, calendar: Calendar = "gregorian"
) -> Ahead:
    """Members of a programme with tiers who are about to rise or to fall.

    Raises:
        InputError: It has no tiers.
    """
    tiers = programme.tiers
    if tiers is None:
        raise InputError("loyalty.programme.missing", place="programme", name="tiers")
    rows = ask(loyalty_ahead, as_of=as_of, programme=programme, months=months, calendar=calendar)
    rows["brought"] = rows["brought"] / ask.tables.money_scale
    rising, falling = rows[rows["rises"]], rows[~rows["rises"]]
    first = falling.iloc[0] if len(falling) else None
    return Ahead(
        rising=rising.reset_index(drop=True),
        falling=falling.reset_index(drop=True),
        review_on=None if first is None else first["review_on"],
        days_left=None if first is None else int(first["days_left"]),
        by=tiers.by,
        currency=ask.tables.currency,
    )
