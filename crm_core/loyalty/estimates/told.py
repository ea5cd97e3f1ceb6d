"""What a replayed programme gave, cost and must bring: by month, by member, between tiers, in all."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from crm_core.loyalty.estimates.bought import bought_by, brought_by, costs_known
from crm_core.loyalty.estimates.liability import liability, liability_at_end
from crm_core.loyalty.estimates.options import AnyProgramme, Months, MonthsOf, Until
from crm_core.loyalty.estimates.replayed import Redeeming, all_replayed, replayed
from crm_core.loyalty.models import break_even_lift, cost_of, rewards_cost, thresholds
from crm_core.loyalty.models.accounts import Flags, Floats, Integers
from crm_core.loyalty.rules import NO_TIER
from crm_core.periods import Calendar, date_of, first_day
from crm_core.tables import Ask, Estimate


@Estimate
def loyalty_months(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """What a programme would have given, month by month, had it been there.

    The programme is replayed over what customers really did, who knew nothing of it: that they would have
    bought more is not assumed. The replay begins before what is told: by as long as points last, a year at
    the least and three at the most, but not before the base does. Balances are 0 when it begins.

    Returns:
        Grain: a month x which share of members uses points.

        - `redeeming`: `low`, `likely` or `high`, the shares that the programme states
        - `month`: number of the month, year x 12 + month - 1
        - `complete`: whether all of the month lies in these months
        - `members`: at its end
        - `issued`, `redeemed`, `expired`, `taken_back`: points in it
        - `balance`: points outstanding at its end
        - `outstanding`: money that they would cost, were all of them used for the reward that costs most for
          a point
        - `expected_use`: money, the part of `outstanding` that is to be expected: what members who use points
          hold, times the share of such points that were used of those held as long ago as points last; null
          where nothing is known of these yet
        - `expected_use_low`, `expected_use_high`: money, if none and if all of those are used that are still
          outstanding
        - `reward_cost`: money, rewards taken in it
        - `discount`: money, discounts given in it, less those of what was given back in it

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    parts, scale = [], ask.tables.money_scale
    every = all_replayed(ask, programme, as_of=as_of, months=months, calendar=calendar)
    for redeeming, found in every.items():
        flows = found.ledger.flows
        parts.append(
            pd.DataFrame(
                {
                    "redeeming": redeeming,
                    "month": flows.period,
                    "complete": _complete(flows.period, found.days, calendar),
                    "members": flows.members,
                    "issued": flows.issued,
                    "redeemed": flows.redeemed,
                    "expired": flows.expired,
                    "taken_back": flows.taken_back,
                    "balance": flows.balance,
                    **liability(programme, found.ledger, flows.balance, flows.usable, scale),
                    "reward_cost": _whole(rewards_cost(programme, flows.rewards, scale)),
                    "discount": flows.discount,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@Estimate
def loyalty_accounts(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
    redeeming: Redeeming = "likely",
) -> pd.DataFrame:
    """What a programme would have given each member, had it been there.

    Args:
        redeeming: Which of the shares that the programme states uses points.

    Returns:
        Grain: a member.

        - `customer_id`: text
        - `since`: date of joining
        - `tier_before`, `tier`: name of the tier on the day before and at the end; empty for none
        - `measure`: what tiers are by, at the end: purchases, points, days, or units of currency
        - `next_tier`: name of the tier above; null at the top and where there are none
        - `missing_to_next`: of the measure, to reach it; null where there is none
        - `issued`, `redeemed`, `expired`, `taken_back`: points
        - `balance_before`, `balance`: points on the day before and at the end
        - `reward_cost`: money, rewards taken
        - `discount`: money, less that of what was given back
        - `purchases`: while a member, in these months
        - `revenue`: money, likewise, returns taken off

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    found = replayed(ask, programme, as_of=as_of, months=months, calendar=calendar, redeeming=redeeming)
    ledger, bought = found.ledger, bought_by(ask, programme, found, as_of)
    tiers = programme.tiers
    names = np.array([*programme.tier_names, None], dtype=object)
    scale = ask.tables.money_scale if tiers is not None and tiers.by == "amount" else 1
    reach = np.append(thresholds(tiers, scale) if tiers else np.zeros(0), np.nan)[ledger.tier]
    return pd.DataFrame(
        {
            "customer_id": found.members["customer_id"],
            "since": _dates_of(found.members["since_day"].to_numpy(np.int64)),
            "tier_before": names[ledger.tier_before],
            "tier": names[ledger.tier],
            "measure": ledger.measure / scale,
            "next_tier": pd.Series(names[ledger.tier + 1], dtype="str"),
            "missing_to_next": np.maximum(reach - ledger.measure, 0.0) / scale,
            "issued": ledger.issued,
            "redeemed": ledger.redeemed,
            "expired": ledger.expired,
            "taken_back": ledger.taken_back,
            "balance_before": ledger.balance_before,
            "balance": ledger.balance,
            "reward_cost": _whole(rewards_cost(programme, ledger.rewards, ask.tables.money_scale)),
            "discount": ledger.discount,
            "purchases": bought["purchases"].to_numpy(),
            "revenue": bought["revenue"].to_numpy(),
        }
    )


@Estimate
def loyalty_moves(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """How members would have moved between tiers, month by month.

    Returns:
        Grain: a month x the tier at its beginning x the tier at its end, where there are members.

        - `month`: number of the month, year x 12 + month - 1
        - `joined`: whether they joined in it
        - `tier_before`: name of the tier at its beginning; empty for none, and for who joined in it
        - `tier`: name of the tier at its end; empty for none
        - `members`: how many

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    flows = replayed(ask, programme, as_of=as_of, months=months, calendar=calendar).ledger.flows
    tiers = programme.tier_names
    names = np.array([*tiers, NO_TIER], dtype=object)
    month, before, after = np.nonzero(flows.moves)
    return pd.DataFrame(
        {
            "month": flows.period[month],
            "joined": before == len(tiers),
            "tier_before": names[before],
            "tier": names[after],
            "members": flows.moves[month, before, after],
        }
    )


@Estimate
def loyalty_breakage(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """What became of the points that a programme would have issued in each month, up to the end.

    Of months before those that are told, too: points that were issued lately had no time to expire.

    Returns:
        Grain: a month in which points were issued x which share of members uses points.

        - `redeeming`: `low`, `likely` or `high`, the shares that the programme states
        - `month`: number of the month, year x 12 + month - 1
        - `complete`: whether it lies within the replay and none of its points are outstanding, so that no
          share of them will change
        - `issued`: points
        - `redeemed`, `expired`, `taken_back`: of these
        - `balance`: of these, outstanding
        - `breakage`: share of the points issued that expired unused, 0 to 1

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    parts = []
    every = all_replayed(ask, programme, as_of=as_of, months=months, calendar=calendar)
    for redeeming, found in every.items():
        fates, days = found.ledger.fates, range(found.begin, found.days.stop)
        parts.append(
            pd.DataFrame(
                {
                    "redeeming": redeeming,
                    "month": fates.period,
                    "complete": _complete(fates.period, days, calendar) & (fates.outstanding == 0),
                    "issued": fates.issued,
                    "redeemed": fates.redeemed,
                    "expired": fates.expired,
                    "taken_back": fates.taken_back,
                    "balance": fates.outstanding,
                    "breakage": fates.expired / fates.issued,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


@Estimate
def loyalty_cost(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """What a programme would have cost, and how much more members must buy for it to pay.

    Returns:
        Grain: which share of members uses points.

        - `redeeming`: `low`, `likely` or `high`, the shares that the programme states
        - `days`: how many are told
        - `members`: at the end
        - `members_before`: on the day before these months
        - `buyers`: members who bought in these months
        - `revenue`: money, what members bought in these months, returns taken off
        - `by_margin`: whether all costs of it are known, so that margin is what members bring; else revenue
        - `brought`: money, margin or revenue
        - `reward_cost`, `discount`, `running_cost`: money
        - `total_cost`: money, the sum of these three
        - `balance`: points outstanding at the end
        - `outstanding`: money that they would cost, were all of them used for the reward that costs most for
          a point; no part of the sum
        - `expected_use`: money, the part of `outstanding` that is to be expected: what members who use points
          hold, times the share of such points that were used of those held as long ago as points last; null
          where nothing is known of these yet
        - `expected_use_low`, `expected_use_high`: money, if none and if all of those are used that are still
          outstanding
        - `use_chance`: share of the points outstanding that are expected to be used, 0 to 1; null where there
          are none, they cost nothing, or nothing is known yet
        - `break_even_lift`: by which share members must buy more than they do without the programme for it
          to pay; null where rewards and discounts take all that they bring

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    parts = []
    every = all_replayed(ask, programme, as_of=as_of, months=months, calendar=calendar)
    for redeeming, found in every.items():
        bought = bought_by(ask, programme, found, as_of)
        by_margin = costs_known(ask, bought)
        brought = int(brought_by(bought, by_margin=by_margin).sum())
        scale, days = ask.tables.money_scale, len(found.days)
        cost = cost_of(programme, found.ledger, int(found.member_days.sum()), days, scale)
        lift = break_even_lift(cost, brought)
        told = {
            "redeeming": redeeming,
            "days": days,
            "members": len(found.members),
            "members_before": int((found.members["since_day"] < found.days.start).sum()),
            "buyers": int((bought["purchases"] > 0).sum()),
            "revenue": int(bought["revenue"].sum()),
            "by_margin": by_margin,
            "brought": brought,
            "reward_cost": round(cost.rewards),
            "discount": round(cost.discounts),
            "running_cost": round(cost.running),
            "total_cost": round(cost.rewards) + round(cost.discounts) + round(cost.running),
        }
        owed = liability_at_end(programme, found.ledger, scale)
        parts.append(pd.DataFrame([told]).join(owed).assign(break_even_lift=np.nan if lift is None else lift))
    return pd.concat(parts, ignore_index=True)


def _complete(months: Integers, days: range, calendar: Calendar) -> Flags:
    begins, ends = first_day(months, "month", calendar), first_day(months + 1, "month", calendar)
    return np.asarray((begins >= days.start) & (ends <= days.stop))


def _whole(money: Floats) -> Integers:
    return np.rint(money).astype(np.int64)


def _dates_of(days: Integers) -> list[dt.date]:
    """The dates of many days, of which few differ."""
    each, which = np.unique(days, return_inverse=True)
    dates = [date_of(int(day)) for day in each]
    return [dates[place] for place in which.tolist()]
