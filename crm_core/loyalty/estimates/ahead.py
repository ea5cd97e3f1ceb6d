"""Which members are about to rise or to fall."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import InputError
from crm_core.loyalty.estimates.bought import bought_by, brought_by, costs_known
from crm_core.loyalty.estimates.options import AnyProgramme, MonthsOf, Until
from crm_core.loyalty.estimates.replayed import replayed
from crm_core.loyalty.models import Replay, next_review, thresholds
from crm_core.loyalty.models.accounts import Flags, Floats, Integers
from crm_core.loyalty.rules import Tiers
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, Estimate

TENURE_AHEAD_DAYS: Final = 30
"""Who rises by being a member is about to rise so many days before."""
_COLUMNS: Final = [
    *("customer_id", "rises", "tier", "tier_next", "lacking", "brought", "usual", "review_on", "days_left"),
]


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
        - `usual`: what a purchase of the member usually adds to it, of points those by amount and by
          purchase; null where the member bought nothing in these months, or time is all that it takes
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
    rises, to_rise, usual = _rising(tiers, ledger, bought, scale)
    falls, to_stay, lower = _falling(tiers, ledger, scale)
    names, today = np.array(programme.tier_names, dtype=object), day_of(as_of)
    review = next_review(tiers.review, programme.calendar, today)
    members = found.members[["customer_id"]].assign(
        tier=names[ledger.tier],
        brought=brought_by(bought, by_margin=costs_known(ask, bought)).to_numpy(np.int64),
        usual=usual,
    )
    falling = members.assign(rises=False, tier_next=names[lower], lacking=to_stay)
    rising = members.assign(rises=True, tier_next=names[ledger.tier + rises], lacking=to_rise)
    both = (
        falling.assign(review_on=date_of(review), days_left=float(review - today))[falls],
        rising.assign(review_on=None, days_left=np.nan)[rises & ~falls],
    )
    rows = pd.concat(
        [one.sort_values(["brought", "customer_id"], ascending=[False, True]) for one in both],
        ignore_index=True,
    )
    return rows[_COLUMNS].astype({"review_on": "object"})


def _rising(tiers: Tiers, ledger: Replay, bought: pd.DataFrame, scale: int) -> tuple[Flags, Floats, Floats]:
    """Who is about to rise, what each member lacks to do so, and what a purchase usually adds.

    Whole numbers are compared, so that it is enough to lack exactly what a purchase adds.
    """
    lacking: Floats = np.append(thresholds(tiers, scale) / 1.0, np.nan)[ledger.tier] - ledger.measure
    if tiers.by == "tenure":
        return (lacking > 0) & (lacking <= TENURE_AHEAD_DAYS), lacking, np.full(lacking.size, np.nan)
    adds = {"amount": bought["revenue"], "purchases": bought["purchases"], "points": ledger.by_purchases}
    added, purchases = np.asarray(adds[tiers.by], np.float64), bought["purchases"].to_numpy(np.float64)
    known = purchases > 0
    usual = np.divide(added / scale, purchases, out=np.full(known.size, np.nan), where=known)
    return known & (lacking > 0) & (lacking * purchases <= added), lacking / scale, usual


def _falling(tiers: Tiers, ledger: Replay, scale: int) -> tuple[Flags, Floats, Integers]:
    """Who is about to fall, what each member lacks not to, and the tier that each would fall to."""
    units = thresholds(tiers, scale)
    reached = np.searchsorted(units, ledger.measure_ahead, side="right")
    falls = (reached < ledger.tier) & (ledger.misses + 1 > tiers.grace)
    lower = ledger.tier - 1 if tiers.way_down == "one_step" else reached
    return falls, (np.append(np.nan, units)[ledger.tier] - ledger.measure_ahead) / scale, lower
