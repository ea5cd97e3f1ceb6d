"""Customers from before a programme opened, and what they bought before and after."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics import customer_totals, order_totals
from crm_core.expressions import day_number
from crm_core.loyalty.metrics.members import members_since, sums_of
from crm_core.loyalty.rules import Members
from crm_core.periods import day_of
from crm_core.schemas import HELD_BACK
from crm_core.tables import Tables


def loyalty_early(
    tables: Tables, *, as_of: dt.date, members: Members, opened: dt.date, most: int = 0
) -> ir.Table:
    """The customers who had bought before a programme opened, and which of them have joined it since.

    Args:
        tables: What `loyalty_members` reads; `customers` (customer) with kind and country where they are
            known.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part; where it is open to some kinds only, customers are of these kinds.
        opened: The day on which it opened.
        most: So many customers are drawn, evenly from all, where there are more; 0 for all.

    Returns:
        Grain: a customer whose first purchase lies before `opened`, in the order of `customer_id`.

        - `customer_id`: text
        - `place`: 0, 1, 2 ... in that order
        - `first_day`: day number of the first purchase
        - `since_day`: day number of joining; null for who has not joined
        - `kind`, `country`: text; null where they are not known
        - `drawn`: whether the customer is one of those drawn

    Raises:
        NotProvided: The base does not know who joined, or of which kind its customers are.
    """
    past = tables.until(as_of)
    totals = customer_totals(past)
    early = totals.filter(totals.first_day < day_of(opened)).select("customer_id", "first_day")
    since = members_since(past, members, day_of(as_of))
    told = early.left_join(since, "customer_id").drop("customer_id_right")
    known = [name for name in ("kind", "country") if f"customers.{name}" in past.provided]
    if known:
        people = past.need("customers").select("customer_id", *known)
        told = told.left_join(people, "customer_id").drop("customer_id_right")
    told = told.mutate(**{name: ibis.null("string") for name in ("kind", "country") if name not in known})
    if members.kinds:
        told = told.filter(told.kind.isin(members.kinds))
    place = ibis.row_number().over(order_by=told.customer_id).cast("int64")
    placed = told.select("customer_id", "first_day", "since_day", "kind", "country", place=place)
    drawn = ibis.literal(True)
    if most:
        count = placed.count().over()
        drawn = (count <= most) | (placed.place * most % count < most)
    return placed.mutate(drawn=drawn).relocate("place", after="customer_id")


def loyalty_early_days(
    tables: Tables, *, as_of: dt.date, members: Members, opened: dt.date, most: int = 0
) -> ir.Table:
    """What the customers from before a programme opened ordered, day by day.

    Args:
        tables: As for `loyalty_early`.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part.
        opened: The day on which it opened.
        most: As for `loyalty_early`.

    Returns:
        Grain: a drawn customer of `loyalty_early` and a day with an order, by customer, then day.

        - `place`: of the customer in `loyalty_early`
        - `day`: day number
        - `purchases`: how many
        - `revenue`: money, returns taken off
        - `cost`: money, sum of the known costs
        - `uncosted_line_count`: lines whose cost is not known

    Raises:
        NotProvided: As `loyalty_early`.
    """
    orders = order_totals(tables.until(as_of))
    people = loyalty_early(tables, as_of=as_of, members=members, opened=opened, most=most)
    people = people.filter(people.drawn)
    mine = orders.inner_join(people.select("customer_id", "place"), "customer_id")
    return mine.group_by("place", "day").agg(**sums_of(mine)).order_by("place", "day")


def loyalty_early_contacts(
    tables: Tables, *, as_of: dt.date, members: Members, opened: dt.date, most: int = 0
) -> ir.Table:
    """On which days campaigns contacted the customers from before a programme opened.

    Args:
        tables: As for `loyalty_early`; `contacts` (contact) with campaign_id, and with direction where it is
            known: `none` says who was held back.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part; contacts of the programme's own campaign are no others'.
        opened: The day on which it opened.
        most: As for `loyalty_early`.

    Returns:
        Grain: a drawn customer of `loyalty_early` and a day on which a campaign contacted the customer, by
        customer, then day.

        - `place`: of the customer in `loyalty_early`
        - `day`: day number

    Raises:
        NotProvided: As `loyalty_early`.
    """
    contacts = tables.need("contacts", "campaign_id")
    contacts = contacts.mutate(day=day_number(contacts.contacted_at))
    of_others = contacts.campaign_id.notnull() & (contacts.campaign_id != members.campaign)
    if "contacts.direction" in tables.provided:
        of_others = of_others & (contacts.direction.coalesce("") != HELD_BACK)
    contacts = contacts.filter(of_others, contacts.day <= day_of(as_of))
    people = loyalty_early(tables, as_of=as_of, members=members, opened=opened, most=most)
    people = people.filter(people.drawn)
    mine = contacts.inner_join(people.select("customer_id", "place"), "customer_id")
    return mine.select("place", "day").distinct().order_by("place", "day")
