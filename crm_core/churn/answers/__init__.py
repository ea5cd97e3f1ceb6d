"""Who is about to leave, why, and whom does it pay to keep?"""

from crm_core.churn.answers.keeping import KINDS, Keeping, Kind, Learnt, Terms, keeping, learnt, profits
from crm_core.churn.answers.leaving import Asked, Leaving, asked, leaving
from crm_core.churn.answers.listed import customers_of_kind
from crm_core.churn.answers.reasons import feature_named, reason_told, reasons_told, together

__all__ = [
    "KINDS",
    "Asked",
    "Keeping",
    "Kind",
    "Learnt",
    "Leaving",
    "Terms",
    "asked",
    "customers_of_kind",
    "feature_named",
    "keeping",
    "learnt",
    "leaving",
    "profits",
    "reason_told",
    "reasons_told",
    "together",
]
