"""RFM scores and segments, ABC classes and the concentration of value."""

from crm_core.segments.metrics.scores import (
    customers_of_segment,
    rfm,
    rfm_grid,
    scored_customers,
    segment,
    segment_moves,
    segment_summary,
    segments_year_before,
)
from crm_core.segments.metrics.worth import (
    MOST_POINTS,
    Value,
    abc,
    abc_summary,
    pareto_curve,
    ranked_customers,
)
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "MOST_POINTS",
    "Value",
    "abc",
    "abc_summary",
    "customers_of_segment",
    "pareto_curve",
    "ranked_customers",
    "rfm",
    "rfm_grid",
    "scored_customers",
    "segment",
    "segment_moves",
    "segment_summary",
    "segments_year_before",
]

METRICS = (
    Metric(rfm, order=("customer_id",), money=("revenue", "margin")),
    Metric(abc, order=("-value", "customer_id"), money=("value",)),
    Metric(pareto_curve, order=("customers",), money=("value",)),
)
