"""The demonstration base: an invented shop whose true process is known, of any size, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from crm_core.base import InputError
from crm_core.periods import day_of
from crm_core.sources.demonstration.assortment import Assortment, assortment
from crm_core.sources.demonstration.columns import canonical, looked_up
from crm_core.sources.demonstration.contacts import contacts_table
from crm_core.sources.demonstration.customers import consents_table, customers_table
from crm_core.sources.demonstration.draws import Floats, generator
from crm_core.sources.demonstration.history import History, draw_history
from crm_core.sources.demonstration.lines import draw_baskets
from crm_core.sources.demonstration.people import People, draw_people
from crm_core.sources.demonstration.reading import settings_from_file
from crm_core.sources.demonstration.seasons import Clock, arrival_clock, daily_units, purchase_clock
from crm_core.sources.demonstration.service import (
    complaints_table,
    contracts_table,
    draw_cases,
    payments_table,
)
from crm_core.sources.demonstration.settings import DemonstrationSettings
from crm_core.sources.demonstration.surveys import surveys_table
from crm_core.sources.demonstration.tally import Tally
from crm_core.sources.demonstration.truth import customer_truth, truth_of

__all__ = ["Demonstration", "DemonstrationSettings", "demonstration", "settings_from_file"]


@dataclass(frozen=True)
class Demonstration:
    """A demonstration base of so many customers; the same settings, customers and seed give the same bytes.

    Nothing is kept: each of the three methods draws the chunks anew, one at a time, so that memory does not
    grow with the number of customers.
    """

    settings: DemonstrationSettings
    customers: int
    seed: int

    def batches(self) -> Iterator[tuple[str, pa.Table]]:
        """The canonical tables in pieces: `rates` once, then for each chunk of customers every other table.

        Yields:
            Canonical name and a table with all its columns. Within a chunk rows are sorted by customer and
            time (orders of guests last), and the customers of a chunk come after those of the chunk before.
        """
        settings, seed = self.settings, self.seed
        yield "rates", self._rates()
        for people, history in self._chunks():
            yield "customers", customers_table(settings, people, seed)
            baskets = draw_baskets(settings, self._assortment, self._units, people, history, seed)
            yield "orders", baskets.orders
            yield "payments", payments_table(settings, people, baskets, seed)
            cases = draw_cases(settings, people, history, seed)
            yield "complaints", complaints_table(settings, people, cases, seed)
            yield "surveys", surveys_table(settings, people, history, cases, seed)
            yield "consents", consents_table(settings, people)
            yield "contacts", contacts_table(settings, people, history, seed)
            yield "contracts", contracts_table(settings, self._units, people, history, seed)

    def truth(self) -> dict[str, object]:
        """What is true of the base, ready for JSON: the process's parameters and what became of them."""
        tally = Tally.empty(self.settings)
        for people, history in self._chunks():
            tally.add(people, history)
        return truth_of(self.settings, self.customers, self.seed, tally)

    def truth_customers(self) -> Iterator[pa.Table]:
        """What is true of each customer, chunk by chunk; `truth.customer_truth` names the columns."""
        for people, history in self._chunks():
            yield customer_truth(self.settings, people, history)

    def _chunks(self) -> Iterator[tuple[People, History]]:
        size = self.settings.chunk_customers
        for chunk, begin in enumerate(range(0, self.customers, size)):
            people = draw_people(
                self.settings, self._arrivals, self.seed, chunk, begin + 1, min(size, self.customers - begin)
            )
            yield people, draw_history(self.settings, self._clock, people, self.seed)

    def _rates(self) -> pa.Table:
        """One rate a day for every currency but the base's own: base currency for one unit of it."""
        codes = list(self.settings.currencies)
        foreign = np.array(
            [number for number, code in enumerate(codes) if code != self.settings.base_currency]
        )
        days = np.arange(self.settings.days, dtype=np.int32) + day_of(self.settings.first_day)
        return canonical(
            "rates",
            {
                "currency": looked_up(codes, np.repeat(foreign, len(days))),
                "valid_from": pa.array(np.tile(days.astype(np.int32), len(foreign))),
                "rate": (1.0 / self._units[foreign]).ravel(),
            },
        )

    @cached_property
    def _clock(self) -> Clock:
        return purchase_clock(self.settings)

    @cached_property
    def _arrivals(self) -> Clock:
        return arrival_clock(self.settings)

    @cached_property
    def _units(self) -> Floats:
        return daily_units(self.settings, generator(self.seed, "rates"))

    @cached_property
    def _assortment(self) -> Assortment:
        return assortment(self.settings, self._units)


def demonstration(
    customers: int = 20_000, seed: int = 1, settings: DemonstrationSettings | None = None
) -> Demonstration:
    """The demonstration base of so many customers, by default with the settings of `data/demonstration.yaml`.

    Raises:
        InputError: There are fewer than 1 customers, the seed is negative, or the settings cannot be used.
    """
    if customers < 1:
        raise InputError("demonstration.too_few_customers", customers=customers)
    if seed < 0:
        raise InputError("demonstration.seed_negative", seed=seed)
    return Demonstration(settings or settings_from_file(), customers, seed)
