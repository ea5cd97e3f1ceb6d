"""Who takes part in a programme."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.customers.metrics import Grouping, customer_totals, order_totals, purchase_days
from crm_core.expressions import day_number
from crm_core.loyalty.rules import Members
from crm_core.periods import day_of
from crm_core.tables import Tables

JOINED: Final = "joined"
"""The outcome of the contact by which a customer joins a programme."""


def loyalty_members(tables: Tables, *, as_of: dt.date, members: Members, begin: dt.date) -> ir.Table:
    """The members of a programme, and since when they are.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies;
            `contacts` (contact) with campaign_id and outcome for a programme that is joined; `customers`
            (customer) with kind for one that is open to some kinds only.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part.
        begin: The first day of a replay.

    Returns:
        Grain: a member, in the order of `customer_id`.

        - `customer_id`: text
        - `place`: 0, 1, 2 ... in that order
        - `since_day`: day number of joining
        - `last_purchase_day`: day number of the last purchase before `begin`; null where there is none

    Raises:
        NotProvided: The base does not know who joined, or of which kind its customers are.
    """
    people = members_since(tables.until(as_of), members, day_of(as_of))
    days = purchase_days(tables.until(as_of))
    before = days.filter(days.day < day_of(begin))
    last = before.group_by("customer_id").agg(last_purchase_day=before.day.max())
    told = people.left_join(last, "customer_id")
    place = ibis.row_number().over(order_by=told.customer_id).cast("int64")
    return told.select("customer_id", "since_day", "last_purchase_day", place=place).relocate(
        "place", after="customer_id"
    )


def loyalty_clubs(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """The programmes that customers joined by a contact.

    Args:
        tables: `contacts` (contact) with campaign_id and outcome.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a campaign by which anybody joined, most members first.

        - `campaign_id`: text
        - `members`: how many joined by it

    Raises:
        NotProvided: The base has no contacts, or does not know their campaigns or outcomes.
    """
    joined = _joinings(tables.until(as_of), day_of(as_of))
    joined = joined.filter(joined.campaign_id.notnull())
    clubs = joined.group_by("campaign_id").agg(members=joined.customer_id.nunique())
    return clubs.order_by(clubs.members.desc(), "campaign_id")


def loyalty_bought(tables: Tables, *, as_of: dt.date, members: Members, begin: dt.date) -> ir.Table:
    """What each member bought while a member.

    Args:
        tables: As for `loyalty_members`.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part.
        begin: The first day that counts.

    Returns:
        Grain: a member with an order from `begin` and from joining on.

        - `place`: of the member in `loyalty_members`
        - `purchases`: how many
        - `revenue`: money, returns taken off
        - `cost`: money, sum of the known costs
        - `uncosted_line_count`: lines whose cost is not known

    Raises:
        NotProvided: As `loyalty_members`.
    """
    orders = order_totals(tables.until(as_of))
    orders = orders.filter(orders.day >= day_of(begin))
    people = loyalty_members(tables, as_of=as_of, members=members, begin=begin)
    mine = orders.inner_join(people, "customer_id")
    mine = mine.filter(mine.day >= mine.since_day)
    return mine.group_by("place").agg(**sums_of(mine))


def sums_of(orders: ir.Table) -> dict[str, ir.IntegerScalar]:
    """What some orders come to: `purchases`, `revenue`, `cost` (of the known ones), `uncosted_line_count`."""
    return {
        "purchases": ibis.ifelse(orders.revenue > 0, 1, 0).sum().cast("int64"),
        "revenue": orders.revenue.sum().cast("int64"),
        "cost": orders.cost.sum().cast("int64"),
        "uncosted_line_count": orders.uncosted_line_count.sum().cast("int64"),
    }


def loyalty_grouped(
    tables: Tables, *, as_of: dt.date, members: Members, begin: dt.date, group: Grouping
) -> ir.Table:
    """The group that each member is in.

    Args:
        tables: As for `loyalty_members`, and what the grouping needs.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part.
        begin: The first day of a replay.
        group: By what members are parted.

    Returns:
        Grain: a member, in the order of `place`.

        - `place`: of the member in `loyalty_members`
        - `group`: text, null for who is in none

    Raises:
        NotProvided: As `loyalty_members`, or the base does not know the groups.
    """
    people = loyalty_members(tables, as_of=as_of, members=members, begin=begin)
    groups = group(tables.until(as_of)).select("customer_id", "group")
    return people.left_join(groups, "customer_id").select("place", "group").order_by("place")


def members_since(past: Tables, members: Members, today: int) -> ir.Table:
    """The `customer_id` of each member, and `since_day`."""
    if members.who == "everybody":
        totals = customer_totals(past)
        people = totals.select("customer_id", since_day=totals.first_day)
    else:
        people = _joined(past, members.campaign, today)
    return of_kinds(past, people, members.kinds)


def of_kinds(past: Tables, people: ir.Table, kinds: tuple[str, ...]) -> ir.Table:
    """Those of some customers, by `customer_id`, who are of some kinds; all where there are none to be of.

    Raises:
        NotProvided: The base does not know of which kind its customers are.
    """
    if not kinds:
        return people
    customers = past.need("customers", "kind")
    some = customers.filter(customers.kind.isin(kinds))
    return people.filter(people.customer_id.isin(some.customer_id))


def referred(past: Tables, first: int) -> ir.Table:
    """The customers referred by others whose first purchase lies on a day or after it.

    Returns:
        Grain: a customer referred. `referred_by` (the `customer_id` of who did), `day` (of that purchase).

    Raises:
        NotProvided: The base does not know who referred its customers.
    """
    customers = past.need("customers", "referred_by")
    by_others = customers.referred_by.notnull() & (customers.referred_by != customers.customer_id)
    those = customers.filter(by_others).select("customer_id", "referred_by")
    totals = customer_totals(past)
    bought = those.inner_join(totals.select("customer_id", day=totals.first_day), "customer_id")
    return bought.filter(bought.day >= first).select("referred_by", "day")


def _joined(past: Tables, campaign: str, today: int) -> ir.Table:
    joined = _joinings(past, today)
    joined = joined.filter(joined.campaign_id == campaign)
    return joined.group_by("customer_id").agg(since_day=joined.day.min())


def _joinings(past: Tables, today: int) -> ir.Table:
    contacts = past.of_residents(past.need("contacts", "campaign_id", "outcome"))
    contacts = contacts.mutate(day=day_number(contacts.contacted_at))
    return contacts.filter(contacts.outcome == JOINED, contacts.customer_id.notnull(), contacts.day <= today)
