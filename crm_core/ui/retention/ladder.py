"""The repeat ladder and who is overdue, as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.periods import day_of
from crm_core.retention.answers.ladder import Ladder, Rhythm, Rung, ladder, rhythms
from crm_core.retention.answers.survival import Ranged
from crm_core.retention.charts.ladder import group_bars, ladder_bars
from crm_core.ui import bars
from crm_core.ui.plot import behind_row, follow
from crm_core.ui.report import Column, Definition, Picture, Table, Undrawn
from crm_core.ui.retention.survival import Named
from crm_core.ui.shell import Reader

_FOREMOST: Final = 5
"""Categories that a narrow screen shows before all are asked for."""


def ladder_picture(
    reader: Reader, look: Look, group: Grouping | None = None, name: Named = str
) -> Picture | Undrawn:
    """From each purchase to the next; with groups from the first to the second of each.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        group: By what customers are parted.
        name: What a group is called.
    """
    title = reader.say("retention.ladder.title.undrawn")
    try:
        found = ladder(reader.ask, as_of=reader.as_of, group=group)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None or (group is not None and not found.groups):
        return Undrawn(title, reader.say("retention.ladder.too_few", least=ENOUGH_CUSTOMERS))
    rungs = found.groups or found.rungs
    rows = pd.DataFrame([_row(reader, look, found, one, name) for one in rungs])
    if found.groups:
        rows = rows.sort_values("share", ascending=False, ignore_index=True)
    key = "retention.ladder.subtitle" if found.horizon is not None else "retention.ladder.subtitle.so_far"
    within = {} if found.horizon is None else {"days": _days(reader, found.horizon)}
    return Picture(
        name="ladder",
        title=_groups_title(reader, look, found, rows) if found.groups else _title(reader, look, found),
        subtitle=reader.say(key, **within),
        figure=group_bars(rows, look) if found.groups else ladder_bars(rows, look),
        n=reader.say("picture.n_customers", count=found.rungs[0].customers),
        definition=_definition(reader, reader.say("retention.ladder.definition")),
        table=_table(reader, found, rows),
        on_click=None if found.groups else lambda point: follow(reader, point),
        leads_to=None if found.groups else behind_row,
    )


def _days(reader: Reader, days: float) -> str:
    return reader.say("retention.days", count=round(days))


def _shown(found: Ladder, one: Rung) -> Ranged:
    """The share that is drawn: within the horizon where that is known, else so far."""
    return one.share if found.horizon is None else one.within[found.horizon]


def _row(reader: Reader, look: Look, found: Ladder, one: Rung, name: Named) -> dict[str, object]:
    shown = _shown(found, one)
    number = reader.language.number(one.customers)
    rung = reader.say(f"retention.ladder.rung.{one.purchase}") if one.group is None else name(one.group)
    high = 1.0 if shown.high is None else shown.high
    values = {
        "rung": rung,
        "share": look.percent(shown.value),
        "low": look.percent(shown.low),
        "high": look.percent(high),
        "number": number,
    }
    told = reader.say("retention.ladder.told.so_far", **values)
    if found.horizon is not None:
        days = _days(reader, found.horizon)
        so_far = look.percent(one.share.value)
        told = reader.say("retention.ladder.told", days=days, so_far=so_far, **values)
    median = one.median_days
    return {
        "rung": rung,
        "label": f"{rung}<br>{reader.say('retention.ladder.of', number=number)}",
        "customers": one.customers,
        "next_customers": one.next_customers,
        "repeat_rate": one.share.value,
        "repeat_low": one.share.low,
        "repeat_high": one.share.high,
        "share": shown.value,
        "low": shown.low,
        "high": high,
        "median_days": None if median is None else median.value,
        "median_low": None if median is None else median.low,
        "median_high": None if median is None else median.high,
        "text": look.percent(shown.value),
        "told": told,
        "code": urlencode({"rung": one.purchase}) if one.group is None else "",
    }


def _title(reader: Reader, look: Look, found: Ladder) -> str:
    shares = [look.percent(_shown(found, one).value) for one in found.rungs]
    if found.horizon is None:
        return reader.say("retention.ladder.title.so_far", first=shares[0])
    days = _days(reader, found.horizon)
    if len(shares) == 1:
        return reader.say("retention.ladder.title.one", first=shares[0], days=days)
    return reader.say("retention.ladder.title", first=shares[0], second=shares[1], days=days)


def _groups_title(reader: Reader, look: Look, found: Ladder, rows: pd.DataFrame) -> str:
    best, worst = rows.iloc[0], rows.iloc[-1]
    if float(best["low"]) <= float(worst["high"]):
        return _title(reader, look, found)
    values = {
        "best": str(best["rung"]),
        "best_share": look.percent(float(best["share"])),
        "worst": str(worst["rung"]),
        "worst_share": look.percent(float(worst["share"])),
    }
    if found.horizon is None:
        return reader.say("retention.ladder.title.groups_so_far", **values)
    return reader.say("retention.ladder.title.groups", days=_days(reader, found.horizon), **values)


def _definition(reader: Reader, text: str) -> Definition:
    first = reader.workspace.tables.first_day
    return Definition(
        text,
        reader.say("overview.source", date=reader.as_of),
        reader.language.date_range(first, max(day_of(reader.as_of), first)),
    )


def _table(reader: Reader, found: Ladder, rows: pd.DataFrame) -> Table:
    low, high = reader.say("column.low"), reader.say("column.high")
    first = "retention.column.group" if found.groups else "retention.column.rung"
    within = {}
    if found.horizon is not None:
        days = _days(reader, found.horizon)
        within = {
            "share": Column(reader.say("retention.column.within", days=days), "share"),
            "low": Column(low, "share"),
            "high": Column(high, "share"),
        }
    return Table(
        rows,
        {
            "rung": Column(reader.say(first)),
            "customers": Column(reader.say("column.customers"), "count"),
            "next_customers": Column(reader.say("retention.column.next"), "count"),
            **within,
            "repeat_rate": Column(reader.say("retention.column.share_so_far"), "share"),
            "repeat_low": Column(low, "share"),
            "repeat_high": Column(high, "share"),
            "median_days": Column(reader.say("retention.column.median"), "count"),
            "median_low": Column(low, "count"),
            "median_high": Column(high, "count"),
        },
    )


def overdue_picture(reader: Reader, look: Look) -> Picture | Undrawn:
    """Categories with the customers who have been away from them for longer than is usual.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
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
        title=_overdue_title(reader, found.categories[0]),
        subtitle=reader.say("retention.overdue.subtitle"),
        figure=None,
        drawing=_drawing(reader, found.categories),
        n=reader.say("retention.overdue.n", count=sum(one.gaps for one in found.categories)),
        definition=_definition(reader, reader.say("retention.overdue.definition")),
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


