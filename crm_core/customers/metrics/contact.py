"""What is known of customers besides what they do: their consent, and who looks after them."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.expressions import day_number
from crm_core.periods import day_of
from crm_core.tables import Tables

CHANNELS_APART: Final = "\n"


def customer_owners(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Who looks after each customer now.

    Args:
        tables: `customers` (customer) with owner.
        as_of: Makes no difference: the base does not know who looked after a customer before.

    Returns:
        Grain: a customer who has an owner, whether there was a purchase or not.

        - `customer_id`: text
        - `owner`: text

    Raises:
        NotProvided: The base does not know who looks after customers.
    """
    del as_of
    customers = tables.of_residents(tables.need("customers", "owner"))
    return customers.filter(customers.owner.notnull()).select("customer_id", "owner")


def channel_consents(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """Through which channels each customer has refused contact and through which allowed it.

    Of each channel the last change holds, whatever it was for; of a yes and a no at once the no holds. What
    a customer has said nothing of is neither refused nor granted. Channels that differ by capitals, hyphens
    or blanks around them alone are one.

    Args:
        tables: `consents` (change).
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a customer who has said something of a channel up to `as_of`.

        - `customer_id`: text
        - `refused`: the channels refused in the order of their names, a line each; empty where there are none
        - `granted`: likewise those allowed

    Raises:
        NotProvided: The base has no consents.
    """
    consents = tables.of_residents(tables.need("consents"))
    told = consents.filter(day_number(consents.changed_at) <= day_of(as_of))
    told = told.mutate(way=told.channel.strip().lower().replace("-", ""))
    moments = told.group_by("customer_id", "way").agg(last=told.changed_at.max())
    both = told.join(moments, ["customer_id", "way"])
    both = both.filter(both.changed_at == both["last"])
    standing = both.group_by("customer_id", "way").agg(channel=both.channel.min(), allowed=both.allowed.all())

    def together(which: ir.BooleanValue) -> ir.StringValue:
        channels = standing.channel.group_concat(CHANNELS_APART, where=which, order_by=standing.channel)
        return channels.coalesce(ibis.literal(""))

    return standing.group_by("customer_id").agg(
        refused=together(~standing.allowed), granted=together(standing.allowed)
    )
