"""What may be said of who comes back."""

from crm_core.retention.rules.cohorts import (
    MEASURES,
    MOST_BRACKETS,
    Measure,
    are_brackets,
    bracket_edges,
    old_customers,
    standing,
    usual_brackets,
    wilson_interval,
)

__all__ = [
    "MEASURES",
    "MOST_BRACKETS",
    "Measure",
    "are_brackets",
    "bracket_edges",
    "old_customers",
    "standing",
    "usual_brackets",
    "wilson_interval",
]
