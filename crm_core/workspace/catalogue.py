"""Every metric by its name, and the tables that are derived once for all of them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from crm_core.churn import estimates as churn_estimates
from crm_core.churn import metrics as churn
from crm_core.churn.metrics.stakes import brought_lately
from crm_core.customers import metrics as customers
from crm_core.customers.metrics import Grouping
from crm_core.loyalty import estimates as loyalty_estimates
from crm_core.overview import metrics as overview
from crm_core.retention import estimates as retention_estimates
from crm_core.retention import metrics as retention
from crm_core.segments import metrics as segments
from crm_core.tables import Build, Derivation, Estimate, Metric
from crm_core.value import estimates as value_estimates
from crm_core.value import metrics as value

METRICS: Final[Mapping[str, Metric]] = {
    metric.name: metric
    for metric in (
        *customers.METRICS,
        *overview.METRICS,
        *segments.METRICS,
        *retention.METRICS,
        *retention_estimates.METRICS,
        *value.METRICS,
        *value_estimates.METRICS,
        *churn.METRICS,
        *churn_estimates.METRICS,
        *loyalty_estimates.METRICS,
    )
}

GROUPINGS: Final[Mapping[str, Grouping]] = {
    grouping.__name__: grouping for grouping in (*customers.GROUPINGS, segments.segment)
}
"""By what customers can be parted, by name."""

HANDED_IN: Final[Mapping[str, Estimate]] = {"no_purchase": value_estimates.probability_of_none}
"""What a room is told by another that it does not know, by the name of the option in which it is."""


def handed_in(build: Build) -> dict[str, object]:
    """Those of the options of a metric in which it is told something by another room."""
    if not isinstance(build, Estimate):
        return {}
    options = inspect.signature(build).parameters
    return {name: told for name, told in HANDED_IN.items() if name in options}


TOLD_THEIR_DAY: Final[frozenset[Any]] = frozenset(
    {
        churn.churn_features,
        churn.churn_history,
        churn.purchase_rhythm,
        brought_lately,
        value.purchase_cells,
        value.purchase_histories,
        customers.purchase_days,
        customers.customer_totals,
    }
)
"""Metrics and derived tables of which a statement serves every day: they only compare days and subtract."""

DERIVATIONS: Final[tuple[Derivation, ...]] = (
    customers.order_lines,
    customers.order_totals,
    customers.divided_lines,
    customers.purchase_days,
    customers.customer_totals,
    customers.sales_days,
    segments.scored_customers,
    segments.segments_year_before,
    segments.ranked_customers,
    retention.numbered_purchase_days,
    retention.category_days,
)
"""Each after what it reads."""
