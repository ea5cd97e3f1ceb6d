"""What stands out and what to do, as it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.overview.answers import Highlight, Overview
from crm_core.overview.rules import (
    BUYING_STANDS_OUT_FROM,
    COUNT_STANDS_OUT_FROM,
    GUESTS_STAND_OUT_FROM,
    MARGIN_STANDS_OUT_FROM,
    REPEAT_STANDS_OUT_FROM,
    FindingName,
)
from crm_core.ui.overview.phrases import days
from crm_core.ui.report import Definition, ShownHighlight, Way
from crm_core.ui.shell import Reader

_PAGES: Final[Mapping[FindingName, tuple[str, Mapping[str, str]]]] = {
    "purchases_per_customer": ("customer", {"segment": "need_attention"}),
    "average_order_value": ("segments", {}),
    "margin": ("segments", {}),
    "guests": ("data", {}),
}
"""Where one acts on what is not about customers of certain days."""


def highlights(reader: Reader, found: Overview) -> tuple[ShownHighlight, ...]:
    """What stands out, each with what to do and a way to where it is done."""
    return tuple(
        ShownHighlight(
            headline=reader.tell(one.headline),
            text=reader.tell(one.told),
            way=_way(reader, one),
        )
        for one in found.highlights
    )


def _way(reader: Reader, one: Highlight) -> Way:
    label = reader.say(f"overview.finding.{one.name}.way")
    if one.customers is None:
        page, state = _PAGES[one.name]
        return Way(label, page, state)
    behind = one.customers
    return Way(
        label,
        "customer",
        {
            "group": behind.group,
            "before": str(behind.before_first),
            "first": str(behind.span.first),
            "last": str(behind.span.last),
        },
    )


def rule(reader: Reader, found: Overview) -> Definition:
    """From where on something stands out."""
    percent, number = reader.language.percent, reader.language.number
    return Definition(
        reader.say(
            "overview.standing_out.rule",
            customers=percent(COUNT_STANDS_OUT_FROM),
            buying=percent(BUYING_STANDS_OUT_FROM),
            margin=number(100 * MARGIN_STANDS_OUT_FROM),
            repeat=number(100 * REPEAT_STANDS_OUT_FROM),
            guests=percent(GUESTS_STAND_OUT_FROM),
            least=ENOUGH_CUSTOMERS,
        ),
        reader.say("overview.source", date=reader.as_of),
        days(reader, found.compared.span),
    )


def nothing(reader: Reader, found: Overview) -> str:
    """That nothing stands out, or why nothing can."""
    compared = found.bridge is not None
    return reader.say("overview.standing_out.nothing" if compared else "overview.standing_out.uncompared")
