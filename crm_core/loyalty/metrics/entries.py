"""What the members of a programme did day by day, in points before tiers and caps of days and months."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce
from typing import Final, cast

import ibis
import ibis.expr.types as ir

from crm_core.base import InputError
from crm_core.customers.metrics import in_own_currency, order_lines, order_totals, purchase_days
from crm_core.expressions import day_number
from crm_core.loyalty.metrics.members import loyalty_members, members_since, referred
from crm_core.loyalty.rules import Members, Rule
from crm_core.periods import day_of
from crm_core.tables import Tables

_COLUMNS: Final = ("multiplied", "flat", "taken_back", "purchases", "spent", "returned")


def loyalty_entries(
    tables: Tables,
    *,
    as_of: dt.date,
    members: Members,
    earn: tuple[Rule, ...],
    begin: dt.date,
    purchase_cap: int = 0,
    history_days: int = 0,
) -> ir.Table:
    """What each member did on each day, and the points that the programme's rules give for it.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies;
            `payments` (invoice) with paid_at for rules of punctual payment; `customers` (customer) with
            referred_by for rules of referrals; category of `orders` for rules of variety; and what
            `loyalty_members` reads.
        as_of: Only what happened up to the end of this day exists.
        members: Who takes part.
        earn: The rules by which points are earned.
        begin: The first day of a replay.
        purchase_cap: The most points of one purchase; 0 for no cap.
        history_days: How many days before it are told too, for tiers that look back.

    Returns:
        Grain: a member and a day, from joining on, on which there is anything of what follows; by day, then
        member.

        - `day`: day number
        - `place`: of the member in `loyalty_members`
        - `multiplied`: points of the day's purchases that a tier may multiply: of each the sum of all rules
          for amount and for purchases, at most the cap of a purchase
        - `flat`: points for joining, for a purchase by its number, for categories bought from for the first
          time, for invoices paid in time, and for customers referred
        - `taken_back`: points that the day's returns take back: of each what its amount would have given by
          the rules for amount, at most the cap of a purchase
        - `purchases`: how many
        - `spent`: money, sum of those purchases
        - `returned`: money, sum of the day's returns, without its sign

    Raises:
        NotProvided: The base lacks what a rule is about.
    """
    past, first = tables.until(as_of), day_of(begin) - history_days
    parts = [_of_orders(past, earn, purchase_cap, first)]
    punctual = [rule for rule in earn if rule.earning == "punctual"]
    if punctual:
        parts.append(_of_invoices(past, punctual, first, day_of(as_of)))
    for rule in earn:
        if rule.earning == "referral":
            parts.append(_of_referrals(past, rule, first))
        elif rule.earning in ("joining", "repeat", "variety"):
            people = members_since(past, members, day_of(as_of))
            days = _OF_MEMBERS[rule.earning](past, people, rule)
            parts.append(_flat(days.filter(days.day >= first).select("customer_id", "day", "flat")))
    entries = reduce(lambda one, other: one.union(other), parts)
    people = loyalty_members(tables, as_of=as_of, members=members, begin=begin)
    mine = entries.inner_join(people, "customer_id")
    mine = mine.filter(mine.day >= mine.since_day)
    sums = mine.group_by("day", "place").agg(**{name: mine[name].sum().cast("int64") for name in _COLUMNS})
    some = reduce(lambda one, other: one + other, (sums[name] for name in _COLUMNS))
    return sums.filter(some > 0).order_by("day", "place")


def _of_orders(past: Tables, earn: Sequence[Rule], cap: int, first: int) -> ir.Table:
    rules = [rule for rule in earn if rule.earning in ("amount", "purchase")]
    orders = order_totals(past)
    orders = orders.filter(orders.day >= first)
    narrow = [rule for rule in rules if rule.channels or rule.categories]
    amounts = dict(zip(narrow, (f"amount_{place}" for place in range(len(narrow))), strict=True))
    if narrow:
        orders = orders.left_join(_narrowed(past, amounts, first), ["customer_id", "order_id"])
    bought = orders.revenue > 0
    given, taken = _whole(0), _whole(0)
    for rule in rules:
        amount = orders[amounts[rule]].coalesce(0) if rule in amounts else orders.revenue
        enough = bought & (amount > 0) & (amount >= _money(rule.at_least, past))
        given = given + ibis.ifelse(enough, _points(rule, amount, past), 0)
        if rule.earning == "amount":
            enough = ~bought & (amount < 0) & (-amount >= _money(rule.at_least, past))
            taken = taken + ibis.ifelse(enough, _points(rule, -amount, past), 0)
    if cap:
        given, taken = ibis.least(given, cap), ibis.least(taken, cap)
    return orders.select(
        "customer_id",
        "day",
        multiplied=given.cast("int64"),
        flat=_whole(0),
        taken_back=taken.cast("int64"),
        purchases=ibis.ifelse(bought, 1, 0).cast("int64"),
        spent=ibis.ifelse(bought, orders.revenue, 0).cast("int64"),
        returned=ibis.ifelse(bought, 0, -orders.revenue).cast("int64"),
    )


def _narrowed(past: Tables, amounts: dict[Rule, str], first: int) -> ir.Table:
    """Of each order the sum of those lines that count for a rule."""
    lines = order_lines(past)
    # The lines of an order from its first day on: an order of a later day has none before.
    lines = lines.filter(lines.customer_id.notnull(), lines.day >= first)
    sums = {}
    for rule, name in amounts.items():
        counts = ibis.literal(True)
        if rule.channels:
            counts = counts & lines.channel.isin(rule.channels)
        if rule.categories:
            counts = counts & lines.category.isin(rule.categories)
        sums[name] = lines.amount.sum(where=counts).coalesce(0).cast("int64")
    return lines.group_by("customer_id", "order_id").agg(**sums)


def _of_invoices(past: Tables, rules: Sequence[Rule], first: int, today: int) -> ir.Table:
    invoices = past.need("payments", "paid_at")
    # Points are given on the day of payment, at its rate: what rates are when it is due may not be known yet.
    invoices = invoices.mutate(day=day_number(invoices.paid_at), due_day=day_number(invoices.due_at))
    if "payments.currency" in past.provided:
        invoices, money = in_own_currency(invoices, past, "amount")
        invoices = invoices.mutate(**money)
    invoices = invoices.filter(
        invoices.day.notnull(),
        invoices.day >= first,
        invoices.day <= today,
        invoices.amount > 0,
        invoices.customer_id.notnull(),
    )
    flat: ir.IntegerValue = _whole(0)
    for rule in sorted(rules, key=lambda rule: rule.days_early):
        in_time = invoices.due_day - invoices.day >= rule.days_early
        flat = ibis.ifelse(in_time, _points(rule, invoices.amount, past), flat)
    return _flat(invoices.select("customer_id", "day", flat=flat.cast("int64")))


def _of_referrals(past: Tables, rule: Rule, first: int) -> ir.Table:
    bought = referred(past, first)
    return _flat(bought.select(customer_id="referred_by", day="day", flat=_whole(rule.points)))


def _of_joining(past: Tables, people: ir.Table, rule: Rule) -> ir.Table:
    return people.select("customer_id", day="since_day", flat=_whole(rule.points))


def _of_repeats(past: Tables, people: ir.Table, rule: Rule) -> ir.Table:
    days = purchase_days(past).inner_join(people, "customer_id")
    days = days.filter(days.day >= days.since_day)
    number = ibis.row_number().over(group_by=days.customer_id, order_by=days.day) + 1
    days = days.mutate(number=number)
    return days.filter(days.number == rule.number).select("customer_id", "day", flat=_whole(rule.points))


def _of_variety(past: Tables, people: ir.Table, rule: Rule) -> ir.Table:
    past.need("orders", "category")
    lines = order_lines(past)
    lines = lines.filter(lines.customer_id.notnull(), lines.category.notnull(), lines.amount > 0)
    firsts = lines.group_by("customer_id", "category").agg(day=lines.day.min())
    days = firsts.inner_join(people, "customer_id")
    return days.filter(days.day > days.since_day).select("customer_id", "day", flat=_whole(rule.points))


_OF_MEMBERS: Final = {"joining": _of_joining, "repeat": _of_repeats, "variety": _of_variety}
"""The days on which members earn points that depend on their joining, and how many."""


def _flat(rows: ir.Table) -> ir.Table:
    """Rows with `customer_id`, `day` and `flat` in the columns of all entries."""
    return rows.select(
        "customer_id", "day", **{name: rows.flat if name == "flat" else _whole(0) for name in _COLUMNS}
    )


def _points(rule: Rule, amount: ir.IntegerValue, past: Tables) -> ir.IntegerValue:
    """The points of one purchase, return or invoice, whose amount is not below 0."""
    if not rule.unit:
        return _whole(rule.points)
    # Integers of every engine divide alike where nothing is negative.
    return cast("ir.IntegerValue", amount // _unit(rule, past) * rule.points)


def _unit(rule: Rule, past: Tables) -> int:
    """Of what amount each gives points, in units of the base.

    Raises:
        InputError: Between amounts that the base can hold, so that points would be given for another one.
    """
    units = Decimal(repr(rule.unit)) * past.money_scale
    if units < 1 or units != int(units):
        raise InputError("loyalty.programme.unit_too_fine", unit=rule.unit, least=1 / past.money_scale)
    return int(units)


def _money(amount: float, past: Tables) -> int:
    """The least that the base can hold which is not below an amount."""
    return math.ceil(Decimal(repr(amount)) * past.money_scale)


def _whole(number: int) -> ir.IntegerScalar:
    return ibis.literal(number, "int64")
