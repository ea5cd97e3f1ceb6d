"""What the customers of a base do, from which a first programme is derived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from crm_core.loyalty.rules.programme import IndicatorName
from crm_core.periods import YEAR_DAYS

GIVEN_OF_MARGIN: Final = (0.05, 0.10, 0.15, 0.20)
"""Shares of margin that rewards may come to, when everybody uses all points."""
GIVEN_OF_REVENUE: Final = (0.01, 0.02, 0.03, 0.04)
"""Likewise of revenue, where it is not known what goods cost."""
USUAL_GIVEN: Final = 1
"""Place of the usual one among them."""
WITHIN_DAYS: Final = YEAR_DAYS


def usual_days(name: IndicatorName) -> int:
    """Over which time an indicator looks where nothing else is said; 0 for ever."""
    return 0 if name == "tenure_days" else WITHIN_DAYS


@dataclass(frozen=True)
class Steps:
    """Values from which on customers stand out, in numbers that people say.

    Args:
        at: Rising.
        customers: How many come to each, of those who bought in the time.
    """

    at: tuple[float, ...]
    customers: tuple[int, ...]


@dataclass(frozen=True)
class Habits:
    """What the customers of a base do in a year.

    Args:
        customers: Who bought in it.
        purchase: Money of a usual purchase, in units of currency.
        regular: What customers of several purchases usually spend in it.
        margin: Of revenue, as a share; None where it is not known what goods cost.
        companies: Whether these are companies only.
        whole_money: Whether the currency has no smaller unit.
        smallest: The smallest amount of the currency.
        steps: Where customers stand out, by what the base knows.
    """

    customers: int
    purchase: float
    regular: float
    margin: float | None
    companies: bool
    whole_money: bool
    smallest: float
    steps: Mapping[IndicatorName, Steps]

    @property
    def shares_given(self) -> tuple[float, ...]:
        """What can be given back, of margin or else of revenue."""
        return GIVEN_OF_REVENUE if self.margin is None else GIVEN_OF_MARGIN

    def given(self, share: float) -> float:
        """What is given back of a unit of revenue."""
        return share if self.margin is None else share * self.margin


@dataclass(frozen=True)
class Rhythm:
    """After how many days customers come back.

    Args:
        usual: Half of all next purchases come within so many days of the one before.
        second: Half of all second purchases come within so many days of the first.
        most: Four fifths of these do.
        window: Days in which who comes back buys several times.
        times: How often who buys several times in them usually does; 1 where nobody does.
        steps: Where customers stand out by the number of purchases in them.
        customers: Who bought in them.
    """

    usual: int
    second: int
    most: int
    window: int
    times: int
    steps: Steps
    customers: int


@dataclass(frozen=True)
class Patterns:
    """What came back, grew and widened in the purchases of a year, of all customers.

    Args:
        purchases: How many there were.
        spent: What they came to, returns taken off, in units of currency.
        once: Customers who have bought only once, ever.
        seconds: How many bought a second time in the year.
        thirds: Likewise a third time.
        rhythm: None where nobody came back.
        larger: Amounts a step and two above a usual purchase, and how many purchases come to each.
        widest: From how many categories somebody bought, at the most; 0 where the base does not know them.
        narrow: Customers who bought from one only.
        widened: How often somebody bought from one for the first time, after the first day.
    """

    purchases: int
    spent: float
    once: int
    seconds: int
    thirds: int
    rhythm: Rhythm | None
    larger: tuple[tuple[float, int], ...]
    widest: int
    narrow: int
    widened: int
