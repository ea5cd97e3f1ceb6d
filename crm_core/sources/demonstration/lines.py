"""Order lines: each purchase of the process as a basket of products, guests' orders, and what goes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from crm_core.schemas import MONEY_SCALE, QUANTITY_SCALE
from crm_core.sources.demonstration.assortment import Assortment
from crm_core.sources.demonstration.columns import canonical, customer_ids, looked_up, moments, numbered
from crm_core.sources.demonstration.draws import (
    Flags,
    Floats,
    Ints,
    choose,
    choose_by_row,
    generator,
    weights_of,
)
from crm_core.sources.demonstration.history import History
from crm_core.sources.demonstration.people import People, category_weights
from crm_core.sources.demonstration.seasons import at_shop_hours
from crm_core.sources.demonstration.settings import DemonstrationSettings


@dataclass(frozen=True)
class Purchases:
    """The purchases of a chunk, those of the process first and the guests' after them; arrays by purchase.

    Args:
        customer: Index of the customer; -1 for a guest.
        like: Index of the customer whose habits the purchase shows (a guest's is somebody's too).
        moment, returned: As in `History`.
        channel, currency: Indices into the settings.
        value: What the purchase should come to, base currency.
    """

    customer: Ints
    like: Ints
    moment: Floats
    returned: Flags
    channel: Ints
    currency: Ints
    value: Floats


@dataclass(frozen=True)
class Lines:
    """Order lines; arrays by line. Money in 1/10,000 of the line's currency, quantity in pieces.

    `purchase` is the index of the purchase that the line belongs to, or that it takes back; `own_order` says
    that the return has an order id of its own.
    """

    purchase: Ints
    moment: Floats
    product: Ints
    quantity: Ints
    amount: Ints
    discount: Ints
    cost: Ints
    own_order: Flags


@dataclass(frozen=True)
class Baskets:
    """The orders of a chunk, for those tables that refer to them: the purchases, and what each came to."""

    purchases: Purchases
    amount: Ints
    orders: pa.Table


def draw_baskets(
    settings: DemonstrationSettings,
    goods: Assortment,
    units: Floats,
    people: People,
    history: History,
    seed: int,
) -> Baskets:
    """The canonical `orders` of one chunk, by customer and moment, guests last.

    Args:
        units: As from `seasons.daily_units`.
    """
    rng = generator(seed, "lines", people.chunk)
    purchases = _purchases(settings, rng, people, history)
    lines = _lines(settings, rng, goods, units, people, purchases)
    back = _returns(settings, rng, goods, purchases, lines)
    amount = np.bincount(lines.purchase, weights=lines.amount, minlength=len(purchases.customer))
    orders = _orders(settings, goods, people, purchases, lines, back)
    return Baskets(purchases, amount.astype(np.int64), orders)


def _purchases(
    settings: DemonstrationSettings, rng: np.random.Generator, people: People, history: History
) -> Purchases:
    made = len(history.customer)
    guests = rng.integers(made, size=rng.binomial(made, settings.guest_order_share) if made else 0)
    like = np.concatenate([history.customer, history.customer[guests]])
    guest_moments = at_shop_hours(settings, np.floor(history.moment[guests]) + rng.random(len(guests)))
    group, market = people.group[like], people.market[like]
    p = np.array([g.spend_p for g in settings.groups.values()])[group]
    markets, codes = settings.markets.values(), list(settings.currencies)
    own = np.array([codes.index(m.currency) for m in markets])[market]
    in_base = rng.random(len(like)) < np.array([m.base_currency_share for m in markets])[market]
    channels = np.array([weights_of(g.channels, settings.order_channels) for g in settings.groups.values()])
    return Purchases(
        customer=np.concatenate([history.customer, np.full(len(guests), -1)]),
        like=like,
        moment=np.concatenate([history.moment, guest_moments]),
        returned=np.concatenate([history.returned, np.zeros(len(guests), dtype=bool)]),
        channel=choose_by_row(rng, channels, group),
        currency=np.where(in_base, codes.index(settings.base_currency), own),
        value=people.mean_spend[like] * rng.standard_gamma(p) / p,
    )


def _lines(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    goods: Assortment,
    units: Floats,
    people: People,
    purchases: Purchases,
) -> Lines:
    """Fill each purchase with products, so that the expected total is the purchase's value."""
    purchase, value = _shares(settings, rng, people, purchases)
    group = people.group[purchases.like[purchase]]
    rate = _discounts(settings, rng, group)
    product = _products(settings, rng, goods, people, purchases, purchase, value / (1.0 - rate))
    day = np.floor(purchases.moment[purchase]).astype(np.int64)
    currency = purchases.currency[purchase]
    price = goods.price[goods.month_of_day[day], currency, product]
    per_base = units[currency, day]
    wanted = value / (1.0 - rate) / (price / MONEY_SCALE / per_base)
    # A fraction of a piece is a whole one with that probability: the total is right in expectation.
    quantity = np.maximum(np.floor(wanted + rng.random(len(wanted))), 1.0).astype(np.int64)
    gross = price * quantity
    discount = _rounded(settings, currency, gross * rate)
    return Lines(
        purchase=purchase,
        moment=purchases.moment[purchase],
        product=product,
        quantity=quantity,
        amount=gross - discount,
        discount=discount,
        cost=_rounded(settings, currency, goods.cost[product] * quantity * per_base * MONEY_SCALE),
        own_order=np.zeros(len(purchase), dtype=bool),
    )


