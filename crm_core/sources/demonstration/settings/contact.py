"""How customers are spoken to, what they allow and answer, how they pay and subscribe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Club:
    name: str
    opens: dt.date
    join_probability: float
    join_reference_rate: float
    join_rate_elasticity: float
    highest_join_probability: float
    rate_factor: float
    join_channel: str
    join_contact_cost: float


@dataclass(frozen=True)
class Campaign:
    id: str
    channel: str
    sent: dt.date
    sent_hour: float
    window_days: int
    recent_days: int
    control_share: float
    cost: float
    opened_share: float
    clicked_share: float
    rate_factors: Mapping[str, float]


@dataclass(frozen=True)
class ConsentChannel:
    allowed: float
    withdrawn_after_years: float


@dataclass(frozen=True)
class Consents:
    purpose: str
    given_source: str
    changed_source: str
    given_back: float
    given_back_days: float
    channels: Mapping[str, ConsentChannel]


@dataclass(frozen=True)
class Contacts:
    costs: Mapping[str, float]
    inbound_share: float
    outcomes: Mapping[str, float]


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


@dataclass(frozen=True)
class Scale:
    lowest: int
    highest: int
    probability: float
    mean: float
    spread: float


@dataclass(frozen=True)
class InterviewScale:
    lowest: int
    highest: int
    spread: float


@dataclass(frozen=True)
class Dimension:
    expectation: float
    perception: float


@dataclass(frozen=True)
class Surveys:
    loyalty_weight: float
    complaint_drop: float
    first_days: float
    mean_days: float
    scales: Mapping[str, Scale]
    interview_probability: float
    interview_scale: InterviewScale
    dimensions: Mapping[str, Dimension]
