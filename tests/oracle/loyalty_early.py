"""Customers from before a programme opened: read off their histories one by one."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from crm_core.loyalty.rules import Members, Programme
from tests.oracle.calendars import day_number
from tests.oracle.churn import Around
from tests.oracle.history import Base, History, Row
from tests.oracle.loyalty_entries import since_of


def early(
    base: Base, around: Around, as_of: dt.date, members: Members, opened: dt.date, most: int = 0
) -> list[Row]:
    """One row a customer who had bought before the programme opened."""
    since = since_of(base, around, as_of, Programme("p", members))
    kinds = {row["customer_id"]: row["kind"] for row in around.customers}
    told: list[Row] = []
    customers = History(base, as_of).customers
    for name in sorted(customers, key=lambda one: one.encode()):
        first = customers[name].first.date
        if first >= opened or (members.kinds and kinds.get(name) not in members.kinds):
            continue
        told.append(
            {
                "customer_id": name,
                "place": len(told),
                "first_day": day_number(first),
                "since_day": since.get(name),
                "kind": kinds.get(name),
                "country": None,
            }
        )
    for row in told:
        count = len(told)
        row["drawn"] = not most or count <= most or int(str(row["place"])) * most % count < most
    return told


def days(
    base: Base, around: Around, as_of: dt.date, members: Members, opened: dt.date, most: int = 0
) -> list[Row]:
    """One row a customer and day with an order."""
    places = {
        row["customer_id"]: row["place"]
        for row in early(base, around, as_of, members, opened, most)
        if row["drawn"]
    }
    orders = defaultdict(list)
    for order in History(base, as_of).orders:
        if order.customer_id in places:
            orders[places[order.customer_id], day_number(order.date)].append(order)
    return [
        {
            "place": place,
            "day": day,
            "purchases": sum(order.is_purchase for order in those),
            "revenue": sum(order.revenue for order in those),
            "cost": sum(sale.cost or 0 for order in those for sale in order.sales),
            "uncosted_line_count": sum(sale.cost is None for order in those for sale in order.sales),
        }
        for (place, day), those in orders.items()
    ]


def contacts(
    base: Base, around: Around, as_of: dt.date, members: Members, opened: dt.date, most: int = 0
) -> list[Row]:
    """One row a customer and day of a contact by another campaign."""
    places = {
        row["customer_id"]: row["place"]
        for row in early(base, around, as_of, members, opened, most)
        if row["drawn"]
    }
    found = {
        (places[row["customer_id"]], day_number(row["contacted_at"].date()))
        for row in around.contacts
        if row["customer_id"] in places
        and row["campaign_id"] not in (None, members.campaign)
        and row["direction"] != "none"
        and row["contacted_at"].date() <= as_of
    }
    return [{"place": place, "day": day} for place, day in found]
