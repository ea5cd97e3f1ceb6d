"""Models of who leaves: arrays in, probabilities with exact reasons and how good they are out."""

from crm_core.churn.models.additive import AdditiveModel, Term, TermRow
from crm_core.churn.models.columns import Categories, Columns, Sample, Snapshot
from crm_core.churn.models.cut_offs import training_days, year_before_days
from crm_core.churn.models.effects import People, RateEffect, rate_effect
from crm_core.churn.models.lists import Earned, earned, earned_together
from crm_core.churn.models.measures import Decile, Gain, Measures, deciles, gain, measures, stability_index
from crm_core.churn.models.offers import (
    KINDS,
    Kind,
    KindSum,
    Offer,
    expected_cost,
    expected_profit,
    kind_sums,
    kinds,
    ranked,
)
from crm_core.churn.models.profit import Choice, ProfitCurve, profit_curve
from crm_core.churn.models.training import Trained, train

__all__ = [
    "KINDS",
    "AdditiveModel",
    "Categories",
    "Choice",
    "Columns",
    "Decile",
    "Earned",
    "Gain",
    "Kind",
    "KindSum",
    "Measures",
    "Offer",
    "People",
    "ProfitCurve",
    "RateEffect",
    "Sample",
    "Snapshot",
    "Term",
    "TermRow",
    "Trained",
    "deciles",
    "earned",
    "earned_together",
    "expected_cost",
    "expected_profit",
    "gain",
    "kind_sums",
    "kinds",
    "measures",
    "profit_curve",
    "ranked",
    "rate_effect",
    "stability_index",
    "train",
    "training_days",
    "year_before_days",
]
