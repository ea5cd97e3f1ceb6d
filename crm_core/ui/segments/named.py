"""The named segments as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Literal
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import Look
from crm_core.segments.answers import Segment, Segments
from crm_core.ui import bars
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, Table, definition
from crm_core.ui.segments.phrases import capital, since
from crm_core.ui.shell import Reader


def shares_picture(reader: Reader, found: Segments, look: Look) -> Picture:
    """The named segments: how many customers, what they bring, how their share changed."""
    with_margin = all(one.margin_share is not None for one in found.segments)
    best = max(found.segments, key=lambda one: one.revenue_share)
    columns = _segment_columns(reader, found, with_margin=with_margin)
    return Picture(
        name="segments",
        title=reader.say(
            "segments.shares.title",
            segment=reader.say(f"segment.{best.name}"),
            customer_share=look.percent(best.customer_share),
            revenue_share=look.percent(best.revenue_share),
        ),
        subtitle=_shares_subtitle(reader, found, with_margin=with_margin),
        figure=None,
        drawing=_drawing(reader, found, look, with_margin=with_margin),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, reader.say("segments.shares.definition")),
        table=Table(_segment_rows(reader, found), columns, found.currency),
        leads_to=behind_row,
    )


def _shares_subtitle(reader: Reader, found: Segments, *, with_margin: bool) -> str:
    key = "segments.shares.subtitle_margin" if with_margin else "segments.shares.subtitle"
    if found.since is None:
        return reader.say(key)
    return reader.say("segments.shares.subtitle_since", measures=reader.say(key), date=since(reader, found))


def foremost(those: Sequence[Segment]) -> Segment:
    """The segment of a strategy with most revenue."""
    return max(those, key=lambda one: one.revenue)


def _drawing(reader: Reader, found: Segments, look: Look, *, with_margin: bool) -> str:
    measures = ["customers", "revenue", *(["margin"] if with_margin else [])]
    groups = []
    for strategy, some in groupby(found.segments, key=lambda one: one.strategy):
        those = list(some)
        rows = tuple(
            _row(reader, one, look, with_margin=with_margin, leading=one is foremost(those)) for one in those
        )
        groups.append(bars.Group(capital(reader.say(f"strategy.{strategy}")), rows))
    words = [reader.say(f"column.{name}") for name in measures]
    return bars.drawn(words, groups, reader.say("segments.all"))


def _row(reader: Reader, one: Segment, look: Look, *, with_margin: bool, leading: bool) -> bars.Row:
    shares = [one.customer_share, one.revenue_share]
    if with_margin and one.margin_share is not None:
        shares.append(one.margin_share)
    name = reader.say(f"segment.{one.name}")
    return bars.Row(
        name=name,
        address=reader.link("customer", segment=one.name),
        told=_told(reader, one, name, look),
        beside=_size(reader, one),
        bars=tuple(bars.Bar(share, look.percent(share)) for share in shares),
        leading=leading,
    )


def _told(reader: Reader, one: Segment, name: str, look: Look) -> str:
    share = look.percent(one.customer_share)
    told = [
        reader.say("segments.told.customers", segment=name, count=one.customers, share=share),
        reader.say(
            "segments.told.revenue",
            segment=name,
            amount=look.money(one.revenue),
            share=look.percent(one.revenue_share),
        ),
    ]
    if one.margin is not None and one.margin_share is not None:
        share = look.percent(one.margin_share)
        told.append(
            reader.say("segments.told.margin", segment=name, amount=look.money(one.margin), share=share)
        )
    return "\n".join(told)


def way_of(change: float) -> Literal["up", "down", "level"]:
    """Where a change of a share goes, as far as it can be read in tenths of a percentage point."""
    tenths = round(1_000 * change)
    return "up" if tenths > 0 else "down" if tenths < 0 else "level"


_ARROWS = {"up": "▲", "down": "▼", "level": "–"}


def _size(reader: Reader, one: Segment) -> str:
    """How many customers, and by how much their share of all has changed over the year."""
    count = reader.language.number(one.customers)
    if one.customer_share_before is None:
        return count
    change = one.customer_share - one.customer_share_before
    return f"{count} · {_ARROWS[way_of(change)]}\u00a0{reader.language.points(change)}"


def _segment_rows(reader: Reader, found: Segments) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "name": reader.say(f"segment.{one.name}"),
                "strategy_name": reader.say(f"strategy.{one.strategy}"),
                "customers": one.customers,
                "customer_share": one.customer_share,
                "customers_before": one.customers_before,
                "share_before": one.customer_share_before,
                "share_change": None
                if one.customer_share_before is None
                else one.customer_share - one.customer_share_before,
                "revenue": one.revenue,
                "revenue_share": one.revenue_share,
                "margin": one.margin,
                "margin_share": one.margin_share,
                "order_count": one.order_count,
                "days_since_last_order": one.days_since_last_order,
                "code": urlencode({"segment": one.name}),
            }
            for one in found.segments
        ]
    )


def _segment_columns(reader: Reader, found: Segments, *, with_margin: bool) -> dict[str, Column]:
    before = {
        "customers_before": Column(reader.say("segments.customers_before"), "count"),
        "share_before": Column(reader.say("segments.share_before"), "share"),
        "share_change": Column(reader.say("segments.share_change"), "points"),
    }
    margin = {
        "margin": Column(reader.say("column.margin"), "money"),
        "margin_share": Column(reader.say("column.share_of_margin"), "share"),
    }
    return {
        "name": Column(reader.say("column.segment")),
        "strategy_name": Column(reader.say("segments.strategy")),
        "customers": Column(reader.say("column.customers"), "count"),
        "customer_share": Column(reader.say("column.share_of_customers"), "share"),
        **(before if found.since is not None else {}),
        "revenue": Column(reader.say("column.revenue"), "money"),
        "revenue_share": Column(reader.say("column.share_of_revenue"), "share"),
        **(margin if with_margin else {}),
        "order_count": Column(reader.say("column.order_count"), "count"),
        "days_since_last_order": Column(reader.say("column.days_since_last_order"), "count"),
    }
