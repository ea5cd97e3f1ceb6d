"""What a purchase comes to."""

from __future__ import annotations

import datetime as dt

import ibis.expr.types as ir

from crm_core.customers.metrics import customer_summary
from crm_core.tables import Tables


def loyalty_usual_purchase(tables: Tables, *, as_of: dt.date) -> ir.Table:
    """How many purchases customers have made, and what they came to in all, returns taken off.

    Args:
        tables: `orders` (order line), with `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: one row.

        - `revenue`: money, 0 where there are no customers
        - `purchases`: how many; a usual one comes to `revenue` over them
    """
    customers = customer_summary(tables, as_of=as_of)
    return customers.aggregate(
        revenue=customers.revenue.sum().fill_null(0), purchases=customers.order_count.sum().fill_null(0)
    )
