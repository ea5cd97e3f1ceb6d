"""Members about to rise or to fall, as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.loyalty.answers import Ahead, about_to_move
from crm_core.ui import report
from crm_core.ui.loyalty.against import to_customer
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.tiers import LEADING, tier_name
from crm_core.ui.report import Column, Table, Twin
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind

FIRST: Final = 10
_UNITS: Final[dict[str, Kind]] = {
    "amount": "money",
    "purchases": "number",
    "points": "count",
    "tenure": "count",
}


@dataclass(frozen=True)
class Some:
    """Members who move one way: in a sentence, those who bring most, and all of them.

    `first` and `all` are None where there are none.
    """

    told: str
    first: Table | None
    all: Twin | None


@dataclass(frozen=True)
class Shown:
    """Members who are about to fall, and those who are about to rise."""

    falling: Some
    rising: Some


def shown(reader: Reader, chosen: Chosen) -> Shown | None:
    """Who is about to move, in the reader's words; None for a programme without tiers."""
    if chosen.programme.tiers is None:
        return None
    return _shown(reader, chosen)


def draw(reader: Reader, one: Shown) -> None:
    """The section on who is about to fall and who is about to rise."""
    for title, some in (("loyalty.falling.section", one.falling), ("loyalty.rising.section", one.rising)):
        report.section(reader.say(title))
        report.text(some.told)
        if some.first is not None:
            report.table(reader, some.first, leads_to=to_customer, first=LEADING)
        if some.all is not None:
            report.twin(reader, some.all)


def _shown(reader: Reader, chosen: Chosen) -> Shown:
    found = about_to_move(
        reader.ask,
        as_of=reader.as_of,
        programme=chosen.programme,
        months=chosen.months,
        calendar=reader.calendar,
    )
    falls = reader.say("loyalty.moving.nobody_falls")
    if found.review_on is not None:
        falls = reader.say(
            "loyalty.moving.falls",
            count=len(found.falling),
            date=found.review_on,
            days=found.days_left,
        )
    rises = reader.say("loyalty.moving.nobody_rises")
    if len(found.rising):
        rises = reader.say(f"loyalty.moving.rises.{_takes(found)}", count=len(found.rising))
    return Shown(
        _some(reader, found, found.falling, falls, "falling"),
        _some(reader, found, found.rising, rises, "rising"),
    )


def _takes(found: Ahead) -> str:
    return "time" if found.by == "tenure" else "purchase"


def _some(reader: Reader, found: Ahead, rows: pd.DataFrame, told: str, way: str) -> Some:
    if rows.empty:
        return Some(told, None, None)
    kind = _UNITS[found.by]
    usual = {"usual": Column(reader.say("column.usual"), kind)} if found.by != "tenure" else {}
    days = {"days_left": Column(reader.say("column.days_left"), "count")} if way == "falling" else {}
    listed = Table(
        rows.assign(
            tier=[tier_name(reader, str(one)) for one in rows["tier"]],
            tier_next=[tier_name(reader, str(one)) for one in rows["tier_next"]],
        ),
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            "tier": Column(reader.say("column.tier")),
            "tier_next": Column(reader.say(f"loyalty.moving.to.{way}")),
            "brought": Column(reader.say("column.brought"), "money"),
            "lacking": Column(reader.say(f"loyalty.moving.lacking.{found.by}"), kind),
            **usual,
            **days,
        },
        found.currency,
    )
    return Some(
        told=told,
        first=Table(listed.rows.head(FIRST), listed.columns, listed.currency),
        all=Twin(
            f"loyalty-{way}",
            reader.say(f"loyalty.moving.all.{way}"),
            reader.say("loyalty.n_members", count=len(rows)),
            report.definition(reader, reader.say(f"loyalty.moving.definition.{way}")),
            listed,
        ),
    )
