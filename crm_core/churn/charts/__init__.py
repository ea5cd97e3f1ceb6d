"""Pictures of who is about to leave: what keeping them earns, why they leave, and how far that is right."""

from crm_core.churn.charts.money import ProfitWords, profit_curve
from crm_core.churn.charts.reasons import drift, reasons
from crm_core.churn.charts.tried import calibration, lift

__all__ = ["ProfitWords", "calibration", "drift", "lift", "profit_curve", "reasons"]
