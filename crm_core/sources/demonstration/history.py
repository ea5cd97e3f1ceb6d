"""The process itself: who buys when, who joins the club, who leaves and why.

A beta-geometric process as in Fader, Hardie and Lee, "'Counting your customers' the easy way" (2005), with
leaving possible after the first purchase too (Batislam, Denizel and Filiztekin 2007), on a seasonal clock.
The rate changes at the moments of the club and the campaigns only, and a waiting time has no memory: so the
history is drawn campaign window by campaign window, exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from crm_core.sources.demonstration.draws import Flags, Floats, Ints, generator
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.seasons import Clock, at_shop_hours
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.contact import Campaign
from crm_core.sources.demonstration.settings.leaving import REASONS

NOT_IN_CAMPAIGN: Final = 0
TREATMENT: Final = 1
CONTROL: Final = 2

STAYED: Final = -1
BY_ITSELF: Final = len(REASONS)
"""Left without a planted reason; smaller numbers index `REASONS`."""


@dataclass(frozen=True)
class History:
    """What the process made of one chunk.

    Args:
        customer, moment, late, returned: A purchase each, by customer and moment: whose, when, whether it
            ended in a complaint about late delivery, whether something goes back.
        left: Moment of the last purchase of those who left, infinite for those alive at the end; per
            customer.
        reason: Why: an index into `REASONS`, `BY_ITSELF` or `STAYED`; per customer.
        member_since: Moment of joining the club, infinite for never; per customer.
        arms: Shape `(campaigns, customers)`: `NOT_IN_CAMPAIGN`, `TREATMENT` or `CONTROL`.
        expected: Shape `(campaigns, customers)`: purchases to be expected in the campaign's window without
            it, of those alive when it was sent; 0 for those who had left, NaN for those yet to buy.
        exposed: Purchases at which each reason of `REASONS` held.
    """

    customer: Ints
    moment: Floats
    late: Flags
    returned: Flags
    left: Floats
    reason: Ints
    member_since: Floats
    arms: Ints
    expected: Floats
    exposed: Ints


@dataclass
class _State:
    """The chunk on the way through its history; arrays per customer unless they say otherwise."""

    settings: DemonstrationSettings
    people: People
    clock: Clock
    rng: np.random.Generator
    row: Ints
    hazard: Floats
    passed: Floats
    last_purchase: Floats
    left: Floats
    reason: Ints
    member_since: Floats
    returned_orders: Ints
    exposed: Ints
    events: list[tuple[Ints, Floats, Flags, Flags]] = field(default_factory=list)

    @property
    def active(self) -> Flags:
        """Bought at least once and has not left."""
        return np.isfinite(self.last_purchase) & np.isinf(self.left)


def draw_history(settings: DemonstrationSettings, clock: Clock, people: People, seed: int) -> History:
    """Everything that the customers of a chunk do up to the history's end."""
    size = len(people)
    state = _State(
        settings=settings,
        people=people,
        clock=clock,
        rng=generator(seed, "history", people.chunk),
        row=people.market * len(settings.groups) + people.group,
        hazard=-np.log1p(-people.leave),
        passed=np.zeros(size),
        last_purchase=np.full(size, -np.inf),
        left=np.full(size, np.inf),
        reason=np.full(size, STAYED),
        member_since=np.full(size, np.inf),
        returned_orders=np.zeros(size, dtype=np.int64),
        exposed=np.zeros(len(REASONS), dtype=np.int64),
    )
    arms = np.full((len(settings.campaigns), size), NOT_IN_CAMPAIGN)
    expected = np.full((len(settings.campaigns), size), np.nan)
    begins = 0.0
    for number, campaign in enumerate(settings.campaigns):
        sent = float(settings.day(campaign.sent))
        ends = sent + campaign.window_days
        _advance(state, begins, sent, np.ones(size))
        arms[number] = _assign(state, campaign, sent)
        expected[number] = _expected(state, sent, ends)
        factors = rate_factors(settings, campaign)[people.group]
        _advance(state, sent, ends, np.where(arms[number] == TREATMENT, factors, 1.0))
        begins = ends
    _advance(state, begins, float(settings.days), np.ones(size))
    return _history(state, arms, expected)


def _history(state: _State, arms: Ints, expected: Floats) -> History:
    customer, moment, late, returned = (np.concatenate(parts) for parts in zip(*state.events, strict=True))
    order = np.lexsort((moment, customer))
    return History(
        customer=customer[order],
        moment=at_shop_hours(state.settings, moment[order]),
        late=late[order],
        returned=returned[order],
        left=at_shop_hours(state.settings, state.left),
        reason=state.reason,
        member_since=at_shop_hours(state.settings, state.member_since),
        arms=arms,
        expected=expected,
        exposed=state.exposed,
    )


