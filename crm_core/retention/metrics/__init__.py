"""Who comes back: cohorts and what becomes of them."""

from crm_core.retention.metrics.cohorts import Counting, Length, cohort_retention, customers_of_cohort
from crm_core.retention.metrics.contracts import contract_revenue_retention
from crm_core.retention.metrics.kept import reactivation, retention_by_group
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "Counting",
    "Length",
    "cohort_retention",
    "contract_revenue_retention",
    "customers_of_cohort",
    "reactivation",
    "retention_by_group",
]

METRICS = (
    Metric(cohort_retention, order=("group", "cohort", "period"), money=("revenue", "margin")),
    Metric(retention_by_group, order=("group",), money=("contact_cost",)),
    Metric(reactivation, order=("period",)),
    Metric(contract_revenue_retention, order=("period",), money=("opening_amount", "closing_amount")),
)
