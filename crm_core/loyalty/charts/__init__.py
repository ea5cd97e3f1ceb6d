"""Pictures of the customer club."""

from crm_core.loyalty.charts.effect import comparisons
from crm_core.loyalty.charts.points import ABOVE, BELOW, FATES, fates, outstanding, points_by_month
from crm_core.loyalty.charts.tiers import members_by_tier, moved

__all__ = [
    "ABOVE",
    "BELOW",
    "FATES",
    "comparisons",
    "fates",
    "members_by_tier",
    "moved",
    "outstanding",
    "points_by_month",
]
