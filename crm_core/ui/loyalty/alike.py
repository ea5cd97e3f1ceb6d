"""Members beside others who are alike, as they are shown: what is found, how alike, and who is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from crm_core.loyalty.answers import Estimated, Works
from crm_core.loyalty.charts import comparisons
from crm_core.loyalty.models import METHODS
from crm_core.ui.plot import look_of
from crm_core.ui.report import Column, Picture, Table, Twin, definition
from crm_core.ui.shell import Reader

_COUNTS: Final = "difference"
"""The only comparison that tells of the club."""


def methods_picture(reader: Reader, found: Works) -> Picture:
    """What several comparisons say of purchases, and in the table of money."""
    look = look_of(reader)
    said: dict[str, Estimated] = {}
    for method in METHODS:
        one = found.said("purchases", method)
        if one is not None:
            said[method] = one
    rows = pd.DataFrame(
        {
            "ratio": [one.ratio for one in said.values()],
            "low": [one.low for one in said.values()],
            "high": [one.high for one in said.values()],
            "label": [reader.say(f"loyalty.effect.method.{name}") for name in said],
            "number": [times(reader, one.ratio) for one in said.values()],
            "told": [_hovered(reader, name, one) for name, one in said.items()],
            "counts": [name == _COUNTS for name in said],
        }
    )
    table = found.effects.assign(
        method=[reader.say(f"loyalty.effect.method.{one}") for one in found.effects["method"]],
        outcome=[reader.say(f"loyalty.effect.outcome.{one}") for one in found.effects["outcome"]],
    )
    columns = {name: Column(reader.say(f"column.{name}")) for name in ("outcome", "method")}
    columns |= {
        name: Column(reader.say(f"column.{name}"), "ratio")
        for name in ("after", "expected", "ratio", "low", "high")
    }
    return Picture(
        name="loyalty-effect",
        title=reader.say("loyalty.effect.title"),
        subtitle=reader.say("loyalty.effect.subtitle"),
        figure=comparisons(rows, reader.say("loyalty.effect.none"), look),
        n=reader.say("loyalty.effect.n", members=found.members, others=found.others),
        definition=definition(reader, *_definition(reader, found)),
        table=Table(table, columns, found.currency),
    )


def _definition(reader: Reader, found: Works) -> list[str]:
    texts = [reader.say("loyalty.effect.definition")]
    if found.apart_days:
        texts.append(reader.say("loyalty.effect.definition.campaigns", days=found.apart_days))
    return texts


def _hovered(reader: Reader, method: str, one: Estimated) -> str:
    return reader.say(
        "loyalty.effect.told",
        method=reader.say(f"loyalty.effect.method.{method}"),
        ratio=times(reader, one.ratio),
        low=times(reader, one.low),
        high=times(reader, one.high),
    )


def times(reader: Reader, ratio: float) -> str:
    """How many times as much."""
    return reader.language.number(ratio, 1 if ratio >= 10 else 2)


def balance_twin(reader: Reader, found: Works) -> Twin:
    """How alike members and others are before and after matching."""
    rows = found.balance.assign(known=[known_named(reader, str(one)) for one in found.balance["known"]])
    numbers = ("members", "others_before", "others_after", "difference_before", "difference_after")
    columns = {"known": Column(reader.say("column.known"))}
    columns |= {name: Column(reader.say(f"column.{name}"), "ratio") for name in numbers}
    columns["members"] = Column(reader.say("loyalty.effect.members"), "ratio")
    on = found.balance[found.balance["matched_on"]]
    return Twin(
        name="loyalty-balance",
        title=reader.say(
            "loyalty.effect.balance.title",
            most=reader.language.number(float(on["difference_after"].abs().max()), 2),
        ),
        n="",
        definition=definition(reader, reader.say("loyalty.effect.balance.definition")),
        table=Table(rows, columns, found.currency),
    )


def members_twin(reader: Reader, found: Works) -> Twin:
    """Who is compared, and why others are not."""
    rows = found.compared[found.compared["members"] > 0]
    reasons = [reader.say(f"loyalty.effect.reason.{one}") for one in rows["reason"]]
    columns = {
        "reason": Column(reader.say("loyalty.effect.members")),
        "members": Column(reader.say("column.members"), "count"),
    }
    total = int(rows["members"].sum())
    return Twin(
        name="loyalty-compared",
        title=reader.say("loyalty.effect.members.title", compared=found.members, members=total),
        n="",
        definition=definition(reader, reader.say("loyalty.effect.members.definition")),
        table=Table(rows.assign(reason=reasons), columns),
    )


def known_named(reader: Reader, known: str) -> str:
    """What a thing is called on which members and others are compared."""
    name, _, country = known.partition(":")
    if not country:
        return reader.say(f"loyalty.effect.known.{name}")
    territories: Mapping[str, str] = reader.language.territories
    return reader.say("loyalty.effect.known.country", country=territories.get(country, country))
