"""Customers who buy exactly as the models of repeat purchases say, so that the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np

from crm_core.value.models.cells import Floats, Integers
from crm_core.value.rules import DAYS_PER_WEEK

PROCESSES: Final[Mapping[str, Mapping[str, float]]] = {
    "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
    "mbg_nbd": {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614},
    "pareto_nbd": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669},
}
"""Parameters near those of the CDNOW data, times in weeks."""

SPEND: Final[Mapping[str, float]] = {"p": 6.25, "q": 3.74, "gamma": 15.44}


class Simulated(NamedTuple):
    """Customers, one by one: their history, and what follows it in the horizon.

    Args:
        frequency: Repeat purchases up to the cut-off.
        recency: Weeks from the first purchase to the last.
        age: Weeks from the first purchase to the cut-off.
        alive: Whether the customer has not dropped out by then.
        future: Purchases in the horizon.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    alive: Floats
    future: Floats

    def days(self) -> tuple[Integers, Integers, Integers]:
        """Frequency, recency and age in whole days, no more purchases than days."""
        age = np.maximum(np.round(self.age * DAYS_PER_WEEK), 1).astype(np.int64)
        recency = np.minimum(np.ceil(self.recency * DAYS_PER_WEEK).astype(np.int64), age)
        return np.minimum(self.frequency.astype(np.int64), recency), recency, age


def simulate(
    name: str, parameters: Mapping[str, float], age: Floats, weeks: float, random: np.random.Generator
) -> Simulated:
    """Histories of customers of these ages, and their purchases in the weeks after.

    Args:
        name: Which process: `bg_nbd`, `mbg_nbd`, `pareto_nbd`.
        parameters: Its parameters.
        age: Weeks from the first purchase to the cut-off, of each customer.
        weeks: The horizon.
        random: Where chance comes from.
    """
    first, second, third, fourth = parameters.values()
    rate = random.gamma(first, 1 / second, age.size)
    if name == "pareto_nbd":
        with np.errstate(divide="ignore", over="ignore"):
            life = random.exponential(size=age.size) / random.gamma(third, 1 / fourth, age.size)
        seen = np.minimum(life, age)
        frequency = random.poisson(rate * seen)
        recency = seen * random.random(age.size) ** (1 / np.maximum(frequency, 1))
        future = random.poisson(rate * (np.minimum(np.maximum(life, age), age + weeks) - age))
        alive = life > age
    else:
        chance = np.maximum(random.beta(third, fourth, age.size), 1e-15)
        most = random.geometric(chance) - (name == "mbg_nbd")
        wanted = random.poisson(rate * age)
        frequency = np.minimum(wanted, most)
        recency = age * random.beta(np.maximum(frequency, 1), np.maximum(wanted - frequency, 0) + 1)
        alive = wanted < most
        future = np.where(alive, np.minimum(random.poisson(rate * weeks), most - wanted), 0)
    recency = np.where(frequency > 0, recency, 0.0)
    columns = (frequency, recency, age, alive, future)
    return Simulated(*(np.asarray(one, dtype=np.float64) for one in columns))


def simulate_spend(
    parameters: Mapping[str, float], customers: Simulated, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Mean spend of the repeat purchases of each customer, and what the future ones come to."""
    p, q, gamma = parameters.values()
    own = random.gamma(q, 1 / gamma, customers.age.size)
    spent, future = (
        np.where(count > 0, random.gamma(p * np.maximum(count, 1)) / own, 0.0)
        for count in (customers.frequency, customers.future)
    )
    return spent / np.maximum(customers.frequency, 1), future