def _shares(
    settings: DemonstrationSettings, rng: np.random.Generator, people: People, purchases: Purchases
) -> tuple[Ints, Floats]:
    """The purchase of each line and the line's part of its value."""
    further = np.array([g.lines for g in settings.groups.values()])[people.group[purchases.like]]
    most = np.maximum(np.floor(purchases.value / settings.basket.smallest_line), 1.0)
    count = np.minimum(1 + rng.poisson(further), most).astype(np.int64)
    purchase = np.repeat(np.arange(len(count)), count)
    part = settings.basket.smallest_share + rng.standard_exponential(len(purchase))
    whole = np.bincount(purchase, weights=part, minlength=len(count))
    return purchase, purchases.value[purchase] * part / whole[purchase]


def _discounts(settings: DemonstrationSettings, rng: np.random.Generator, group: Ints) -> Floats:
    probability = np.array([g.discount_probability for g in settings.groups.values()])[group]
    rates = np.array(list(settings.basket.discounts))
    drawn = rates[choose(rng, weights_of(settings.basket.discounts), len(group))]
    return np.where(rng.random(len(group)) < probability, drawn, 0.0)


def _products(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    goods: Assortment,
    people: People,
    purchases: Purchases,
    purchase: Ints,
    value: Floats,
) -> Ints:
    """A product for each line, by the customer's taste, the line's value and what is bought together."""
    like = purchases.like[purchase]
    size = len(like)
    by_taste = choose_by_row(rng, category_weights(settings), people.group[like])
    favourite = rng.random(size) < settings.basket.favourite_share
    category = np.where(favourite, people.favourite[like], by_taste)
    product = goods.pick(category, value, settings.basket.most_pieces, rng.random(size))
    partner = np.concatenate([[-1], goods.followed_by[product[:-1]]])[:size]
    same_order = np.concatenate([[False], purchase[1:] == purchase[:-1]])[:size]
    together = same_order & (partner >= 0) & (rng.random(size) < settings.basket.together_probability)
    together &= goods.base_price[partner] <= value
    return np.where(together, partner, product)