def _assign(state: _State, campaign: Campaign, sent: float) -> Ints:
    """Arm of each customer: chance alone decides among those who may be written to."""
    settings, people = state.settings, state.people
    channel = list(settings.consents.channels).index(campaign.channel)
    recent = state.last_purchase >= sent - campaign.recent_days
    eligible = recent & people.allows(channel, sent)
    held_back = state.rng.random(len(people)) < campaign.control_share
    return np.where(eligible, np.where(held_back, CONTROL, TREATMENT), NOT_IN_CAMPAIGN)


def _expected(state: _State, begins: float, ends: float) -> Floats:
    """Purchases that each customer's rate expects from one moment to a later one, were nobody to leave."""
    pace = state.clock.at(state.row, ends) - state.clock.at(state.row, begins)
    expected = np.where(state.active, _rate(state, np.arange(len(state.people))) * pace, 0.0)
    return np.where(np.isfinite(state.last_purchase), expected, np.nan)


def _rate(state: _State, who: Ints) -> Floats:
    """The purchase rate of each of `who`, campaigns aside."""
    member = np.isfinite(state.member_since[who])
    return state.people.rate[who] * np.where(member, state.settings.club.rate_factor, 1.0)


def _advance(state: _State, begins: float, ends: float, factor: Floats) -> None:
    """Carry everybody from one moment to a later one, their rates multiplied by `factor`."""
    people = state.people
    arriving = ~people.potential & (people.arrived >= begins) & (people.arrived < ends)
    waiting = state.active
    state.passed[waiting] = state.clock.at(state.row[waiting], begins)
    first = np.flatnonzero(arriving)
    state.passed[first] = state.clock.at(state.row[first], people.arrived[first])
    _purchase(state, first, people.arrived[first])
    buying = np.flatnonzero(state.active)
    while len(buying):
        rate = _rate(state, buying) * factor[buying]
        state.passed[buying] += state.rng.standard_exponential(len(buying)) / rate
        moment = state.clock.when(state.row[buying], state.passed[buying])
        within = moment < ends
        buying = buying[within]
        _purchase(state, buying, moment[within])
        buying = buying[np.isinf(state.left[buying])]


def _purchase(state: _State, who: Ints, moment: Floats) -> None:
    """One purchase of each of `who`: what comes of it, who joins the club, who leaves and why."""
    settings, people, rng = state.settings, state.people, state.rng
    chance = rng.random((5, len(who)))
    late = chance[0] < np.array([city.late_complaint for city in settings.cities.values()])[people.city[who]]
    returned = (
        chance[1] < np.array([g.return_probability for g in settings.groups.values()])[people.group[who]]
    )
    state.returned_orders[who] += returned
    state.last_purchase[who] = moment
    joins = np.isinf(state.member_since[who]) & (chance[2] < join_probability(settings, people.rate[who]))
    joins &= moment >= settings.day(settings.club.opens)
    state.member_since[who[joins]] = moment[joins]
    excess = _excess(state, who, moment, late)
    state.exposed += (excess > 0).sum(axis=1)
    total = 1.0 + excess.sum(axis=0)
    leaves = chance[3] < -np.expm1(-state.hazard[who] * total)
    state.left[who[leaves]] = moment[leaves]
    # The share of each reason in the hazard is its probability of having been the one.
    parts = np.cumsum(np.vstack([excess, np.ones(len(who))]), axis=0) / total
    cause = (chance[4] >= parts).sum(axis=0)
    state.reason[who[leaves]] = cause[leaves]
    state.events.append((who, moment, late, returned))


def rate_factors(settings: DemonstrationSettings, campaign: Campaign) -> Floats:
    """A campaign's true effect on the purchase rate, by group."""
    return np.array([campaign.rate_factors[group] for group in settings.groups])


def join_probability(settings: DemonstrationSettings, rate: Floats) -> Floats:
    """Probability that a customer with this purchase rate joins the club at a purchase."""
    club = settings.club
    wish = club.join_probability * (rate / club.join_reference_rate) ** club.join_rate_elasticity
    return np.minimum(wish, club.highest_join_probability)


def _excess(state: _State, who: Ints, moment: Floats, late: Flags) -> Floats:
    """Excess hazard of each reason for each of `who`, shape `(reasons, len(who))`."""
    settings, people, reasons = state.settings, state.people, state.settings.reasons
    rise, rival = reasons.price_rise, reasons.competitor
    since_rise = moment - settings.day(rise.first)
    dearer = (people.favourite[who] == list(settings.categories).index(rise.category)) & (since_rise >= 0)
    since_rival = moment - settings.day(rival.first)
    tempted = (people.city[who] == list(settings.cities).index(rival.city)) & (since_rival >= 0)
    weary = state.returned_orders[who] >= reasons.many_returns.returned_orders
    return np.vstack(
        [
            late * reasons.late_delivery.excess,
            (dearer & (since_rise < rise.days)) * rise.excess,
            weary * reasons.many_returns.excess,
            (tempted & (since_rival < rival.days)) * rival.excess,
        ]
    )
