"""How customers are spoken to: by the club, by campaigns and in service, and what they allow."""

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
