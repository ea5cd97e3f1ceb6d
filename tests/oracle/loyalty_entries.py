"""Who takes part in a programme and what they did: order by order, invoice by invoice."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from fractions import Fraction

from crm_core.loyalty.metrics import Looked
from crm_core.loyalty.rules import Programme, Rule
from tests.oracle.calendars import day_number
from tests.oracle.churn import Around
from tests.oracle.history import Base, History, Order, Rates, Row, half_away_from_zero

COLUMNS = ("multiplied", "flat", "taken_back", "purchases", "spent", "returned")


def members(base: Base, around: Around, as_of: dt.date, programme: Programme, begin: dt.date) -> list[Row]:
    """One row a member."""
    since = since_of(base, around, as_of, programme)
    customers = History(base, as_of).customers
    told = []
    for place, name in enumerate(sorted(since, key=lambda one: one.encode())):
        before = [one.at.date() for one in customers[name].purchases] if name in customers else []
        days = [day_number(day) for day in before if day < begin]
        told.append(
            {
                "customer_id": name,
                "place": place,
                "since_day": since[name],
                "last_purchase_day": max(days, default=None),
            }
        )
    return told


def entries(
    base: Base, around: Around, as_of: dt.date, programme: Programme, begin: dt.date, history_days: int
) -> list[Row]:
    """One row a member and day."""
    history, first = History(base, as_of), day_number(begin) - history_days
    since = since_of(base, around, as_of, programme)
    sums: dict[tuple[int, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for order in history.orders:
        told = sums[day_number(order.date), order.customer_id]
        points = _points_of(order, programme, base)
        told["multiplied" if order.is_purchase else "taken_back"] += points
        told["purchases"] += order.is_purchase
        told["spent" if order.is_purchase else "returned"] += abs(order.revenue)
    for rule in programme.earn:
        if rule.earning == "joining":
            for name, day in since.items():
                sums[day, name]["flat"] += rule.points
        if rule.earning == "repeat":
            for name, day in since.items():
                bought = _days_bought(history, name, day)
                if len(bought) >= rule.number:
                    sums[bought[rule.number - 1], name]["flat"] += rule.points
        if rule.earning == "variety":
            for name, day in since.items():
                for found in _first_days(history, name).values():
                    if found > day:
                        sums[found, name]["flat"] += rule.points
        if rule.earning == "referral":
            for row in around.customers:
                others = row["referred_by"] not in (None, row["customer_id"])
                if others and row["customer_id"] in history.customers:
                    day = day_number(history.customers[row["customer_id"]].first.date)
                    sums[day, row["referred_by"]]["flat"] += rule.points
    punctual = [rule for rule in programme.earn if rule.earning == "punctual"]
    if punctual:
        _invoices(base, around, as_of, punctual, sums)
    places = {row["customer_id"]: row["place"] for row in members(base, around, as_of, programme, begin)}
    return [
        {"day": day, "place": places[name], **told}
        for (day, name), told in sums.items()
        if name in since and day >= max(since[name], first) and any(told.values())
    ]


def _days_bought(history: History, name: str, since: int) -> list[int]:
    """The days on which a customer bought, from a day on, in their order."""
    if name not in history.customers:
        return []
    return sorted(
        {day for one in history.customers[name].purchases if (day := day_number(one.date)) >= since}
    )


def _first_days(history: History, name: str) -> dict[str, int]:
    """When a customer first bought from each category."""
    found: dict[str, int] = {}
    for sale in history.sales:
        category, day = sale.line.category, day_number(sale.date)
        if sale.customer_id == name and category is not None and sale.amount > 0:
            found[category] = min(day, found.get(category, day))
    return found


def since_of(base: Base, around: Around, as_of: dt.date, programme: Programme) -> dict[str, int]:
    if programme.members.who == "everybody":
        customers = History(base, as_of).customers
        since = {name: day_number(one.first.date) for name, one in customers.items()}
    else:
        since = {}
        for row in around.contacts:
            day = day_number(row["contacted_at"].date())
            joined = row["outcome"] == "joined" and row["campaign_id"] == programme.members.campaign
            if joined and day <= day_number(as_of):
                since[row["customer_id"]] = min(day, since.get(row["customer_id"], day))
    kinds = {row["customer_id"]: row["kind"] for row in around.customers}
    wanted = programme.members.kinds
    return {name: day for name, day in since.items() if not wanted or kinds.get(name) in wanted}


def _points_of(order: Order, programme: Programme, base: Base) -> int:
    points = 0
    for rule in programme.earn:
        if rule.earning not in ("amount", "purchase"):
            continue
        amount = sum(
            sale.amount
            for sale in order.sales
            if (not rule.channels or sale.line.channel in rule.channels)
            and (not rule.categories or sale.line.category in rule.categories)
        )
        if order.is_purchase:
            if amount > 0 and amount >= round(rule.at_least * base.money_scale):
                points += _given(rule, amount, base)
        elif rule.earning == "amount" and amount < 0 and -amount >= round(rule.at_least * base.money_scale):
            points += _given(rule, -amount, base)
    return min(points, programme.caps.purchase or points)


def _given(rule: Rule, amount: int, base: Base) -> int:
    if not rule.unit:
        return rule.points
    return rule.points * (amount // max(round(rule.unit * base.money_scale), 1))


def _invoices(
    base: Base,
    around: Around,
    as_of: dt.date,
    rules: list[Rule],
    sums: dict[tuple[int, str], dict[str, int]],
) -> None:
    rates = Rates(base)
    for row in around.payments:
        due, paid = row["due_at"].date(), row["paid_at"]
        if paid is None or paid.date() > as_of:
            continue
        rate = rates.of(row["currency"], paid.date())
        if rate is None:
            continue
        amount = half_away_from_zero(Fraction(row["amount"]) * rate)
        satisfied = [rule for rule in rules if (due - paid.date()).days >= rule.days_early]
        if satisfied and amount > 0:
            best = max(satisfied, key=lambda rule: rule.days_early)
            sums[day_number(paid.date()), row["customer_id"]]["flat"] += _given(best, amount, base)


def indicators(
    base: Base, around: Around, as_of: dt.date, looked: tuple[Looked, ...], wanted: tuple[str, ...]
) -> list[Row]:
    """One row a customer of the kinds that are wanted, or of any."""
    history = History(base, as_of)
    kinds = {row["customer_id"]: row["kind"] for row in around.customers}
    return [
        {
            "customer_id": name,
            **{
                f"value_{place}": _value(one, name, history, base, around, as_of)
                for place, one in enumerate(looked)
            },
        }
        for name in sorted(history.customers, key=lambda one: one.encode())
        if not wanted or kinds.get(name) in wanted
    ]


def _value(
    one: Looked, name: str, history: History, base: Base, around: Around, as_of: dt.date
) -> float | None:
    def within(day: dt.date) -> bool:
        return not one.within_days or (as_of - day).days < one.within_days

    orders = [order for order in history.customers[name].orders if within(order.date)]
    purchases = [order for order in orders if order.is_purchase]
    spent = sum(order.revenue for order in purchases)
    if one.name == "tenure_days":
        return float((as_of - history.customers[name].first.date).days)
    if one.name == "amount":
        return sum(order.revenue for order in orders) / base.money_scale
    if one.name == "purchases":
        return float(len(purchases))
    if one.name == "variety":
        sales = [sale for sale in history.customers[name].sales if within(sale.date) and sale.amount > 0]
        return float(len({sale.line.category for sale in sales} - {None}))
    if one.name == "channel_share":
        through = [order for order in purchases if _channel(order) in one.channels]
        return len(through) / len(purchases) if purchases else None
    if one.name == "returned_share":
        back = -sum(order.revenue for order in orders if not order.is_purchase)
        return back / spent if spent else None
    if one.name == "referrals":
        brought = [row["customer_id"] for row in around.customers if row["referred_by"] == name]
        brought = [other for other in brought if other != name]
        known = [history.customers[other] for other in brought if other in history.customers]
        return float(sum(within(other.first.date) for other in known))
    early = []
    for row in around.payments:
        due, paid = row["due_at"].date(), row["paid_at"].date() if row["paid_at"] else dt.date.max
        counts = row["customer_id"] == name and row["amount"] > 0 and (paid <= as_of or due < as_of)
        if counts and within(min(paid, as_of)):
            early.append((due - min(paid, as_of)).days)
    return sum(early) / len(early) if early else None


def _channel(order: Order) -> str | None:
    """Of several the first by name."""
    channels = {sale.line.channel for sale in order.sales if sale.line.channel is not None}
    return min(channels, key=lambda one: one.encode(), default=None)
