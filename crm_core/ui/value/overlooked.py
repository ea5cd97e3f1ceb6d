"""Customers who are worth more to come than what they bring today would tell, as they are shown."""

from __future__ import annotations

from crm_core.ui.report import Column, Definition, Table
from crm_core.ui.shell import Reader
from crm_core.ui.value.phrases import definition
from crm_core.value import rules
from crm_core.value.answers import Value


def overlooked_table(reader: Reader, found: Value) -> Table | None:
    """Who they are, the most valuable first; None where there is nobody."""
    if found.overlooked.empty:
        return None
    return Table(
        found.overlooked,
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            "customer_lifetime_value": Column(reader.say("column.customer_lifetime_value"), "money"),
            "revenue": Column(reader.say("value.overlooked.revenue"), "money"),
            "expected_purchases": Column(reader.say("column.expected_purchases"), "ratio"),
            "probability_of_none": Column(reader.say("column.probability_of_none"), "share"),
        },
        found.currency,
    )


def overlooked_definition(reader: Reader, found: Value) -> Definition:
    """From where on a customer is worth more than is seen."""
    return definition(
        reader,
        found,
        reader.say(
            "value.overlooked.definition",
            best=reader.language.percent(rules.BEST_TENTHS / 10),
            seen=reader.language.percent(rules.WELL_SERVED_FIFTHS / 5),
        ),
    )
