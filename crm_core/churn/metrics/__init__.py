"""What is known of customers on a day, who left after it, what kept them, and in which rhythm they buy."""

from crm_core.churn.metrics.campaigns import campaign_effects
from crm_core.churn.metrics.features import Churn, churn_features
from crm_core.churn.metrics.labels import churn_labels
from crm_core.churn.metrics.rhythm import churn_history, purchase_rhythm
from crm_core.churn.rules import PURCHASE_WINDOWS
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "Churn",
    "campaign_effects",
    "churn_features",
    "churn_history",
    "churn_labels",
    "purchase_rhythm",
]

METRICS = (
    Metric(
        churn_features,
        order=("customer_id",),
        money=(
            "revenue",
            *(f"revenue_{window}" for window in PURCHASE_WINDOWS),
            "average_order_value",
            "returned",
            "unpaid_amount",
            "contract_monthly_amount",
        ),
    ),
    Metric(churn_labels, order=("customer_id",)),
    Metric(campaign_effects, order=("campaign_id",)),
    Metric(purchase_rhythm, order=("gap_days",)),
)
