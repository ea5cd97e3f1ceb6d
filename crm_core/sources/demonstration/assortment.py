"""Products, their price lists by month and currency, and the choice of a product that fits a line's value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.periods import day_of, period_of
from crm_core.schemas import MONEY_SCALE
from crm_core.sources.demonstration.draws import Floats, Ints
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.buying import Product


@dataclass(frozen=True)
class Assortment:
    """All products, category by category and within a category by price.

    Args:
        products: In that order.
        starts: Index of each category's first product, and the number of products at the end.
        base_price, cost: One piece, base currency.
        popular: Popularity cumulated over all products, with a 0 before the first.
        month_of_day: Month (0 = first) of each day of the history.
        price: Shape `(months, currencies, products)`: one piece in 1/10,000 of the currency.
        followed_by: The product that is bought together with each one, -1 for none.
    """

    products: tuple[Product, ...]
    starts: Ints
    base_price: Floats
    cost: Floats
    popular: Floats
    month_of_day: Ints
    price: Ints
    followed_by: Ints

    @property
    def category(self) -> Ints:
        """Category of each product."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def pick(self, category: Ints, value: Floats, most_pieces: float, chance: Floats) -> Ints:
        """A product for each line, by popularity among those of its category that fit the line's value.

        A product fits when its price is up to `value` and `value` buys at most `most_pieces` of it; where
        none is cheap enough, the cheapest is taken, and where all are too cheap, the dearest.
        """
        chosen = np.zeros(len(category), dtype=np.int64)
        for number, (begin, end) in enumerate(zip(self.starts[:-1], self.starts[1:], strict=True)):
            lines = np.flatnonzero(category == number)
            prices = self.base_price[begin:end]
            above = begin + np.maximum(np.searchsorted(prices, value[lines], side="right"), 1)
            below = begin + np.searchsorted(prices, value[lines] / most_pieces, side="left")
            below = np.minimum(below, above - 1)
            weight = self.popular[below] + chance[lines] * (self.popular[above] - self.popular[below])
            place = np.searchsorted(self.popular, weight, side="right") - 1
            chosen[lines] = np.clip(place, below, above - 1)
        return chosen


def assortment(settings: DemonstrationSettings, units: Floats) -> Assortment:
    """The assortment with its price lists; `units` as from `seasons.daily_units`."""
    by_category = [
        sorted(category.products, key=lambda p: p.price) for category in settings.categories.values()
    ]
    products = tuple(product for category in by_category for product in category)
    place = {product.id: number for number, product in enumerate(products)}
    followed_by = np.full(len(products), -1)
    for pair in settings.pairs:
        followed_by[place[pair.first]] = place[pair.second]
    months = period_of(np.arange(settings.days) + day_of(settings.first_day), "month")
    month_of_day = months - months[0]
    base_price = np.array([product.price for product in products])
    return Assortment(
        products=products,
        starts=np.cumsum([0] + [len(category) for category in by_category]),
        base_price=base_price,
        cost=np.array([product.cost for product in products]),
        popular=np.cumsum([0.0] + [product.weight for product in products]),
        month_of_day=month_of_day,
        price=_price_lists(settings, units, month_of_day, products, base_price),
        followed_by=followed_by,
    )


def _price_lists(
    settings: DemonstrationSettings,
    units: Floats,
    month_of_day: Ints,
    products: tuple[Product, ...],
    base: Floats,
) -> Ints:
    rise = settings.reasons.price_rise
    dearer = {product.id for product in settings.categories[rise.category].products}
    raised = np.where([product.id in dearer for product in products], 1.0 + rise.increase, 1.0)
    first_days = np.flatnonzero(np.diff(month_of_day, prepend=-1))
    since_rise = (first_days >= settings.day(rise.first))[:, np.newaxis]
    wanted = np.where(since_rise, base * raised, base)
    step = np.array([currency.price_step for currency in settings.currencies.values()])[:, np.newaxis]
    local = wanted[:, np.newaxis, :] * units[:, first_days].T[:, :, np.newaxis]
    steps = np.maximum(np.round(local / step), 1.0)
    result: Ints = np.round(steps * step * MONEY_SCALE).astype(np.int64)
    return result
