"""Members about to rise or to fall, as they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import Money
from crm_core.loyalty.answers import Ahead, MoveWay, about_to_move
from crm_core.ui import report
from crm_core.ui.contact import channels_column, with_ways
from crm_core.ui.loyalty import listed
from crm_core.ui.loyalty.choices import Chosen, is_told
from crm_core.ui.report import Column, Table, Twin, Way
from crm_core.ui.shell import Reader
from crm_core.ui.ways import to_customer

FIRST: Final = 10
_FIRST_ON_A_TELEPHONE: Final = 4


@dataclass(frozen=True)
class Some:
    """Members who move one way: in a sentence, those who bring most, all of them, and where they are listed.

    `first`, `all` and `listed` are None where there are none.
    """

    told: str
    first: Table | None = None
    all: Twin | None = None
    listed: Way | None = None


@dataclass(frozen=True)
class Shown:
    """Members who are about to fall, and those who are about to rise."""

    falling: Some
    rising: Some


def shown(reader: Reader, chosen: Chosen) -> Shown | None:
    """Who is about to move, in the reader's words; None for a programme without tiers."""
    if chosen.programme.tiers is None:
        return None
    found = about_to_move(
        reader.ask,
        as_of=reader.as_of,
        programme=chosen.programme,
        months=chosen.months,
        calendar=reader.calendar,
    )
    return Shown(_falling(reader, chosen, found), _rising(reader, chosen, found))


def draw(reader: Reader, one: Shown) -> None:
    """The section on who is about to fall and who is about to rise."""
    for title, some in (("loyalty.falling.section", one.falling), ("loyalty.rising.section", one.rising)):
        report.section(reader.say(title))
        report.text(some.told)
        if some.first is not None:
            report.table(reader, some.first, leads_to=to_customer, first=_FIRST_ON_A_TELEPHONE)
        if some.all is not None:
            report.twin(reader, some.all)
        if some.listed is not None:
            report.ways(reader, [some.listed])


def _falling(reader: Reader, chosen: Chosen, found: Ahead) -> Some:
    told = reader.say("loyalty.moving.nobody_falls")
    if found.review_on is not None:
        told = reader.say(
            "loyalty.moving.falls",
            count=len(found.falling),
            date=found.review_on,
            days=found.days_left,
            amount=_at_stake(found, found.falling),
        )
    return _some(reader, chosen, found, found.falling, told, "falling")


def _rising(reader: Reader, chosen: Chosen, found: Ahead) -> Some:
    told = reader.say("loyalty.moving.nobody_rises")
    if len(found.rising):
        takes = "time" if found.by == "tenure" else "purchase"
        values = {"count": len(found.rising), "amount": _at_stake(found, found.rising)}
        told = reader.say(f"loyalty.moving.rises.{takes}", **values)
    return _some(reader, chosen, found, found.rising, told, "rising")


def _at_stake(found: Ahead, rows: pd.DataFrame) -> Money:
    """What members brought."""
    return Money(float(rows["brought"].sum()), found.currency, digits=2)


def _some(reader: Reader, chosen: Chosen, found: Ahead, rows: pd.DataFrame, told: str, way: MoveWay) -> Some:
    if rows.empty:
        return Some(told)
    columns = listed.moving_columns(reader, chosen.programme, way)
    named = with_ways(reader, listed.with_names(reader, rows, reader.as_of))
    everybody = Table(
        named,
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            **{name: Column(label, kind) for name, (label, kind) in columns.items()},
            **channels_column(reader, named),
        },
        found.currency,
    )
    count = len(rows)
    return Some(
        told=told,
        first=Table(everybody.rows.head(FIRST), everybody.columns, everybody.currency),
        all=Twin(
            f"loyalty-{way}",
            reader.say(f"loyalty.moving.all.{way}"),
            "",
            report.definition(reader, reader.say(f"loyalty.moving.definition.{way}")),
            everybody,
        ),
        listed=Way(reader.say("loyalty.list.all", count=count), "customer", listed.to_movers(chosen, way))
        if is_told(reader, chosen)
        else None,
    )
