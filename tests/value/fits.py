"""The models of repeat purchases, and their parameters on the CDNOW data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Protocol

from benchmarks.purchase_processes import PROCESSES
from crm_core.value.models import (
    BgNbd,
    MbgNbd,
    ParetoNbd,
    PurchaseCells,
    PurchaseModel,
    fit_bg_nbd,
    fit_mbg_nbd,
    fit_pareto_nbd,
)


class Fit(Protocol):
    """What fits a model."""

    def __call__(self, cells: PurchaseCells, start: Mapping[str, float] | None = None) -> PurchaseModel: ...


FITS: Final[dict[str, Fit]] = {
    "bg_nbd": fit_bg_nbd,
    "mbg_nbd": fit_mbg_nbd,
    "pareto_nbd": fit_pareto_nbd,
}

MODELS: Final[dict[str, PurchaseModel]] = {
    model.name: model(parameters=PROCESSES[model.name]) for model in (BgNbd, MbgNbd, ParetoNbd)
}
