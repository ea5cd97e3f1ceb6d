"""What models of repeat purchases are fitted to: distinct histories, and how many customers have each."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
import numpy.typing as npt

from crm_core.value.rules import DAYS_PER_WEEK

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_SPARSEST: Final = 16


@dataclass(frozen=True)
class PurchaseCells:
    """Distinct purchase histories. A likelihood costs as many steps as there are of these, not of customers.

    Args:
        frequency: Repeat purchase days (x in the literature): days with a purchase after the first one.
        recency: Weeks from the first purchase to the last (t_x); 0 exactly where `frequency` is 0.
        age: Weeks from the first purchase to the cut-off (T).
        customers: How many customers have this history.

    Raises:
        ValueError: When the arrays are not of one length, or a history cannot be.
    """

    frequency: Floats
    recency: Floats
    age: Floats
    customers: Floats

    def __post_init__(self) -> None:
        for name in ("frequency", "recency", "age", "customers"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.float64))
        if self.frequency.ndim != 1:
            raise ValueError("cells are arrays of one dimension")
        for name in ("recency", "age", "customers"):
            if getattr(self, name).shape != self.frequency.shape:
                raise ValueError(f"{name} and frequency differ in length")
        check_histories(self.frequency, self.recency, self.age)
        if not (np.isfinite(self.customers) & (self.customers > 0)).all():
            raise ValueError("every cell holds a customer")

    @classmethod
    def of_customers(cls, frequency: Floats, recency: Floats, age: Floats) -> PurchaseCells:
        """Cells of histories that are given customer by customer, in weeks."""
        histories = np.stack([np.asarray(one, dtype=np.float64) for one in (frequency, recency, age)])
        distinct, customers = np.unique(histories, axis=1, return_counts=True)
        return cls(distinct[0], distinct[1], distinct[2], customers.astype(np.float64))

    def part(self, places: Integers) -> PurchaseCells:
        """Those of the cells that stand at these places."""
        return PurchaseCells(
            self.frequency[places], self.recency[places], self.age[places], self.customers[places]
        )

    @property
    def customer_count(self) -> float:
        """Customers in all cells."""
        return float(self.customers.sum())

    @property
    def repeat_customer_count(self) -> float:
        """Customers who bought on more than one day."""
        return float(self.customers[self.frequency > 0].sum())

    def per(self, weeks: float) -> PurchaseCells:
        """The same histories with time counted in so many weeks."""
        return PurchaseCells(self.frequency, self.recency / weeks, self.age / weeks, self.customers)

    def coarser(self, steps: int) -> PurchaseCells:
        """Fewer cells: histories whose times share one of `steps` steps of the longest age are averaged.

        Args:
            steps: Into how many parts the longest age is cut.
        """
        step = max(float(self.age.max()), np.finfo(float).tiny) / steps
        ages = np.minimum(self.age // step, steps - 1)
        recencies = np.minimum(self.recency // step, steps - 1)
        codes = (self.frequency * steps + recencies) * steps + ages
        _, cell = np.unique(codes.astype(np.int64), return_inverse=True)
        customers = np.bincount(cell, self.customers)
        means = [
            np.bincount(cell, values * self.customers) / customers
            for values in (self.frequency, self.recency, self.age)
        ]
        frequency, age = np.round(means[0]), means[2]
        return PurchaseCells(frequency, np.minimum(means[1], age), age, customers.astype(np.float64))


def group_days(
    frequency: Integers, recency_days: Integers, age_days: Integers
) -> tuple[PurchaseCells, Integers]:
    """Cells of histories that are given customer by customer, in days.

    Args:
        frequency: Repeat purchase days of each customer.
        recency_days: Days from the first purchase to the last.
        age_days: Days from the first purchase to the cut-off.

    Returns:
        The cells, and the place of each customer's cell among them.
    """
    columns = (frequency, recency_days, age_days)
    if min(int(column.min(initial=0)) for column in columns) < 0:
        raise ValueError("days are 0 or more")
    lengths = [int(column.max(initial=0)) + 1 for column in columns]
    codes = (frequency.astype(np.int64) * lengths[1] + recency_days) * lengths[2] + age_days
    if prod(lengths) <= _SPARSEST * codes.size:
        # Counting places is several times as fast as sorting.
        counts = np.bincount(codes)
        distinct = np.flatnonzero(counts)
        customers = counts[distinct]
        counts[distinct] = np.arange(distinct.size)
        cell = counts[codes]
    else:
        distinct, cell, customers = np.unique(codes, return_inverse=True, return_counts=True)
    cells = PurchaseCells(
        (distinct // (lengths[1] * lengths[2])).astype(np.float64),
        distinct // lengths[2] % lengths[1] / DAYS_PER_WEEK,
        distinct % lengths[2] / DAYS_PER_WEEK,
        customers.astype(np.float64),
    )
    return cells, cell.astype(np.int64, copy=False)


def check_histories(frequency: Floats, recency: Floats, age: Floats) -> None:
    """Raise ValueError when a history cannot be.

    Args:
        frequency: Repeat purchase days.
        recency: Weeks from the first purchase to the last.
        age: Weeks from the first purchase to the cut-off.
    """
    if not (np.isfinite(frequency).all() and np.isfinite(recency).all() and np.isfinite(age).all()):
        raise ValueError("a history is not a number")
    if (frequency < 0).any() or (frequency != np.floor(frequency)).any():
        raise ValueError("frequency is a whole number, 0 or more")
    if (recency < 0).any() or (recency > age).any():
        raise ValueError("recency lies between 0 and age")
    if ((recency == 0) != (frequency == 0)).any():
        raise ValueError("recency is 0 where frequency is 0, and nowhere else")
