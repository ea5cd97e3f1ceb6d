"""The headline and the figures of the customer club, in the reader's words."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Final, Literal, TypedDict

import pandas as pd

from crm_core.base import Money, Sentence, Share
from crm_core.looks import Look
from crm_core.loyalty.answers import Club, Parts, Ranged
from crm_core.periods import YEAR_DAYS
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.report import ShownChange, ShownFigure
from crm_core.ui.shell import Reader

_LEVEL_WITHIN: Final = 0.0005
"""A change that is written as 0.0 % has no direction."""


class _Course(TypedDict):
    trend: tuple[float, ...]
    trend_label: str


def tier_name(reader: Reader, name: str) -> str:
    """What a tier is called; of those without one, that they have none."""
    return name or reader.say("loyalty.tiers.none")


def money_name(found: Club | Parts) -> str:
    """What members bring, as the end of a message's key."""
    return "margin" if found.by_margin else "revenue"


def lift_key(found: Club | Parts) -> str:
    """What the growth that is needed is called: where revenue stands for margin, it is the least."""
    return "loyalty.figure.lift" if found.by_margin else "loyalty.lift.least"


def headline(found: Club, chosen: Chosen) -> Sentence:
    """What it costs in a year, and by how much more members would have to buy for it to pay."""
    cost = cost_of(found)
    if found.cost.high == 0:
        return Sentence("loyalty.headline.free", {"programme": chosen.name})
    values: dict[str, object] = {"programme": chosen.name, "cost": cost}
    if not found.pays:
        return Sentence("loyalty.headline.never", values)
    key = "loyalty.headline" if found.by_margin else "loyalty.headline.at_least"
    return Sentence(key, {**values, "lift": lift_of(found.lift)})


def context(reader: Reader, found: Club) -> Sentence:
    """Over which days it was replayed, of how many members, how many of them bought, and what that brings."""
    last = reader.as_of
    who = found.programme.members.who
    values: dict[str, object] = {
        "who": Sentence(f"loyalty.context.{who}", {"count": found.members, "bought": found.buyers}),
        "days": found.days,
        "date": last,
        "brought": Money(found.brought, found.currency, digits=2),
    }
    told = Sentence(f"loyalty.context.{money_name(found)}", values)
    if not found.by_margin and found.cost.high and found.pays:
        told = Sentence("loyalty.context.uncosted", {"context": told})
    if found.days < YEAR_DAYS:
        told = Sentence("loyalty.context.scaled", {"context": told, "count": found.days})
    share = found.programme.redemption
    if share is None or found.cost.known:
        return told
    return Sentence(
        "loyalty.context.ranged", {"context": told, "few": Share(share.low), "many": Share(share.high)}
    )


def figures(reader: Reader, found: Club, look: Look, tiered: int | None) -> tuple[ShownFigure, ...]:
    """What it costs, what members bring, the growth with which it pays, and what is outstanding.

    `tiered`, how many members have a tier, stands in the place of that where there are no points.
    """
    months = found.months[(found.months["redeeming"] == "likely") & found.months["complete"]]
    given, members = months["reward_cost"] + months["discount"], "loyalty.figure.members"
    brought = Ranged(found.brought, found.brought, found.brought)
    last = _liability(reader, found, look, months)
    if not found.programme.earn and tiered is not None:
        last = _count(reader, "loyalty.figure.tiered", tiered)
    return (
        replace(
            _amount(reader, found, look, "loyalty.figure.cost", found.cost),
            **_course(reader, "loyalty.figure.given", months, given),
        ),
        replace(
            _amount(reader, found, look, f"loyalty.figure.brought.{money_name(found)}", brought),
            changes=_against_year_before(reader, found.brought, found.brought_before),
        ),
        _lift(reader, found, look),
        last,
        replace(
            _count(reader, members, found.members),
            changes=_against_year_before(reader, found.members, found.members_before),
            **_course(reader, members, months, months["members"]),
        ),
    )


def _count(reader: Reader, key: str, count: int) -> ShownFigure:
    written = reader.language.number(count)
    return ShownFigure(reader.say(key), written, written)


