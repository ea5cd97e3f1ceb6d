"""Every metric by its name, and the tables that are derived once for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm_core.customers import metrics as customers
from crm_core.engine.derived import Derivation
from crm_core.overview import metrics as overview
from crm_core.segments import metrics as segments
from crm_core.tables import Metric

METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric for metric in (*customers.METRICS, *overview.METRICS, *segments.METRICS)
}

DERIVATIONS: Final = (
    Derivation("order_lines", customers.order_lines, "line"),
    Derivation("order_totals", customers.order_totals, "customer"),
    Derivation("purchase_days", customers.purchase_days, "customer"),
    Derivation("customer_totals", customers.customer_totals, "customer"),
    Derivation("sales_days", customers.sales_days, "base"),
    Derivation("scored_customers", segments.scored_customers, "base"),
    Derivation("scored_customers_year_before", segments.scored_customers_year_before, "base"),
    Derivation("ranked_customers", segments.ranked_customers, "base"),
)
"""Each after what it reads."""
