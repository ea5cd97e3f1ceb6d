"""Customers ranked by a company's own indicators: who, why, and what is missing to the next tier."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from crm_core.loyalty.answers import Ranked, ranked, standing, tiers_of
from crm_core.loyalty.rules import Indicator, Programme, Tiers
from crm_core.ui import report, state, tables
from crm_core.ui.loyalty import drafting, weighing, weights
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.phrases import tier_name
from crm_core.ui.loyalty.spread import parts_picture, spread_picture
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Reader

SHOWN: Final = 20
FIRST_ON_A_TELEPHONE: Final = 3


def weighed(reader: Reader, programme: Programme) -> Programme:
    """A programme with the indicators that the reader has set, as far as the base knows them."""
    indicators = weighing.known_of(reader, weighing.weighed(programme.indicators))
    return replace(programme, indicators=indicators)


def draw(reader: Reader, chosen: Chosen) -> None:
    """The ranking by a programme's indicators, and what sets it."""
    programme = chosen.programme
    known = weighing.known_of(reader, programme.indicators)
    unknown = [one for one in programme.indicators if one not in known]
    shown = weighed(reader, programme)
    report.section(reader.say("loyalty.ranking.title"))
    if unknown:
        names = ", ".join(weighing.name_of(reader, one) for one in unknown)
        report.note(reader.say("loyalty.ranking.unknown", indicators=names))
    found = standing(reader.ask, as_of=reader.as_of, programme=shown)
    with report.folded("weights", reader.say("loyalty.weights.show")):
        report.note(reader.say("loyalty.weights.note"))
        weights.controls(reader, found, shown.indicators, known)
        if chosen.code and shown.indicators != known:
            _take(reader, chosen, (*shown.indicators, *unknown))
    if not shown.indicators:
        report.text(reader.say("loyalty.ranking.none"))
        return
    order = ranked(found, shown.indicators)
    if not len(order.customers):
        return
    report.side_by_side(reader, (spread_picture(reader, order, SHOWN), parts_picture(reader, order)))
    _table(reader, chosen, order, shown)


def _take(reader: Reader, chosen: Chosen, indicators: tuple[Indicator, ...]) -> None:
    """Make the weights and bands those of the programme that is being edited."""

    def take() -> None:
        drafting.put_indicators(reader, chosen, indicators)
        state.write(by=None)

    st.button(reader.say("loyalty.weights.take"), key="mo-weights-take", on_click=take)


def _table(reader: Reader, chosen: Chosen, order: Ranked, programme: Programme) -> None:
    """Customers in their order, twenty at a time, each leading to why the customer stands there."""
    total = len(order.customers)
    page = min(max(state.read_number("page") or 1, 1), -(-total // SHOWN))
    which = slice((page - 1) * SHOWN, page * SHOWN)
    rows, columns = _rows(reader, order, which), _columns(reader, order)
    if programme.tiers is not None:
        named = _missing(reader, chosen, programme.tiers, list(rows["customer_id"]))
        rows = rows.join(named)
        columns |= {str(name): Column(reader.say(f"column.{name}")) for name in named}
    by = weighing.parts_of(reader, chosen.code, order.indicators)
    tables.show(
        reader,
        Table(rows, columns),
        links={
            "customer_id": [reader.link("customer", customer=str(one), **by) for one in rows["customer_id"]]
        },
        leading=FIRST_ON_A_TELEPHONE,
    )
    with st.container(key="mo-foot-ranking", horizontal=True):
        tables.download(reader, lambda: everybody(reader, order), "ranking", "mo-csv-ranking")
    report.turn_pages(reader, page=page, size=SHOWN, total=total)


def _columns(reader: Reader, order: Ranked) -> dict[str, Column]:
    return {
        # A telephone shows the first one without its heading.
        "customer_id": Column(reader.say("column.customer_id"), "id"),
        "rank": Column(reader.say("column.rank")),
        "indicator_points": Column(reader.say("column.indicator_points"), "number"),
    } | {
        f"line_{place}": Column(
            reader.say(
                "loyalty.ranking.heading",
                indicator=weighing.name_of(reader, one),
                weight=reader.language.number(one.weight, None),
            )
        )
        for place, one in enumerate(order.indicators)
    }


def _rows(reader: Reader, order: Ranked, which: slice) -> pd.DataFrame:
    lines = {
        f"line_{place}": [
            reader.say(
                "loyalty.ranking.line",
                points=reader.language.number(points, None),
                value=weighing.value_of(reader, one, value),
            )
            for points, value in zip(order.points[which, place], order.values[which, place], strict=True)
        ]
        for place, one in enumerate(order.indicators)
    }
    return pd.DataFrame(
        {
            "customer_id": order.customers.iloc[which].to_numpy(),
            "rank": [weighing.rank_of(reader, order, int(rank)) for rank in order.rank[which]],
            "indicator_points": order.sums[which],
            **lines,
        }
    )


def everybody(reader: Reader, order: Ranked) -> Table:
    """All customers in their order for other programs: values and points as the numbers that they are."""
    rows = {"rank": order.rank, "customer_id": order.customers.to_numpy(), "indicator_points": order.sums}
    columns = {
        "rank": Column(reader.say("column.rank"), "count"),
        "customer_id": Column(reader.say("column.customer_id"), "id"),
        "indicator_points": Column(reader.say("column.indicator_points"), "number"),
    }
    for place, one in enumerate(order.indicators):
        name = weighing.name_of(reader, one)
        rows |= {f"value_{place}": order.values[:, place], f"points_{place}": order.points[:, place]}
        columns[f"value_{place}"] = Column(name, "number")
        columns[f"points_{place}"] = Column(reader.say("loyalty.ranking.points_of", indicator=name), "number")
    return Table(pd.DataFrame(rows), columns)


def _missing(reader: Reader, chosen: Chosen, tiers: Tiers, customers: list[str]) -> pd.DataFrame:
    """The tier of each, and what is missing to the next, in words; nothing of who would be no member."""
    found = tiers_of(
        reader.ask,
        as_of=reader.as_of,
        programme=chosen.programme,
        customers=customers,
        months=chosen.months,
        calendar=reader.calendar,
    )
    rows = found.reindex(customers).to_dict("records")
    return pd.DataFrame(
        {
            "tier": [_tier(reader, row["tier"]) for row in rows],
            "missing_to_next": [_left(reader, tiers, row) for row in rows],
        }
    )


def _tier(reader: Reader, tier: Any) -> str | None:
    return None if pd.isna(tier) else tier_name(reader, str(tier))


def _left(reader: Reader, tiers: Tiers, row: Mapping[Hashable, Any]) -> str | None:
    if pd.isna(row["tier"]):
        return None
    if pd.isna(row["next_tier"]):
        return reader.say("loyalty.missing.nothing")
    left, tier = float(row["missing_to_next"]), str(row["next_tier"])
    if tiers.by == "amount":
        amount = reader.language.money(left, reader.workspace.tables.currency)
        return reader.say("loyalty.missing.amount", tier=tier, amount=amount)
    return reader.say(f"loyalty.missing.{tiers.by}", tier=tier, count=math.ceil(left))
