"""Which channels win customers who come back, as it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.metrics.groupings import acquisition_channel
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.retention.answers.survival import Course, ShareEstimate, Unlike, survival
from crm_core.retention.charts.kept import group_dots
from crm_core.retention.rules.survival import HORIZONS_DAYS
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention import phrases
from crm_core.ui.retention.phrases import between, days
from crm_core.ui.shell import Reader

_CHANNEL: Final = "acquisition_channel"


def channels_picture(reader: Reader, look: Look, won_from: dt.date | None) -> Picture | Undrawn:
    """The share that buys again, by the channel through which customers were won, the highest above.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        won_from: From when on first purchases are those of new customers.
    """
    title = reader.say("retention.channels.title.undrawn")
    try:
        found = survival(
            reader.ask, "purchase", as_of=reader.as_of, group=acquisition_channel, won_from=won_from
        )
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    horizon = None if found is None else found.horizon
    courses: Mapping[int, Course] = {}
    if found is not None and horizon is not None:
        courses = {at: one for at, one in enumerate(found.groups) if horizon in one.within}
    if found is None or horizon is None or len(courses) < 2:
        return Undrawn(
            title,
            reader.say(
                "retention.channels.too_few",
                least=ENOUGH_CUSTOMERS,
                days=days(reader, horizon or min(HORIZONS_DAYS)),
            ),
        )
    within = days(reader, horizon)
    names = {at: phrases.part_name(reader.language, _CHANNEL, one.group) for at, one in courses.items()}
    rows = pd.DataFrame(
        [_row(reader, look, names[at], one, one.within[horizon], within) for at, one in courses.items()]
    )
    rows = rows.sort_values("share", ascending=False, ignore_index=True)
    return Picture(
        name="channels",
        title=_title(reader, look, courses, names, horizon, found.unlike),
        subtitle=reader.say("retention.channels.subtitle", days=within),
        figure=group_dots(rows, look),
        n=reader.say("picture.n_customers", count=sum(one.count for one in courses.values())),
        definition=definition(
            reader,
            reader.say("retention.channels.definition", days=within),
            phrases.marks(reader),
            *phrases.of_new(reader, won_from),
        ),
        table=_table(reader, rows, within),
    )


def _table(reader: Reader, rows: pd.DataFrame, within: str) -> Table:
    return Table(
        rows,
        {
            "group": Column(reader.say(f"grouping.{_CHANNEL}")),
            "customers": Column(reader.say("column.customers"), "count"),
            "share": Column(reader.say("retention.column.within", days=within), "share"),
            "low": Column(reader.say("column.low"), "share"),
            "high": Column(reader.say("column.high"), "share"),
            "ended": Column(reader.say("retention.column.ended_so_far"), "count"),
        },
    )


def _row(
    reader: Reader, look: Look, name: str, one: Course, share: ShareEstimate, within: str
) -> dict[str, object]:
    number = reader.language.number(one.count)
    return {
        "group": name,
        "label": f"{name}<br>{reader.say('retention.ladder.of', number=number)}",
        "customers": one.count,
        "ended": one.ended,
        "share": share.value,
        "low": share.low,
        "high": share.high,
        "rest": one.rest,
        "text": look.percent(share.value),
        "told": reader.say(
            "retention.channels.told",
            channel=name,
            number=number,
            days=within,
            share=look.percent(share.value),
            interval=between(reader, look, share.low, share.high),
        ),
    }


def _title(
    reader: Reader,
    look: Look,
    courses: Mapping[int, Course],
    names: Mapping[int, str],
    horizon: int,
    unlike: Unlike | None,
) -> str:
    shares = {at: one.within[horizon].value for at, one in courses.items() if not one.rest}
    within = days(reader, horizon)
    ends = phrases.told_apart(shares, unlike)
    if ends is None:
        return reader.say("retention.channels.title.alike", days=within)
    best, worst = ends
    return reader.say(
        "retention.channels.title",
        best=names[best],
        best_share=look.percent(shares[best]),
        worst=names[worst],
        worst_share=look.percent(shares[worst]),
        days=within,
    )
