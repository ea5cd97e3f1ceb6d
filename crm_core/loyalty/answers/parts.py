"""What each tier and each group of members brings and costs, and how members move between tiers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.loyalty.estimates import loyalty_groups, loyalty_months, loyalty_moves, loyalty_tiers
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar
from crm_core.tables import Ask

_MONEY = ("revenue", "brought", "reward_cost", "discount", "running_cost", "total_cost")


@dataclass(frozen=True)
class Parts:
    """Parts of the members, by tier or by group.

    Args:
        rows: Of each part, where as many members use points as is likely: the columns of `loyalty_tiers` or
            `loyalty_groups`, money in units of currency over the days that are told; `cost_low` and
            `cost_high`, the total cost where few and where many do; `share_of_members`, `share_of_brought`
            and `share_of_cost`, 0 to 1.
        by_margin: Whether members bring margin; else what they bring is revenue.
        currency: Of all amounts.
    """

    rows: pd.DataFrame
    by_margin: bool
    currency: str


@dataclass(frozen=True)
class Moves:
    """How members moved between tiers, month by month.

    Args:
        months: Oldest first: `month`, `complete`, `tier_0` (members without a tier at its end), `tier_1` ...,
            `rose` and `fell` (members who were so at its beginning already).
        rows: Those of `loyalty_moves`.
        tiers: Names of the tiers, from that of those without one on, which is empty.
    """

    months: pd.DataFrame
    rows: pd.DataFrame
    tiers: tuple[str, ...]


def tiers(
    ask: Ask, *, as_of: dt.date, programme: Programme, months: int, calendar: Calendar = "gregorian"
) -> Parts:
    """What each tier brings and costs, those without one first."""
    rows = ask(loyalty_tiers, as_of=as_of, programme=programme, months=months, calendar=calendar)
    return _parts(ask, rows, "place")


def groups(
    ask: Ask,
    *,
    as_of: dt.date,
    programme: Programme,
    group: Grouping,
    months: int,
    calendar: Calendar = "gregorian",
) -> Parts:
    """What each group brings and costs, that which costs most first."""
    rows = ask(
        loyalty_groups, as_of=as_of, programme=programme, group=group, months=months, calendar=calendar
    )
    found = _parts(ask, rows, "group")
    dearest = found.rows.sort_values(["total_cost", "members"], ascending=False, ignore_index=True)
    return Parts(dearest, found.by_margin, found.currency)


def moves(
    ask: Ask, *, as_of: dt.date, programme: Programme, months: int, calendar: Calendar = "gregorian"
) -> Moves:
    """How members of a programme with tiers moved between them."""
    rows = ask(loyalty_moves, as_of=as_of, programme=programme, months=months, calendar=calendar)
    names = programme.tier_names
    place = {name: at for at, name in enumerate(names)}
    rows["from"], rows["to"] = rows["tier_before"].map(place), rows["tier"].map(place)
    found = pd.DataFrame({"month": sorted(set(rows["month"]))})
    for at in range(len(names)):
        found[f"tier_{at}"] = _members(rows[rows["to"] == at], found["month"])
    there = rows[~rows["joined"]]
    found["rose"] = _members(there[there["to"] > there["from"]], found["month"])
    found["fell"] = _members(there[there["to"] < there["from"]], found["month"])
    flows = ask(loyalty_months, as_of=as_of, programme=programme, months=months, calendar=calendar)
    whole = flows[flows["redeeming"] == "likely"].set_index("month")["complete"]
    found["complete"] = [bool(whole[month]) for month in found["month"]]
    return Moves(found, rows[["month", "joined", "tier_before", "tier", "members"]], names)


def _members(rows: pd.DataFrame, months: pd.Series[int]) -> Sequence[int]:
    sums = rows.groupby("month")["members"].sum()
    return [int(sums.get(month, 0)) for month in months]


def _parts(ask: Ask, rows: pd.DataFrame, key: str) -> Parts:
    scale = ask.tables.money_scale
    rows = rows.assign(**{name: rows[name] / scale for name in _MONEY})
    likely = rows[rows["redeeming"] == "likely"].reset_index(drop=True)
    costs = rows.groupby(key, dropna=False)["total_cost"]
    bounds = pd.DataFrame({"cost_low": costs.min(), "cost_high": costs.max()}).reset_index()
    found = likely.merge(bounds, on=key, how="left")
    for share, column in (
        ("share_of_members", "members"),
        ("share_of_brought", "brought"),
        ("share_of_cost", "total_cost"),
    ):
        whole = found[column].sum()
        found[share] = found[column] / whole if whole else 0.0
    return Parts(found, bool(found["by_margin"].all()), ask.tables.currency)
