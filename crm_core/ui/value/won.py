"""What a new customer is worth and costs, by the channel through which customers are won, as it is shown."""

from __future__ import annotations

from crm_core.looks import Look
from crm_core.ui import bars
from crm_core.ui.report import Column, Picture, Table, Undrawn
from crm_core.ui.shell import Reader
from crm_core.ui.value.phrases import definition, money_name
from crm_core.value.answers import Value, Won
from crm_core.value.answers.won import AFTER_MONTHS

_DRAWN = ("cost", "value_12", "value_36")


def channels_picture(reader: Reader, found: Value, won: Won, look: Look) -> Picture | Undrawn:
    """What winning a customer may cost, and what it costs."""
    if won.missing is not None:
        return Undrawn(reader.say("value.won.title.undrawn"), reader.tell(won.missing))
    rows = won.channels.to_dict("records")
    best = rows[0]
    title = reader.say(
        "value.won.title",
        channel=str(best["channel"]),
        value=look.money(float(str(best["value_12"]))),
        cost=look.money(float(str(best["cost"]))),
    )
    measures = [reader.say("value.won.cost"), *(_after(reader, months) for months in (12, 36))]
    group = bars.Group("", tuple(_row(reader, {str(k): v for k, v in row.items()}, look) for row in rows))
    values = {f"value_{months}": Column(_after(reader, months), "money") for months in AFTER_MONTHS}
    return Picture(
        name="won",
        title=title,
        subtitle=reader.say(f"value.won.subtitle_{money_name(found)}"),
        figure=None,
        drawing=bars.drawn(measures, [group], reader.say("value.won.all")),
        n=reader.say("picture.n_customers", count=int(won.channels["customers"].sum())),
        definition=definition(
            reader,
            found,
            reader.say("value.won.definition", rate=reader.language.percent(found.discount_rate)),
        ),
        table=Table(
            won.channels,
            {
                "channel": Column(reader.say("column.acquisition_channel")),
                "customers": Column(reader.say("value.won.customers"), "count"),
                "cost": Column(reader.say("value.won.cost"), "money"),
                **values,
                "times": Column(reader.say("value.won.times"), "ratio"),
                "pay_back": Column(reader.say("value.won.pay_back"), "count"),
            },
            won.currency,
        ),
    )


def _after(reader: Reader, months: int) -> str:
    return reader.say("value.won.after", months=months)


def _row(reader: Reader, row: dict[str, object], look: Look) -> bars.Row:
    amounts = {name: float(str(row[name])) for name in _DRAWN}
    name, month = str(row["channel"]), row["pay_back"]
    if month is None or month != month:
        beside = reader.say("value.won.never")
    elif int(float(str(month))) == 0:
        beside = reader.say("value.won.at_once")
    else:
        beside = reader.say("value.won.within", months=int(float(str(month))))
    told = reader.say(
        "value.won.told",
        channel=name,
        count=int(str(row["customers"])),
        cost=look.money(amounts["cost"]),
        value=look.money(amounts["value_12"]),
    )
    return bars.Row(
        name=name,
        address="",
        told=told,
        beside=beside,
        bars=tuple(bars.Bar(amount, look.money(amount)) for amount in amounts.values()),
        leading=True,
    )
