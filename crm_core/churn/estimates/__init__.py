"""Tables that models of leaving make of a base."""

from crm_core.churn.estimates.backtest import churn_backtest, churn_calibration
from crm_core.churn.estimates.drift import churn_drift
from crm_core.churn.estimates.lists import risks_tried
from crm_core.churn.estimates.otherwise import churn_otherwise
from crm_core.churn.estimates.scores import churn_drivers, churn_reasons, churn_scores
from crm_core.churn.estimates.trained import trained_churn
from crm_core.churn.estimates.watch import churn_warnings, churn_watch_list
from crm_core.tables import Metric

__all__ = [
    "METRICS",
    "churn_backtest",
    "churn_calibration",
    "churn_drift",
    "churn_drivers",
    "churn_otherwise",
    "churn_reasons",
    "churn_scores",
    "churn_warnings",
    "churn_watch_list",
    "risks_tried",
    "trained_churn",
]

METRICS = (
    Metric(churn_scores, order=("customer_id",)),
    Metric(churn_reasons, order=("customer_id", "place")),
    Metric(churn_otherwise, order=("customer_id", "change")),
    Metric(churn_drivers, order=("-mean_contribution", "feature")),
    Metric(churn_backtest, order=("-cut_off", "model")),
    Metric(churn_calibration, order=("decile",)),
    Metric(churn_drift, order=("-stability_index", "feature")),
    Metric(churn_watch_list, order=("-churn_probability", "customer_id"), money=("margin",)),
    Metric(churn_warnings, order=("group",)),
    Metric(risks_tried, order=("-cut_off", "customer_id"), money=("margin", "kept_margin")),
    Metric(trained_churn, order=("model", "term", "part", "at", "level")),
)
