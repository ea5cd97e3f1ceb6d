"""Customers ranked by a company's own indicators: who, why, and how points are spread."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pandas as pd

from crm_core.loyalty.answers.proposed import known_indicators
from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.metrics import Looked, looked_at, loyalty_indicators
from crm_core.loyalty.models import indicator_points, ranks, steps_of, summed
from crm_core.loyalty.models.accounts import Floats, Integers
from crm_core.loyalty.rules import (
    Band,
    Indicator,
    Programme,
    proposed_indicator,
    sayable,
    smallest_amount,
    usual_days,
)
from crm_core.periods import Calendar
from crm_core.tables import Ask

_BARS: Final = 10
"""About so many, when the spread of points is drawn."""
_HALVES: Final = (0.5, 1.0)
"""Of purchases made through some channels: half of them, and all."""


@dataclass(frozen=True, eq=False)
class Standing:
    """What customers come to, whatever it weighs.

    Args:
        customers: Their ids, in their order.
        looked: What is looked at.
        values: NaN where it is not known; customers x looked.
        smallest: The smallest amount of the currency.
    """

    customers: pd.Series[str]
    looked: tuple[Looked, ...]
    values: Floats
    smallest: float

    def of(self, indicators: Sequence[Indicator]) -> Floats:
        """What they come to by some indicators, which are among those looked at."""
        return self.values[:, [self.looked.index(looked_at(one)) for one in indicators]]

    def proposed(self, looked: Looked) -> Indicator | None:
        """An indicator with bands from what customers who have a value come to; None where they have none."""
        if looked.name == "channel_share":
            bands = tuple(Band(at, float(points)) for points, at in enumerate(_HALVES, 1))
            return Indicator("channel_share", 1.0, bands, looked.channels, looked.within_days)
        steps = steps_of(looked.name, self.values[:, self.looked.index(looked)], self.smallest)
        if not steps.at:
            return None
        return replace(proposed_indicator(looked.name, steps, 1.0), within_days=looked.within_days)


@dataclass(frozen=True, eq=False)
class Ranked:
    """Customers with a purchase, the most points first.

    Of those with equal points, which are of one rank, who comes to more by the indicator of the most weight
    stands first, where more is better, and then by id.

    Args:
        indicators: By what.
        customers: Their ids.
        rank: 1 for the most points; equal points are equal ranks.
        values: What each comes to; customers x indicators.
        points: What that gives; customers x indicators.
    """

    indicators: tuple[Indicator, ...]
    customers: pd.Series[str]
    rank: Integers
    values: Floats
    points: Floats

    @cached_property
    def sums(self) -> Floats:
        """The points of each."""
        return summed(self.points)

    @cached_property
    def spread(self) -> tuple[Bar, ...]:
        """How many customers have how many points, the most points first."""
        if not self.sums.size:
            return ()
        least, most = float(self.sums.min()), float(self.sums.max())
        whole = bool((self.sums == np.round(self.sums)).all())
        width = sayable((most - least) / _BARS, whole=whole) if most > least else 1.0
        low, high = math.floor(least / width), math.floor(most / width)
        # Of falling points, so that what is at least the edge comes before it.
        ends = np.searchsorted(-self.sums, [-place * width for place in range(low, high + 1)], side="right")
        first, bars = 0, []
        for place, end in zip(range(high, low - 1, -1), ends[::-1], strict=True):
            bars.append(Bar(place * width, (place + 1) * width, int(end) - first, first))
            first = int(end)
        return tuple(bars)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What each indicator gives."""
        return tuple(
            Part(one, int((points > 0).sum()), int((points < 0).sum()), float(points.sum()))
            for one, points in zip(self.indicators, self.points.T, strict=True)
        )

    def sharing(self, rank: int) -> int:
        """How many customers have a rank."""
        first, end = np.searchsorted(self.rank, [rank, rank + 1])
        return int(end - first)

    def place_of(self, customer_id: str) -> int | None:
        """Where a customer stands in the order, from 0; None who is not in it."""
        found = np.flatnonzero((self.customers == customer_id).to_numpy(bool))
        return int(found[0]) if found.size else None


@dataclass(frozen=True)
class Bar:
    """Customers with at least `low` and less than `high` points; before them in the order are `before`."""

    low: float
    high: float
    customers: int
    before: int


@dataclass(frozen=True)
class Part:
    """What an indicator gives.

    Args:
        indicator: Which.
        given: How many customers it gives points.
        taken: From how many it takes some.
        points: All of them.
    """

    indicator: Indicator
    given: int
    taken: int
    points: float


def standing(ask: Ask, *, as_of: dt.date, programme: Programme) -> Standing:
    """What those who may be members come to by a programme's indicators and by all else that the base knows.

    One question for all, so that an indicator which is taken in or left out is none of its own.

    Raises:
        NotProvided: The base lacks what an indicator is about.
    """
    looked = dict.fromkeys(looked_at(one) for one in programme.indicators)
    for name in known_indicators(ask):
        if all(one.name != name for one in looked):
            looked[Looked(name, within_days=usual_days(name))] = None
    every = tuple(sorted(looked, key=lambda one: (one.name, one.channels, one.within_days)))
    rows = ask(loyalty_indicators, as_of=as_of, looked=every, kinds=programme.members.kinds)
    values = rows[[f"value_{place}" for place in range(len(every))]].to_numpy(np.float64)
    return Standing(rows["customer_id"], every, values, smallest_amount(ask.tables.money_scale))


def ranked(found: Standing, indicators: tuple[Indicator, ...]) -> Ranked:
    """Customers in the order of their points; no question to the base."""
    values = found.of(indicators)
    points = indicator_points(indicators, values)
    sums = summed(points)
    order = np.lexsort((_beside(indicators, values), -sums))
    return Ranked(indicators, found.customers.iloc[order], ranks(sums)[order], values[order], points[order])


def _beside(indicators: tuple[Indicator, ...], values: Floats) -> Floats:
    """Who stands first of those with equal points, least first: what each comes to by the first indicator of
    the most weight, the better end of it first; who has no value last."""
    if not indicators:
        return np.zeros(len(values))
    place, heaviest = max(enumerate(indicators), key=lambda one: (one[1].weight, -one[0]))
    falls = bool(heaviest.bands) and heaviest.bands[-1].points < 0
    return np.nan_to_num(values[:, place] if falls else -values[:, place], nan=np.inf)


def tiers_of(
    ask: Ask,
    *,
    as_of: dt.date,
    programme: Programme,
    customers: Sequence[str],
    months: int = 12,
    calendar: Calendar = "gregorian",
) -> pd.DataFrame:
    """In which tier some customers would be, and what they lack for the next.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        programme: Which.
        customers: Their ids.
        months: How many months up to `as_of` are told beside, so that one replay does for both.
        calendar: By whose months; likewise.

    Returns:
        Rows of `loyalty_accounts` of those who are members, by `customer_id`: `tier`, `next_tier`,
        `missing_to_next`.

    Raises:
        NotProvided: The base lacks what the programme is about.
    """
    # The same replay whatever customers are ranked by.
    terms = replace(programme, indicators=())
    accounts = ask(loyalty_accounts, as_of=as_of, programme=terms, months=months, calendar=calendar)
    mine = accounts[accounts["customer_id"].isin(customers)].set_index("customer_id")
    return mine[["tier", "next_tier", "missing_to_next"]]
