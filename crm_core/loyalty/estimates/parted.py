"""What a replayed programme costs and what members bring, by tier and by group."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.loyalty.estimates.bought import bought_by, brought_by, costs_known
from crm_core.loyalty.estimates.options import AnyProgramme, ByMembers, Months, MonthsOf, Until
from crm_core.loyalty.estimates.replayed import Redeeming, Replayed, all_replayed
from crm_core.loyalty.metrics import loyalty_grouped
from crm_core.loyalty.models import Cost, break_even_lift, rewards_cost, running_cost
from crm_core.loyalty.models.accounts import Integers
from crm_core.loyalty.rules import Programme
from crm_core.periods import date_of
from crm_core.tables import Ask, Estimate


@Estimate
def loyalty_tiers(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """What members of each tier bring, and what the programme would have given them.

    Returns:
        Grain: the tier that members have at the end, lowest first, x which share of members uses points.

        - `redeeming`: `low`, `likely` or `high`, the shares that the programme states
        - `place`: of the tier in the programme, 1 for the lowest, 0 for none
        - `tier`: its name; empty for none
        - `members`: at the end
        - `purchases`: in these months, while members
        - `revenue`: money, likewise, returns taken off
        - `by_margin`: whether all costs of what members bought are known, so that margin is what they bring;
          else revenue
        - `brought`: money, margin or revenue
        - `issued`: points
        - `reward_cost`, `discount`: money
        - `running_cost`: money; what does not go with members is shared among them by days of membership
        - `total_cost`: money, the sum of these three
        - `break_even_lift`: by which share they must buy more for what they are given to pay; null where
          rewards and discounts take all that they bring

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme is about.
    """
    names = programme.tier_names
    parts = []
    every = all_replayed(ask, programme, as_of=as_of, months=months, calendar=calendar)
    for redeeming, found in every.items():
        rows = _parted(ask, programme, found, as_of, found.ledger.tier, len(names), redeeming)
        rows.insert(1, "place", np.arange(len(names)))
        rows.insert(2, "tier", names)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


@Estimate
def loyalty_groups(
    ask: Ask,
    *,
    as_of: Until,
    programme: AnyProgramme,
    group: ByMembers,
    months: Months = 12,
    calendar: MonthsOf = "gregorian",
) -> pd.DataFrame:
    """What members of each group bring, and what a programme would have given them.

    Returns:
        Grain: a group with members x which share of members uses points.

        - `redeeming`: `low`, `likely` or `high`, the shares that the programme states
        - `group`: text; null for those who are in none
        - `members`: at the end
        - `purchases`: in these months, while members
        - `revenue`: money, likewise, returns taken off
        - `by_margin`: whether all costs of what members bought are known, so that margin is what they bring;
          else revenue
        - `brought`: money, margin or revenue
        - `issued`: points
        - `reward_cost`, `discount`: money
        - `running_cost`: money; what does not go with members is shared among them by days of membership
        - `total_cost`: money, the sum of these three
        - `break_even_lift`: by which share they must buy more for what they are given to pay; null where
          rewards and discounts take all that they bring

    Raises:
        InputError: There are no such months.
        NotProvided: The base lacks what the programme or the grouping is about.
    """
    parts = []
    every = all_replayed(ask, programme, as_of=as_of, months=months, calendar=calendar)
    for redeeming, found in every.items():
        codes, names = groups_of(ask, programme, found, as_of, group)
        rows = _parted(ask, programme, found, as_of, codes, len(names), redeeming)
        rows.insert(1, "group", names)
        parts.append(rows)
    return pd.concat(parts, ignore_index=True)


def groups_of(
    ask: Ask, programme: Programme, found: Replayed, as_of: dt.date, group: Grouping
) -> tuple[Integers, pd.Series[str]]:
    """The place of each member's group, and the groups."""
    begin = date_of(found.days.start)
    rows = ask(loyalty_grouped, as_of=as_of, members=programme.members, begin=begin, group=group)
    codes, names = pd.factorize(rows["group"], sort=True, use_na_sentinel=False)
    return codes.astype(np.int64), pd.Series(names, dtype="str")


def _parted(
    ask: Ask,
    programme: Programme,
    found: Replayed,
    as_of: dt.date,
    of: Integers,
    count: int,
    redeeming: Redeeming,
) -> pd.DataFrame:
    """The sums over members of each part; `of` is the part that each member is in."""
    ledger, scale = found.ledger, ask.tables.money_scale
    bought = bought_by(ask, programme, found, as_of)
    by_margin = costs_known(ask, bought)

    def summed(values: Integers) -> Integers:
        sums = np.zeros((count, *values.shape[1:]), np.int64)
        np.add.at(sums, of, values)
        return sums

    brought = summed(brought_by(bought, by_margin=by_margin).to_numpy(np.int64))
    rewards = rewards_cost(programme, summed(ledger.rewards), scale)
    running = running_cost(programme, summed(found.member_days), len(found.days), scale)
    rows = pd.DataFrame(
        {
            "redeeming": redeeming,
            "members": np.bincount(of, minlength=count),
            "purchases": summed(bought["purchases"].to_numpy(np.int64)),
            "revenue": summed(bought["revenue"].to_numpy(np.int64)),
            "by_margin": by_margin,
            "brought": brought,
            "issued": summed(ledger.issued),
            "reward_cost": np.rint(rewards).astype(np.int64),
            "discount": summed(ledger.discount),
            "running_cost": np.rint(running).astype(np.int64),
        }
    )
    costs = rows[["reward_cost", "discount", "running_cost"]]
    lifts = [
        break_even_lift(Cost(*map(float, cost)), float(brings))
        for cost, brings in zip(costs.to_numpy(), brought, strict=True)
    ]
    return rows.assign(total_cost=costs.sum(axis=1), break_even_lift=pd.Series(lifts, dtype="float64"))
