"""Tables that models of repeat purchase and of spend make of a base."""

from crm_core.tables import Metric
from crm_core.value.estimates.fitted import fitted_models
from crm_core.value.estimates.lifetime import customer_lifetime_value
from crm_core.value.estimates.tried import purchase_models, value_trials

__all__ = [
    "METRICS",
    "customer_lifetime_value",
    "fitted_models",
    "purchase_models",
    "value_trials",
]

METRICS = (
    Metric(purchase_models, order=("model", "parameter")),
    Metric(value_trials, order=("-cut_off", "forecast")),
    Metric(
        customer_lifetime_value,
        order=("customer_id",),
        money=("spend_per_purchase", "customer_lifetime_value", "low", "high"),
    ),
)
