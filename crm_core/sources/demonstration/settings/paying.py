"""How customers pay their invoices, and to what they subscribe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Manner:
    weight: float
    mean_days: float
    spread_days: float
    unpaid: float


@dataclass(frozen=True)
class Payments:
    terms_days: int
    manners: Mapping[str, Manner]


@dataclass(frozen=True)
class Plan:
    weight: float
    monthly: float
    mean_months: float


@dataclass(frozen=True)
class Contracts:
    after_first_purchase_days: float
    notice_days: float
    plans: Mapping[str, Plan]
