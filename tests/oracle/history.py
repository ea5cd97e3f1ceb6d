"""What happened up to a day: lines in one currency, orders, purchases and returns."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import NamedTuple

Row = dict[str, object]
"""One row of an answer, by column."""


class Line(NamedTuple):
    """An order line as a base holds it; money in 1/10,000 of the base's currency, or of its own."""

    customer_id: str | None
    order_id: str | None
    ordered_at: dt.datetime
    amount: int
    cost: int | None = None
    currency: str | None = None
    channel: str | None = None
    category: str | None = None
    product_id: str | None = None
    quantity: int | None = None
    discount: int | None = None


class Rate(NamedTuple):
    """Units of the base's currency for one unit of `currency`, from a day on until the next one."""

    currency: str
    valid_from: dt.date
    rate: float


@dataclass(frozen=True)
class Base:
    """A customer base in memory.

    Attributes:
        lines: order lines, in the order in which they were brought in.
        rates: exchange rates.
        regions: the region of each customer whose region is known.
        currency: the base's own currency; lines without a currency are in it.
        money_scale: units of stored money in one unit of that currency.
        costed: whether the base has a column for costs at all.
    """

    lines: tuple[Line, ...]
    rates: tuple[Rate, ...] = ()
    regions: Mapping[str, str] = field(default_factory=dict)
    currency: str = "EUR"
    money_scale: int = 10_000
    costed: bool = True

    def only(
        self,
        channels: Collection[str] = (),
        categories: Collection[str] = (),
        regions: Collection[str] = (),
    ) -> Base:
        """The base with only the lines that carry one of these, where any are named."""
        kept = [
            line
            for line in self.lines
            if (not channels or line.channel in channels)
            and (not categories or line.category in categories)
            and (not regions or self.regions.get(line.customer_id or "") in regions)
        ]
        return replace(self, lines=tuple(kept))

    def up_to(self, as_of: dt.date) -> Base:
        """The base as it would be had nobody written down what came after a day."""
        lines = tuple(line for line in self.lines if line.ordered_at.date() <= as_of)
        return replace(self, lines=lines)


class Sale(NamedTuple):
    """An order line in the base's currency."""

    customer_id: str | None
    order: object
    at: dt.datetime
    date: dt.date
    amount: int
    cost: int | None
    discount: int | None
    line: Line


@dataclass
class Order:
    """The lines of one order of a known customer."""

    customer_id: str
    order: object
    sales: list[Sale]

    def __post_init__(self) -> None:
        self.at = min(sale.at for sale in self.sales)
        self.date = self.at.date()
        self.revenue = sum(sale.amount for sale in self.sales)
        self.margin = margin(self.sales)

    @property
    def is_purchase(self) -> bool:
        """A purchase sums to more than 0; every other order is a return."""
        return self.revenue > 0


@dataclass
class Customer:
    """A known customer with at least one purchase."""

    customer_id: str
    orders: list[Order]

    def __post_init__(self) -> None:
        self.purchases = sorted((one for one in self.orders if one.is_purchase), key=lambda one: one.at)
        self.sales = [sale for order in self.orders for sale in order.sales]
        self.revenue = sum(sale.amount for sale in self.sales)
        self.margin = margin(self.sales)
        self.first, self.last = self.purchases[0], self.purchases[-1]


class History:
    """What exists at the end of a day.

    Attributes:
        sales: every line that can be told in the base's currency, guests' included.
        orders: the orders of known customers.
        customers: those with a purchase, by id.
        first_date: the day of the base's first line, whatever became of it.
    """

    def __init__(self, base: Base, as_of: dt.date) -> None:
        self.base = base
        self.as_of = as_of
        self.first_date = min(line.ordered_at for line in base.lines).date()
        self.sales = _sales(base, as_of)
        by_order: dict[tuple[str, object], list[Sale]] = defaultdict(list)
        for sale in self.sales:
            if sale.customer_id is not None:
                by_order[sale.customer_id, sale.order].append(sale)
        self.orders = [Order(customer_id, order, sales) for (customer_id, order), sales in by_order.items()]
        by_customer: dict[str, list[Order]] = defaultdict(list)
        for one in self.orders:
            by_customer[one.customer_id].append(one)
        self.customers = {
            customer_id: Customer(customer_id, orders)
            for customer_id, orders in by_customer.items()
            if any(one.is_purchase for one in orders)
        }
        self.purchases = [one for one in self.orders if one.is_purchase]


def margin(sales: Collection[Sale]) -> int | None:
    """Amounts less costs; None as soon as one cost is not known."""
    if any(sale.cost is None for sale in sales):
        return None
    return sum(sale.amount - (sale.cost or 0) for sale in sales)


def half_away_from_zero(exact: Fraction) -> int:
    """The nearest whole number; of two equally near ones that which is farther from zero."""
    rounded = math.floor(abs(exact) + Fraction(1, 2))
    return -rounded if exact < 0 else rounded


class Rates:
    """What money of another currency is in a base's own."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._by_currency: dict[str, list[Rate]] = defaultdict(list)
        for rate in sorted(base.rates, key=lambda one: one.valid_from):
            self._by_currency[rate.currency].append(rate)

    def of(self, currency: str | None, date: dt.date) -> Fraction | None:
        """What one unit of a currency's stored money is on a day; None where there is no rate."""
        if currency is None or currency == self._base.currency:
            return Fraction(1)
        valid = [rate.rate for rate in self._by_currency[currency] if rate.valid_from <= date]
        # The rate is the number that was written down, not the double nearest to it.
        return Fraction(repr(valid[-1])) * self._base.money_scale / 10_000 if valid else None


def _sales(base: Base, as_of: dt.date) -> list[Sale]:
    rates = Rates(base)
    sales = []
    for number, line in enumerate(base.lines):
        date = line.ordered_at.date()
        rate = rates.of(line.currency, date)
        if date > as_of or rate is None:
            continue
        amount = half_away_from_zero(line.amount * rate)
        cost, discount = (
            None if money is None else half_away_from_zero(money * rate)
            for money in (line.cost, line.discount)
        )
        order = ("alone", number) if line.order_id is None else line.order_id
        sales.append(Sale(line.customer_id, order, line.ordered_at, date, amount, cost, discount, line))
    return sales
