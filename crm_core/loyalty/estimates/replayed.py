"""A programme replayed over what customers really did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Final, Literal

import numpy as np
import pandas as pd

from crm_core.base import InputError
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.models import NEVER, Accounts, Entries, Replay, replay
from crm_core.loyalty.models.accounts import Flags
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar, date_of, day_of, months_before, period_of
from crm_core.tables import Ask

Redeeming = Literal["low", "likely", "high"]
REDEEMING: Final[tuple[Redeeming, ...]] = ("low", "likely", "high")
MOST_MONTHS: Final = 60
_EVER: Final = 80_000
"""More days than any base holds."""
_GOLDEN: Final = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: multiples of it fall evenly, however many are taken."""


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
    if not 1 <= months <= MOST_MONTHS:
        raise InputError("metric.bad_option", option="months", value=months, allowed=f"1 … {MOST_MONTHS}")
    days = range(months_before(day_of(as_of) + 1, months), day_of(as_of) + 1)
    begin = date_of(days.start)
    members = ask(loyalty_members, as_of=as_of, programme=programme, begin=begin)
    rows = ask(
        loyalty_entries,
        as_of=as_of,
        programme=programme,
        begin=begin,
        history_days=_history_days(programme),
    )
    entries = Entries(**{column.name: rows[column.name].to_numpy(np.int64) for column in fields(Entries)})
    size = len(members)
    nothing = np.zeros(size, np.int64)
    accounts = Accounts(
        since=members["since_day"].to_numpy(np.int64),
        last_purchase=members["last_purchase_day"].fillna(NEVER).to_numpy(np.int64),
        opening=nothing,
        opening_day=nothing,
        opening_tier=nothing,
        redeems=_redeems(size, programme, redeeming),
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


def _history_days(programme: Programme) -> int:
    """How far back tiers look before the replay begins."""
    tiers = programme.tiers
    if tiers is None or tiers.by in ("points", "tenure"):
        return 0
    return tiers.within_days or _EVER


def _redeems(size: int, programme: Programme, redeeming: Redeeming) -> Flags:
    """Who uses points: the same members whichever programme, more of them where the share is higher."""
    share = getattr(programme.redemption, redeeming) if programme.redemption else 0.0
    places = np.arange(1, size + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    return places / 2.0**64 < share
