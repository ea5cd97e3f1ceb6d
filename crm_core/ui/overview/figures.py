"""The figures of the overview as they are shown, and the others in a table beside those before."""

from __future__ import annotations

from typing import Final, Literal

import pandas as pd

from crm_core.overview.answers import Figure, FigureKind, FigureName, Overview
from crm_core.ui.overview.phrases import days
from crm_core.ui.report import Column, Definition, ShownChange, ShownFigure, Table, Twin
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind

FIGURES: Final[tuple[FigureName, ...]] = (
    "revenue",
    "active_customers",
    "new_customers",
    "lost_customers",
    "purchases_per_customer",
)
"""Those that say how the base is doing; the others stand in the table below them."""

_KINDS: Final[dict[FigureKind, Kind]] = {"money": "money", "count": "count", "ratio": "ratio"}

_LEVEL_WITHIN: Final = 0.0005
"""A change that is written as 0.0 % has no direction."""


def figure(reader: Reader, found: Overview, name: FigureName) -> ShownFigure:
    """A figure with its changes and its course."""
    one = next(each for each in found.figures if each.name == name)
    months = found.months.loc[found.months["complete"], "period"]
    trend_label = ""
    trend = () if found.few else one.trend
    if len(trend) > 1:
        first, last = (reader.language.period(int(months.iloc[at]), "month") for at in (0, -1))
        trend_label = reader.say(
            "overview.trend", figure=reader.say(f"figure.{name}"), first=first, last=last
        )
    return ShownFigure(
        label=reader.say(f"figure.{name}"),
        value=_written(reader, one, found.currency, compact=True),
        full=_written(reader, one, found.currency, compact=False),
        changes=_changes(reader, found, one),
        trend=trend,
        trend_label=trend_label,
    )


def _written(reader: Reader, one: Figure, currency: str, *, compact: bool) -> str:
    if one.kind == "money":
        return reader.language.money(one.value, currency, compact=compact)
    if one.kind == "ratio":
        return reader.language.number(one.value, 2)
    return reader.language.number(one.value)


def _changes(reader: Reader, found: Overview, one: Figure) -> tuple[ShownChange, ...]:
    """Against the period before and, when it is another one, the same period a year earlier."""
    compared = found.compared
    if found.few:
        return ()
    if compared.before is None:
        nothing = ShownChange("", reader.say("overview.against.nothing"), "level", None)
        return () if one.value is not None else (nothing,)
    against = [(one.before, reader.say(f"overview.against.{found.choice}"))]
    if compared.last_year not in (None, compared.before):
        against.append((one.last_year, reader.say("overview.against.year_earlier")))
    return tuple(_change(reader, one, before, words) for before, words in against)


def _change(reader: Reader, one: Figure, before: float | None, against: str) -> ShownChange:
    if one.value is None or not before or before < 0:
        return ShownChange("", reader.say("overview.against.nothing"), "level", None)
    change = one.value / before - 1
    if abs(change) < _LEVEL_WITHIN:
        return ShownChange(reader.say("compare.unchanged"), against, "level", None)
    way: Literal["up", "down"] = "up" if change > 0 else "down"
    return ShownChange(reader.language.change(change), against, way, (change > 0) == one.more_is_better)


def other_figures(reader: Reader, found: Overview) -> Twin:
    """The figures that are not shown: now, in the period before and a year earlier, a row each."""
    others = [one for one in found.figures if one.name not in FIGURES]
    compared = found.compared
    spans = {"value": compared.span, "before": compared.before, "last_year": compared.last_year}
    if compared.last_year == compared.before:
        del spans["last_year"]
    rows = [
        {"period": days(reader, span), **{one.name: getattr(one, which) for one in others}}
        for which, span in spans.items()
        if span is not None
    ]
    return Twin(
        name="figures",
        title=reader.say("overview.figures.others"),
        n=reader.say("picture.n_purchases", count=found.purchases),
        definition=Definition(
            reader.say("overview.figures.definition"),
            reader.say("overview.source", date=reader.as_of),
            days(reader, compared.span),
        ),
        table=Table(
            pd.DataFrame(rows),
            {
                "period": Column(reader.say("column.period")),
                **{one.name: Column(reader.say(f"figure.{one.name}"), _KINDS[one.kind]) for one in others},
            },
            found.currency,
        ),
    )
