"""The canonical `contacts`: winning and serving customers, the club and the campaigns, with costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from crm_core.periods import MEAN_YEAR_DAYS
from crm_core.schemas import HELD_BACK
from crm_core.sources.demonstration.columns import (
    canonical,
    constant,
    customer_ids,
    looked_up,
    moments,
    rounded_money,
)
from crm_core.sources.demonstration.draws import Floats, Ints, choose, choose_by_row, generator, weights_of
from crm_core.sources.demonstration.history import NOT_IN_CAMPAIGN, TREATMENT, History
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.seasons import at_shop_hours
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.contact import Campaign

HOURS_PER_DAY: Final = 24
INBOUND: Final = "inbound"
OUTBOUND: Final = "outbound"
REACTIONS: Final = ("clicked", "opened", "delivered")


@dataclass(frozen=True)
class _Contacts:
    """Contacts of one sort; arrays by contact, text as Arrow columns, cost in the base currency."""

    customer: Ints
    moment: Floats
    channel: Any
    direction: Any
    outcome: Any
    campaign: Any
    cost: Floats


def contacts_table(settings: DemonstrationSettings, people: People, history: History, seed: int) -> pa.Table:
    """The canonical `contacts` of one chunk.

    Beside service contacts: the winning of each customer (channel = acquisition channel, outcome `acquired`,
    or `lead` for one who never bought), joining the club (outcome `joined`, campaign = the club), and each
    campaign, its control group included: a contact with direction `none`, outcome `control` and no cost says
    who was held back.
    """
    rng = generator(seed, "contacts", people.chunk)
    sorts = [
        _acquisition(settings, rng, people),
        _service(settings, rng, people),
        _joining(settings, history),
    ]
    for campaign, arms in zip(settings.campaigns, history.arms, strict=True):
        sorts.append(_campaign(settings, rng, campaign, arms))
    customer, moment, cost = (
        np.concatenate([getattr(sort, name) for sort in sorts]) for name in ("customer", "moment", "cost")
    )
    order = np.lexsort((moment, customer))
    text = {
        name: pa.concat_arrays([getattr(sort, name) for sort in sorts]).take(pa.array(order))
        for name in ("channel", "direction", "outcome")
    }
    campaigns = pa.concat_arrays([sort.campaign for sort in sorts]).take(pa.array(order))
    smallest = settings.currencies[settings.base_currency].smallest_amount
    return canonical(
        "contacts",
        {
            "customer_id": customer_ids(people.first, customer[order]),
            "contacted_at": moments(settings.first_day, moment[order]),
            "campaign_id": campaigns,
            "cost": rounded_money(cost[order], smallest),
            "currency": constant(settings.base_currency, len(order)),
            **text,
        },
    )


def acquisition_cost(settings: DemonstrationSettings, people: People, rng: np.random.Generator) -> Floats:
    """What it cost to win each customer: log-normal around the channel's cost, which is the mean."""
    mean = np.array([channel.cost for channel in settings.acquisition_channels.values()])[people.acquisition]
    spread = settings.acquisition_cost_spread
    result: Floats = mean * rng.lognormal(-(spread**2) / 2, spread, len(people))
    return result


def _acquisition(settings: DemonstrationSettings, rng: np.random.Generator, people: People) -> _Contacts:
    size = len(people)
    return _Contacts(
        customer=np.arange(size),
        moment=people.registered,
        channel=looked_up(settings.acquisition_channels, people.acquisition),
        direction=constant(INBOUND, size),
        outcome=looked_up(["acquired", "lead"], people.potential.astype(np.int64)),
        campaign=constant(None, size),
        cost=acquisition_cost(settings, people, rng),
    )


def _service(settings: DemonstrationSettings, rng: np.random.Generator, people: People) -> _Contacts:
    """Contacts at an even pace from registration to the history's end, buying or not."""
    known = settings.days - people.registered
    yearly = np.array([group.contacts_per_year for group in settings.groups.values()])[people.group]
    customer = np.repeat(np.arange(len(people)), rng.poisson(yearly * known / MEAN_YEAR_DAYS))
    size = len(customer)
    rules = settings.contacts
    channels = np.array([weights_of(g.contact_channels, rules.costs) for g in settings.groups.values()])
    channel = choose_by_row(rng, channels, people.group[customer])
    inbound = rng.random(size) < rules.inbound_share
    moment = at_shop_hours(settings, people.registered[customer] + rng.random(size) * known[customer])
    return _Contacts(
        customer=customer,
        moment=np.maximum(moment, people.registered[customer]),
        channel=looked_up(rules.costs, channel),
        direction=looked_up([OUTBOUND, INBOUND], inbound.astype(np.int64)),
        outcome=looked_up(rules.outcomes, choose(rng, weights_of(rules.outcomes), size)),
        campaign=constant(None, size),
        cost=np.array(list(rules.costs.values()))[channel],
    )


def _joining(settings: DemonstrationSettings, history: History) -> _Contacts:
    """One contact for each member, at the purchase at which the customer joined."""
    members = np.flatnonzero(np.isfinite(history.member_since))
    size = len(members)
    return _Contacts(
        customer=members,
        moment=history.member_since[members],
        channel=constant(settings.club.join_channel, size),
        direction=constant(INBOUND, size),
        outcome=constant("joined", size),
        campaign=constant(settings.club.name, size),
        cost=np.full(size, settings.club.join_contact_cost),
    )


def _campaign(
    settings: DemonstrationSettings, rng: np.random.Generator, campaign: Campaign, arms: Ints
) -> _Contacts:
    customer = np.flatnonzero(arms != NOT_IN_CAMPAIGN)
    size = len(customer)
    treated = arms[customer] == TREATMENT
    reaction = np.searchsorted(
        [campaign.clicked_share, campaign.opened_share], rng.random(size), side="right"
    )
    return _Contacts(
        customer=customer,
        moment=np.full(size, settings.day(campaign.sent) + campaign.sent_hour / HOURS_PER_DAY),
        channel=constant(campaign.channel, size),
        direction=looked_up([HELD_BACK, OUTBOUND], treated.astype(np.int64)),
        outcome=looked_up([*REACTIONS, "control"], np.where(treated, reaction, len(REACTIONS))),
        campaign=constant(campaign.id, size),
        cost=np.where(treated, campaign.cost, 0.0),
    )
