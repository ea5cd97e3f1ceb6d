"""Tiers over time, moves between them, and what each brings and costs, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import Look
from crm_core.loyalty.answers import Moves, Parts
from crm_core.loyalty.charts import members_by_tier, moved
from crm_core.ui import report
from crm_core.ui.loyalty.choices import Chosen, is_told
from crm_core.ui.loyalty.months import told_of, with_labels
from crm_core.ui.loyalty.parts import parts_table, shares_drawn
from crm_core.ui.loyalty.phrases import money_name, tier_name
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, Table, definition
from crm_core.ui.shell import Reader


def draw(reader: Reader, worth: Picture | None, over_time: Sequence[Picture]) -> None:
    """The section on tiers; nothing for a programme without any."""
    if worth is None:
        return
    report.section(reader.say("loyalty.tiers.section"))
    report.picture(reader, worth)
    report.side_by_side(reader, over_time)


def over_time_picture(reader: Reader, found: Moves, look: Look) -> Picture:
    """Members at the end of each month, by tier."""
    months = with_labels(reader, found.months)
    names = [tier_name(reader, one) for one in found.tiers]
    for place, name in enumerate(names):
        months[f"told_tier_{place}"] = told_of(reader, "loyalty.tiers.told", months, f"tier_{place}", name)
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
    months["told_rose"] = told_of(reader, "loyalty.tiers.told", months, "rose", rose)
    months["told_fell"] = told_of(reader, "loyalty.tiers.told", months, "fell", fell)
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
            f"loyalty.worth.title.{money_name(found)}",
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
