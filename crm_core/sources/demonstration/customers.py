"""The canonical `customers` and `consents`: names in three scripts, addresses that reach nobody."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from crm_core.periods import day_of
from crm_core.sources.demonstration.columns import (
    canonical,
    constant,
    customer_ids,
    looked_up,
    moments,
    numbered,
)
from crm_core.sources.demonstration.draws import Flags, Ints, choose, generator, weights_of
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.settings.people import Script

COMPANY = "company"


def is_company(settings: DemonstrationSettings, people: People) -> Flags:
    """Whether each customer is a company."""
    result: Flags = np.array([group.kind == COMPANY for group in settings.groups.values()])[people.group]
    return result


def customers_table(settings: DemonstrationSettings, people: People, seed: int) -> pa.Table:
    """The canonical `customers` of one chunk."""
    rng = generator(seed, "names", people.chunk)
    size, rules = len(people), settings.people
    everybody = np.arange(size)
    company = is_company(settings, people)
    cities = list(settings.cities.values())
    ids = customer_ids(people.first, everybody)
    domain = looked_up(rules.email_domains, rng.integers(len(rules.email_domains), size=size))
    email = pc.binary_join_element_wise(pc.utf8_lower(ids), domain, "@")
    prefix = looked_up([market.phone_prefix for market in settings.markets.values()], people.market)
    phone = pc.binary_join_element_wise(prefix, numbered("", everybody + people.first), "")
    born = rng.integers(*_birth_days(settings), size=size)
    unknown_birth = company | (rng.random(size) >= rules.birth_date_share)
    owner = np.where(company, rng.integers(len(rules.owners), size=size), -1)
    department = np.where(company, choose(rng, weights_of(rules.departments), size), -1)
    return canonical(
        "customers",
        {
            "customer_id": ids,
            "name": _names(settings, rng, people, company),
            "kind": looked_up([group.kind for group in settings.groups.values()], people.group),
            "email": _known(email, rng.random(size) < rules.email_share),
            "phone": _known(phone, rng.random(size) < rules.phone_share),
            "city": looked_up(settings.cities, people.city),
            "region": looked_up([city.region for city in cities], people.city),
            "country": looked_up([city.country for city in cities], people.city),
            "language": looked_up([city.language for city in cities], people.city),
            "birth_date": pa.array(born.astype(np.int32), mask=unknown_birth).cast(pa.date32()),
            "created_at": moments(settings.first_day, people.registered),
            "acquisition_channel": looked_up(settings.acquisition_channels, people.acquisition),
            "owner": looked_up(rules.owners, owner),
            "department": looked_up(rules.departments, department),
            "referred_by": customer_ids(people.first, people.referred_by),
            "potential": people.potential,
        },
    )


def _birth_days(settings: DemonstrationSettings) -> tuple[int, int]:
    """The first possible day of birth and the day after the last."""
    years = settings.people.birth_years
    return day_of(dt.date(years.first, 1, 1)), day_of(dt.date(years.last + 1, 1, 1))


def _known(column: pa.Array, known: Flags) -> pa.Array:
    return pc.if_else(pa.array(known), column, pa.scalar(None, pa.string()))


def _names(
    settings: DemonstrationSettings, rng: np.random.Generator, people: People, company: Flags
) -> pa.Array:
    """A name for each customer in the script of the market."""
    chance = rng.random(len(people))
    names: list[str] = []
    index = np.zeros(len(people), dtype=np.int64)
    for number, market in enumerate(settings.markets.values()):
        script = settings.people.scripts[market.script]
        for kind, possible in ((False, _person_names(script)), (True, _company_names(script))):
            who = (people.market == number) & (company == kind)
            index[who] = len(names) + np.floor(chance[who] * len(possible)).astype(np.int64)
            names += possible
    return looked_up(names, index)


def _person_names(script: Script) -> list[str]:
    return [f"{given} {family}" for given in script.given for family in script.family]


def _company_names(script: Script) -> list[str]:
    return [pattern.format(word=word) for pattern in script.companies for word in script.words]


def consents_table(settings: DemonstrationSettings, people: People) -> pa.Table:
    """The canonical `consents` of one chunk: the answer at registration, and every change up to the end."""
    shape = people.consent.shape
    row = np.broadcast_to(np.arange(shape[0])[:, np.newaxis], shape)
    registered = np.broadcast_to(people.registered[:, np.newaxis], shape)
    changes = [
        (registered, people.consent, np.ones(shape, dtype=bool)),
        (people.withdrawn, np.zeros(shape, dtype=bool), people.withdrawn < settings.days),
        (people.given_back, np.ones(shape, dtype=bool), people.given_back < settings.days),
    ]
    happened = [change[2] for change in changes]
    customer = np.concatenate([row[h] for h in happened])
    channel = np.concatenate([np.broadcast_to(np.arange(shape[1]), shape)[h] for h in happened])
    moment = np.concatenate([change[0][h] for change, h in zip(changes, happened, strict=True)])
    allowed = np.concatenate([change[1][h] for change, h in zip(changes, happened, strict=True)])
    source = np.repeat(np.arange(len(changes)), [int(h.sum()) for h in happened])
    order: Ints = np.lexsort((channel, moment, customer))
    rules = settings.consents
    return canonical(
        "consents",
        {
            "customer_id": customer_ids(people.first, customer[order]),
            "channel": looked_up(rules.channels, channel[order]),
            "allowed": allowed[order],
            "changed_at": moments(settings.first_day, moment[order]),
            "purpose": constant(rules.purpose, len(order)),
            "source": looked_up([rules.given_source, rules.changed_source], np.minimum(source[order], 1)),
        },
    )
