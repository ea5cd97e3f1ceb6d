"""Who bought month by month, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

import pandas as pd

from crm_core.looks import Look
from crm_core.overview.answers import Overview
from crm_core.overview.charts import ABOVE, BELOW, lifecycle
from crm_core.overview.rules import Group, Span
from crm_core.periods import first_day, last_day
from crm_core.ui.overview.phrases import days
from crm_core.ui.plot import follow
from crm_core.ui.report import Column, Definition, Picture, Table, Undrawn
from crm_core.ui.shell import Reader

LEAST_MONTHS: Final = 2
"""Whole months that it takes to see a course in them."""

_CLICKED_GROUPS: Final[Mapping[str, Group]] = {
    "new": "new",
    "returning": "returning",
    "resurrected": "resurrected",
    "dormant": "lost",
}
"""Whom a click on a state of the lifecycle leads to."""

_LABEL_EVERY: Final = 3
"""Months from one label of the time axis to the next."""


def lifecycle_picture(reader: Reader, found: Overview, look: Look) -> Picture | Undrawn:
    """Who bought, month by month, by what they did before."""
    whole_months = int(found.months["complete"].sum())
    if whole_months < LEAST_MONTHS:
        return Undrawn(
            reader.say("overview.lifecycle.title.undrawn"),
            reader.say("overview.lifecycle.too_short", least=LEAST_MONTHS, whole=whole_months),
        )
    months = _lifecycle_rows(reader, found)
    last = months[months["complete"]].iloc[-1]
    unfinished = not months["complete"].all()
    states = {state: reader.say(f"lifecycle.{state}") for state in (*ABOVE, BELOW)}
    columns = ("new", "returning", "resurrected", "dormant", "active_customers", "order_count")
    return Picture(
        name="lifecycle",
        title=reader.say(
            "overview.lifecycle.title",
            month=reader.language.period(int(last["period"]), "month", style="long"),
            **{state: int(last[state]) for state in ("new", "resurrected", "dormant")},
        ),
        subtitle=reader.say(
            "overview.lifecycle.subtitle_unfinished" if unfinished else "overview.lifecycle.subtitle"
        ),
        figure=lifecycle(months, states, look),
        n=reader.say("picture.n_purchases", count=int(months["order_count"].sum())),
        definition=Definition(
            reader.say("overview.lifecycle.definition"),
            reader.say("overview.source", date=reader.as_of),
            days(reader, _month_span(reader, int(months["period"].iloc[0]), int(months["period"].iloc[-1]))),
        ),
        table=Table(
            months[["period", *columns, "revenue"]],
            {
                "period": Column(reader.say("column.period"), "month"),
                **{name: Column(reader.say(f"column.{name}"), "count") for name in columns},
                "revenue": Column(reader.say("column.revenue"), "money"),
            },
            found.currency,
        ),
        on_click=lambda point: follow(reader, point),
    )


def _lifecycle_rows(reader: Reader, found: Overview) -> pd.DataFrame:
    months = found.months.copy()
    periods = [int(period) for period in months["period"]]
    labelled = {period for at, period in enumerate(reversed(periods)) if at % _LABEL_EVERY == 1}
    language = reader.language
    months["label"] = [
        language.period(one, "month", style="narrow") if one in labelled else "" for one in periods
    ]
    years = [language.digits(str(one // 12)) if one in labelled else "" for one in periods]
    months["year"] = [year if year not in years[:at] else "" for at, year in enumerate(years)]
    for state in (*ABOVE, BELOW):
        months[f"told_{state}"] = [
            reader.say(
                "overview.lifecycle.told",
                month=language.period(one, "month", style="long"),
                state=reader.say(f"lifecycle.{state}"),
                count=int(count),
            )
            for one, count in zip(periods, months[state], strict=True)
        ]
        months[f"code_{state}"] = [_month_code(reader, one, _CLICKED_GROUPS[state]) for one in periods]
    return months


def _month_span(reader: Reader, first: int, last: int) -> Span:
    return Span(first_day(first, "month", reader.calendar), last_day(last, "month", reader.calendar))


def _month_code(reader: Reader, month: int, group: Group) -> str:
    span = _month_span(reader, month, month)
    before = first_day(month - 1, "month", reader.calendar)
    return urlencode({"group": group, "before": before, "first": span.first, "last": span.last})
