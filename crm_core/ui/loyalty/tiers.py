"""Tiers over time, moves between them, and what each brings and costs, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import Look
from crm_core.loyalty.answers import Moves, Parts
from crm_core.loyalty.charts import members_by_tier, moved
from crm_core.ui import bars
from crm_core.ui.loyalty.choices import Chosen, is_told
from crm_core.ui.loyalty.points import with_labels
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, Table, definition
from crm_core.ui.shell import Reader

LEADING: Final = 4
"""Rows that a narrow screen shows before all are asked for."""
_LEAST_SHARE: Final = 0.0001
SHARES: Final = ("share_of_members", "share_of_brought", "share_of_cost")


def tier_name(reader: Reader, name: str) -> str:
    """What a tier is called; of those without one, that they have none."""
    return name or reader.say("loyalty.tiers.none")


def over_time_picture(reader: Reader, found: Moves, look: Look) -> Picture:
    """Members at the end of each month, by tier."""
    months = with_labels(reader, found.months)
    names = [tier_name(reader, one) for one in found.tiers]
    for place, name in enumerate(names):
        months[f"told_tier_{place}"] = _told(reader, months, f"tier_{place}", name)
    last = months.iloc[-1]
    counts = [int(last[f"tier_{place}"]) for place in range(len(names))]
    return Picture(
        name="loyalty-tiers",
        title=reader.say(
            "loyalty.tiers.title", count=sum(counts[1:]), share=look.percent(sum(counts[1:]) / sum(counts))
        ),
        subtitle=reader.say("loyalty.tiers.subtitle"),
        figure=members_by_tier(months, names, look),
        n=reader.say("loyalty.n_members", count=sum(counts)),
        definition=definition(reader, reader.say("loyalty.tiers.definition")),
        table=Table(
            months,
            {
                "month": Column(reader.say("column.month"), "month"),
                **{f"tier_{place}": Column(name, "count") for place, name in enumerate(names)},
            },
        ),
    )


def moved_picture(reader: Reader, found: Moves, look: Look) -> Picture:
    """Members who rose and who fell in each month."""
    months = with_labels(reader, found.months)
    rose, fell = reader.say("loyalty.moves.rose"), reader.say("loyalty.moves.fell")
    months["told_rose"] = _told(reader, months, "rose", rose)
    months["told_fell"] = _told(reader, months, "fell", fell)
    rows = found.rows[(found.rows["tier_before"] != found.rows["tier"]) | found.rows["joined"]]
    before = [
        reader.say("loyalty.moves.joined") if joined else tier_name(reader, str(name))
        for joined, name in zip(rows["joined"], rows["tier_before"], strict=True)
    ]
    after = [tier_name(reader, str(name)) for name in rows["tier"]]
    return Picture(
        name="loyalty-moves",
        title=reader.say(
            "loyalty.moves.title",
            count=int(months["rose"].sum()),
            fell=look.number(int(months["fell"].sum())),
        ),
        subtitle=reader.say("loyalty.moves.subtitle"),
        figure=moved(months, rose, fell, look),
        n=reader.say("loyalty.n_members", count=int(found.rows.groupby("month")["members"].sum().iloc[-1])),
        definition=definition(reader, reader.say("loyalty.moves.definition")),
        table=Table(
            rows.assign(
                before=pd.Series(before, rows.index, "str"), after=pd.Series(after, rows.index, "str")
            ),
            {
                "month": Column(reader.say("column.month"), "month"),
                "before": Column(reader.say("column.tier_before")),
                "after": Column(reader.say("column.tier")),
                "members": Column(reader.say("column.members"), "count"),
            },
        ),
    )


def worth_picture(reader: Reader, found: Parts, chosen: Chosen, look: Look) -> Picture:
    """What each tier brings and costs."""
    codes = [_code_of(reader, chosen, place) for place in found.rows["place"]]
    names = [tier_name(reader, str(one)) for one in found.rows["tier"]]
    rows = found.rows.assign(name=names, code=[urlencode(one) for one in codes])
    addresses = [reader.link("customer", **one) if one else "" for one in reversed(codes)]
    tiers = rows[rows["place"] > 0]
    best = tiers.sort_values("brought").iloc[-1]
    return Picture(
        name="loyalty-worth",
        title=reader.say(
            f"loyalty.worth.title.{money_of(found)}",
            tier=str(best["name"]),
            members=look.percent(best["share_of_members"]),
            brought=look.percent(best["share_of_brought"]),
            cost=look.percent(best["share_of_cost"]),
        ),
        subtitle=reader.say("loyalty.worth.subtitle", months=chosen.months),
        figure=None,
        drawing=shares_drawn(reader, found, rows.iloc[::-1], addresses, look),
        n=reader.say("loyalty.n_members", count=int(rows["members"].sum())),
        definition=definition(reader, reader.say("loyalty.worth.definition")),
        table=parts_table(reader, found, rows, reader.say("column.tier")),
        leads_to=behind_row,
    )


def _code_of(reader: Reader, chosen: Chosen, place: int) -> dict[str, str]:
    """What an address says of the members of a tier; nothing where no address can say which programme."""
    return {"tier": str(place), **chosen.parts} if is_told(reader, chosen) else {}


def money_of(found: Parts) -> str:
    """What members bring, as the end of a message's key."""
    return "margin" if found.by_margin else "revenue"


