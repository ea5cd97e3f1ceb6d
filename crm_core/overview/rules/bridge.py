"""When revenue changed, and what each cause added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

HELD_WITHIN: Final = 0.01
"""Revenue that differs by less than this share from before is said to have held."""


@dataclass(frozen=True)
class BridgeStep:
    """What one cause added to revenue, in whole units of money."""

    cause: Literal["customers", "purchases_per_customer", "basket", "guests"]
    amount: int


def revenue_bridge(
    before: tuple[int, int, int, int], now: tuple[int, int, int, int]
) -> tuple[BridgeStep, ...] | None:
    """Why revenue differs between two periods: customers x purchases per customer x basket, and guests.

    Each cause changes in turn while those after it stay as they were: first the number of customers, then how
    often they buy, then what a purchase brings. The steps are whole units of money and add up to the
    difference exactly.

    Args:
        before: Active customers, purchases, revenue of known customers and revenue of guests, before.
        now: The same, now.

    Returns:
        The steps, guests only where there are some; None where a period has no purchases to divide by.
    """
    customers_before, orders_before, revenue_before, guests_before = before
    customers_now, orders_now, revenue_now, guests_now = now
    if min(customers_before, orders_before, customers_now, orders_now) < 1:
        return None
    with_customers = _rounded(revenue_before * customers_now, customers_before)
    with_orders = _rounded(revenue_before * orders_now, orders_before)
    steps = [
        BridgeStep("customers", with_customers - revenue_before),
        BridgeStep("purchases_per_customer", with_orders - with_customers),
        BridgeStep("basket", revenue_now - with_orders),
    ]
    if guests_before or guests_now:
        steps.append(BridgeStep("guests", guests_now - guests_before))
    return tuple(steps)


def _rounded(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def direction(now: float, before: float) -> Literal["grew", "held", "fell"]:
    """Whether an amount grew, held or fell against before."""
    if abs(now - before) <= HELD_WITHIN * abs(before):
        return "held"
    return "grew" if now > before else "fell"
