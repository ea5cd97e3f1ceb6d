"""A programme replayed over what customers really did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np
import pandas as pd

from crm_core.base import check_between
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.models import NEVER, Accounts, Entries, Replay, replay
from crm_core.loyalty.models.accounts import Flags
from crm_core.loyalty.rules import Programme
from crm_core.periods import FIRST_DAY, Calendar, date_of, day_of, months_before, period_of
from crm_core.tables import Ask

Redeeming = Literal["low", "likely", "high"]
REDEEMING: Final[tuple[Redeeming, ...]] = ("low", "likely", "high")
MOST_MONTHS: Final = 60


@dataclass(frozen=True)
class Replayed:
    """A replay with all that it was made of.

    Args:
        members: As `loyalty_members` tells them.
        days: Of the replay.
        ledger: What members were given.
    """

    members: pd.DataFrame
    days: range
    ledger: Replay

    @property
    def member_days(self) -> int:
        """Days of membership within the replay, summed over members."""
        since = np.maximum(self.members["since_day"].to_numpy(np.int64), self.days.start)
        return int(np.maximum(self.days.stop - since, 0).sum())


def replayed(
    ask: Ask,
    programme: Programme,
    *,
    as_of: dt.date,
    months: int,
    calendar: Calendar = "gregorian",
    redeeming: Redeeming = "likely",
) -> Replayed:
    """Replay a programme over the months up to a day.

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    check_between("months", months, 1, MOST_MONTHS)
    end = day_of(as_of) + 1
    days = range(months_before(end, months, calendar), end)
    begin = date_of(days.start)
    members = ask(loyalty_members, as_of=as_of, members=programme.members, begin=begin)
    rows = ask(
        loyalty_entries,
        as_of=as_of,
        members=programme.members,
        earn=programme.earn,
        begin=begin,
        purchase_cap=programme.caps.purchase,
        history_days=_history_days(programme, begin),
    )
    entries = Entries(**{column.name: rows[column.name].to_numpy(np.int64) for column in fields(Entries)})
    nothing = np.zeros(len(members), np.int64)
    accounts = Accounts(
        since=members["since_day"].to_numpy(np.int64),
        last_purchase=members["last_purchase_day"].fillna(NEVER).to_numpy(np.int64),
        opening=nothing,
        opening_day=nothing,
        opening_tier=nothing,
        redeems=_redeems(members["customer_id"], programme, redeeming),
    )
    ledger = replay(
        programme,
        accounts,
        entries,
        days=days,
        periods=period_of(np.arange(days.start, days.stop), "month", calendar),
        money_scale=ask.tables.money_scale,
    )
    return Replayed(members, days, ledger)


def _history_days(programme: Programme, begin: dt.date) -> int:
    """How far back tiers look before the replay begins."""
    tiers = programme.tiers
    if tiers is None or tiers.by in ("points", "tenure"):
        return 0
    return tiers.within_days or day_of(begin) - FIRST_DAY


def _redeems(customers: pd.Series[str], programme: Programme, redeeming: Redeeming) -> Flags:
    """Who uses points: the same customers in every programme, and more of them where the share is higher."""
    share = getattr(programme.redemption, redeeming) if programme.redemption else 0.0
    places = pd.util.hash_array(customers.to_numpy(object), categorize=False)
    return places / 2.0**64 < share
