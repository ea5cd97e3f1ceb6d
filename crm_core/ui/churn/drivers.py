"""What tells, in the whole base, who is likely to leave, as it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pandas as pd

from crm_core.churn.answers import drivers_by_thing, feature_named, thing_named
from crm_core.looks import Look
from crm_core.ui import bars, report
from crm_core.ui.report import Column, Picture, Table, Undrawn
from crm_core.ui.shell import Reader

_DRAWN: Final = 8
_FIRST_ON_A_TELEPHONE: Final = 4
_LEAST: Final = 0.005
"""Share of all weights below which a sign is not drawn."""


def drivers_picture(reader: Reader, drivers: pd.DataFrame, customers: int, look: Look) -> Picture | Undrawn:
    """The signs that weigh most.

    Args:
        reader: Who reads.
        drivers: Rows of `churn_drivers`.
        customers: How many they are of.
        look: How it looks.
    """
    whole = float(drivers["mean_contribution"].sum())
    if not whole:
        return Undrawn(reader.say("churn.drivers.title"), reader.say("churn.drivers.none"))
    drawn = _things(reader, drivers)
    return Picture(
        name="drivers",
        title=reader.say("churn.drivers.title"),
        subtitle=reader.say("churn.drivers.subtitle"),
        figure=None,
        drawing=bars.drawn(
            [reader.say("churn.drivers.weight")],
            [bars.Group("", tuple(_bars(drawn, look)))],
            reader.say("table.show_all", count=len(drawn)),
        ),
        n=reader.say("picture.n_customers", count=customers),
        definition=report.definition(reader, reader.say("churn.drivers.definition")),
        table=Table(
            drivers.assign(
                name=[reader.tell(feature_named(str(one))) for one in drivers["feature"]],
                share=drivers["mean_contribution"] / whole,
                told=[reader.say(f"churn.direction.{one}") for one in drivers["direction"]],
            ),
            {
                "name": Column(reader.say("churn.drivers.sign")),
                "share": Column(reader.say("churn.drivers.weight"), "share"),
                "told": Column(reader.say("churn.drivers.direction")),
            },
        ),
    )


def _things(reader: Reader, drivers: pd.DataFrame) -> pd.DataFrame:
    """The weightiest signs, each once, in words."""
    things = drivers_by_thing(drivers)
    things = things[things["share"] >= _LEAST].head(_DRAWN)
    return things.assign(
        name=[
            reader.tell(thing_named(str(family), None if pd.isna(feature) else str(feature)))
            for family, feature in zip(things["family"], things["feature"], strict=True)
        ],
        told=[reader.say(f"churn.direction.{one}") for one in things["direction"]],
    )


def _bars(things: pd.DataFrame, look: Look) -> Iterator[bars.Row]:
    rows = zip(things["name"], things["told"], things["share"], strict=True)
    for place, (name, told, share) in enumerate(rows):
        yield bars.Row(
            name=name,
            address="",
            told=told,
            beside=told,
            bars=(bars.Bar(float(share), look.percent(share)),),
            leading=place < _FIRST_ON_A_TELEPHONE,
        )
