"""Tables that models of repeat purchase and of spend make of a base."""

from crm_core.tables import Metric
from crm_core.value.estimates.expected import (
    Who,
    expected_total,
    standing_of,
    value_by_group,
    value_by_tenth,
    value_standing,
)
from crm_core.value.estimates.fitted import fitted_models
from crm_core.value.estimates.lifetime import CannotForecast, customer_lifetime_value
from crm_core.value.estimates.money_tried import money_trials
from crm_core.value.estimates.past import forecast_by_tenth, forecast_over_time
from crm_core.value.estimates.silent import probability_of_none
from crm_core.value.estimates.together import sums_of_value
from crm_core.value.estimates.tried import purchase_models, value_trials
from crm_core.value.estimates.won import new_customer_value

__all__ = [
    "METRICS",
    "CannotForecast",
    "Who",
    "customer_lifetime_value",
    "expected_total",
    "fitted_models",
    "forecast_by_tenth",
    "forecast_over_time",
    "money_trials",
    "new_customer_value",
    "probability_of_none",
    "purchase_models",
    "standing_of",
    "sums_of_value",
    "value_by_group",
    "value_by_tenth",
    "value_standing",
    "value_trials",
]

METRICS = (
    Metric(purchase_models, order=("model", "parameter")),
    Metric(value_trials, order=("-cut_off", "forecast")),
    Metric(money_trials, order=("-cut_off",), money=("forecast_money", "actual_money")),
    Metric(
        customer_lifetime_value,
        order=("customer_id",),
        money=("spend_per_purchase", "customer_lifetime_value", "low", "high"),
    ),
    Metric(expected_total, order=("customers",), money=("customer_lifetime_value", "low", "high")),
)
