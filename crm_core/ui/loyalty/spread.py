"""How points of a ranking are spread, and which indicator gives them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from crm_core.loyalty.answers import Ranked
from crm_core.ui import bars, report
from crm_core.ui.loyalty import weighing
from crm_core.ui.report import Column, Picture, Table
from crm_core.ui.shell import Reader


def spread_picture(reader: Reader, order: Ranked, shown: int) -> Picture:
    """How many customers have how many points; `shown` of the ranking stand on a page."""
    names = _named(reader, order)
    rows = pd.DataFrame({"points": names, "customers": [one.customers for one in order.spread]})
    drawn = tuple(
        bars.Row(
            name=name,
            address=reader.here(page=str(one.before // shown + 1)) if one.customers else "",
            told=reader.say("loyalty.spread.told", count=one.customers, points=name),
            beside="",
            bars=(bars.Bar(one.customers, reader.language.number(one.customers)),),
            leading=True,
        )
        for name, one in zip(names, order.spread, strict=True)
    )
    middle = float(pd.Series(order.sums).median())
    return Picture(
        name="loyalty-spread",
        title=reader.say("loyalty.spread.title", points=reader.language.number(middle, None)),
        subtitle=reader.say("loyalty.spread.subtitle"),
        figure=None,
        drawing=bars.drawn([reader.say("column.customers")], [bars.Group("", drawn)], ""),
        n=reader.say("picture.n_customers", count=len(order.customers)),
        definition=report.definition(reader, reader.say("loyalty.ranking.definition")),
        table=Table(
            rows,
            {
                "points": Column(reader.say("column.indicator_points")),
                "customers": Column(reader.say("column.customers"), "count"),
            },
        ),
    )


def _named(reader: Reader, order: Ranked) -> list[str]:
    """What each bar is called: of whole points the last that it holds, else where the next one begins."""
    number, spread = reader.language.number, order.spread
    whole = all(one.low == int(one.low) and one.high == int(one.high) for one in spread)
    step = 1 if whole and bool((order.sums == order.sums.round()).all()) else 0
    return [
        number(one.low, None)
        if step and one.high - one.low == 1
        else reader.say(
            "loyalty.spread.between", low=number(one.low, None), high=number(one.high - step, None)
        )
        for one in spread
    ]


def parts_picture(reader: Reader, order: Ranked) -> Picture:
    """What each indicator gives."""
    customers = len(order.customers)
    rows = pd.DataFrame(
        {
            "indicator": [weighing.name_of(reader, one.indicator) for one in order.parts],
            "weight": [one.indicator.weight for one in order.parts],
            "mean": [one.points / customers for one in order.parts],
            "given": [one.given for one in order.parts],
            "taken": [one.taken for one in order.parts],
        }
    )
    drawn = tuple(_part_drawn(reader, row) for row in rows.to_dict("records"))
    most = rows.iloc[int(rows["mean"].argmax())]
    return Picture(
        name="loyalty-parts",
        title=reader.say("loyalty.parts.title", indicator=str(most["indicator"])),
        subtitle=reader.say("loyalty.parts.subtitle"),
        figure=None,
        drawing=bars.drawn([reader.say("loyalty.parts.mean")], [bars.Group("", drawn)], ""),
        n=reader.say("picture.n_customers", count=customers),
        definition=report.definition(reader, reader.say("loyalty.parts.definition")),
        table=Table(
            rows,
            {
                "indicator": Column(reader.say("column.indicator")),
                "weight": Column(reader.say("loyalty.weight"), "number"),
                "mean": Column(reader.say("loyalty.parts.mean"), "ratio"),
                "given": Column(reader.say("loyalty.parts.with"), "count"),
                "taken": Column(reader.say("loyalty.parts.without"), "count"),
            },
        ),
    )


def _part_drawn(reader: Reader, row: Mapping[Hashable, Any]) -> bars.Row:
    number, taken = reader.language.number, int(row["taken"])
    given = reader.say("loyalty.parts.given", count=int(row["given"]))
    return bars.Row(
        name=str(row["indicator"]),
        address="",
        told=reader.say("loyalty.parts.told", weight=number(row["weight"], None)),
        beside=reader.say("loyalty.parts.taken", count=taken) if taken else given,
        bars=(bars.Bar(round(row["mean"], 6), number(row["mean"], 1)),),
        leading=True,
    )
