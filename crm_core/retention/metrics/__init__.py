"""Who comes back: cohorts, times until the next purchase or a contract's end, the ladder, who is overdue."""

from crm_core.retention.metrics.cohorts import Counting, Length, cohort_retention, customers_of_cohort
from crm_core.retention.metrics.contracts import contract_revenue_retention
from crm_core.retention.metrics.kept import reactivation, retention_by_group
from crm_core.retention.metrics.ladder import customers_on_rung, ladder_spells
from crm_core.retention.metrics.rhythms import (
    category_days,
    category_gaps,
    category_silences,
    overdue_customers,
)
from crm_core.retention.metrics.spells import (
    MOST_RUNGS,
    USUAL_RUNGS,
    contract_spells,
    numbered_purchase_days,
    purchase_spells,
)
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "MOST_RUNGS",
    "USUAL_RUNGS",
    "Counting",
    "Length",
    "category_days",
    "category_gaps",
    "category_silences",
    "cohort_retention",
    "contract_revenue_retention",
    "contract_spells",
    "customers_of_cohort",
    "customers_on_rung",
    "ladder_spells",
    "numbered_purchase_days",
    "overdue_customers",
    "purchase_spells",
    "reactivation",
    "retention_by_group",
]

METRICS = (
    Metric(cohort_retention, order=("group", "new", "cohort", "period"), money=("revenue", "margin")),
    Metric(retention_by_group, order=("group",), money=("contact_cost",)),
    Metric(reactivation, order=("period",)),
    Metric(contract_revenue_retention, order=("period",), money=("opening_amount", "closing_amount")),
)
