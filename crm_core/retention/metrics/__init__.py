"""Who comes back: cohorts and what becomes of them."""

from crm_core.retention.metrics.cohorts import Counting, Length, cohort_retention, customers_of_cohort
from crm_core.tables import Metric

__all__ = ["METRICS", "Counting", "Length", "cohort_retention", "customers_of_cohort"]

METRICS = (Metric(cohort_retention, order=("group", "cohort", "period"), money=("revenue", "margin")),)
