"""Tables that the estimate of a survival curve makes of counted times."""

from crm_core.retention.estimates.ladder import repeat_ladder
from crm_core.tables import Metric

__all__ = ["METRICS", "repeat_ladder"]

METRICS = (Metric(repeat_ladder, order=("group", "purchase")),)
