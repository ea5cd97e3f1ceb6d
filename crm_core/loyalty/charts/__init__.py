"""Pictures of the customer club."""

from crm_core.loyalty.charts.points import ABOVE, BELOW, outstanding, points_by_month

__all__ = ["ABOVE", "BELOW", "outstanding", "points_by_month"]
