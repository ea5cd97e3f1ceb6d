"""Why customers leave: the planted reasons, and what they complain of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True)
class Complaints:
    other_probability: float
    other_topics: Mapping[str, float]
    severities: Mapping[str, float]
    late_topic: str
    late_severities: Mapping[str, float]
    first_days: float
    mean_days: float
    resolution_days: float
    unresolved_share: float
    satisfaction_lowest: int
    satisfaction_highest: int
    satisfaction_mean: float
    satisfaction_per_day: float
    satisfaction_spread: float
    satisfaction_answered: float


@dataclass(frozen=True)
class LateDelivery:
    excess: float


@dataclass(frozen=True)
class PriceRise:
    excess: float
    category: str
    first: dt.date
    days: int
    increase: float


@dataclass(frozen=True)
class ManyReturns:
    excess: float
    returned_orders: int


@dataclass(frozen=True)
class Competitor:
    excess: float
    city: str
    first: dt.date
    days: int


@dataclass(frozen=True)
class Reasons:
    """Planted reasons for leaving, in the order in which `REASONS` numbers them."""

    late_delivery: LateDelivery
    price_rise: PriceRise
    many_returns: ManyReturns
    competitor: Competitor


REASONS: Final = tuple(reason.name for reason in fields(Reasons))
