"""Customers whose value to come is another than what they bring today would tell, as they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crm_core.ui.ahead import Ahead
from crm_core.ui.behind import FADING, OVERLOOKED
from crm_core.ui.report import Column, Definition, Table, Way, definition
from crm_core.ui.shell import Reader
from crm_core.ui.value.phrases import amount, money_name
from crm_core.value import rules
from crm_core.value.answers import StandingOut, Value


@dataclass(frozen=True)
class Shown:
    """Customers who stand out.

    Args:
        name: A name that stays the same in every language, unique on the page.
        title: Who they are.
        told: How many they are, and what to do.
        first: The first of them; None where they are only told of.
        rule: From where on a customer is among them.
        way: To all of them; None where there is nobody.
    """

    name: str
    title: str
    told: str
    first: Table | None
    rule: Definition
    way: Way | None


def standing_out(reader: Reader, found: Value, seen: Ahead) -> tuple[Shown, ...]:
    """Who is worth more than is seen, and who brought much and will probably buy nothing."""
    percent = reader.language.percent
    best = percent(rules.BEST_TENTHS / 10)
    over, fading = found.overlooked, found.fading
    return (
        Shown(
            OVERLOOKED,
            reader.say("value.overlooked.title"),
            reader.say("value.overlooked.told", count=over.count)
            if over.count
            else reader.say("value.overlooked.nobody"),
            _table(reader, found, over.first) if over.count else None,
            definition(
                reader,
                reader.say(
                    "value.overlooked.definition", best=best, seen=percent(rules.WELL_SERVED_FIFTHS / 5)
                ),
            ),
            _way(reader, OVERLOOKED, over, seen),
        ),
        Shown(
            FADING,
            reader.say("value.fading.title"),
            reader.say(
                "value.fading.told",
                count=fading.count,
                months=found.horizon_months,
                revenue=amount(reader, found, fading.recent_revenue),
            )
            if fading.count
            else reader.say("value.fading.nobody", months=found.horizon_months),
            None,
            definition(
                reader,
                reader.say(
                    "value.fading.definition",
                    best=percent(rules.BEST_FIFTHS / 5),
                    months=found.horizon_months,
                    likely=percent(rules.LIKELY),
                ),
            ),
            _way(reader, FADING, fading, seen),
        ),
    )


def _way(reader: Reader, who: str, found: StandingOut, seen: Ahead) -> Way | None:
    if not found.count:
        return None
    return Way(reader.say("value.list", count=found.count), "customer", {"worth": who, **seen.parts})


def _table(reader: Reader, found: Value, rows: pd.DataFrame) -> Table:
    """Those who are worth more than is seen, the most valuable first."""
    return Table(
        rows,
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            "customer_lifetime_value": Column(
                reader.say(f"value.figure.{money_name(found)}", months=found.horizon_months), "money"
            ),
            "recent_revenue": Column(reader.say("column.recent_revenue"), "money"),
            "expected_purchases": Column(reader.say("column.expected_purchases"), "ratio"),
            "probability_of_none": Column(reader.say("column.probability_of_none"), "chance"),
        },
        found.currency,
    )
