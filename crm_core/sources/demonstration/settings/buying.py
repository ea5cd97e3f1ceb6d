"""What customers buy, in which groups, of which assortment, in which money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Currency:
    units: float
    yearly_drift: float
    daily_volatility: float
    decimals: int
    price_step: float
    smallest_amount: float


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
