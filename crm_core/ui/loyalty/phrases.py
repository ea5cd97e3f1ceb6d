"""The headline and the figures of the customer club, in the reader's words."""

from __future__ import annotations

from typing import Final

from crm_core.base import Money, Sentence, Share
from crm_core.looks import Look
from crm_core.loyalty.answers import Club, Ranged
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.report import ShownFigure
from crm_core.ui.shell import Reader

_YEAR: Final = 365


def money_name(found: Club) -> str:
    """What members bring, as the end of a message's key."""
    return "margin" if found.by_margin else "revenue"


def headline(found: Club, chosen: Chosen) -> Sentence:
    """What it costs in a year, and by how much more members would have to buy for it to pay."""
    cost = cost_of(found)
    if found.cost.high == 0:
        return Sentence("loyalty.headline.free", {"programme": chosen.name})
    values: dict[str, object] = {"programme": chosen.name, "cost": cost}
    if not found.pays:
        return Sentence("loyalty.headline.never", values)
    return Sentence("loyalty.headline", {**values, "lift": lift_of(found)})


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
    if found.days < _YEAR:
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
    number = reader.language.number

    def amount(key: str, units: Ranged) -> ShownFigure:
        short = reader.language.money(units.likely, found.currency, compact=True, digits=2)
        return ShownFigure(reader.say(key), short, _within(reader, units, look))

    lift = reader.say("loyalty.figure.never")
    if found.pays:
        lift = look.percent(found.lift.likely)
    last = amount("loyalty.figure.outstanding", found.outstanding)
    if not found.programme.earn and tiered is not None:
        last = ShownFigure(reader.say("loyalty.figure.tiered"), number(tiered), number(tiered))
    brought = Ranged(found.brought, found.brought, found.brought)
    return (
        amount("loyalty.figure.cost", found.cost),
        amount(f"loyalty.figure.brought.{money_name(found)}", brought),
        ShownFigure(reader.say("loyalty.figure.lift"), lift, lift),
        last,
        ShownFigure(reader.say("loyalty.figure.members"), number(found.members), number(found.members)),
    )


def _within(reader: Reader, units: Ranged, look: Look) -> str:
    if units.known:
        return look.money(units.likely)
    bounds = reader.say("value.bounds", low=look.money(units.low), high=look.money(units.high))
    return f"{look.money(units.likely)} ({bounds})"


def cost_of(found: Club) -> Sentence | Money:
    """What it costs in a year, with the range where that depends on who uses points."""
    likely, low, high = (
        Money(one, found.currency, digits=2) for one in (found.cost.likely, found.cost.low, found.cost.high)
    )
    if found.cost.known:
        return likely
    return Sentence("loyalty.ranged", {"likely": likely, "low": low, "high": high})


def lift_of(found: Club) -> Sentence | Share:
    """The growth with which it pays, likewise; there must be one."""
    share = found.lift
    if share.known:
        return Share(share.likely)
    if share.high == float("inf"):
        return Sentence("loyalty.ranged.open", {"likely": Share(share.likely), "low": Share(share.low)})
    values = {"likely": Share(share.likely), "low": Share(share.low), "high": Share(share.high)}
    return Sentence("loyalty.ranged", values)