def _amount(reader: Reader, found: Club, look: Look, key: str, units: Ranged) -> ShownFigure:
    """An amount with its range below it."""
    short, low, high = (
        reader.language.money(one, found.currency, compact=True, digits=2)
        for one in (units.likely, units.low, units.high)
    )
    full = look.money(units.likely)
    if units.known:
        return ShownFigure(reader.say(key), short, full)
    bounds = reader.say("value.bounds", low=look.money(units.low), high=look.money(units.high))
    within = reader.say("value.bounds", low=low, high=high)
    return ShownFigure(reader.say(key), short, f"{full} ({bounds})", notes=(within,))


def _course(reader: Reader, key: str, months: pd.DataFrame, values: pd.Series[float]) -> _Course:
    """The small line of a figure, and what it shows."""
    if len(months) < 2 or values.isna().any():
        return {"trend": (), "trend_label": ""}
    first, last = (reader.language.period(int(months["month"].iloc[at]), "month") for at in (0, -1))
    label = reader.say("overview.trend", figure=reader.say(key), first=first, last=last)
    return {"trend": tuple(float(one) for one in values), "trend_label": label}


def _liability(reader: Reader, found: Club, look: Look, months: pd.DataFrame) -> ShownFigure:
    """What the points outstanding will cost, and what they would if all of them were used."""
    key = "loyalty.figure.outstanding"
    if found.expected_use is None:
        whole = _amount(reader, found, look, key, found.outstanding)
        return replace(whole, notes=(*whole.notes, reader.say("loyalty.figure.all_used")))
    expected = _amount(reader, found, look, key, found.expected_use)
    most = reader.language.money(found.outstanding.likely, found.currency, compact=True, digits=2)
    return replace(
        expected,
        notes=(*expected.notes, reader.say("loyalty.figure.at_most", amount=most)),
        **_course(reader, "loyalty.figure.expected_use", months, months["expected_use"]),
    )


def _lift(reader: Reader, found: Club, look: Look) -> ShownFigure:
    label = reader.say("loyalty.figure.lift")
    if not found.pays:
        never = reader.say("loyalty.figure.never")
        return ShownFigure(label, never, never)
    told = look.percent(found.lift.likely)
    if not found.by_margin:
        told = reader.say("loyalty.lift.at_least", lift=told)
    if found.lift.known:
        return ShownFigure(label, told, told)
    ends = {"low": look.percent(found.lift.low)}
    if found.lift.high < inf:
        within = reader.say("value.bounds", **ends, high=look.percent(found.lift.high))
    else:
        within = reader.say("loyalty.figure.or_never", **ends)
    return ShownFigure(label, told, told, notes=(within,))


def _against_year_before(reader: Reader, now: float, before: float | None) -> tuple[ShownChange, ...]:
    """How it has changed, where a whole year before it is known."""
    if before is None or before <= 0:
        return ()
    change, against = now / before - 1, reader.say("overview.against.year_earlier")
    if abs(change) < _LEVEL_WITHIN:
        return (ShownChange(reader.say("compare.unchanged"), against, "level", None),)
    way: Literal["up", "down"] = "up" if change > 0 else "down"
    return (ShownChange(reader.language.change(change), against, way, change > 0),)


def cost_of(found: Club) -> Sentence | Money:
    """What it costs in a year, with the range where that depends on who uses points."""
    likely, low, high = (
        Money(one, found.currency, digits=2) for one in (found.cost.likely, found.cost.low, found.cost.high)
    )
    if found.cost.known:
        return likely
    return Sentence("loyalty.ranged", {"likely": likely, "low": low, "high": high})


def lift_of(share: Ranged) -> Sentence | Share:
    """The growth with which it pays, likewise; there must be one."""
    if share.known:
        return Share(share.likely)
    if share.high == float("inf"):
        return Sentence("loyalty.ranged.open", {"likely": Share(share.likely), "low": Share(share.low)})
    values = {"likely": Share(share.likely), "low": Share(share.low), "high": Share(share.high)}
    return Sentence("loyalty.ranged", values)