def _overdue_title(reader: Reader, most: Rhythm) -> str:
    if not most.overdue:
        return reader.say("retention.overdue.title.nobody")
    return reader.say(
        "retention.overdue.title",
        count=most.overdue,
        category=most.category,
        days=_days(reader, most.overdue_days),
    )


def _state(one: Rhythm) -> dict[str, str]:
    """How an address names the overdue customers of a category."""
    return {
        "overdue": one.category,
        "longer_than": str(one.overdue_days),
        "up_to": str(one.long_overdue_days),
    }


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
        "code": urlencode(_state(one)) if one.overdue else "",
    }


def _drawing(reader: Reader, categories: Sequence[Rhythm]) -> str:
    number = reader.language.number
    rows = tuple(
        bars.Row(
            name=one.category,
            address=reader.link("customer", **_state(one)),
            told=reader.say(
                "retention.overdue.told",
                category=one.category,
                days=_days(reader, one.overdue_days),
                long_days=_days(reader, one.long_overdue_days),
                overdue=number(one.overdue),
                long_overdue=number(one.long_overdue),
                number=number(one.customers),
            ),
            beside=reader.say("retention.overdue.beside", days=_days(reader, one.usual_days)),
            bars=tuple(bars.Bar(many, number(many)) for many in (one.long_overdue, one.overdue)),
            leading=at < _FOREMOST,
        )
        for at, one in enumerate(categories)
    )
    words = [reader.say("retention.column.long_overdue"), reader.say("retention.column.overdue")]
    group = bars.Group(reader.say("retention.overdue.heading"), rows)
    return bars.drawn(words, [group], reader.say("retention.overdue.all"))
