"""Value to come by group, and by tenth of customers, as it is shown."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import FEW_CUSTOMERS, Look
from crm_core.segments.rules import SEGMENTS
from crm_core.ui import bars
from crm_core.ui.ahead import Ahead
from crm_core.ui.groups import group_name
from crm_core.ui.plot import behind_row, follow
from crm_core.ui.report import Column, Picture, Table, Way, definition
from crm_core.ui.shell import Reader
from crm_core.ui.value.cohorts import COHORT, cohort_name
from crm_core.ui.value.phrases import amount, how_valued, money_name
from crm_core.value.answers import Value
from crm_core.value.charts import tenths

GROUPS_DRAWN: Final = 12
_BOUNDS: Final = ("low", "high")
GROUPS_FIRST: Final = 4
"""Groups that a narrow screen shows before all are asked for."""


def groups_picture(reader: Reader, found: Value, grouping: str, look: Look) -> Picture:
    """The groups that customers form by a grouping: how many, and what they are expected to bring."""
    groups = found.groups
    best_group = groups["group"].iloc[0]
    if grouping == COHORT:
        groups = groups.sort_values("group", key=lambda periods: -periods.astype("int64"), ignore_index=True)
    rows = groups.assign(
        name=[_name(reader, grouping, one) for one in groups["group"]],
        code=[_code(grouping, one) for one in groups["group"]],
    )
    best = rows[rows["group"].eq(best_group) | (rows["group"].isna() & pd.isna(best_group))].iloc[0]
    return Picture(
        name="groups",
        title=reader.say(
            "value.groups.title",
            group=str(best["name"]),
            customer_share=look.percent(best["customers"] / found.customers),
            value_share=look.percent(best["share"]),
        ),
        subtitle=reader.say(
            f"value.groups.subtitle_{money_name(found)}",
            months=found.horizon_months,
            grouping=reader.say(f"grouping.{grouping}"),
            low=look.percent(found.low / (found.value or 1.0)),
            high=look.percent(found.high / (found.value or 1.0)),
        ),
        figure=None,
        drawing=_drawing(reader, found, rows, grouping, look),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, how_valued(reader, found), reader.say("value.interval.definition")),
        table=Table(
            rows,
            {
                "name": Column(reader.say(f"grouping.{grouping}")),
                "customers": Column(reader.say("column.customers"), "count"),
                "expected_purchases": Column(reader.say("column.expected_purchases"), "count"),
                "customer_lifetime_value": Column(reader.say("column.customer_lifetime_value"), "money"),
                **bounds_columns(reader),
                "share": Column(reader.say("column.value_share"), "share"),
                "per_customer": Column(reader.say("value.figure.per_customer"), "money"),
            },
            found.currency,
        ),
        leads_to=behind_row,
    )


def bounds_columns(reader: Reader) -> dict[str, Column]:
    """The bounds of an amount."""
    return {name: Column(reader.say(f"column.{name}"), "money") for name in _BOUNDS}


def _name(reader: Reader, grouping: str, group: object) -> str:
    return (
        cohort_name(reader, str(group))
        if grouping == COHORT
        else group_name(reader.language, grouping, group)
    )


def _code(grouping: str, group: object) -> str:
    return urlencode({"segment": group}) if grouping == "segment" and group in SEGMENTS else ""


def _drawing(reader: Reader, found: Value, rows: pd.DataFrame, grouping: str, look: Look) -> str:
    drawn = tuple(
        _row(reader, found, row, grouping, look, leading=place < GROUPS_FIRST)
        for place, row in enumerate(rows.head(GROUPS_DRAWN).to_dict("records"))
    )
    measures = [reader.say("column.share_of_customers"), reader.say("column.value_share")]
    return bars.drawn(measures, [bars.Group("", drawn)], reader.say("value.groups.all"))


def _row(
    reader: Reader, found: Value, row: dict[object, object], grouping: str, look: Look, *, leading: bool
) -> bars.Row:
    customers, share = int(str(row["customers"])), float(str(row["share"]))
    customer_share, name = customers / found.customers, str(row["name"])
    each = look.money(float(str(row["per_customer"])))
    units, code = float(str(row["customer_lifetime_value"])), str(row["code"])
    told = reader.say(
        "value.groups.told",
        group=name,
        count=customers,
        amount=look.money(units),
        low=look.money(float(str(row["low"]))),
        high=look.money(float(str(row["high"]))),
        each=each,
    )
    together = {"amount": amount(reader, found, units), "count": customers}
    beside = reader.say("value.groups.beside_few", **together)
    if customers >= FEW_CUSTOMERS:
        beside = reader.say("value.groups.beside", each=each, **together)
    return bars.Row(
        name=name,
        address=_address(reader, grouping, row["group"], code),
        told=told,
        beside=beside,
        bars=(
            bars.Bar(customer_share, look.percent(customer_share)),
            bars.Bar(share, look.percent(share), bounds=_bounds(row, found)),
        ),
        leading=leading,
    )


def _bounds(row: dict[object, object], found: Value) -> tuple[float, float]:
    """Between what shares of all that is expected a group's value lies."""
    low, high = (float(str(row[name])) / (found.value or 1.0) for name in ("low", "high"))
    return low, high


