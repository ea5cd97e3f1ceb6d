"""Models of repeat purchases and of spend: arrays in, estimators or arrays out."""

from crm_core.value.models.beta_geometric import BgNbd, MbgNbd, fit_bg_nbd, fit_mbg_nbd
from crm_core.value.models.cells import PurchaseCells, group_days
from crm_core.value.models.gamma_gamma import GammaGamma, fit_gamma_gamma
from crm_core.value.models.intervals import interval_of_sum, value_interval
from crm_core.value.models.pareto_nbd import ParetoNbd, fit_pareto_nbd
from crm_core.value.models.purchase_model import PurchaseModel

__all__ = [
    "BgNbd",
    "GammaGamma",
    "MbgNbd",
    "ParetoNbd",
    "PurchaseCells",
    "PurchaseModel",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_mbg_nbd",
    "fit_pareto_nbd",
    "group_days",
    "interval_of_sum",
    "value_interval",
]
