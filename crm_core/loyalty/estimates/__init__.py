"""A loyalty programme replayed over what customers really did, and customers ranked by its indicators."""

from crm_core.loyalty.estimates.ahead import loyalty_ahead
from crm_core.loyalty.estimates.compared import loyalty_compared, loyalty_gains
from crm_core.loyalty.estimates.effect import (
    NothingToCompare,
    loyalty_balance,
    loyalty_effect,
    loyalty_effect_members,
)
from crm_core.loyalty.estimates.parted import loyalty_groups, loyalty_tiers
from crm_core.loyalty.estimates.ranking import loyalty_points, loyalty_ranking
from crm_core.loyalty.estimates.replayed import Redeeming
from crm_core.loyalty.estimates.thresholds import loyalty_thresholds
from crm_core.loyalty.estimates.told import (
    loyalty_accounts,
    loyalty_breakage,
    loyalty_cost,
    loyalty_months,
    loyalty_moves,
)
from crm_core.tables import Metric

_OWED = ("outstanding", "expected_use", "expected_use_low", "expected_use_high")

__all__ = [
    "METRICS",
    "NothingToCompare",
    "Redeeming",
    "loyalty_accounts",
    "loyalty_ahead",
    "loyalty_balance",
    "loyalty_breakage",
    "loyalty_compared",
    "loyalty_cost",
    "loyalty_effect",
    "loyalty_effect_members",
    "loyalty_gains",
    "loyalty_groups",
    "loyalty_months",
    "loyalty_moves",
    "loyalty_points",
    "loyalty_ranking",
    "loyalty_thresholds",
    "loyalty_tiers",
]

METRICS = (
    Metric(loyalty_months, order=("redeeming", "month"), money=(*_OWED, "reward_cost", "discount")),
    Metric(loyalty_breakage, order=("redeeming", "month")),
    Metric(loyalty_accounts, order=("customer_id",), money=("reward_cost", "discount", "revenue")),
    Metric(loyalty_ranking, order=("rank", "customer_id")),
    Metric(loyalty_points, order=("customer_id", "place")),
    Metric(loyalty_moves, order=("month", "joined", "tier_before", "tier")),
    Metric(
        loyalty_cost,
        order=("redeeming",),
        money=("revenue", "brought", "reward_cost", "discount", "running_cost", "total_cost", *_OWED),
    ),
    Metric(
        loyalty_tiers,
        order=("redeeming", "place"),
        money=("revenue", "brought", "reward_cost", "discount", "running_cost", "total_cost"),
    ),
    Metric(
        loyalty_groups,
        order=("redeeming", "group"),
        money=("revenue", "brought", "reward_cost", "discount", "running_cost", "total_cost"),
    ),
    Metric(loyalty_gains, order=("-gain", "customer_id"), money=("given", "given_other", "gain")),
    Metric(loyalty_compared, order=("group",), money=("given", "given_other", "gain")),
    Metric(loyalty_ahead, order=("rises", "lacking", "customer_id")),
    Metric(loyalty_effect, order=("outcome", "method")),
    Metric(loyalty_balance, order=("known",)),
    Metric(loyalty_effect_members, order=("place",)),
    Metric(loyalty_thresholds, order=("place", "outcome")),
)
