"""By how much what a customer buys has become dearer."""

from __future__ import annotations

from typing import Final

import ibis.expr.types as ir

from crm_core.churn.metrics.columns import Features, divided, ratio, total
from crm_core.customers.metrics import order_lines
from crm_core.expressions import rounded
from crm_core.tables import Tables

_SPAN: Final = 180
_CHANGE_SCALE: Final = 10_000

FEATURES: Final[Features] = {"price_change_180": ratio("orders.quantity")}


def price_changes(past: Tables, today: int) -> ir.Table | None:
    """By how much the list price of each product has changed; None where the base knows no prices.

    Returns:
        Grain: a product sold in both times.

        - `product_id`: text
        - `change`: 1/10,000 of the price of the 180 days before the last 180
    """
    if not {"orders.quantity", "orders.product_id"} <= past.provided:
        return None
    lines = order_lines(past)
    sold = lines.select(
        "product_id",
        "quantity",
        gross=lines.amount + lines.discount.coalesce(0),
        bought=(lines.amount > 0) & (lines.quantity > 0),
        age=today - lines.day,
    )
    sold = sold.filter(sold.bought, sold.product_id.notnull(), sold.age < 2 * _SPAN)
    late = sold.age < _SPAN
    sums = sold.group_by("product_id").agg(
        late=total(sold.gross, late),
        late_quantity=total(sold.quantity, late),
        early=total(sold.gross, ~late),
        early_quantity=total(sold.quantity, ~late),
    )
    now, before = divided(sums.late, sums.late_quantity), divided(sums.early, sums.early_quantity)
    # In whole steps, whose sums are the same in any order of rows.
    changed = sums.select("product_id", change=rounded((now / before - 1) * float(_CHANGE_SCALE)))
    return changed.filter(changed.change.notnull())


def price_features(past: Tables, changes: ir.Table | None) -> ir.Table | None:
    """The columns in `FEATURES` of each customer who bought something whose price has or has not changed.

    Args:
        past: The customers' lines.
        changes: As from `price_changes`.
    """
    if changes is None:
        return None
    lines = order_lines(past)
    bought = lines.filter(lines.customer_id.notnull(), lines.amount > 0)
    bought = bought.select("customer_id", "product_id", "amount").inner_join(changes, "product_id")
    sums = bought.group_by("customer_id").agg(
        spent=total(bought.amount), dearer=total(bought.amount * bought.change)
    )
    return sums.select("customer_id", price_change_180=divided(sums.dearer, sums.spent * _CHANGE_SCALE))
