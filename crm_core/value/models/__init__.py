"""Models of repeat purchases and of spend: arrays in, estimators or arrays out."""

from crm_core.value.models.beta_geometric import BgNbd, MbgNbd, fit_bg_nbd, fit_mbg_nbd
from crm_core.value.models.cells import PurchaseCells, group_days
from crm_core.value.models.purchase_model import PurchaseModel

__all__ = [
    "BgNbd",
    "MbgNbd",
    "PurchaseCells",
    "PurchaseModel",
    "fit_bg_nbd",
    "fit_mbg_nbd",
    "group_days",
]
