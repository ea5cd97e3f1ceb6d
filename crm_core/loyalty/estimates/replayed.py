"""A programme replayed over what customers really did: once for all tables that are made of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from crm_core.base import check_between
from crm_core.loyalty.estimates.rows import entries_of, replays_of, rows_of
from crm_core.loyalty.metrics import loyalty_entries, loyalty_members
from crm_core.loyalty.models import NEVER, Accounts, Replay, replays
from crm_core.loyalty.models.accounts import Flags, Integers
from crm_core.loyalty.rules import Programme, Redemption, Reward, RunningCost
from crm_core.periods import (
    FIRST_DAY,
    LONGEST_YEAR_DAYS,
    Calendar,
    date_of,
    day_of,
    first_day,
    months_before,
    period_of,
)
from crm_core.tables import Ask, Estimate

Redeeming = Literal["low", "likely", "high"]
"""Which share of members uses points."""
REDEEMING: Final[tuple[Redeeming, ...]] = ("low", "likely", "high")
MOST_MONTHS: Final = 60
LEAST_LEAD_DAYS: Final = LONGEST_YEAR_DAYS
MOST_LEAD_DAYS: Final = 3 * LONGEST_YEAR_DAYS


@dataclass(frozen=True)
class Replayed:
    """A replay with all that it was made of.

    Args:
        members: As `loyalty_members` tells them.
        days: Those that are told.
        begin: The first day of the replay, on it or before.
        ledger: What members were given.
    """

    members: pd.DataFrame
    days: range
    begin: int
    ledger: Replay

    @property
    def member_days(self) -> Integers:
        """Days of membership within those that are told, of each member."""
        since = np.maximum(self.members["since_day"].to_numpy(np.int64), self.days.start)
        return np.asarray(np.maximum(self.days.stop - since, 0))


def replayed(
    ask: Ask,
    programme: Programme,
    *,
    as_of: dt.date,
    months: int,
    calendar: Calendar = "gregorian",
    redeeming: Redeeming = "likely",
) -> Replayed:
    """Replay a programme over the months up to a day, for one of the shares that it states.

    Raises:
        As `all_replayed`.
    """
    shares, share = _shares(programme), share_of(programme, redeeming)
    (found,) = _replayed(ask, programme, shares, (share,), as_of, months, calendar)
    return found


def all_replayed(
    ask: Ask, programme: Programme, *, as_of: dt.date, months: int, calendar: Calendar = "gregorian"
) -> dict[Redeeming, Replayed]:
    """Replay a programme over the months up to a day, for each of the shares that it states.

    What a replay depends on is asked for without names, costs and indicators, so that a change of them takes
    no other one.

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    wanted = [share_of(programme, one) for one in REDEEMING]
    found = _replayed(ask, programme, _shares(programme), wanted, as_of, months, calendar)
    return dict(zip(REDEEMING, found, strict=True))


def replayed_by_all(
    ask: Ask, programme: Programme, *, as_of: dt.date, months: int, calendar: Calendar = "gregorian"
) -> Replayed:
    """Replay a programme over the months up to a day, were all members to use their points.

    Raises:
        As `all_replayed`.
    """
    (found,) = _replayed(ask, programme, (1.0,), (1.0,), as_of, months, calendar)
    return found


def _shares(programme: Programme) -> tuple[float, ...]:
    """Those that a programme states, each once."""
    return tuple(dict.fromkeys(share_of(programme, one) for one in REDEEMING))


def _replayed(
    ask: Ask,
    programme: Programme,
    shares: tuple[float, ...],
    wanted: Sequence[float],
    as_of: dt.date,
    months: int,
    calendar: Calendar,
) -> list[Replayed]:
    days, terms = told_days(ask, programme, as_of, months), _terms(programme)
    rows = ask(loyalty_ledger, as_of=as_of, terms=terms, shares=shares, months=months, calendar=calendar)
    members = ask(loyalty_members, as_of=as_of, members=programme.members, begin=date_of(days.start))
    tiers = len(programme.tiers.steps) if programme.tiers else 0
    begin = _begin(ask, programme, days)
    sets = [shares.index(one) for one in wanted]
    ledgers = replays_of(rows, sets, tiers, len(programme.rewards))
    return [Replayed(members, days, begin, ledger) for ledger in ledgers]


def share_of(programme: Programme, redeeming: Redeeming) -> float:
    """Of members who use points, 0 to 1; 0 where there is nothing to use them for."""
    return float(getattr(programme.redemption, redeeming)) if programme.redemption else 0.0


def told_days(ask: Ask, programme: Programme, as_of: dt.date, months: int) -> range:
    """The days that are told of: of so many months of the programme's calendar, whoever reads of them, and
    none before the base's first.

    Raises:
        InputError: There are no such months.
    """
    check_between("months", months, 1, MOST_MONTHS)
    end = day_of(as_of) + 1
    return range(min(max(months_before(end, months, programme.calendar), ask.tables.first_day), end), end)


