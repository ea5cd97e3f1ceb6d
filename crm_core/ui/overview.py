"""The overview's answer as it is shown: figures, two pictures and what changed, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, cast
from urllib.parse import urlencode

import pandas as pd

from crm_core.base import Money, Sentence
from crm_core.customers.charts import Look
from crm_core.overview.answers import Bridge, Figure, FigureName, Overview, overview
from crm_core.overview.charts import ABOVE, BELOW, bridge_axis, lifecycle, revenue_bridge
from crm_core.overview.rules import Group, Span, direction
from crm_core.periods import first_day, last_day
from crm_core.ui.plot import follow, kept, look_of
from crm_core.ui.report import (
    Column,
    Definition,
    Picture,
    ShownChange,
    ShownFigure,
    ShownHighlight,
    Table,
    Way,
)
from crm_core.ui.shell import Reader

MONEY_FIGURES: Final[tuple[FigureName, ...]] = ("revenue", "margin", "order_count", "average_order_value")
CUSTOMER_FIGURES: Final[tuple[FigureName, ...]] = (
    "active_customers",
    "new_customers",
    "lost_customers",
    "purchases_per_customer",
)

_CLICKED_GROUPS: Final[Mapping[str, Group]] = {
    "new": "new",
    "returning": "returning",
    "resurrected": "resurrected",
    "dormant": "lost",
}
"""Whom a click on a state of the lifecycle leads to."""

_LABEL_EVERY: Final = 3
"""Months from one label of the time axis to the next."""

_LEVEL_WITHIN: Final = 0.0005
"""A change that is written as 0.0 % has no direction."""


@dataclass(frozen=True)
class View:
    """All that the page shows."""

    headline: Sentence
    context: Sentence
    money: tuple[ShownFigure, ...]
    customers: tuple[ShownFigure, ...]
    bridge: Picture | None
    lifecycle: Picture
    highlights: tuple[ShownHighlight, ...]


def view(reader: Reader) -> View | None:
    """What the page shows to a reader; None when nobody bought anything."""
    return kept(reader, lambda: _view(reader))


def _view(reader: Reader) -> View | None:
    found = overview(reader.ask, as_of=reader.as_of, choice=reader.choice, calendar=reader.calendar)
    if found is None:
        return None
    look = look_of(reader)
    return View(
        headline=found.headline,
        context=found.context,
        money=tuple(figure(reader, found, name) for name in MONEY_FIGURES),
        customers=tuple(figure(reader, found, name) for name in CUSTOMER_FIGURES),
        bridge=bridge_picture(reader, found, look),
        lifecycle=lifecycle_picture(reader, found, look),
        highlights=highlights(reader, found),
    )


def figure(reader: Reader, found: Overview, name: FigureName) -> ShownFigure:
    """A figure with its changes and its course."""
    one = next(each for each in found.figures if each.name == name)
    months = found.months.loc[found.months["complete"], "period"]
    trend_label = ""
    if len(one.trend) > 1:
        first, last = (reader.language.period(int(months.iloc[at]), "month") for at in (0, -1))
        trend_label = reader.say(
            "overview.trend", figure=reader.say(f"figure.{name}"), first=first, last=last
        )
    return ShownFigure(
        label=reader.say(f"figure.{name}"),
        value=_written(reader, one, found.currency, compact=True),
        full=_written(reader, one, found.currency, compact=False),
        changes=_changes(reader, found, one),
        trend=one.trend,
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
    if one.name == "margin" and one.value is None:
        return (ShownChange("", reader.say("overview.against.cost_unknown"), "level", None),)
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


def bridge_picture(reader: Reader, found: Overview, look: Look) -> Picture | None:
    """Why revenue differs from the period before; None when there is none to compare with."""
    bridge, before = found.bridge, found.compared.before
    if bridge is None or before is None:
        return None
    rows = _bridge_rows(reader, found, bridge)
    now_days, before_days = (_days(reader, span) for span in (found.compared.span, before))
    begins = bridge_axis(rows)
    if begins > 0:
        subtitle = reader.say(
            "overview.bridge.subtitle_cut",
            now=now_days,
            before=before_days,
            begins=look.money_compact(begins),
        )
    else:
        subtitle = reader.say("overview.bridge.subtitle", now=now_days, before=before_days)
    return Picture(
        name="revenue-bridge",
        title=_bridge_title(reader, found, bridge),
        subtitle=subtitle,
        figure=revenue_bridge(rows, look),
        n=reader.say("picture.n_purchases", count=found.purchases),
        definition=Definition(
            reader.say("overview.bridge.definition"),
            reader.say("overview.source", date=reader.as_of),
            f"{now_days} / {before_days}",
        ),
        table=Table(
            rows[["label", "amount"]],
            {
                "label": Column(reader.say("overview.bridge.part")),
                "amount": Column(reader.say("overview.bridge.amount"), "money"),
            },
            found.currency,
        ),
        on_click=lambda point: follow(reader, point),
    )


def _bridge_title(reader: Reader, found: Overview, bridge: Bridge) -> str:
    way = direction(bridge.now, bridge.before)
    if way == "held":
        return reader.say("overview.bridge.title.held")
    amount = Money(abs(bridge.now - bridge.before), found.currency)
    if way == "grew":
        return reader.say("overview.bridge.title.grew", amount=amount)
    return reader.say("overview.bridge.title.fell", amount=amount)


def _bridge_rows(reader: Reader, found: Overview, bridge: Bridge) -> pd.DataFrame:
    language, currency = reader.language, found.currency
    now, before = found.compared.span, cast(Span, found.compared.before)
    rows: list[dict[str, object]] = []

    def add(kind: str, label: str, start: float, amount: float, span: Span) -> None:
        signed = kind not in ("before", "now")
        rows.append(
            {
                "kind": kind,
                "label": label,
                "low": min(start, start + amount),
                "high": max(start, start + amount),
                "amount": amount,
                "text": language.money(amount, currency, compact=True, signed=signed),
                "told": f"{label}: {language.money(amount, currency, signed=signed)}",
                "code": urlencode({"group": "active", "first": span.first, "last": span.last}),
            }
        )

    add("before", reader.say(f"overview.before.{found.choice}"), 0.0, bridge.before, before)
    level = bridge.before
    for cause, amount in bridge.steps:
        add("up" if amount >= 0 else "down", reader.say(f"overview.step.{cause}"), level, amount, now)
        level += amount
    add("now", reader.say(f"period.{found.choice}"), 0.0, bridge.now, now)
    return pd.DataFrame(rows)


def lifecycle_picture(reader: Reader, found: Overview, look: Look) -> Picture:
    """Who bought, month by month, by what they did before."""
    months = _lifecycle_rows(reader, found)
    whole = months[months["complete"]]
    last = (whole if len(whole) else months).iloc[-1]
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
            _days(reader, _month_span(reader, int(months["period"].iloc[0]), int(months["period"].iloc[-1]))),
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
    if len(periods) == 1:
        labelled = set(periods)
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


def highlights(reader: Reader, found: Overview) -> tuple[ShownHighlight, ...]:
    """The things that changed most, each with a way to its customers."""
    shown = []
    for one in found.highlights:
        way = {
            "group": one.group,
            "before": str(one.before_first),
            "first": str(one.span.first),
            "last": str(one.span.last),
        }
        shown.append(
            ShownHighlight(
                label=reader.say(
                    f"column.{one.name}" if one.name in _CLICKED_GROUPS else f"figure.{one.name}"
                ),
                headline=reader.say("overview.highlight.from_to", before=one.before, now=one.now),
                text=reader.tell(one.told),
                way=Way(reader.say("customer.see"), "customer", way),
            )
        )
    return tuple(shown)


def _days(reader: Reader, span: Span) -> str:
    return reader.language.date_range(span.first, span.last)
