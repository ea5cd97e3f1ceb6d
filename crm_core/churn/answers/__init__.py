"""Who is about to leave, why, and whom does it pay to keep?"""

from crm_core.churn.answers.before import Before, earned_before
from crm_core.churn.answers.drivers import drivers_by_thing, thing_named
from crm_core.churn.answers.keeping import KINDS, Deal, Keeping, Kind, Learnt, Terms, keeping, learnt, profits
from crm_core.churn.answers.leaving import Asked, Leaving, asked, leaving
from crm_core.churn.answers.listed import customers_of_kind
from crm_core.churn.answers.otherwise import Otherwise, otherwise
from crm_core.churn.answers.reasons import (
    changes_told,
    feature_named,
    reason_told,
    reasons_told,
    together,
    why_told,
)
from crm_core.churn.answers.reliance import Reliance, model_named, reliance
from crm_core.churn.answers.tried import Tried, tried
from crm_core.churn.answers.watched import Watched, watched

__all__ = [
    "KINDS",
    "Asked",
    "Before",
    "Deal",
    "Keeping",
    "Kind",
    "Learnt",
    "Leaving",
    "Otherwise",
    "Reliance",
    "Terms",
    "Tried",
    "Watched",
    "asked",
    "changes_told",
    "customers_of_kind",
    "drivers_by_thing",
    "earned_before",
    "feature_named",
    "keeping",
    "learnt",
    "leaving",
    "model_named",
    "otherwise",
    "profits",
    "reason_told",
    "reasons_told",
    "reliance",
    "thing_named",
    "together",
    "tried",
    "watched",
    "why_told",
]
