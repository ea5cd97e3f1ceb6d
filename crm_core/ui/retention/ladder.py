"""The repeat ladder and who is overdue, as they are shown."""

from __future__ import annotations

import datetime as dt
from urllib.parse import urlencode

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.periods import day_of
from crm_core.retention.answers.ladder import Ladder, Rung, ladder
from crm_core.retention.charts.ladder import group_bars, ladder_bars
from crm_core.retention.rules.survival import HORIZONS_DAYS
from crm_core.ui.plot import behind_row, follow
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention import phrases
from crm_core.ui.retention.choices import Parted
from crm_core.ui.retention.phrases import between, days, ends
from crm_core.ui.shell import Reader


def ladder_picture(
    reader: Reader,
    look: Look,
    won_from: dt.date | None,
    parted: Parted = Parted(),  # noqa: B008 - frozen
) -> Picture | Undrawn:
    """From each purchase to the next; with groups from the first to the second of each.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        won_from: From when on first purchases are those of new customers.
        parted: By what customers are parted.
    """
    title = reader.say("retention.ladder.title.undrawn")
    try:
        found = ladder(reader.ask, as_of=reader.as_of, group=parted.group, won_from=won_from)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None:
        needed = reader.say(
            "retention.ladder.too_few", least=ENOUGH_CUSTOMERS, days=days(reader, min(HORIZONS_DAYS))
        )
        return Undrawn(title, needed)
    rows = pd.DataFrame(
        [_row(reader, look, found, one, parted, won_from) for one in found.groups or found.rungs]
    )
    title = _groups_title(reader, look, found, rows) or _title(reader, look, found)
    if found.groups:
        rows = rows.sort_values("share", ascending=False, ignore_index=True)
    drawn = rows[rows["share"].notna()].reset_index(drop=True)
    drawn = drawn.rename(columns={"share_low": "low", "share_high": "high"})
    within = days(reader, found.horizon)
    return Picture(
        name="ladder",
        title=title,
        subtitle=parted.told(reader, reader.say("retention.ladder.subtitle", days=within)),
        figure=(group_bars if found.groups else ladder_bars)(drawn, look),
        n=reader.say("picture.n_customers", count=found.rungs[0].customers),
        definition=definition(
            reader,
            reader.say("retention.ladder.definition"),
            *([reader.say("retention.ladder.definition.groups")] if found.groups else []),
            phrases.marks(reader),
            *phrases.of_new(reader, won_from),
        ),
        table=_table(reader, found, rows),
        on_click=None if found.groups else lambda point: follow(reader, point),
        leads_to=None if found.groups else behind_row,
    )


def _row(
    reader: Reader, look: Look, found: Ladder, one: Rung, parted: Parted, won_from: dt.date | None
) -> dict[str, object]:
    """A row of the table, and its bar where the share within the horizon is known."""
    grouped = bool(found.groups)
    rung = (
        phrases.part_name(reader.language, parted.name, one.group)
        if grouped
        else reader.say(f"retention.ladder.rung.{one.purchase}")
    )
    number = reader.language.number(one.customers)
    shown = one.within.get(found.horizon)
    return {
        "rung": rung,
        "label": "<br>".join(
            # Five of them stand side by side on a telephone.
            [rung if grouped else rung.replace(" ", "<br>"), reader.say("retention.ladder.of", number=number)]
        ),
        "customers": one.customers,
        "next_customers": one.next_customers,
        **ends("repeat", one.share),
        **ends("share", shown),
        **ends("median", one.median_days),
        "text": "" if shown is None else look.percent(shown.value),
        "told": "" if shown is None else _told(reader, look, found, one, rung),
        "code": "" if grouped else urlencode(_behind(one, won_from)),
    }


def _told(reader: Reader, look: Look, found: Ladder, one: Rung, rung: str) -> str:
    shown = one.within[found.horizon]
    return reader.say(
        "retention.ladder.told",
        rung=rung,
        share=look.percent(shown.value),
        interval=between(reader, look, shown.low, shown.high),
        number=reader.language.number(one.customers),
        days=days(reader, found.horizon),
        so_far=look.percent(one.share.value),
    )


def _behind(one: Rung, won_from: dt.date | None) -> dict[str, int]:
    """How an address names those who stand before the next purchase."""
    return {"rung": one.purchase} | ({} if won_from is None else {"since": day_of(won_from)})


def _title(reader: Reader, look: Look, found: Ladder) -> str:
    shares = [look.percent(one.within[found.horizon].value) for one in found.rungs]
    within = days(reader, found.horizon)
    if len(shares) == 1:
        return reader.say("retention.ladder.title.one", first=shares[0], days=within)
    return reader.say("retention.ladder.title", first=shares[0], second=shares[1], days=within)


def _groups_title(reader: Reader, look: Look, found: Ladder, rows: pd.DataFrame) -> str:
    """The best group and the worst; empty where they may not be told apart."""
    shares = {
        at: one.within[found.horizon].value
        for at, one in enumerate(found.groups)
        if not one.rest and found.horizon in one.within
    }
    far = phrases.told_apart(shares, found.unlike)
    if far is None:
        return ""
    best, worst = far
    return reader.say(
        "retention.ladder.title.groups",
        best=str(rows["rung"][best]),
        best_share=look.percent(shares[best]),
        worst=str(rows["rung"][worst]),
        worst_share=look.percent(shares[worst]),
        days=days(reader, found.horizon),
    )


def _table(reader: Reader, found: Ladder, rows: pd.DataFrame) -> Table:
    low, high = reader.say("column.low"), reader.say("column.high")
    first = "retention.column.group" if found.groups else "retention.column.rung"
    return Table(
        rows,
        {
            "rung": Column(reader.say(first)),
            "customers": Column(reader.say("column.customers"), "count"),
            "next_customers": Column(reader.say("retention.column.next"), "count"),
            "share": Column(reader.say("retention.column.within", days=days(reader, found.horizon)), "share"),
            "share_low": Column(low, "share"),
            "share_high": Column(high, "share"),
            "repeat": Column(reader.say("retention.column.share_so_far"), "share"),
            "repeat_low": Column(low, "share"),
            "repeat_high": Column(high, "share"),
            "median": Column(reader.say("retention.column.median"), "count"),
            "median_low": Column(low, "count"),
            "median_high": Column(high, "count"),
        },
    )
