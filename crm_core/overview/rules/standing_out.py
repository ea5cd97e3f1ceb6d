"""What stands out in a period, and from where on."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import Final, Literal

from crm_core.customers.rules import ENOUGH_CUSTOMERS

FindingName = Literal[
    "lost_customers",
    "fewer_new",
    "more_new",
    "dormant",
    "purchases_per_customer",
    "average_order_value",
    "margin",
    "guests",
]

COUNT_STANDS_OUT_FROM: Final = 0.10
"""A number of customers stands out when it differs by at least this share from before."""

REPEAT_STANDS_OUT_FROM: Final = 0.05
"""A month's share of buyers who did not buy again stands out when it is higher by at least this much."""

BUYING_STANDS_OUT_FROM: Final = 0.05
"""Purchases per customer and the average basket stand out when they are lower by at least this share."""

MARGIN_STANDS_OUT_FROM: Final = 0.02
"""Margin as a share of revenue stands out when it is lower by at least this much."""

GUESTS_STAND_OUT_FROM: Final = 0.20
"""Guests stand out when they bring at least this share of revenue."""

FINDINGS_SHOWN: Final = 3

_STANDARD_ERRORS: Final = 2.0
"""A count or a share that differs by fewer of them than this may differ by chance alone."""


@dataclass(frozen=True)
class Buying:
    """Who bought in a span of days and what it brought, as in `span_figures`; None where it is unknown."""

    active_customers: int | None
    new_customers: int | None
    lost_customers: int | None
    order_count: int | None
    customer_revenue: int | None
    guest_revenue: int | None
    revenue: int | None
    margin: int | None


@dataclass(frozen=True)
class Repeat:
    """Of the customers of the month before: how many bought in this month, too, and how many did not."""

    returning: int
    dormant: int


@dataclass(frozen=True)
class Finding:
    """Something that stands out.

    Args:
        name: Which rule found it.
        now: What it is: customers, purchases per customer, money per purchase, or a share of 1.
        before: What it was; 0 where the rule compares with nothing.
        weight: How many times its threshold it reaches.
    """

    name: FindingName
    now: float
    before: float
    weight: float


def what_stands_out(
    now: Buying, before: Buying | None, month: tuple[Repeat, Repeat] | None
) -> tuple[Finding, ...]:
    """What differs enough from before to ask for something to be done, the furthest past its threshold first.

    Args:
        now: The period.
        before: What it is compared with; None where there is nothing.
        month: The last whole month and the same one a year earlier; None where there is none.

    Returns:
        Not more than `FINDINGS_SHOWN`; fewer than `ENOUGH_CUSTOMERS` on either side stand out for nothing.
    """
    found = _guests(now)
    if (
        before is not None
        and min(now.active_customers or 0, before.active_customers or 0) >= ENOUGH_CUSTOMERS
    ):
        found += _lost(now, before) + _new(now, before) + _buying_less(now, before) + _margin(now, before)
    if month is not None:
        found += _dormant(*month)
    return tuple(sorted(found, key=lambda one: -one.weight)[:FINDINGS_SHOWN])


def _guests(now: Buying) -> list[Finding]:
    guests, revenue = now.guest_revenue or 0, now.revenue or 0
    if not 0 < guests <= revenue or guests < GUESTS_STAND_OUT_FROM * revenue:
        return []
    share = guests / revenue
    return [Finding("guests", share, 0.0, share / GUESTS_STAND_OUT_FROM)]


def _lost(now: Buying, before: Buying) -> list[Finding]:
    """More stopped buying, and their number grew by more than that of the customers who buy."""
    change = _change_of_count(now.lost_customers, before.lost_customers)
    growth = (now.active_customers or 0) / (before.active_customers or 1) - 1
    if now.lost_customers is None or not before.lost_customers or change < max(COUNT_STANDS_OUT_FROM, growth):
        return []
    weight = change / COUNT_STANDS_OUT_FROM
    return [Finding("lost_customers", now.lost_customers, before.lost_customers, weight)]


def _new(now: Buying, before: Buying) -> list[Finding]:
    change = _change_of_count(now.new_customers, before.new_customers)
    if now.new_customers is None or not before.new_customers or abs(change) < COUNT_STANDS_OUT_FROM:
        return []
    weight = abs(change) / COUNT_STANDS_OUT_FROM
    name: FindingName = "more_new" if change > 0 else "fewer_new"
    return [Finding(name, now.new_customers, before.new_customers, weight)]


def _change_of_count(now: int | None, before: int | None) -> float:
    """By which share a count differs from before; 0 where that is unknown or may be chance."""
    if now is None or not before or max(now, before) < ENOUGH_CUSTOMERS:
        return 0.0
    return now / before - 1 if abs(now - before) >= _STANDARD_ERRORS * sqrt(now + before) else 0.0


def _dormant(now: Repeat, before: Repeat) -> list[Finding]:
    many, many_before = now.returning + now.dormant, before.returning + before.dormant
    if min(many, many_before) < ENOUGH_CUSTOMERS:
        return []
    share, share_before = now.dormant / many, before.dormant / many_before
    whole = (now.dormant + before.dormant) / (many + many_before)
    error = sqrt(whole * (1 - whole) * (1 / many + 1 / many_before))
    if share - share_before < max(REPEAT_STANDS_OUT_FROM, _STANDARD_ERRORS * error):
        return []
    weight = (share - share_before) / REPEAT_STANDS_OUT_FROM
    return [Finding("dormant", share, share_before, weight)]


def _buying_less(now: Buying, before: Buying) -> list[Finding]:
    pairs: tuple[tuple[FindingName, float, float], ...] = (
        (
            "purchases_per_customer",
            _ratio(now.order_count, now.active_customers),
            _ratio(before.order_count, before.active_customers),
        ),
        (
            "average_order_value",
            _ratio(now.customer_revenue, now.order_count),
            _ratio(before.customer_revenue, before.order_count),
        ),
    )
    return [
        Finding(name, value, was, (1 - value / was) / BUYING_STANDS_OUT_FROM)
        for name, value, was in pairs
        if was > 0 and value > 0 and 1 - value / was >= BUYING_STANDS_OUT_FROM
    ]


def _margin(now: Buying, before: Buying) -> list[Finding]:
    if now.margin is None or before.margin is None:
        return []
    share, was = _ratio(now.margin, now.revenue), _ratio(before.margin, before.revenue)
    if was - share < MARGIN_STANDS_OUT_FROM:
        return []
    return [Finding("margin", share, was, (was - share) / MARGIN_STANDS_OUT_FROM)]


def _ratio(part: int | None, whole: int | None) -> float:
    return (part or 0) / whole if whole and whole > 0 else 0.0
