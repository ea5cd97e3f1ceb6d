"""The repeat ladder and who is overdue, as they are shown."""

from __future__ import annotations

from urllib.parse import urlencode

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.retention.answers.ladder import Ladder, Rung, ladder
from crm_core.retention.answers.survival import ShareEstimate
from crm_core.retention.charts.ladder import group_bars, ladder_bars
from crm_core.ui.plot import behind_row, follow
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention import phrases
from crm_core.ui.retention.choices import Parted
from crm_core.ui.retention.phrases import between, days
from crm_core.ui.shell import Reader


def ladder_picture(
    reader: Reader,
    look: Look,
    parted: Parted = Parted(),  # noqa: B008  # frozen
) -> Picture | Undrawn:
    """From each purchase to the next; with groups from the first to the second of each.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        parted: By what customers are parted.
    """
    title = reader.say("retention.ladder.title.undrawn")
    try:
        found = ladder(reader.ask, as_of=reader.as_of, group=parted.group)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None:
        return Undrawn(title, reader.say("retention.survival.too_few", least=ENOUGH_CUSTOMERS))
    rungs = found.groups or found.rungs
    rows = pd.DataFrame([_row(reader, look, found, one, parted) for one in rungs])
    title = _groups_title(reader, look, found, rows) or _title(reader, look, found)
    if found.groups:
        rows = rows.sort_values("share", ascending=False, ignore_index=True)
    key = "retention.ladder.subtitle" if found.horizon is not None else "retention.ladder.subtitle.so_far"
    within = {} if found.horizon is None else {"days": days(reader, found.horizon)}
    return Picture(
        name="ladder",
        title=title,
        subtitle=parted.told(reader, reader.say(key, **within)),
        figure=group_bars(rows, look) if found.groups else ladder_bars(rows, look),
        n=reader.say("picture.n_customers", count=found.rungs[0].customers),
        definition=definition(
            reader,
            reader.say("retention.ladder.definition"),
            *([reader.say("retention.ladder.definition.groups")] if found.groups else []),
            phrases.marks(reader),
            reader.say("retention.definition.old"),
        ),
        table=_table(reader, found, rows),
        on_click=None if found.groups else lambda point: follow(reader, point),
        leads_to=None if found.groups else behind_row,
    )


def _shown(found: Ladder, one: Rung) -> ShareEstimate:
    """The share that is drawn: within the horizon where that is known, else so far."""
    return one.share if found.horizon is None else one.within[found.horizon]


def _row(reader: Reader, look: Look, found: Ladder, one: Rung, parted: Parted) -> dict[str, object]:
    shown = _shown(found, one)
    number = reader.language.number(one.customers)
    grouped = bool(found.groups)
    rung = (
        phrases.part_name(reader.language, parted.name, one.group)
        if grouped
        else reader.say(f"retention.ladder.rung.{one.purchase}")
    )
    values = {
        "rung": rung,
        "share": look.percent(shown.value),
        "interval": between(reader, look, shown.low, shown.high),
        "number": number,
    }
    told = reader.say("retention.ladder.told.so_far", **values)
    if found.horizon is not None:
        within = days(reader, found.horizon)
        so_far = look.percent(one.share.value)
        told = reader.say("retention.ladder.told", days=within, so_far=so_far, **values)
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
        "high": shown.high,
        "median_days": None if median is None else median.value,
        "median_low": None if median is None else median.low,
        "median_high": None if median is None else median.high,
        "text": look.percent(shown.value),
        "told": told,
        "code": urlencode({"rung": one.purchase}) if not grouped else "",
    }


def _title(reader: Reader, look: Look, found: Ladder) -> str:
    shares = [look.percent(_shown(found, one).value) for one in found.rungs]
    if found.horizon is None:
        return reader.say("retention.ladder.title.so_far", first=shares[0])
    within = days(reader, found.horizon)
    if len(shares) == 1:
        return reader.say("retention.ladder.title.one", first=shares[0], days=within)
    return reader.say("retention.ladder.title", first=shares[0], second=shares[1], days=within)


def _groups_title(reader: Reader, look: Look, found: Ladder, rows: pd.DataFrame) -> str:
    """The best group and the worst; empty where they may not be told apart."""
    shares = {at: _shown(found, one).value for at, one in enumerate(found.groups) if not one.rest}
    ends = phrases.told_apart(shares, found.unlike)
    if ends is None:
        return ""
    best, worst = ends
    values = {
        "best": str(rows["rung"][best]),
        "best_share": look.percent(shares[best]),
        "worst": str(rows["rung"][worst]),
        "worst_share": look.percent(shares[worst]),
    }
    if found.horizon is None:
        return reader.say("retention.ladder.title.groups_so_far", **values)
    return reader.say("retention.ladder.title.groups", days=days(reader, found.horizon), **values)


def _table(reader: Reader, found: Ladder, rows: pd.DataFrame) -> Table:
    low, high = reader.say("column.low"), reader.say("column.high")
    first = "retention.column.group" if found.groups else "retention.column.rung"
    within: dict[str, Column] = {}
    if found.horizon is not None:
        horizon = days(reader, found.horizon)
        within = {
            "share": Column(reader.say("retention.column.within", days=horizon), "share"),
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
