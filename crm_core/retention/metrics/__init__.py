"""Times until the next purchase or the end of a contract, the repeat ladder, and who is overdue."""

from crm_core.retention.metrics.ladder import ladder_spells, repeat_ladder
from crm_core.retention.metrics.rhythms import (
    category_days,
    category_gaps,
    category_silences,
    overdue_customers,
)
from crm_core.retention.metrics.spells import (
    MOST_RUNGS,
    contract_spells,
    numbered_purchase_days,
    purchase_spells,
)
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "MOST_RUNGS",
    "category_days",
    "category_gaps",
    "category_silences",
    "contract_spells",
    "ladder_spells",
    "numbered_purchase_days",
    "overdue_customers",
    "purchase_spells",
    "repeat_ladder",
]

METRICS = (Metric(repeat_ladder, order=("group", "purchase")),)
