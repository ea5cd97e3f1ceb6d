"""Who the customers are before they buy: group, home, acquisition, consent, and their own parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from crm_core.periods import MEAN_YEAR_DAYS
from crm_core.sources.demonstration.draws import (
    Flags,
    Floats,
    Ints,
    choose,
    choose_by_row,
    generator,
    weights_of,
)
from crm_core.sources.demonstration.seasons import Clock, at_shop_hours
from crm_core.sources.demonstration.settings import DemonstrationSettings


@dataclass(frozen=True)
class People:
    """The customers of one chunk; every array has one element a customer, moments are days (seasons.py).

    Args:
        chunk: Number of the chunk, from 0.
        first: Number of its first customer, from 1.
        group, market, city, acquisition, favourite: Indices into the settings; `favourite` is a category.
        potential: Never buys.
        arrived: First purchase; for a potential customer the moment of registration.
        registered: When the customer became known, up to `arrived`.
        rate: Purchases a week at mean season.
        leave: Probability of leaving after a purchase.
        mean_spend: Mean of the customer's purchases, base currency.
        referred_by: Index of the customer who sent this one, -1 for none.
        consent, withdrawn, given_back: Shape `(customers, channels)`: allowed at registration, and the
            moments of withdrawal and of allowing it again (infinite: never).
    """

    chunk: int
    first: int
    group: Ints
    market: Ints
    city: Ints
    acquisition: Ints
    favourite: Ints
    potential: Flags
    arrived: Floats
    registered: Floats
    rate: Floats
    leave: Floats
    mean_spend: Floats
    referred_by: Ints
    consent: Flags
    withdrawn: Floats
    given_back: Floats

    def __len__(self) -> int:
        return len(self.group)

    def allows(self, channel: int, moment: float) -> Flags:
        """Whether each customer allows a channel at a moment."""
        withdrawn, back = self.withdrawn[:, channel], self.given_back[:, channel]
        result: Flags = self.consent[:, channel] & ((withdrawn > moment) | (back <= moment))
        return result


def draw_people(
    settings: DemonstrationSettings, arrivals: Clock, seed: int, chunk: int, first: int, size: int
) -> People:
    """The customers of one chunk."""
    rng = generator(seed, "people", chunk)
    groups = list(settings.groups.values())
    group = choose(rng, weights_of(settings.groups), size)
    market = choose(rng, weights_of(settings.markets), size)
    acquisition = choose(rng, weights_of(settings.acquisition_channels), size)
    potential = rng.permutation(size) < int(size * settings.potential_share)
    arrived = arrivals.when(market, rng.random(size))
    withdrawn, given_back, consent, registered = _consents(settings, rng, arrived)
    return People(
        chunk=chunk,
        first=first,
        group=group,
        market=market,
        city=choose_by_row(rng, _city_weights(settings), market),
        acquisition=acquisition,
        favourite=choose_by_row(rng, category_weights(settings), group),
        potential=potential,
        arrived=arrived,
        registered=registered,
        rate=_by_group(group, [rng.gamma(g.rate_shape, g.rate_mean / g.rate_shape, size) for g in groups]),
        leave=_leave(settings, rng, group, acquisition),
        mean_spend=_by_group(
            group, [g.spend_p * g.spend_gamma / rng.gamma(g.spend_q, 1.0, size) for g in groups]
        ),
        referred_by=_referrals(settings, rng, acquisition, arrived, potential),
        consent=consent,
        withdrawn=withdrawn,
        given_back=given_back,
    )


def category_weights(settings: DemonstrationSettings) -> Floats:
    """Shape `(groups, categories)`."""
    return np.array([weights_of(group.categories, settings.categories) for group in settings.groups.values()])


def _city_weights(settings: DemonstrationSettings) -> Floats:
    return np.array([weights_of(market.cities, settings.cities) for market in settings.markets.values()])


def _by_group(group: Ints, draws: list[Floats]) -> Floats:
    """Of one draw for everybody from each group's distribution, the one from the own group's."""
    result: Floats = np.array(draws)[group, np.arange(len(group))]
    return result


def _leave(
    settings: DemonstrationSettings, rng: np.random.Generator, group: Ints, acquisition: Ints
) -> Floats:
    factor = np.array([channel.leave_factor for channel in settings.acquisition_channels.values()])
    a = np.array([g.leave_a for g in settings.groups.values()])[group] * factor[acquisition]
    b = np.array([g.leave_b for g in settings.groups.values()])[group]
    # A probability of exactly 1 has no finite hazard.
    return np.minimum(rng.beta(a, b), 1.0 - 1e-12)


def _consents(
    settings: DemonstrationSettings, rng: np.random.Generator, arrived: Floats
) -> tuple[Floats, Floats, Flags, Floats]:
    """Moments of withdrawal and of return, consent at registration, and the moment of registration."""
    size = len(arrived)
    earlier = rng.exponential(settings.people.registered_before_days, size)
    at_purchase = rng.random(size) < settings.people.registered_at_purchase
    registered = at_shop_hours(settings, np.maximum(np.where(at_purchase, arrived, arrived - earlier), 0.0))
    channels = list(settings.consents.channels.values())
    shape = (size, len(channels))
    consent = rng.random(shape) < np.array([channel.allowed for channel in channels])
    stay = np.array([channel.withdrawn_after_years for channel in channels]) * MEAN_YEAR_DAYS
    known = registered[:, np.newaxis]
    # Shop hours keep the order within a day only among moments that have not yet been moved to them.
    withdrawn = np.maximum(at_shop_hours(settings, known + rng.exponential(stay, shape)), known)
    withdrawn = np.where(consent, withdrawn, np.inf)
    back = rng.random(shape) < settings.consents.given_back
    later = at_shop_hours(settings, withdrawn + rng.exponential(settings.consents.given_back_days, shape))
    given_back = np.where(back, np.maximum(later, withdrawn), np.inf)
    return withdrawn, given_back, consent, registered


def _referrals(
    settings: DemonstrationSettings,
    rng: np.random.Generator,
    acquisition: Ints,
    arrived: Floats,
    potential: Flags,
) -> Ints:
    """For those who came by referral one of the chunk who had bought before, where there is one."""
    buyers = np.flatnonzero(~potential)
    buyers = buyers[np.argsort(arrived[buyers], kind="stable")]
    earlier = np.searchsorted(arrived[buyers], arrived, side="left")
    pick = np.floor(rng.random(len(arrived)) * earlier).astype(np.int64)
    by_referral = list(settings.acquisition_channels).index(settings.referral_channel)
    sent = (acquisition == by_referral) & (earlier > 0)
    return np.where(sent, buyers[np.minimum(pick, len(buyers) - 1)] if len(buyers) else -1, -1)
