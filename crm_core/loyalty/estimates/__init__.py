"""A loyalty programme replayed over what customers really did, and customers ranked by its indicators."""

from crm_core.loyalty.estimates.ranking import loyalty_points, loyalty_ranking
from crm_core.loyalty.estimates.replayed import Redeeming
from crm_core.loyalty.estimates.told import loyalty_accounts, loyalty_cost, loyalty_months, loyalty_moves
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "Redeeming",
    "loyalty_accounts",
    "loyalty_cost",
    "loyalty_months",
    "loyalty_moves",
    "loyalty_points",
    "loyalty_ranking",
]

METRICS = (
    Metric(loyalty_months, order=("redeeming", "month"), money=("outstanding", "reward_cost", "discount")),
    Metric(loyalty_accounts, order=("customer_id",), money=("reward_cost", "discount", "revenue")),
    Metric(loyalty_ranking, order=("rank", "customer_id")),
    Metric(loyalty_points, order=("customer_id", "place")),
    Metric(loyalty_moves, order=("month", "joined", "tier_before", "tier")),
    Metric(
        loyalty_cost,
        order=("redeeming",),
        money=("revenue", "brought", "reward_cost", "discount", "running_cost", "total_cost", "outstanding"),
    ),
)
