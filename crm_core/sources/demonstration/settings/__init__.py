"""What the demonstration base is made of: the settings file as frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from crm_core.base import InputError
from crm_core.sources.demonstration.settings.buying import (
    Basket,
    Category,
    Currency,
    Group,
    Pair,
    Returns,
)
from crm_core.sources.demonstration.settings.contact import Campaign, Club, Consents, Contacts
from crm_core.sources.demonstration.settings.leaving import Complaints, Reasons
from crm_core.sources.demonstration.settings.paying import Contracts, Payments
from crm_core.sources.demonstration.settings.people import (
    AcquisitionChannel,
    Arrivals,
    City,
    Dip,
    Market,
    PeopleSettings,
)
from crm_core.sources.demonstration.settings.surveys import Surveys


@dataclass(frozen=True)
class TruthSettings:
    comparison_days: int
    retention_days: int


@dataclass(frozen=True)
class DemonstrationSettings:
    """All settings of the demonstration base; `data/demonstration.yaml` says what each of them means."""

    first_day: dt.date
    last_day: dt.date
    time_zone: str
    base_currency: str
    chunk_customers: int
    potential_share: float
    guest_order_share: float
    arrivals: Arrivals
    dip: Dip
    currencies: Mapping[str, Currency]
    markets: Mapping[str, Market]
    hours: tuple[float, ...]
    groups: Mapping[str, Group]
    acquisition_channels: Mapping[str, AcquisitionChannel]
    acquisition_cost_spread: float
    referral_channel: str
    basket: Basket
    pairs: tuple[Pair, ...]
    returns: Returns
    complaints: Complaints
    reasons: Reasons
    club: Club
    campaigns: tuple[Campaign, ...]
    consents: Consents
    contacts: Contacts
    payments: Payments
    contracts: Contracts
    surveys: Surveys
    categories: Mapping[str, Category]
    people: PeopleSettings
    truth: TruthSettings

    def __post_init__(self) -> None:
        _check(self)

    @property
    def days(self) -> int:
        """Length of the history."""
        return (self.last_day - self.first_day).days + 1

    def day(self, date: dt.date) -> int:
        """Days from the history's first day to a date."""
        return (date - self.first_day).days

    @property
    def cities(self) -> Mapping[str, City]:
        """The cities of all markets, market by market."""
        return {name: city for market in self.markets.values() for name, city in market.cities.items()}

    @property
    def order_channels(self) -> tuple[str, ...]:
        """Every sales channel that some group uses, in the order in which they are first named."""
        return tuple(dict.fromkeys(channel for group in self.groups.values() for channel in group.channels))


def _check(settings: DemonstrationSettings) -> None:
    """What the types cannot say: names that refer to each other, and an order of days."""
    products = {product.id for category in settings.categories.values() for product in category.products}
    held = {
        "last_day": settings.first_day <= settings.last_day,
        "chunk_customers": settings.chunk_customers > 0,
        "base_currency": settings.base_currency in settings.currencies,
        "hours": len(settings.hours) == 24,
        "referral_channel": settings.referral_channel in settings.acquisition_channels,
        "reasons.price_rise.category": settings.reasons.price_rise.category in settings.categories,
        "reasons.competitor.city": settings.reasons.competitor.city in settings.cities,
        "pairs": all({pair.first, pair.second} <= products for pair in settings.pairs),
    }
    for name, market in settings.markets.items():
        held[f"markets.{name}.weekdays"] = len(market.weekdays) == 7
        held[f"markets.{name}.months"] = len(market.months) == 12
        held[f"markets.{name}.currency"] = market.currency in settings.currencies
        held[f"markets.{name}.script"] = market.script in settings.people.scripts
    for name, group in settings.groups.items():
        held[f"groups.{name}.categories"] = group.categories.keys() <= settings.categories.keys()
        held[f"groups.{name}.contact_channels"] = (
            group.contact_channels.keys() <= settings.contacts.costs.keys()
        )
        held[f"groups.{name}.spend_q"] = group.spend_q > 1
    free_from = settings.first_day
    for place, campaign in enumerate(settings.campaigns):
        ends = campaign.sent + dt.timedelta(days=campaign.window_days)
        held[f"campaigns[{place}].sent"] = free_from <= campaign.sent and ends <= settings.last_day
        held[f"campaigns[{place}].channel"] = campaign.channel in settings.consents.channels
        held[f"campaigns[{place}].rate_factors"] = campaign.rate_factors.keys() == settings.groups.keys()
        free_from = ends
    for name, holds in held.items():
        if not holds:
            raise InputError("demonstration.setting_wrong", name=name)
