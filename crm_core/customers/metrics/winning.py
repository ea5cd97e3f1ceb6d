"""What it cost to win customers: the one definition that every room reads."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis.expr.types as ir

from crm_core.customers.metrics.derivations import in_own_currency
from crm_core.expressions import day_number
from crm_core.periods import day_of
from crm_core.tables import Tables

WINNING: Final = ("acquired", "lead")
"""Outcomes of contacts by which customers are won, and of those by which they might have been."""


def winning_contacts(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Contacts whose outcome is `acquired` or `lead`, and what each cost.

    Args:
        tables: `contacts` (contact) with outcome and cost, and `rates` (currency x day) where contacts are in
            other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a contact; not one in a currency for which there is no rate on its day.

        - `customer_id`: text
        - `channel`: text, null where it is not known
        - `cost`: money, null where it is not known

    Raises:
        NotProvided: The base does not know what its contacts cost or came to.
    """
    contacts = tables.of_residents(tables.need("contacts", "outcome", "cost"))
    contacts = contacts.mutate(day=day_number(contacts.contacted_at))
    contacts = contacts.filter(contacts.outcome.isin(WINNING), contacts.day <= day_of(as_of))
    if "contacts.currency" in tables.provided:
        contacts, money = in_own_currency(contacts, tables, "cost")
        contacts = contacts.mutate(**money)
    return contacts.select("customer_id", "channel", cost=contacts.cost.cast("int64"))
