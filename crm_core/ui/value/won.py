"""What a new customer is worth and costs, by the channel through which customers are won, as it is shown."""

from __future__ import annotations

import pandas as pd

from crm_core.looks import Look
from crm_core.ui import bars
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.shell import Reader
from crm_core.ui.value.phrases import money_name
from crm_core.value import rules
from crm_core.value.answers import Value, Won


def channels_picture(reader: Reader, found: Value, won: Won, look: Look) -> Picture | Undrawn:
    """What winning a customer may cost, and what it costs."""
    months = won.horizon_months
    if won.missing is not None:
        return Undrawn(reader.say("value.won.title.undrawn"), reader.tell(won.missing))
    rows = won.channels
    measures = [reader.say("value.won.cost"), reader.say("value.won.value", months=months)]
    names = ("channel", "customers", "cost", "value", "times", "pay_back", "loses")
    each = zip(*(rows[name] for name in names), strict=True)
    group = bars.Group("", tuple(_row(reader, look, months, *one) for one in each))
    return Picture(
        name="won",
        title=_title(reader, rows, months, look),
        subtitle=reader.say(f"value.won.subtitle_{money_name(found)}", months=months),
        figure=None,
        drawing=bars.drawn(measures, [group], reader.say("value.won.all")),
        n=reader.say("picture.n_customers", count=int(rows["customers"].sum())),
        definition=definition(
            reader,
            reader.say(
                "value.won.definition", months=months, rate=reader.language.percent(found.discount_rate)
            ),
        ),
        table=Table(
            rows,
            {
                "channel": Column(reader.say("column.acquisition_channel")),
                "customers": Column(reader.say("value.won.customers"), "count"),
                "cost": Column(reader.say("value.won.cost"), "money"),
                "value": Column(reader.say("value.won.value", months=months), "money"),
                "times": Column(reader.say("value.won.times"), "ratio"),
                "pay_back": Column(reader.say("value.won.pay_back"), "count"),
            },
            won.currency,
        ),
    )


def _title(reader: Reader, rows: pd.DataFrame, months: int, look: Look) -> str:
    """The best channel; where some lose money, how many of them."""
    losing = int(rows["loses"].sum())
    if losing == len(rows):
        return reader.say("value.won.title.all_lose", months=months)
    best = rows.iloc[0]
    amounts = {name: look.money(float(best[name])) for name in ("value", "cost")}
    title = reader.say("value.won.title", channel=str(best["channel"]), months=months, **amounts)
    return f"{title} · {reader.say('value.won.title.lose', count=losing)}" if losing else title


def _row(
    reader: Reader,
    look: Look,
    months: int,
    channel: str,
    customers: int,
    cost: float,
    value: float,
    times: float | None,
    month: float | None,
    loses: bool,
) -> bars.Row:
    words = {"count": int(customers), "cost": look.money(cost), "value": look.money(value), "months": months}
    beside = [] if times is None or times != times else [_times(reader, times)]
    beside.append(_paid_back(reader, month))
    if loses:
        beside.insert(0, reader.say("value.won.loses", months=months))
    return bars.Row(
        name=channel,
        address="",
        told=reader.say("value.won.told", channel=channel, **words),
        beside=" · ".join(beside),
        bars=(bars.Bar(cost, look.money(cost)), bars.Bar(value, look.money(value))),
        leading=True,
        warns=bool(loses),
    )


def _times(reader: Reader, times: float) -> str:
    return reader.say("value.won.times_back", times=reader.language.number(times, 1 if times < 10 else 0))


def _paid_back(reader: Reader, month: float | None) -> str:
    if month is None or month != month:
        return reader.say("value.won.never", months=rules.PAY_BACK_MONTHS)
    return reader.say("value.won.within", count=int(month)) if month else reader.say("value.won.at_once")
