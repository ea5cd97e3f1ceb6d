"""Customers of the demonstration's own process, straight to arrays, with a club whose effect is known."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from crm_core.loyalty.estimates.effect import CAMPAIGN_DAYS
from crm_core.loyalty.models import NOT_JOINED, Compared, Histories, effects, matched, moments
from crm_core.loyalty.models.accounts import Flags
from crm_core.loyalty.models.paces import What
from crm_core.sources.demonstration import DemonstrationSettings
from crm_core.sources.demonstration.draws import Floats, Ints
from crm_core.sources.demonstration.history import TREATMENT, History, draw_history
from crm_core.sources.demonstration.people import People, draw_people
from crm_core.sources.demonstration.seasons import arrival_clock, purchase_clock


class Drawn(NamedTuple):
    """A base, as far as the effect of its club is asked: of the customers from before the club opened.

    Args:
        histories: What they bought.
        company: Whether each is a company.
        country: Of each.
    """

    histories: Histories
    company: Flags
    country: np.ndarray

    def effects(self, what: What) -> tuple[Compared, ...]:
        """What each method says of the club."""
        return effects(self.histories, matched(moments(self.histories, self.company, self.country)), what)


def with_club(
    settings: DemonstrationSettings, rate_factor: float, elasticity: float
) -> DemonstrationSettings:
    """The same base with another effect of its club, and joining that grows otherwise with the rate."""
    club = replace(settings.club, rate_factor=rate_factor, join_rate_elasticity=elasticity)
    return replace(settings, club=club)


def club_histories(settings: DemonstrationSettings, customers: int, seed: int) -> Drawn:
    """Draw a base of so many customers.

    Args:
        settings: Of the demonstration base.
        customers: How many.
        seed: Where chance comes from.
    """
    people = draw_people(settings, arrival_clock(settings), seed, 0, 1, customers)
    history = draw_history(settings, purchase_clock(settings), people, seed)
    day = np.floor(history.moment).astype(np.int64)
    joined = np.where(np.isfinite(history.member_since), np.floor(history.member_since), NOT_JOINED)
    opened = int(joined.min())
    first = np.full(customers, NOT_JOINED)
    np.minimum.at(first, history.customer, day)
    early = np.flatnonzero(first < opened)
    place = np.full(customers, -1)
    place[early] = np.arange(early.size)
    mine = place[history.customer] >= 0
    days, row = np.unique(place[history.customer[mine]] * settings.days + day[mine], return_inverse=True)
    worth = _worth(settings, people, history, seed)[mine]
    whose, touched = _touched(settings, history, place)
    histories = Histories(
        customer=days // settings.days,
        day=days % settings.days,
        purchases=np.bincount(row),
        worth=np.bincount(row, worth).astype(np.float64),
        first_day=first[early],
        joined=joined[early].astype(np.int64),
        apart_customer=whose,
        apart_day=touched,
        opened=opened,
        today=settings.days - 1,
    )
    company = np.array([group.kind == "company" for group in settings.groups.values()])
    countries = np.array([city.country for city in settings.cities.values()], dtype=object)
    return Drawn(histories, company[people.group[early]], countries[people.city[early]])


def _worth(settings: DemonstrationSettings, people: People, history: History, seed: int) -> Floats:
    """What each purchase comes to: gamma around the customer's mean, in money units."""
    shape = np.array([group.spend_p for group in settings.groups.values()])[people.group[history.customer]]
    draws = np.random.default_rng(seed).standard_gamma(shape)
    worth: Floats = people.mean_spend[history.customer] * draws / shape * 10_000
    return worth


def _touched(settings: DemonstrationSettings, history: History, place: Ints) -> tuple[Ints, Ints]:
    """The days after campaigns' contacts: of which customer and which."""
    found = []
    for campaign, arms in zip(settings.campaigns, history.arms, strict=True):
        contacted = place[np.flatnonzero((arms == TREATMENT) & (place >= 0))]
        days = settings.day(campaign.sent) + np.arange(CAMPAIGN_DAYS + 1)
        found.append((contacted[:, np.newaxis] * settings.days * 2 + days).ravel())
    together = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return together // (settings.days * 2), together % (settings.days * 2)
