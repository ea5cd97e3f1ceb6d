"""Who the customers are: when they come, where they live, what they are called."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from crm_core.periods import Calendar


@dataclass(frozen=True)
class Arrivals:
    opening_share: float
    opening_days: float
    yearly_growth: float


@dataclass(frozen=True)
class Dip:
    name: str
    first: dt.date
    last: dt.date
    arrivals: float
    purchases: float


@dataclass(frozen=True)
class Peak:
    """Days of every year on which purchases are `factor` times as frequent; `first` and `last` are MM-DD."""

    name: str
    calendar: Calendar
    first: str
    last: str
    factor: float


@dataclass(frozen=True)
class City:
    weight: float
    region: str
    country: str
    language: str
    late_complaint: float


@dataclass(frozen=True)
class Market:
    weight: float
    currency: str
    base_currency_share: float
    script: str
    phone_prefix: str
    weekdays: tuple[float, ...]
    months: tuple[float, ...]
    peaks: tuple[Peak, ...]
    cities: Mapping[str, City]


@dataclass(frozen=True)
class AcquisitionChannel:
    weight: float
    leave_factor: float
    cost: float


@dataclass(frozen=True)
class Years:
    first: int
    last: int


@dataclass(frozen=True)
class Script:
    given: tuple[str, ...]
    family: tuple[str, ...]
    companies: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class PeopleSettings:
    email_domains: tuple[str, ...]
    email_share: float
    phone_share: float
    birth_date_share: float
    birth_years: Years
    registered_before_days: float
    registered_at_purchase: float
    owners: tuple[str, ...]
    departments: Mapping[str, float]
    scripts: Mapping[str, Script]