def _returns(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    goods: Assortment,
    purchases: Purchases,
    lines: Lines,
) -> Lines:
    """The lines that go back before the history ends, as negative lines."""
    rules, size = settings.returns, len(purchases.customer)
    delay = rules.first_days + rng.exponential(rules.mean_days, size)
    moment = at_shop_hours(settings, purchases.moment + delay)
    own_order = rng.random(size) < rules.own_order_share
    weight = np.array([category.return_weight for category in settings.categories.values()])
    # The smallest of exponential times divided by weights is each line's with a probability by its weight.
    race = rng.standard_exponential(len(lines.purchase)) / weight[goods.category[lines.product]]
    begins = np.flatnonzero(np.diff(lines.purchase, prepend=-1))
    first = race == np.minimum.reduceat(race, begins)[lines.purchase] if len(race) else race.astype(bool)
    goes = first | (rng.random(len(race)) < rules.further_line)
    goes &= (purchases.returned & (moment < settings.days))[lines.purchase]
    sold = lines.quantity[goes]
    pieces = 1 + np.floor(rng.random(len(sold)) * sold).astype(np.int64)
    part = pieces / sold
    purchase = lines.purchase[goes]
    currency = purchases.currency[purchase]
    # All pieces take the whole amount back, exactly.
    amount = np.where(
        pieces == sold, lines.amount[goes], _rounded(settings, currency, lines.amount[goes] * part)
    )
    return replace(
        lines,
        purchase=purchase,
        moment=moment[purchase],
        product=lines.product[goes],
        quantity=-pieces,
        amount=-amount,
        discount=-_rounded(settings, currency, lines.discount[goes] * part),
        cost=-_rounded(settings, currency, lines.cost[goes] * part * rules.recovered_cost),
        own_order=own_order[purchase],
    )


def _rounded(settings: DemonstrationSettings, currency: Ints, money: Floats) -> Ints:
    """Stored money rounded to the smallest amount of each line's currency."""
    smallest = np.array([c.smallest_amount for c in settings.currencies.values()]) * MONEY_SCALE
    step = np.round(smallest).astype(np.int64)[currency]
    result: Ints = np.round(money / step).astype(np.int64) * step
    return result


def _orders(
    settings: DemonstrationSettings,
    goods: Assortment,
    people: People,
    purchases: Purchases,
    sold: Lines,
    back: Lines,
) -> pa.Table:
    def both(name: str) -> Any:
        return np.concatenate([getattr(sold, name), getattr(back, name)])

    purchase, moment, own_order, product = (
        both("purchase"),
        both("moment"),
        both("own_order"),
        both("product"),
    )
    customer = purchases.customer[purchase]
    guests_last = np.where(customer < 0, len(people), customer)
    order = np.lexsort((own_order, purchase, moment, guests_last))
    product, purchase = product[order], purchase[order]
    ids = order_ids(people.chunk, np.arange(len(purchases.customer)))
    return_ids = numbered(f"R{people.chunk + 1:04d}-", np.arange(len(purchases.customer)) + 1)
    every_id = pa.concat_arrays([ids, return_ids])
    named = {name: [getattr(p, name) for p in goods.products] for name in ("id", "name", "brand")}
    return canonical(
        "orders",
        {
            "order_id": every_id.take(pa.array(purchase + own_order[order] * len(ids))),
            "customer_id": customer_ids(people.first, customer[order]),
            "ordered_at": moments(settings.first_day, moment[order]),
            "amount": both("amount")[order],
            "currency": looked_up(settings.currencies, purchases.currency[purchase]),
            "quantity": both("quantity")[order] * QUANTITY_SCALE,
            "product_id": looked_up(named["id"], product),
            "product": looked_up(named["name"], product),
            "category": looked_up(settings.categories, goods.category[product]),
            "cost": both("cost")[order],
            "discount": both("discount")[order],
            "channel": looked_up(settings.order_channels, purchases.channel[purchase]),
            "brand": looked_up(named["brand"], product),
        },
    )


def order_ids(chunk: int, purchases: Ints) -> pa.Array:
    """Order ids of purchases by index in their chunk."""
    return numbered(f"O{chunk + 1:04d}-", purchases + 1)
