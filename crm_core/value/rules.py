"""When a forecast of value may be relied on, and on which days it is tried out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

from crm_core.periods import MEAN_YEAR_DAYS

USELESS: Final = frozenset({"too_few_repeat_customers", "not_converged"})
"""Problems of a fit that make the model no forecast at all."""
UNIDENTIFYING: Final = USELESS | {"dropout_at_zero", "heterogeneity_at_bound"}
"""Problems of a fit whose data do not determine the parameters."""

Verdict = Literal["use", "use_with_care", "do_not_use"]

DAYS_PER_WEEK: Final = 7
MONTHS_PER_YEAR: Final = 12
WEEKS_PER_YEAR: Final = MEAN_YEAR_DAYS / DAYS_PER_WEEK

MOST_SEASONS: Final = 2
"""Years before that tell of a season."""
FEWEST_TRIALS_OF_MORE: Final = 2
"""Trials in which knowing more must have helped before it enters: one may be chance."""

FEWEST_REPEAT_CUSTOMERS: Final = 30
"""Customers who came back; of fewer, four parameters would be fitted to noise."""

LONGEST_HORIZON_MONTHS: Final = 60
HIGHEST_DISCOUNT_RATE: Final = 1.0

MOST_CUT_OFFS: Final = 4
SHORTEST_TRIAL_DAYS: Final = 28
"""Over less than four weeks a forecast is not tried: what came would be chance."""

USUAL_MISS: Final = 0.08
"""By how much a year's total is missed as a rule, counted as one trial more.

Of one trial or two the mean square is itself hardly known: a single one that came out well by luck would
promise more than it can. Root mean square over 37 bases of the demonstration's generator at two days each.
"""

RANKED_FROM: Final = 0.3
"""Rank correlation, at its worst, from which the order of customers is relied on where their sum is not."""

USE_BELOW: Final = 0.10
"""Error of the total, at its worst, up to which a forecast may be used as it is."""
CARE_BELOW: Final = 0.25
"""And up to which with care."""

WIDE: Final = 1.0
"""Width of the interval of the total over the total, above which a forecast is used with care at the most."""
TOO_WIDE: Final = 2.0
"""And above which it is not used: the interval all but reaches 0, or several times the amount."""


@dataclass(frozen=True)
class Trials:
    """On which days a forecast is tried out on a base's own history.

    Args:
        horizon_days: How many days after each cut-off are compared.
        cut_offs: Day numbers, the latest first; none when the history is too short.
        whole_horizon: Whether these are as many days as the forecast is wanted for.
    """

    horizon_days: int
    cut_offs: tuple[int, ...]
    whole_horizon: bool


def trials(first_day: int, last_day: int, horizon_days: int) -> Trials:
    """Cut-offs that lie a horizon apart, each with at least as much history before it as it looks ahead.

    Where the history is shorter than twice the horizon, half of it is what is tried.
    """
    tried = min(horizon_days, (last_day - first_day) // 2)
    if tried < SHORTEST_TRIAL_DAYS:
        return Trials(tried, (), whole_horizon=False)
    days = (last_day - number * tried for number in range(1, MOST_CUT_OFFS + 1))
    cut_offs = tuple(day for day in days if day - first_day >= tried)
    return Trials(tried, cut_offs, whole_horizon=tried == horizon_days)


def verdict(
    error_of_totals: tuple[float, ...],
    *,
    beats_everybody: bool,
    beats_simple: bool,
    whole_horizon: bool,
    identified: bool,
    errors_of_money: tuple[float, ...] = (),
    width: float = 0.0,
) -> Verdict:
    """Whether a forecast may be used.

    Args:
        error_of_totals: Forecast over outcome, less 1, at each cut-off.
        beats_everybody: Whether it told customers apart better than their average does, at every cut-off.
        beats_simple: Whether it did so better than every naive rule, over all cut-offs.
        whole_horizon: Whether it was tried over as long a time as it is wanted for.
        identified: Whether the data determine the model in it.
        errors_of_money: Likewise of what was spent.
        width: Of the interval of the total, over the total.
    """
    if not error_of_totals or not beats_everybody or width > TOO_WIDE:
        return "do_not_use"
    errors = (*error_of_totals, *errors_of_money)
    if not all(abs(one) <= CARE_BELOW for one in errors):
        return "do_not_use"
    close = width <= WIDE and all(abs(one) <= USE_BELOW for one in errors)
    sure = close and beats_simple and whole_horizon and identified and len(error_of_totals) > 1
    return "use" if sure else "use_with_care"


BEST_TENTHS: Final = 2
"""Tenths of customers, by what they are expected to be worth, who count as the most valuable to come."""
WELL_SERVED_FIFTHS: Final = 2
"""Fifths of customers, by what they brought in the last year, who are noticed anyway."""
DEAREST_TENTHS: Final = 1
"""Tenths of customers, likewise, who are the most valuable to come, and therefore never called fading."""
BEST_FIFTHS: Final = 1
"""Fifths of customers, likewise, whose loss would be felt."""
LIKELY: Final = 0.5
"""A probability above which something is more likely than not."""

PAY_BACK_MONTHS: Final = 36
"""For how many months it is looked at whether a new customer has brought what winning one cost."""
FEWEST_WON: Final = 100
"""Customers won through a channel below which nothing is said of the next one's value."""


def pay_back_month(values: tuple[float, ...], cost: float) -> int | None:
    """After how many months what a customer has brought reaches what winning one cost.

    Args:
        values: What a new customer has brought after 0, 1, 2, ... months; with the first purchase.
        cost: What winning one cost.

    Returns:
        The month, 0 where the first purchase pays; None where the months do not suffice.
    """
    return next((month for month, value in enumerate(values) if value >= cost), None)


def usual_miss(horizon_months: int) -> float:
    """By how much the total of a horizon is missed as a rule, relative to it.

    What no model knows of adds up from year to year as a random walk does; less than a year counts as one.
    """
    return USUAL_MISS * math.sqrt(max(horizon_months, MONTHS_PER_YEAR) / MONTHS_PER_YEAR)
