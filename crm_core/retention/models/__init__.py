"""Time until something happens, estimated from grouped durations of which some are not over yet."""

from crm_core.retention.models.comparison import Comparison, holm, log_rank, log_rank_pairs
from crm_core.retention.models.hazards import Hazards, hazards
from crm_core.retention.models.spells import Spells
from crm_core.retention.models.survival import IntervalEstimate, SurvivalCurve, kaplan_meier

__all__ = [
    "Comparison",
    "Hazards",
    "IntervalEstimate",
    "Spells",
    "SurvivalCurve",
    "hazards",
    "holm",
    "kaplan_meier",
    "log_rank",
    "log_rank_pairs",
]
