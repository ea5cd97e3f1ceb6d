"""Who is about to leave, why, and whom does it pay to keep?"""

from crm_core.churn.answers.leaving import Asked, Leaving, asked, leaving
from crm_core.churn.answers.tried import Reliance, Tried, earned_before, model_named, reliance, tried

__all__ = [
    "Asked",
    "Leaving",
    "Reliance",
    "Tried",
    "asked",
    "earned_before",
    "leaving",
    "model_named",
    "reliance",
    "tried",
]
