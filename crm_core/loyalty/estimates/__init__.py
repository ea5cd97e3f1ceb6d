"""A loyalty programme replayed over what customers really did."""

from crm_core.loyalty.estimates.replayed import Redeeming
from crm_core.loyalty.estimates.told import loyalty_accounts, loyalty_cost, loyalty_months, loyalty_moves
from crm_core.tables import Metric

__all__ = ["METRICS", "Redeeming", "loyalty_accounts", "loyalty_cost", "loyalty_months", "loyalty_moves"]

METRICS = (
    Metric(loyalty_months, order=("redeeming", "month"), money=("reward_cost", "discount")),
    Metric(loyalty_accounts, order=("customer_id",), money=("reward_cost", "discount", "revenue")),
    Metric(loyalty_moves, order=("month", "joined", "tier_before", "tier")),
    Metric(
        loyalty_cost,
        order=("redeeming",),
        money=("revenue", "brought", "reward_cost", "discount", "running_cost", "total_cost", "outstanding"),
    ),
)