def _address(reader: Reader, grouping: str, group: object, code: str) -> str:
    if code:
        return reader.link("customer", segment=str(group))
    if grouping == reader.workspace.tables.region_column and isinstance(group, str):
        return reader.here(region=group, by=None)
    return ""


def tenths_picture(reader: Reader, found: Value, seen: Ahead, look: Look) -> Picture:
    """The share of expected value that each tenth of customers brings."""
    codes = [urlencode({"tenth": tenth, **seen.parts}) for tenth in found.tenths["tenth"]]
    rows = found.tenths.assign(
        code=codes,
        label=_tenths_held(found.tenths["tenth"].tolist(), look),
        text=[look.percent(share) for share in found.tenths["share"]],
        told=[
            reader.say(
                "value.tenths.told",
                tenth=int(str(row["tenth"])),
                count=int(str(row["customers"])),
                amount=look.money(float(str(row["customer_lifetime_value"]))),
                low=look.money(float(str(row["low"]))),
                high=look.money(float(str(row["high"]))),
                share=look.percent(float(str(row["share"]))),
                least=look.money(float(str(row["least"]))),
            )
            for row in found.tenths.to_dict("records")
        ],
    )
    return Picture(
        name="tenths",
        title=reader.say("value.tenths.title", share=look.percent(found.top_share)),
        subtitle=reader.say("value.tenths.subtitle"),
        figure=tenths(rows.assign(**{name: rows[name] / (found.value or 1.0) for name in _BOUNDS}), look),
        n=reader.say("picture.n_customers", count=found.customers),
        definition=definition(reader, how_valued(reader, found), reader.say("value.interval.definition")),
        table=Table(
            rows,
            {
                "tenth": Column(reader.say("value.tenth"), "count"),
                "customers": Column(reader.say("column.customers"), "count"),
                "customer_lifetime_value": Column(reader.say("column.customer_lifetime_value"), "money"),
                **bounds_columns(reader),
                "share": Column(reader.say("column.value_share"), "share"),
                "least": Column(reader.say("value.tenths.least"), "money"),
            },
            found.currency,
        ),
        on_click=lambda point: follow(reader, point),
        ways=[Way(reader.say("customer.most_valuable"), "customer", {"tenth": "1", **seen.parts})],
        leads_to=behind_row,
    )


def _tenths_held(tenths: list[int], look: Look) -> list[str]:
    """What each tenth is called; equal customers share one, and it goes on to where the next begins."""
    ends = [tenth - 1 for tenth in tenths[1:]] + [10]
    return [
        look.number(first) if first == last else f"{look.number(first)}–{look.number(last)}"
        for first, last in zip(tenths, ends, strict=True)
    ]
