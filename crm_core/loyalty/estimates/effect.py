"""Whether a programme that customers joined works: members against others alike, before and after."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final, TypedDict

import numpy as np
import pandas as pd

from crm_core.base import CrmError, NotProvided
from crm_core.loyalty.estimates.bought import brought_by, costs_known
from crm_core.loyalty.estimates.options import JoinedProgramme
from crm_core.loyalty.metrics import (
    loyalty_early,
    loyalty_early_contacts,
    loyalty_early_days,
    loyalty_members,
)
from crm_core.loyalty.models import NOT_JOINED, Histories, Matched, balances, effects, matched, moments
from crm_core.loyalty.models.accounts import Integers
from crm_core.loyalty.rules import Members, Programme
from crm_core.periods import LAST_DAY, YEAR_DAYS, date_of, day_of
from crm_core.tables import Ask, AsOf, Estimate

FEWEST: Final = 50
"""So many members and so many others there must be to compare."""
MOST_CUSTOMERS: Final = 50_000
"""So many customers, evenly drawn, are looked at where there are more."""
CAMPAIGN_DAYS: Final = 42
"""So long after a campaign's contact what a customer buys may be the campaign's doing."""
_MOST_APART: Final = 0.5
"""Share of days after campaigns' contacts up to which such days are left out."""


class NothingToCompare(CrmError):
    """Nobody joined a club, or too little is known of who did, or of others, for the two to be compared."""


class _Options(TypedDict):
    as_of: dt.date
    members: Members
    opened: dt.date
    most: int


@dataclass(frozen=True)
class Comparison:
    """Who is compared with whom.

    Args:
        histories: Of the customers from before the programme opened.
        found: The moments that are compared.
        members: How many have joined, from whenever they are customers.
        not_drawn: How many of them could be compared but are not among the customers looked at.
        by_margin: Whether worth is margin; else it is revenue.
        apart_days: So many days after a campaign's contact do not count; 0 where contacts are so frequent
            that few would be left.
    """

    histories: Histories
    found: Matched
    members: int
    not_drawn: int
    by_margin: bool
    apart_days: int

    @property
    def others(self) -> int:
        """How many customers members are compared with."""
        return int(np.unique(self.found.moments.customer[self.found.others]).size)


def comparison(ask: Ask, programme: Programme, *, as_of: dt.date) -> Comparison:
    """Match the members of a programme with others.

    Raises:
        NothingToCompare: Nobody joined it, it is as old as the records, or too few can be compared.
        NotProvided: The base does not know who joined.
    """
    who = programme.members
    if who.who != "joined":
        raise NothingToCompare("loyalty.effect.not_joined", programme=programme.name)
    members = ask(loyalty_members, as_of=as_of, members=who, begin=as_of)
    if members.empty:
        raise NothingToCompare("loyalty.effect.nobody", programme=programme.name)
    options: _Options = {
        "as_of": as_of,
        "members": who,
        "opened": date_of(int(members["since_day"].min())),
        "most": MOST_CUSTOMERS,
    }
    people, rows = ask(loyalty_early, **options), ask(loyalty_early_days, **options)
    by_margin = costs_known(ask, rows)
    histories, apart_days = _apart(_histories(ask, options, people, rows, by_margin=by_margin))
    if not histories.early.any():
        raise NothingToCompare("loyalty.effect.no_before", opened=options["opened"])
    drawn = people["drawn"].to_numpy(np.bool_)
    not_drawn = int(people["since_day"][~drawn].notna().sum())
    people = people[drawn]
    company = (people["kind"] == "company").fillna(False).to_numpy(np.bool_)
    country = people["country"].fillna("").to_numpy(object)
    found = matched(moments(histories, company, country))
    told = Comparison(histories, found, len(members), not_drawn, by_margin, apart_days)
    compared = int(told.found.members.sum())
    if min(compared, told.others) < FEWEST:
        raise NothingToCompare("loyalty.effect.too_few", members=compared, others=told.others, fewest=FEWEST)
    return told


