"""By how much products have become dearer."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.churn.metrics.columns import divided, total
from crm_core.customers.metrics import order_lines
from crm_core.expressions import rounded
from crm_core.tables import Tables

_SPAN: Final = 180
_HIGHEST: Final = 10.0
"""Times the price before; more says that something else is sold under the same id."""
CHANGE_SCALE: Final = 10_000
"""By what a change is multiplied to be a whole number, whose sums are the same in any order of rows."""


def price_changes(past: Tables, today: int) -> ir.Table | None:
    """By how much the list price of each product has changed; None where the base knows no prices.

    Returns:
        Grain: a product sold in both times, for more than nothing.

        - `product_id`: text
        - `change`: 1/10,000 of the price of the 180 days before the last 180, at most nine times that
    """
    if not {"orders.quantity", "orders.product_id"} <= past.provided:
        return None
    # Of the whole base, whatever a reader looks at. And a cut of the lines that a statement reads twice is
    # held in memory as a whole, where its day is told when it is run.
    lines = order_lines(past.whole or past)
    sold = lines.select(
        "product_id",
        "quantity",
        gross=lines.amount + lines.discount.coalesce(0),
        bought=(lines.amount > 0) & (lines.quantity > 0),
        age=today - lines.day,
    )
    sold = sold.filter(sold.bought, sold.product_id.notnull(), sold.age >= 0, sold.age < 2 * _SPAN)
    late = sold.age < _SPAN
    sums = sold.group_by("product_id").agg(
        late=total(sold.gross, late),
        late_quantity=total(sold.quantity, late),
        early=total(sold.gross, ~late),
        early_quantity=total(sold.quantity, ~late),
    )
    # A discount that was brought in below 0 may be as high as what was paid.
    sums = sums.filter(sums.late > 0, sums.early > 0)
    now, before = divided(sums.late, sums.late_quantity), divided(sums.early, sums.early_quantity)
    times = ibis.least(now / before, _HIGHEST)
    return sums.select("product_id", change=rounded((times - 1) * float(CHANGE_SCALE)))
