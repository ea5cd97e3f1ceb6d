"""The RFM grid and the whale curve as they are shown."""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import FEW_CUSTOMERS, Look
from crm_core.segments.answers import Segments
from crm_core.segments.charts import rfm_grid, whale_curve
from crm_core.segments.rules import SEGMENT_GRID, SEGMENTS
from crm_core.ui.plot import behind_row, follow
from crm_core.ui.report import Column, Picture, Table, Way, definition
from crm_core.ui.shell import Reader


def grid_picture(reader: Reader, found: Segments, look: Look) -> Picture:
    """Customers by recency and value score."""
    cells = _cells(reader, found, look)
    best = cells[(cells["r_score"] == 5) & (cells["value_score"] == 5)].iloc[0]
    revenue = sum(one.revenue for one in found.segments)
    title = reader.say("segments.grid.title_none")
    if best["customers"] >= FEW_CUSTOMERS and revenue > 0:
        share = look.percent(float(best["revenue"]) / revenue)
        title = reader.say("segments.grid.title", count=int(best["customers"]), share=share)
    return Picture(
        name="rfm-grid",
        title=title,
        subtitle=reader.say("segments.grid.subtitle", few=FEW_CUSTOMERS),
        figure=rfm_grid(
            cells,
            {name: reader.say(f"segment.{name}.cell") for name in SEGMENTS},
            {name: reader.link("customer", segment=name) for name in SEGMENTS},
            {
                "recent": reader.say("segments.grid.recent"),
                "long_ago": reader.say("segments.grid.long_ago"),
                "little": reader.say("segments.grid.little"),
                "much": reader.say("segments.grid.much"),
            },
            look,
        ),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, reader.say("segments.grid.definition")),
        table=Table(
            cells.sort_values(["r_score", "value_score"], ascending=False),
            {
                "name": Column(reader.say("column.segment")),
                "r_score": Column(reader.say("column.r_score"), "count"),
                "value_score": Column(reader.say("segments.grid.value_score"), "count"),
                "customers": Column(reader.say("column.customers"), "count"),
                "revenue": Column(reader.say("column.revenue"), "money"),
            },
            found.currency,
        ),
        on_click=lambda point: follow(reader, point),
        leads_to=behind_row,
    )


def _cells(reader: Reader, found: Segments, look: Look) -> pd.DataFrame:
    """All 25 squares, those without customers included."""
    known = {(row["r_score"], row["value_score"]): row for row in found.grid.to_dict("records")}
    rows = []
    for r, names in enumerate(SEGMENT_GRID, 1):
        for v, segment in enumerate(names, 1):
            row = known.get((r, v), {"customers": 0, "revenue": 0.0})
            count, revenue = int(row["customers"]), float(row["revenue"])
            name = reader.say(f"segment.{segment}")
            told = reader.say(
                "segments.grid.told", segment=name, r=r, v=v, count=count, amount=look.money(revenue)
            )
            code = urlencode({"r": r, "v": v}) if count else ""
            rows.append((r, v, segment, name, count, revenue, told, code))
    columns = ["r_score", "value_score", "segment", "name", "customers", "revenue", "told", "code"]
    return pd.DataFrame(rows, columns=columns)


def curve_picture(reader: Reader, found: Segments, look: Look) -> Picture:
    """The whale curve with A, B and C."""
    value = "margin" if found.by_margin else "revenue"
    half = found.curve[found.curve["customer_share"] >= 0.5].iloc[0]
    curve = found.curve.assign(
        told=[_curve_told(reader, look, row) for row in found.curve.to_dict("records")],
        code=[_class_code(found, float(share)) for share in found.curve["customer_share"]],
    )
    classes = _classes(reader, found, look)
    return Picture(
        name="whale-curve",
        title=reader.say(
            "segments.curve.title_margin" if found.by_margin else "segments.curve.title_revenue",
            share=look.percent(float(half["value_share"])),
        ),
        subtitle=reader.say(
            "segments.curve.subtitle_margin" if found.by_margin else "segments.curve.subtitle_revenue"
        ),
        figure=whale_curve(curve, classes, reader.say("segments.curve.even"), look),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, reader.say("segments.curve.definition")),
        table=Table(
            classes,
            {
                "name": Column(reader.say("column.abc_class")),
                "customers": Column(reader.say("column.customers"), "count"),
                "customer_share": Column(reader.say("column.share_of_customers"), "share"),
                "value": Column(reader.say(f"column.{value}"), "money"),
                "value_share": Column(reader.say(f"column.share_of_{value}"), "share"),
            },
            found.currency,
        ),
        on_click=lambda point: follow(reader, point),
        ways=[
            Way(text, "customer", {"abc": str(row["abc_class"])})
            for text, row in zip(classes["told"], found.classes.to_dict("records"), strict=True)
            if row["customers"]
        ],
        leads_to=behind_row,
    )


def _classes(reader: Reader, found: Segments, look: Look) -> pd.DataFrame:
    """A, B and C with what each is called, what is told of it, and where it leads."""
    said = [
        reader.say(
            "segments.curve.class",
            name=reader.say(f"abc.{row['abc_class'].lower()}"),
            customer_share=look.percent(row["customer_share"]),
            value_share=look.percent(row["value_share"]),
        )
        for row in found.classes.to_dict("records")
    ]
    return found.classes.assign(
        name=[reader.say(f"abc.{name.lower()}") for name in found.classes["abc_class"]],
        told=said,
        code=[urlencode({"abc": name}) for name in found.classes["abc_class"]],
    )


def _curve_told(reader: Reader, look: Look, row: dict[object, object]) -> str:
    customer_share, value_share, value = (
        float(str(row[name])) for name in ("customer_share", "value_share", "value")
    )
    return reader.say(
        "segments.curve.told",
        customer_share=look.percent(customer_share),
        value_share=look.percent(value_share),
        amount=look.money(value),
    )


def _class_code(found: Segments, customer_share: float) -> str:
    """The class in whose stretch of the curve a share of customers lies."""
    ends = found.classes["customer_share"].cumsum().tolist()
    names = found.classes["abc_class"].tolist()
    at = next(
        (name for name, end in zip(names, ends, strict=True) if customer_share <= end + 1e-9), names[-1]
    )
    return urlencode({"abc": at})
