"""Who gains and who loses by one programme against another, both replayed over the same purchases."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import check_between
from crm_core.customers.metrics import customers_grouped
from crm_core.loyalty.estimates.options import (
    AnyProgramme,
    ByMembers,
    Months,
    MonthsOf,
    OtherProgramme,
    Until,
)
from crm_core.loyalty.estimates.replayed import replayed_by_all, share_of
from crm_core.loyalty.models import rewards_cost
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar
from crm_core.tables import Ask, Estimate

_MOST: Final = 1_000_000_000


@Estimate
def loyalty_gains(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    other: OtherProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
    most: int = 0,
) -> pd.DataFrame:
    """What each member would have been given by a programme and by another one.

    Who will use points is not known, so rewards are what is to be expected: what the member would take with
    all points used, times the share of members who are likely to use them. Who is a member of one of the
    two only is given nothing by the other.

    Args:
        most: Of how many of those who gain most, and of how many of those who lose most, it is told; 0: of
            all members.

    Returns:
        Grain: a member of either, those who gain most first.

        - `customer_id`: text
        - `given`: money, rewards to be expected and discounts of the programme at what they cost
        - `given_other`: money, of the other one
        - `gain`: money, by how much the first is more

    Raises:
        InputError: There are no such months, or not so many members.
        NotProvided: The base lacks what a programme is about.
    """
    check_between("most", most, 0, _MOST)
    given = _given(ask, programme, as_of, months, calendar)
    before = _given(ask, other, as_of, months, calendar)
    both = pd.DataFrame({"given": given, "given_other": before}).fillna(0).astype(np.int64)
    both["gain"] = both["given"] - both["given_other"]
    rows = both.rename_axis("customer_id").reset_index()
    rows = rows.sort_values(["gain", "customer_id"], ascending=[False, True], ignore_index=True)
    if most and len(rows) > 2 * most:
        return pd.concat([rows.head(most), rows.tail(most)], ignore_index=True)
    return rows


@Estimate
def loyalty_compared(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    other: OtherProgramme,
    group: ByMembers,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """How many members of each group gain and lose by a programme against another one, and how much.

    Returns:
        Grain: a group with members of either programme.

        - `group`: text; null for those who are in none
        - `members`: of either
        - `gaining`, `losing`: how many are given more and less by the programme than by the other
        - `given`: money, rewards and discounts of the programme at what they cost
        - `given_other`: money, of the other one
        - `gain`: money, by how much the first is more

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what a programme or the grouping is about.
    """
    rows = ask(loyalty_gains, as_of=as_of, programme=programme, other=other, months=months, calendar=calendar)
    groups = ask(customers_grouped, as_of=as_of, group=group).set_index("customer_id")["group"]
    rows["group"] = rows["customer_id"].map(groups)
    rows["gaining"], rows["losing"] = rows["gain"] > 0, rows["gain"] < 0
    parts = rows.groupby("group", dropna=False)
    sums = parts[["gaining", "losing", "given", "given_other", "gain"]].sum()
    sums.insert(0, "members", parts.size())
    return sums.reset_index()


def _given(ask: Ask, programme: Programme, as_of: dt.date, months: int, calendar: Calendar) -> pd.Series[int]:
    found = replayed_by_all(ask, programme, as_of=as_of, months=months, calendar=calendar)
    all_used = rewards_cost(programme, found.ledger.rewards, ask.tables.money_scale)
    cost = np.rint(all_used * share_of(programme, "likely")).astype(np.int64)
    return pd.Series(cost + found.ledger.discount, index=found.members["customer_id"].to_numpy(object))
