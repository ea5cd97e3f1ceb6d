"""Pictures of who comes back."""

from crm_core.retention.charts.cohorts import mean_curve

__all__ = ["mean_curve"]