def _histories(
    ask: Ask, options: _Options, people: pd.DataFrame, rows: pd.DataFrame, *, by_margin: bool
) -> Histories:
    """Of the customers who are drawn, from rows of `loyalty_early` and `loyalty_early_days`."""
    places = np.cumsum(people["drawn"].to_numpy(np.bool_)) - 1
    drawn = people[people["drawn"]]
    customer, day = _touched(ask, options, places)
    return Histories(
        customer=places[rows["place"].to_numpy(np.int64)],
        day=rows["day"].to_numpy(np.int64),
        purchases=rows["purchases"].to_numpy(np.int64),
        worth=brought_by(rows, by_margin=by_margin).to_numpy(np.float64),
        first_day=drawn["first_day"].to_numpy(np.int64),
        joined=drawn["since_day"].fillna(NOT_JOINED).to_numpy(np.int64),
        apart_customer=customer,
        apart_day=day,
        opened=day_of(options["opened"]),
        today=day_of(options["as_of"]),
    )


def _touched(ask: Ask, options: _Options, places: Integers) -> tuple[Integers, Integers]:
    """The days that campaigns may have touched: whose and which, each once; none where none are known."""
    try:
        contacts = ask(loyalty_early_contacts, **options)
    except NotProvided:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    place, day = places[contacts["place"].to_numpy(np.int64)], contacts["day"].to_numpy(np.int64)
    span = LAST_DAY + CAMPAIGN_DAYS + 1
    touched = np.unique((place * span + day)[:, np.newaxis] + np.arange(CAMPAIGN_DAYS + 1))
    return touched // span, touched % span


def _apart(histories: Histories) -> tuple[Histories, int]:
    """How long campaigns' contacts are left out: not where few days would be left on which customers are
    known to be; then all days count."""
    everybody = np.arange(len(histories))
    opened = np.full(len(histories), histories.opened)
    days = np.maximum(histories.last_day - opened + 1, 0).sum()
    counted = histories.days(everybody, opened, histories.last_day).sum()
    if counted >= (1 - _MOST_APART) * days:
        return histories, CAMPAIGN_DAYS
    nothing = np.zeros(0, np.int64)
    return replace(histories, apart_customer=nothing, apart_day=nothing), 0


@Estimate
def loyalty_effect(ask: Ask, *, as_of: AsOf, programme: JoinedProgramme) -> pd.DataFrame:
    """How many times as much members buy and bring as they would without the programme, by several methods.

    Of customers from before the programme opened. Each one's pace of before is that of up to a year before
    the opening, the first purchase left out. After, days count from joining to the day before the last
    purchase, so that the customer is known to be one; likewise for others, who count until they join. They
    count where the same day of a year before the opening counts too, and neither before nor after in the 42
    days from a campaign's contact on. So it tells about the pace of who goes on buying, not about how many
    go on. Each member is compared with up to 10 others who bought in the same 91 days since the opening and
    were as likely to join by what was known then (`loyalty_balance`).

    Returns:
        Grain: a method x an outcome.

        - `method`: `naive`: members against others in the last year; `matched`: members after joining against
          matched others, whatever each one's pace of before; `own_pace`: members after joining against their
          own pace of before; `difference`: how members' pace has changed against how that of the matched
          others has, which alone tells of the programme
        - `outcome`: `purchases`, `margin`, or `revenue` where not all costs are known
        - `after`: of a member in a year; purchases or units of currency
        - `expected`: by this method, without the programme; likewise
        - `ratio`: of the two
        - `low`, `high`: 95 % interval of `ratio`
        - `gain`, `gain_low`, `gain_high`: what of `after` would not have come without the programme, by this
          method, with the interval that follows from that of `ratio`
        - `members`: how many are compared
        - `others`: with how many other customers
        - `apart_days`: so many days from a campaign's contact on do not count; 0 where campaigns contacted
          customers on so many days that few would be left

    Raises:
        NothingToCompare: Nobody joined the programme, it is as old as the records, or too few can be
            compared, or for too short a time.
        NotProvided: The base does not know who joined.

    References:
        Abadie (2005), Semiparametric difference-in-differences estimators.
    """
    told = comparison(ask, programme, as_of=as_of)
    rows = []
    for what in ("purchases", "worth"):
        scale = 1 if what == "purchases" else ask.tables.money_scale
        for one in effects(told.histories, told.found, what):
            after = one.after / scale
            rows.append(
                {
                    "method": one.method,
                    "outcome": what if what == "purchases" else "margin" if told.by_margin else "revenue",
                    "after": after,
                    "expected": one.expected / scale,
                    "ratio": one.ratio,
                    "low": one.low,
                    "high": one.high,
                    "gain": after * (1 - 1 / one.ratio),
                    "gain_low": after * (1 - 1 / one.low),
                    "gain_high": after * (1 - 1 / one.high),
                    "members": int(told.found.members.sum()),
                    "others": told.others,
                    "apart_days": told.apart_days,
                }
            )
    if not any((row["method"], row["outcome"]) == ("difference", "purchases") for row in rows):
        raise NothingToCompare("loyalty.effect.nothing_after")
    return pd.DataFrame(rows)


