"""The named segments as they are shown."""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd

from crm_core.customers.charts import Look
from crm_core.segments.answers import Segment, Segments
from crm_core.segments.charts import shares
from crm_core.ui.plot import follow
from crm_core.ui.report import Column, Picture, Table
from crm_core.ui.segments.phrases import capital, definition, since
from crm_core.ui.shell import Reader


def shares_picture(reader: Reader, found: Segments, look: Look) -> Picture:
    """The named segments: how many customers, what they bring, how they changed, what to do with them."""
    rows = _segment_rows(reader, found, look)
    measures = {name: reader.say(f"column.{name}") for name in ("customers", "revenue", "margin")}
    if rows["margin_share"].isna().any():
        del measures["margin"]
    best = max(found.segments, key=lambda one: one.revenue_share)
    return Picture(
        name="segments",
        title=reader.say(
            "segments.shares.title",
            segment=reader.say(f"segment.{best.name}"),
            customer_share=look.percent(best.customer_share),
            revenue_share=look.percent(best.revenue_share),
        ),
        subtitle=_shares_subtitle(reader, found, with_margin="margin" in measures),
        figure=shares(
            rows.drop(columns=["customers", "revenue", "margin"]).rename(
                columns={"customer_share": "customers", "revenue_share": "revenue", "margin_share": "margin"}
            ),
            measures,
            look,
        ),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, found, reader.say("segments.shares.definition")),
        table=Table(
            rows[list(_segment_columns(reader, found))], _segment_columns(reader, found), found.currency
        ),
        on_click=lambda point: follow(reader, point),
    )


def _shares_subtitle(reader: Reader, found: Segments, *, with_margin: bool) -> str:
    key = "segments.shares.subtitle_margin" if with_margin else "segments.shares.subtitle"
    if found.since is None:
        return reader.say(key)
    return reader.say("segments.shares.subtitle_since", measures=reader.say(key), date=since(reader, found))


def _segment_rows(reader: Reader, found: Segments, look: Look) -> pd.DataFrame:
    rows = []
    strategy = ""
    for one in found.segments:
        name = reader.say(f"segment.{one.name}")
        heading = "" if one.strategy == strategy else capital(reader.say(f"strategy.{one.strategy}"))
        strategy = one.strategy
        rows.append(
            {
                "name": name,
                "label": f"{name}<br><span style='color:{look.colours.muted}'>{_size(reader, one)}</span>",
                "strategy": heading,
                "strategy_name": reader.say(f"strategy.{one.strategy}"),
                "customers": one.customers,
                "customer_share": one.customer_share,
                "revenue": one.revenue,
                "revenue_share": one.revenue_share,
                "margin": one.margin,
                "margin_share": one.margin_share,
                "order_count": one.order_count,
                "days_since_last_order": one.days_since_last_order,
                "customers_before": one.customers_before,
                "code": urlencode({"segment": one.name}),
                **_told(reader, one, name, look),
            }
        )
    return pd.DataFrame(rows)


def _told(reader: Reader, one: Segment, name: str, look: Look) -> dict[str, str]:
    share = look.percent(one.customer_share)
    told = {
        "told_customers": reader.say(
            "segments.told.customers", segment=name, count=one.customers, share=share
        ),
        "told_revenue": reader.say(
            "segments.told.revenue",
            segment=name,
            amount=look.money(one.revenue),
            share=look.percent(one.revenue_share),
        ),
    }
    if one.margin is not None and one.margin_share is not None:
        told["told_margin"] = reader.say(
            "segments.told.margin",
            segment=name,
            amount=look.money(one.margin),
            share=look.percent(one.margin_share),
        )
    return told


def _size(reader: Reader, one: Segment) -> str:
    """How many customers, and how that changed over the year."""
    count = reader.language.number(one.customers)
    if not one.customers_before:
        return count
    change = one.customers / one.customers_before - 1
    arrow = "▲" if change > 0 else "▼" if change < 0 else "–"
    return f"{count} · {arrow} {reader.language.change(change)}"


def _segment_columns(reader: Reader, found: Segments) -> dict[str, Column]:
    with_margin = all(one.margin_share is not None for one in found.segments)
    margin = {"margin": Column(reader.say("column.margin"), "money")} if with_margin else {}
    margin_share = (
        {"margin_share": Column(reader.say("column.share_of_margin"), "share")} if with_margin else {}
    )
    before = {"customers_before": Column(reader.say("segments.customers_before"), "count")}
    return {
        "name": Column(reader.say("column.segment")),
        "strategy_name": Column(reader.say("segments.strategy")),
        "customers": Column(reader.say("column.customers"), "count"),
        **(before if found.since is not None else {}),
        "customer_share": Column(reader.say("column.share_of_customers"), "share"),
        "revenue": Column(reader.say("column.revenue"), "money"),
        "revenue_share": Column(reader.say("column.share_of_revenue"), "share"),
        **margin,
        **margin_share,
        "order_count": Column(reader.say("column.order_count"), "count"),
        "days_since_last_order": Column(reader.say("column.days_since_last_order"), "count"),
    }
