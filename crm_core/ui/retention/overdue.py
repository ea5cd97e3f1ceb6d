"""Who is overdue by the rhythm of a category, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.retention.answers.ladder import Rhythm, rhythms
from crm_core.ui import bars
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention.phrases import days
from crm_core.ui.shell import Reader

_FOREMOST: Final = 5
"""Categories that a narrow screen shows before all are asked for."""


def overdue_picture(reader: Reader) -> Picture | Undrawn:
    """Categories with the customers who have been away from them for longer than is usual.

    Args:
        reader: Who reads.
    """
    title = reader.say("retention.overdue.title.undrawn")
    try:
        found = rhythms(reader.ask, as_of=reader.as_of)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None:
        return Undrawn(title, reader.say("retention.overdue.too_few", least=ENOUGH_CUSTOMERS))
    rows = pd.DataFrame([_rhythm_row(reader, one) for one in found.categories])
    return Picture(
        name="overdue",
        title=_overdue_title(reader, found.categories),
        subtitle=reader.say("retention.overdue.subtitle"),
        figure=None,
        drawing=_drawing(reader, found.categories),
        n=reader.say("retention.overdue.n", count=sum(one.gaps for one in found.categories)),
        definition=definition(reader, reader.say("retention.overdue.definition")),
        table=Table(
            rows,
            {
                "category": Column(reader.say("column.category")),
                "customers": Column(reader.say("column.customers"), "count"),
                "overdue": Column(reader.say("retention.column.overdue"), "count"),
                "overdue_share": Column(reader.say("retention.column.overdue_share"), "share"),
                "long_overdue": Column(reader.say("retention.column.long_overdue"), "count"),
                "usual_days": Column(reader.say("retention.column.usual_days"), "count"),
                "overdue_days": Column(reader.say("retention.column.overdue_days"), "count"),
                "long_overdue_days": Column(reader.say("retention.column.long_overdue_days"), "count"),
                "gaps": Column(reader.say("retention.column.returns"), "count"),
            },
        ),
        leads_to=behind_row,
    )


def _overdue_title(reader: Reader, categories: Sequence[Rhythm]) -> str:
    """The category with most overdue customers; where there are none, with most who are long overdue."""
    most = categories[0]
    if not most.overdue and not most.long_overdue:
        return reader.say("retention.overdue.title.nobody")
    if not most.overdue:
        return reader.say(
            "retention.overdue.title.long",
            count=most.long_overdue,
            category=most.category,
            days=days(reader, most.long_overdue_days),
        )
    return reader.say(
        "retention.overdue.title",
        count=most.overdue,
        category=most.category,
        days=reader.language.number(most.overdue_days),
        long_days=days(reader, most.long_overdue_days),
    )


def _overdue(one: Rhythm) -> dict[str, str]:
    """How an address names the overdue customers of a category."""
    return {**_long_overdue(one), "longer_than": str(one.overdue_days), "up_to": str(one.long_overdue_days)}


def _long_overdue(one: Rhythm) -> dict[str, str]:
    """How it names those who are long overdue."""
    return {"overdue": one.category, "longer_than": str(one.long_overdue_days)}


def _rhythm_row(reader: Reader, one: Rhythm) -> dict[str, object]:
    return {
        "category": reader.language.stored(one.category),
        "customers": one.customers,
        "gaps": one.gaps,
        "usual_days": one.usual_days,
        "overdue_days": one.overdue_days,
        "long_overdue_days": one.long_overdue_days,
        "overdue": one.overdue,
        "overdue_share": one.overdue / one.customers,
        "long_overdue": one.long_overdue,
        "code": urlencode(_overdue(one)) if one.overdue else "",
    }


def _drawing(reader: Reader, categories: Sequence[Rhythm]) -> str:
    number = reader.language.number
    rows = tuple(
        bars.Row(
            name=one.category,
            address=reader.link("customer", **_overdue(one)) if one.overdue else "",
            told=reader.say(
                "retention.overdue.told",
                category=one.category,
                days=days(reader, one.overdue_days),
                long_days=days(reader, one.long_overdue_days),
                overdue=number(one.overdue),
                long_overdue=number(one.long_overdue),
                number=number(one.customers),
            ),
            beside=reader.say("retention.overdue.beside", days=days(reader, one.usual_days)),
            bars=tuple(
                bars.Bar(many, number(many), reader.link("customer", **which(one)) if many else "")
                for many, which in ((one.overdue, _overdue), (one.long_overdue, _long_overdue))
            ),
            leading=at < _FOREMOST,
        )
        for at, one in enumerate(categories)
    )
    words = [reader.say("retention.column.overdue"), reader.say("retention.column.long_overdue")]
    group = bars.Group(reader.say("retention.overdue.heading"), rows)
    return bars.drawn(words, [group], reader.say("retention.overdue.all"))
