"""The figures of value to come, and what its pictures say alike."""

from __future__ import annotations

from crm_core.looks import Look
from crm_core.ui.report import ShownFigure
from crm_core.ui.shell import Reader
from crm_core.value.answers import Value, forecast_named


def money_name(found: Value) -> str:
    """What value is made of, as the end of a message's key."""
    return "margin" if found.by_margin else "revenue"


def how_valued(reader: Reader, found: Value) -> str:
    """How a customer's value to come is worked out, in plain words."""
    return reader.say(
        f"value.definition.{money_name(found)}",
        months=found.horizon_months,
        rate=reader.language.percent(found.discount_rate),
        forecast=reader.tell(forecast_named(found.tried.forecast)),
    )


def amount(reader: Reader, found: Value, units: float) -> str:
    """An amount in short form, as precise as those of the headline."""
    return reader.language.money(units, found.currency, compact=True, digits=2)


def figures(reader: Reader, found: Value, look: Look) -> tuple[ShownFigure, ...]:
    """What all customers are expected to bring, and how it is spread."""
    months = found.horizon_months
    each = found.value / found.customers
    number = reader.language.number

    def money(label: str, units: float) -> ShownFigure:
        return ShownFigure(label, amount(reader, found, units), look.money(units))

    def count(label: str, many: float) -> ShownFigure:
        return ShownFigure(label, number(round(many)), number(round(many)))

    share = look.percent(found.top_share)
    return (
        money(reader.say(f"value.figure.{money_name(found)}", months=months), found.value),
        money(reader.say("value.figure.per_customer"), each),
        count(reader.say("value.figure.purchases"), found.expected_purchases),
        count(reader.say("value.figure.silent", months=months), found.expected_silent),
        ShownFigure(reader.say("value.figure.top_tenth"), share, share),
    )
