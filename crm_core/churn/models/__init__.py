"""Models of who leaves: arrays in, probabilities with exact reasons and how good they are out."""

from crm_core.churn.models.additive import AdditiveModel, Term, TermRow
from crm_core.churn.models.columns import Categories, Columns, Sample, Snapshot
from crm_core.churn.models.cut_offs import training_days, year_before_days
from crm_core.churn.models.measures import Decile, Gain, Measures, deciles, gain, measures, stability_index
from crm_core.churn.models.training import Trained, train

__all__ = [
    "AdditiveModel",
    "Categories",
    "Columns",
    "Decile",
    "Gain",
    "Measures",
    "Sample",
    "Snapshot",
    "Term",
    "TermRow",
    "Trained",
    "deciles",
    "gain",
    "measures",
    "stability_index",
    "train",
    "training_days",
    "year_before_days",
]
