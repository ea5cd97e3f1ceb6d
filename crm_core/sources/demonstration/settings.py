"""What the demonstration base is made of: the settings file as frozen values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from crm_core.base import InputError
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
class Currency:
    units: float
    yearly_drift: float
    daily_volatility: float
    decimals: int
    price_step: float
    smallest_amount: float


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
class Group:
    """A planted group of customers and the parameters of its process, as the settings file explains them."""

    weight: float
    kind: str
    rate_shape: float
    rate_mean: float
    leave_a: float
    leave_b: float
    spend_p: float
    spend_q: float
    spend_gamma: float
    lines: float
    season: float
    return_probability: float
    discount_probability: float
    contract_share: float
    contacts_per_year: float
    contact_channels: Mapping[str, float]
    channels: Mapping[str, float]
    categories: Mapping[str, float]

    @property
    def mean_spend(self) -> float:
        """Mean of a purchase over the group's customers, in the base currency."""
        return self.spend_p * self.spend_gamma / (self.spend_q - 1)


@dataclass(frozen=True)
class AcquisitionChannel:
    weight: float
    leave_factor: float
    cost: float


@dataclass(frozen=True)
class Basket:
    favourite_share: float
    smallest_line: float
    smallest_share: float
    most_pieces: float
    discounts: Mapping[float, float]
    together_probability: float


@dataclass(frozen=True)
class Pair:
    first: str
    second: str


@dataclass(frozen=True)
class Returns:
    first_days: float
    mean_days: float
    further_line: float
    own_order_share: float
    recovered_cost: float


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


@dataclass(frozen=True)
class Product:
    id: str
    name: str
    brand: str
    price: float
    cost: float
    weight: float


@dataclass(frozen=True)
class Category:
    return_weight: float
    products: tuple[Product, ...]


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