@Estimate
def loyalty_ledger(
    ask: Ask, *, as_of: dt.date, terms: Programme, shares: tuple[float, ...], months: int, calendar: Calendar
) -> pd.DataFrame:
    """A replay for each of some shares of members who use points, as rows; `crm_core.loyalty.estimates.rows`
    tells what they are.

    Args:
        ask: The base.
        as_of: The last day of the replay.
        terms: The programme, without what changes no points.
        shares: Of members who use points, 0 to 1 each.
        months: How many up to `as_of` are told.
        calendar: By whose months flows are told; totals do not depend on it.
    """
    days = told_days(ask, terms, as_of, months)
    begin = _begin(ask, terms, days)
    members = ask(loyalty_members, as_of=as_of, members=terms.members, begin=date_of(begin))
    rows = ask(
        loyalty_entries,
        as_of=as_of,
        members=terms.members,
        earn=terms.earn,
        begin=date_of(begin),
        purchase_cap=terms.caps.purchase,
        history_days=_history_days(terms, begin),
    )
    opening, opening_tier = _openings(members["customer_id"], terms, begin)
    accounts = Accounts(
        since=members["since_day"].to_numpy(np.int64),
        last_purchase=members["last_purchase_day"].fillna(NEVER).to_numpy(np.int64),
        opening=opening,
        opening_day=np.full(len(members), begin - 1, np.int64),
        opening_tier=opening_tier,
        redeems=np.zeros(len(members), bool),
    )
    found = replays(
        terms,
        accounts,
        entries_of(rows),
        redeeming=_redeeming(members["customer_id"], shares),
        days=range(begin, days.stop),
        periods=period_of(np.arange(begin, days.stop), "month", calendar),
        money_scale=ask.tables.money_scale,
        told_from=days.start,
        followed_from=_followed_from(terms, range(begin, days.stop)),
    )
    return rows_of(found)


def _terms(programme: Programme) -> Programme:
    tiers = programme.tiers
    if tiers is not None:
        tiers = replace(tiers, steps=tuple(replace(step, name="") for step in tiers.steps))
    return replace(
        programme,
        name="",
        tiers=tiers,
        rewards=tuple(Reward("", one.points, 0.0) for one in programme.rewards),
        redemption=Redemption(0.0, 0.0, 0.0),
        running_cost=RunningCost(),
        indicators=(),
    )


def _begin(ask: Ask, programme: Programme, days: range) -> int:
    """The first day of the replay: the day after that of opening balances, where none before it is told; else
    so long before those that are told as points last, within bounds, at the begin of a month of its calendar.
    Where no day is told, none is replayed.
    """
    if not days:
        return days.start
    if programme.openings is not None and day_of(programme.openings.as_of) < days.start:
        return day_of(programme.openings.as_of) + 1
    lasting = _lasting_days(programme) if programme.earn else LEAST_LEAD_DAYS
    lead = min(max(lasting, LEAST_LEAD_DAYS), MOST_LEAD_DAYS)
    first = max(days.start - lead, min(ask.tables.first_day, days.start))
    return int(first_day(period_of(first, "month", programme.calendar), "month", programme.calendar))


def _lasting_days(programme: Programme) -> int:
    """How long points last at the most; where they never expire, as long as a replay leads up to what it
    tells."""
    expiry = programme.expiry
    if expiry is None:
        return MOST_LEAD_DAYS
    return LONGEST_YEAR_DAYS * (expiry.years + 1) if expiry.kind == "year_end" else expiry.days


def _followed_from(programme: Programme, days: range) -> int:
    """From which day of a replay on points are followed: for as long as they last, so that of all of them it
    is known what became of them; not in its first third, when there are hardly any."""
    return max(days.stop - _lasting_days(programme), days.start + len(days) // 3)


def _openings(customers: pd.Series[str], terms: Programme, begin: int) -> tuple[Integers, Integers]:
    """Points and tiers that members bring into a replay; nothing where it does not begin with them."""
    opened = terms.openings
    balances = opened.balances if opened is not None and day_of(opened.as_of) + 1 == begin else ()
    brought = pd.DataFrame(balances, columns=["customer_id", "points", "tier"]).set_index("customer_id")
    mine = brought.reindex(customers, fill_value=0)
    return mine["points"].to_numpy(np.int64), mine["tier"].to_numpy(np.int64)


def _history_days(programme: Programme, begin: int) -> int:
    """How far back tiers look before the replay begins."""
    tiers = programme.tiers
    if tiers is None or tiers.by in ("points", "tenure"):
        return 0
    return tiers.within_days or begin - FIRST_DAY


def _redeeming(customers: pd.Series[str], shares: tuple[float, ...]) -> list[Flags]:
    """Who uses points: the same customers in every programme, and more of them where the share is higher."""
    places = pd.util.hash_array(customers.to_numpy(object), categorize=False) / 2.0**64
    return [places < share for share in shares]
