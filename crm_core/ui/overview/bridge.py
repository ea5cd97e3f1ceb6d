"""Why revenue changed, as it is shown."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlencode

import pandas as pd

from crm_core.base import Money
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.overview.answers import Bridge, Overview
from crm_core.overview.charts import bridge_axis, revenue_bridge
from crm_core.overview.rules import Span, direction
from crm_core.ui.overview.phrases import days
from crm_core.ui.plot import follow
from crm_core.ui.report import Column, Definition, Picture, Table, Undrawn
from crm_core.ui.shell import Reader


def bridge_picture(reader: Reader, found: Overview, look: Look) -> Picture | Undrawn | None:
    """Why revenue differs from the period before; None when there is none to compare with."""
    bridge, before = found.bridge, found.compared.before
    if before is None:
        return None
    if bridge is None:
        return _too_few(reader, found)
    rows = _bridge_rows(reader, found, bridge)
    now_days, before_days = (days(reader, span) for span in (found.compared.span, before))
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


def _too_few(reader: Reader, found: Overview) -> Undrawn:
    buyers = next(one for one in found.figures if one.name == "active_customers")
    return Undrawn(
        reader.say("overview.bridge.title.undrawn"),
        reader.say(
            "overview.bridge.too_few",
            least=ENOUGH_CUSTOMERS,
            now=int(buyers.value or 0),
            before=int(buyers.before or 0),
        ),
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
