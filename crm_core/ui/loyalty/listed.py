"""Which members an address means: those of a tier of a programme, those about to fall or to rise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, cast

import pandas as pd

from crm_core.customers.answers import CHANNELS, consents, with_channels
from crm_core.customers.metrics import customer_summary
from crm_core.loyalty.answers import MoveWay, members_about_to_move, members_of_tier
from crm_core.loyalty.rules import Programme
from crm_core.loyalty.rules.programme import Tiers
from crm_core.ui import state
from crm_core.ui.asked_for import Behind
from crm_core.ui.loyalty import choices
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.phrases import tier_name
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind

WAYS: Final[tuple[MoveWay, ...]] = ("falling", "rising")
UNITS: Final[Mapping[str, Kind]] = {
    "amount": "money",
    "purchases": "number",
    "points": "count",
    "tenure": "count",
}
"""What tiers are by, as it is written."""
_WHO: Final[Mapping[str, Kind]] = {"customer_id": "id", "segment": "text", "last_ordered_at": "date"}
_UNSORTED: Final = ("segment", "last_ordered_at", "tier", "tier_next", CHANNELS)
"""Columns by which these lists cannot be ordered."""


def moving_columns(reader: Reader, programme: Programme, way: MoveWay) -> dict[str, tuple[str, Kind]]:
    """What is shown of who is about to move, and what it is called."""
    by = programme.tiers.by if programme.tiers else "amount"
    kind = UNITS[by]
    columns: dict[str, tuple[str, Kind]] = {
        "tier": (reader.say("column.tier"), "text"),
        "tier_next": (reader.say(f"loyalty.moving.to.{way}"), "text"),
        "brought": (reader.say("column.brought"), "money"),
        "lacking": (reader.say(f"loyalty.moving.lacking.{by}"), kind),
    }
    if by != "tenure":
        columns["usual"] = (reader.say("column.usual"), kind)
    if way == "falling":
        columns["days_left"] = (reader.say("column.days_left"), "count")
    return columns


def with_names(reader: Reader, rows: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Rows of members, their tiers as they are called, and the ways in which they may be contacted."""
    named = {
        name: [tier_name(reader, str(one)) for one in rows[name]]
        for name in ("tier", "tier_next")
        if name in rows
    }
    return with_channels(rows.assign(**named), consents(reader.ask, as_of=as_of))


def to_movers(chosen: Chosen, way: MoveWay) -> dict[str, str]:
    """What an address of the page `customer` says of those about to move."""
    return {"moving": way, **chosen.parts}


def asked(reader: Reader) -> Behind | None:
    """The members that the address asks for; None where it asks for none."""
    way, place, code = state.read("moving", WAYS), state.read_number("tier"), state.read("programme")
    if code not in choices.known(reader):
        return None
    chosen = choices.chosen(reader)
    tiers = chosen.programme.tiers
    if tiers is None:
        return None
    if way is not None:
        return _moving(reader, chosen, cast(MoveWay, way))
    if place is None or not 0 <= place <= len(tiers.steps):
        return None
    return _of_tier(reader, chosen, tiers, place)


def _moving(reader: Reader, chosen: Chosen, way: MoveWay) -> Behind:
    columns = moving_columns(reader, chosen.programme, way)
    return Behind(
        customer_summary,
        {**_replayed(reader, chosen), "way": way},
        f"customer.headline.{way}",
        {"programme": chosen.name},
        _back(reader, chosen),
        rows_by=members_about_to_move,
        with_more=lambda rows: with_names(reader, rows, reader.as_of),
        columns={**_WHO, **{name: kind for name, (_, kind) in columns.items()}, CHANNELS: "text"},
        labels={name: label for name, (label, _) in columns.items()},
        unsorted=_UNSORTED,
        sort="-brought",
    )


def _of_tier(reader: Reader, chosen: Chosen, tiers: Tiers, place: int) -> Behind:
    return Behind(
        customer_summary,
        {**_replayed(reader, chosen), "place": place},
        "customer.headline.tier" if place else "customer.headline.no_tier",
        {"programme": chosen.name, "tier": tier_name(reader, tiers.steps[place - 1].name if place else "")},
        _back(reader, chosen),
        rows_by=members_of_tier,
        with_more=lambda rows: with_names(reader, rows, reader.as_of),
        columns={
            **_WHO,
            "revenue_of_months": "money",
            "balance": "count",
            "missing_to_next": UNITS[tiers.by],
            CHANNELS: "text",
        },
        labels={"revenue_of_months": reader.say("loyalty.list.revenue", months=chosen.months)},
        unsorted=_UNSORTED,
        sort="-revenue_of_months",
    )


def _replayed(reader: Reader, chosen: Chosen) -> dict[str, object]:
    """The replay that the page of the programme has made, too."""
    return {"programme": chosen.programme, "months": chosen.months, "calendar": reader.calendar}


def _back(reader: Reader, chosen: Chosen) -> tuple[Way, ...]:
    return (Way(reader.say("loyalty.list.page"), "loyalty", chosen.parts),)