def shares_drawn(
    reader: Reader, found: Parts, rows: pd.DataFrame, addresses: Sequence[str], look: Look
) -> str:
    """Bars of the shares of members, of what they bring and of what they cost, for each part."""
    drawn = []
    for at, (row, address) in enumerate(zip(rows.to_dict("records"), addresses, strict=True)):
        money = {
            name: reader.language.money(float(row[column]), found.currency, compact=True, digits=2)
            for name, column in (("brought", "brought"), ("cost", "total_cost"))
        }
        full = {
            name: look.money(float(row[column]))
            for name, column in (
                ("brought", "brought"),
                ("cost", "total_cost"),
                ("low", "cost_low"),
                ("high", "cost_high"),
            )
        }
        lift = float(row["break_even_lift"])
        growth = reader.say("loyalty.worth.never")
        if not float(row["cost_high"]):
            growth = reader.say("loyalty.worth.free")
        elif lift == lift:
            growth = reader.say("loyalty.worth.growth", lift=_share_told(reader, lift, look))
        drawn.append(
            bars.Row(
                name=str(row["name"]),
                address=address,
                told=reader.say("loyalty.worth.told", count=int(row["members"]), **full),
                beside=reader.say("loyalty.worth.beside", growth=growth, **money),
                bars=tuple(
                    bars.Bar(float(row[one]), _share_told(reader, float(row[one]), look)) for one in SHARES
                ),
                leading=at < LEADING,
            )
        )
    measures = [
        reader.say("column.share_of_customers"),
        reader.say(f"loyalty.worth.share.{money_of(found)}"),
        reader.say("loyalty.worth.share_of_cost"),
    ]
    return bars.drawn(measures, [bars.Group("", tuple(drawn))], reader.say("value.groups.all"))


def _share_told(reader: Reader, share: float, look: Look) -> str:
    """A share in per cent, what is next to nothing in one form."""
    if 0 < share < _LEAST_SHARE:
        return reader.say("number.under", number=look.percent(_LEAST_SHARE))
    return look.percent(share)


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
            "break_even_lift": Column(reader.say("column.break_even_lift"), "share"),
        },
        found.currency,
    )


def _told(reader: Reader, months: pd.DataFrame, column: str, what: str) -> list[str]:
    return [
        reader.say(
            "loyalty.tiers.told",
            month=reader.language.period(int(month), "month", style="long"),
            what=what,
            count=int(count),
        )
        for month, count in zip(months["month"], months[column], strict=True)
    ]
