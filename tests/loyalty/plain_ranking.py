"""What customers come to by indicators, and how they rank, in plain Python from files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from tests.loyalty.plain_files import DAY, Files, Order, Terms, day_of


def valued(files: Files, orders: list[Order], one: Terms, as_of: dt.date) -> Mapping[str, Fraction | None]:
    """Of each customer with a purchase what the customer comes to by an indicator; None where not known."""
    within = one.get("within_days")
    first = as_of - (within - 1) * DAY if within else dt.date.min
    begun: dict[str, dt.date] = {}
    for order in sorted(orders, key=lambda order: order.day):
        if order.amount > 0:
            begun.setdefault(order.customer, order.day)
    return {name: _value(name, files, orders, one, begun, first, as_of) for name in begun}


def _value(
    name: str,
    files: Files,
    orders: list[Order],
    one: Terms,
    begun: Mapping[str, dt.date],
    first: dt.date,
    as_of: dt.date,
) -> Fraction | None:
    mine = [order for order in orders if order.customer == name and order.day >= first]
    bought = [order for order in mine if order.amount > 0]
    kind = one["indicator"]
    if kind == "amount":
        return Fraction(sum(order.amount for order in mine), files.scale)
    if kind == "purchases":
        return Fraction(len(bought))
    if kind == "tenure_days":
        return Fraction((as_of - begun[name]).days)
    if kind == "channel_share":
        some = [order for order in bought if order.channel in one["channels"]]
        return Fraction(len(some), len(bought)) if bought else None
    if kind == "returned_share":
        spent = sum(order.amount for order in bought)
        return Fraction(sum(-order.amount for order in mine if order.amount <= 0), spent) if spent else None
    if kind == "referrals":
        theirs = [row["customer_id"] for row in files.customers if row["referred_by"] == name]
        theirs = [other for other in theirs if other != name]
        return Fraction(sum(begun.get(one, dt.date.min) >= first for one in theirs if one in begun))
    days = []
    for row in files.payments:
        due, paid = day_of(row["due_at"]), day_of(row["paid_at"]) if row["paid_at"] else dt.date.max
        known = paid <= as_of or due < as_of
        if row["customer_id"] == name and Fraction(row["amount"]) > 0 and known and min(paid, as_of) >= first:
            days.append((due - min(paid, as_of)).days)
    return Fraction(sum(days), len(days)) if days else None


def ranked(files: Files, terms: Terms, as_of: dt.date) -> list[dict[str, Any]]:
    """Customers with most points first."""
    orders = files.orders_until(as_of)
    points: dict[str, Fraction] = {}
    for one in terms["indicators"]:
        for name, value in valued(files, orders, one, as_of).items():
            bands = [
                band for band in one["bands"] if value is not None and value >= Fraction(str(band["from"]))
            ]
            given = (
                Fraction(str(bands[-1]["points"])) * Fraction(str(one["weight"])) if bands else Fraction(0)
            )
            points[name] = points.get(name, Fraction(0)) + given
    kinds = terms["members"].get("kinds")
    if kinds:
        of = {row["customer_id"]: row["kind"] for row in files.customers}
        points = {name: sum_ for name, sum_ in points.items() if of.get(name) in kinds}
    return [
        {
            "customer_id": name,
            "rank": 1 + sum(other > mine for other in points.values()),
            "indicator_points": float(mine),
        }
        for name, mine in sorted(points.items(), key=lambda item: (-item[1], item[0]))
    ]
