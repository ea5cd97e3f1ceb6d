"""Parts of the members, by tier or by segment: their shares as bars, and their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from crm_core.looks import Look
from crm_core.loyalty.answers import Parts
from crm_core.ui import bars
from crm_core.ui.loyalty.phrases import lift_key, money_name
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Reader

_SHARES: Final = ("share_of_members", "share_of_brought", "share_of_cost")
_LEAST_SHARE: Final = 0.0001


def shares_drawn(
    reader: Reader, found: Parts, rows: pd.DataFrame, addresses: Sequence[str], look: Look
) -> str:
    """Bars of the shares of members, of what they bring and of what they cost, for each part."""
    drawn = tuple(
        bars.Row(
            name=str(row["name"]),
            address=address,
            told=_told(reader, row, look),
            beside=_beside(reader, found, row, look),
            bars=tuple(
                bars.Bar(float(row[one]), _share_told(reader, float(row[one]), look)) for one in _SHARES
            ),
            leading=at < bars.LEADING,
        )
        for at, (row, address) in enumerate(zip(rows.to_dict("records"), addresses, strict=True))
    )
    measures = [
        reader.say("loyalty.worth.share_of_members"),
        reader.say(f"loyalty.worth.share.{money_name(found)}"),
        reader.say("loyalty.worth.share_of_cost"),
    ]
    return bars.drawn(measures, [bars.Group("", drawn)], reader.say("value.groups.all"))


def parts_table(reader: Reader, found: Parts, rows: pd.DataFrame, heading: str) -> Table:
    """The numbers of each part."""
    money = ("brought", "reward_cost", "discount", "running_cost", "total_cost")
    return Table(
        rows,
        {
            "name": Column(heading),
            "members": Column(reader.say("column.members"), "count"),
            "purchases": Column(reader.say("column.purchases"), "count"),
            **{name: Column(reader.say(f"column.{name}"), "money") for name in money},
            "cost_low": Column(reader.say("loyalty.cost.low"), "money"),
            "cost_high": Column(reader.say("loyalty.cost.high"), "money"),
            "break_even_lift": Column(reader.say(lift_key(found)), "share"),
        },
        found.currency,
    )


def _told(reader: Reader, row: Mapping[Any, Any], look: Look) -> str:
    """How many members a part has, what they bring and what they cost, in full."""
    columns = {"brought": "brought", "cost": "total_cost", "low": "cost_low", "high": "cost_high"}
    amounts = {name: look.money(float(row[column])) for name, column in columns.items()}
    return reader.say("loyalty.worth.told", count=int(row["members"]), **amounts)


def _beside(reader: Reader, found: Parts, row: Mapping[Any, Any], look: Look) -> str:
    """What a part brings and costs, and the growth with which it pays."""
    amounts = {
        name: reader.language.money(float(row[column]), found.currency, compact=True, digits=2)
        for name, column in (("brought", "brought"), ("cost", "total_cost"))
    }
    lift = float(row["break_even_lift"])
    growth = reader.say("loyalty.worth.never")
    if not float(row["cost_high"]):
        growth = reader.say("loyalty.worth.free")
    elif lift == lift:
        told = _share_told(reader, lift, look)
        least = told if found.by_margin else reader.say("loyalty.lift.at_least", lift=told)
        growth = reader.say("loyalty.worth.growth", lift=least)
    return reader.say("loyalty.worth.beside", growth=growth, **amounts)


def _share_told(reader: Reader, share: float, look: Look) -> str:
    """A share in per cent, what is next to nothing in one form."""
    if 0 < share < _LEAST_SHARE:
        return reader.say("number.under", number=look.percent(_LEAST_SHARE))
    return look.percent(share)
