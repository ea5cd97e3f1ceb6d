"""Which members are about to rise or to fall."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import InputError
from crm_core.loyalty.estimates.options import AnyProgramme, MonthsOf, Until
from crm_core.loyalty.estimates.replayed import replayed
from crm_core.loyalty.estimates.told import NO_TIER, bought_by, costs_known
from crm_core.loyalty.models import next_review, thresholds
from crm_core.loyalty.models.accounts import Flags, Floats, Integers
from crm_core.loyalty.rules import Tiers
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, Estimate

TENURE_AHEAD_DAYS: Final = 30
"""Who rises by being a member is about to rise so many days before."""


@Estimate
def loyalty_ahead(
    ask: Ask, *, as_of: Until, programme: AnyProgramme, months: int = 12, calendar: MonthsOf = "gregorian"
) -> pd.DataFrame:
    """Members who are about to rise or to fall.

    About to rise is whom no more than one purchase of their own usual size takes into the next tier. About to
    fall is who falls at the next review, having done nothing until then.

    Args:
        months: How many months up to `as_of` a usual purchase is learnt from, 1 to 60.

    Returns:
        Grain: a member who is about to rise, or to fall; who falls first, and of these who brings most.

        - `customer_id`: text
        - `rises`: whether to rise
        - `tier`: name of the tier at the end; empty for none
        - `tier_next`: of the one that the member rises or falls to
        - `lacking`: to rise, or not to fall: purchases, points, days, or units of currency
        - `brought`: money, margin or, where not all costs are known, revenue of what the member bought in
          these months
        - `usual`: what a purchase of the member usually adds to it; null where the member bought nothing in
          these months, or time is all that it takes
        - `review_on`: date of the next review; null for who is about to rise, which takes none
        - `days_left`: days until then; null likewise

    Raises:
        InputError: There are no such months, or the programme has no tiers.
        NotProvided: The base lacks what the programme is about.
    """
    tiers = programme.tiers
    if tiers is None:
        raise InputError("loyalty.programme.missing", place="programme", name="tiers")
    found = replayed(ask, programme, as_of=as_of, months=months, calendar=calendar)
    ledger, scale = found.ledger, ask.tables.money_scale if tiers.by == "amount" else 1
    bought = bought_by(ask, programme, found, as_of)
    by_margin = costs_known(ask, bought.sum())
    brought = (bought["revenue"] - (bought["cost"] if by_margin else 0)).to_numpy(np.int64)
    usual = _usual(tiers, bought, ledger.issued, scale)
    units = thresholds(tiers, scale)
    steps = units / scale
    above = np.append(steps, np.nan)[ledger.tier]
    to_rise = above - ledger.measure / scale
    within = np.full(len(usual), float(TENURE_AHEAD_DAYS)) if tiers.by == "tenure" else usual
    rises = (to_rise > 0) & (to_rise <= within)
    ahead = ledger.measure_ahead / scale
    reached = np.searchsorted(units, ledger.measure_ahead, side="right")
    falls = (reached < ledger.tier) & (ledger.misses + 1 > tiers.grace)
    lower = ledger.tier - 1 if tiers.way_down == "one_step" else reached
    to_stay = np.append(np.nan, steps)[ledger.tier] - ahead
    names = np.array([NO_TIER, *(step.name for step in tiers.steps)], dtype=object)
    today = day_of(as_of)
    review = next_review(tiers.review, programme.calendar, today)

    def of(some: Flags, missing: Floats, to: Integers, *, rising: bool) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "customer_id": found.members["customer_id"][some],
                "rises": rising,
                "tier": names[ledger.tier[some]],
                "tier_next": names[to[some]],
                "lacking": missing[some],
                "brought": brought[some],
                "usual": usual[some],
                "review_on": None if rising else date_of(review),
                "days_left": np.nan if rising else float(review - today),
            }
        )

    both = (
        of(falls, to_stay, lower, rising=False),
        of(rises & ~falls, to_rise, ledger.tier + rises, rising=True),
    )
    rows = pd.concat(
        [one.sort_values(["brought", "customer_id"], ascending=[False, True]) for one in both],
        ignore_index=True,
    )
    return rows.astype({"review_on": "object"})


def _usual(tiers: Tiers, bought: pd.DataFrame, issued: Integers, scale: int) -> Floats:
    """What a purchase of each member usually adds to what tiers are by; NaN where that is not known."""
    purchases = bought["purchases"].to_numpy(np.float64)
    brings: Floats = {
        "amount": bought["revenue"].to_numpy(np.float64) / scale,
        "purchases": purchases,
        "points": issued.astype(np.float64),
        "tenure": np.full(len(purchases), np.nan),
    }[tiers.by]
    none = np.full(len(purchases), np.nan)
    return np.asarray(np.divide(brings, purchases, out=none, where=purchases > 0))