@Estimate
def loyalty_balance(ask: Ask, *, as_of: AsOf, programme: JoinedProgramme) -> pd.DataFrame:
    """How alike members and others are before and after matching, of those compared in `loyalty_effect`.

    Returns:
        Grain: a thing that is known at a purchase.

        - `known`: `days_as_customer`, `days_since_opening`, `purchases_since_opening`, `days_since_previous`
          purchase or opening, `worth_of_purchase` on average since the opening, `company`, `country:` and a
          country for each of the five with the most customers, `pace_before` the opening
        - `matched_on`: whether members and others are matched on it; not on `pace_before`, as who was matched
          on it would fall back from it
        - `members`: mean of the members compared, in days, purchases, units of currency, 0 to 1, or purchases
          a year
        - `others_before`, `others_after`: likewise of all others, and of the matched
        - `difference_before`, `difference_after`: of members from others, before and after matching, in
          standard deviations, of days, purchases and worth on the scales on which they are compared

    Raises:
        NothingToCompare: As `loyalty_effect`.
        NotProvided: As `loyalty_effect`.

    References:
        Austin (2009), Balance diagnostics for comparing the distribution of baseline covariates between
        treatment groups in propensity-score matched samples.
    """
    told = comparison(ask, programme, as_of=as_of)
    pace = told.histories.pace_before("purchases") * YEAR_DAYS
    found = balances(told.found, {_PACE: pace[told.found.moments.customer]})
    rows = pd.DataFrame([vars(one) for one in found]).rename(columns={"name": "known"})
    rows.insert(1, "matched_on", rows["known"] != _PACE)
    money = rows["known"] == "worth_of_purchase"
    for name in ("members", "others_before", "others_after"):
        rows.loc[money, name] /= ask.tables.money_scale
    return rows


_PACE: Final = "pace_before"


@Estimate
def loyalty_effect_members(ask: Ask, *, as_of: AsOf, programme: JoinedProgramme) -> pd.DataFrame:
    """How many members are compared in `loyalty_effect`, and why the others are not.

    Returns:
        Grain: what became of members; each member in one row.

        - `place`: 1, 2, ... in the order in which members are left out
        - `reason`: `came_later`: no customer before the programme opened; `not_drawn`: not among the 50,000
          customers, evenly drawn, who are looked at where there are more; `too_new`: then a customer for less
          than 30 days that count; `no_purchase`: no purchase from the opening up to joining; `nobody_alike`:
          no other was as likely to join; `compared`
        - `members`: how many

    Raises:
        NothingToCompare: As `loyalty_effect`.
        NotProvided: As `loyalty_effect`.
    """
    told = comparison(ask, programme, as_of=as_of)
    histories, found = told.histories, told.found
    joined = histories.joined < NOT_JOINED
    counts = {
        "came_later": told.members - told.not_drawn - int(joined.sum()),
        "not_drawn": told.not_drawn,
        "too_new": int((joined & ~histories.early).sum()),
        "no_purchase": int((joined & histories.early).sum()) - int(found.moments.joins.sum()),
        "nobody_alike": int((found.moments.joins & ~found.members).sum()),
        "compared": int(found.members.sum()),
    }
    return pd.DataFrame(
        {"place": range(1, len(counts) + 1), "reason": list(counts), "members": list(counts.values())}
    )
