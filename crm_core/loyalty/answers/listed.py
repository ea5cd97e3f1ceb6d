"""The members of a tier, and those about to rise or to fall, to be acted on."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import pandas as pd

from crm_core.base import InputError
from crm_core.loyalty.answers.ahead import about_to_move
from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar
from crm_core.tables import Ask

MoveWay = Literal["falling", "rising"]


def members_about_to_move(
    ask: Ask,
    *,
    as_of: dt.date,
    programme: Programme,
    months: int,
    way: MoveWay,
    calendar: Calendar = "gregorian",
) -> pd.DataFrame:
    """The members of a programme with tiers who are about to fall, or to rise.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        programme: Which.
        months: How many months up to `as_of` a usual purchase is learnt from.
        way: Which of the two.
        calendar: By whose months it is told beside, so that one replay does for both.

    Returns:
        Rows of `loyalty_ahead`, money in units of currency.

    Raises:
        InputError: The programme has no tiers.
        NotProvided: The base lacks what the programme is about.
    """
    found = about_to_move(ask, as_of=as_of, programme=programme, months=months, calendar=calendar)
    return (found.falling if way == "falling" else found.rising).drop(columns="rises")


def members_of_tier(
    ask: Ask,
    *,
    as_of: dt.date,
    programme: Programme,
    months: int,
    place: int,
    calendar: Calendar = "gregorian",
) -> pd.DataFrame:
    """The members of a programme who have one of its tiers, or none, at the end of a day.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        programme: Which.
        months: How many months up to `as_of` are told.
        place: Of the tier, 1 for the lowest, 0 for none.
        calendar: As for `members_about_to_move`.

    Returns:
        A row for each, with `balance`, `missing_to_next` and `reward_cost` of `loyalty_accounts`, and its
        `revenue` as `revenue_of_months`, money in units of currency.

    Raises:
        InputError: There is no such tier.
        NotProvided: The base lacks what the programme is about.
    """
    names = programme.tier_names
    if not 0 <= place < len(names):
        raise InputError("loyalty.programme.missing", place="tiers", name=str(place))
    rows = ask(loyalty_accounts, as_of=as_of, programme=programme, months=months, calendar=calendar)
    rows = rows[rows["tier"] == names[place]]
    scale = ask.tables.money_scale
    return rows[["customer_id", "balance", "missing_to_next"]].assign(
        reward_cost=rows["reward_cost"] / scale, revenue_of_months=rows["revenue"] / scale
    )
