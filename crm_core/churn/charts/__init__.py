"""Pictures of who is about to leave: what keeping them earns, and how far it was told rightly."""

from crm_core.churn.charts.money import ProfitWords, profit_curve
from crm_core.churn.charts.tried import calibration, lift

__all__ = ["ProfitWords", "calibration", "lift", "profit_curve"]
