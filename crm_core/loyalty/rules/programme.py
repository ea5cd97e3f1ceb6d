"""A loyalty programme as data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal, get_args

Earning = Literal["amount", "purchase", "repeat", "variety", "punctual", "referral", "joining"]
Expiring = Literal["fixed", "year_end", "inactivity"]
Measure = Literal["amount", "purchases", "points", "tenure"]
Review = Literal["month", "quarter", "year"]
WayDown = Literal["one_step", "straight"]
ProgrammeCalendar = Literal["gregorian", "jalali"]
"""Of Buddhist years all periods are those of the Gregorian calendar."""
IndicatorName = Literal[
    "amount",
    "purchases",
    "variety",
    "days_early",
    "channel_share",
    "referrals",
    "tenure_days",
    "returned_share",
]
INDICATORS: Final[tuple[IndicatorName, ...]] = get_args(IndicatorName)
NO_TIER: Final = ""
"""Stands for no tier, and for those who were no members yet."""


@dataclass(frozen=True)
class Members:
    """Who takes part: `everybody` from the first purchase on, or who `joined` by a contact of `campaign`.

    Args:
        who: Which of the two.
        campaign: The campaign_id of the contacts with the outcome `joined`; empty for `everybody`.
        kinds: Only customers of these kinds; empty for all.
    """

    who: Literal["everybody", "joined"]
    campaign: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rule:
    """By what points are earned.

    Args:
        earning: `amount`: for each whole `unit` of money, a return taking as much back; `purchase`: for each;
            `repeat`: once, for the `number`-th purchase since joining, purchases of a day being one;
            `variety`: for each category that the member had never bought from, after the day of joining;
            `punctual`: for each invoice paid at least `days_early` days before it is due; `referral`: for the
            first purchase of each customer referred; `joining`: once.
        points: How many, above 0.
        unit: In units of the base's currency; 0 where points do not go with money.
        channels: Only lines of these channels count; empty for all.
        categories: Likewise.
        at_least: Only purchases whose lines that count come to so much, in units of currency.
        days_early: Of `punctual`; below 0 for days late.
        number: Of `repeat`.
    """

    earning: Earning
    points: int
    unit: float = 0.0
    channels: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    at_least: float = 0.0
    days_early: int = 0
    number: int = 0


@dataclass(frozen=True)
class Caps:
    """The most points earned by a purchase before a tier multiplies, on a day, in a month; 0 for no cap."""

    purchase: int = 0
    day: int = 0
    month: int = 0


@dataclass(frozen=True)
class Expiry:
    """When points expire: `fixed` and `inactivity` after `days`, `year_end` so many `years` later."""

    kind: Expiring
    days: int = 0
    years: int = 0


@dataclass(frozen=True)
class Step:
    """A tier: what it takes, and what it brings from the day after on.

    Args:
        name: What members call it.
        at: What the measure must come to, at least: units of currency, purchases, points or days.
        multiplier: Of points earned by `amount` and `purchase`, in hundredths: 125 gives a quarter more.
        discount: Off every purchase, in hundredths of a per cent.
    """

    name: str
    at: float
    multiplier: int = 100
    discount: int = 0


@dataclass(frozen=True)
class Tiers:
    """The steps, lowest first, and how members move between them.

    Args:
        by: What is measured.
        steps: With rising `at`.
        within_days: Over which time up to now; 0 for ever.
        review: At the end of which calendar period members may fall.
        grace: How many reviews in a row may be missed without falling.
        way_down: Whether who falls falls by one tier, or to the one that is reached.
    """

    by: Measure
    steps: tuple[Step, ...]
    within_days: int = 0
    review: Review = "month"
    grace: int = 0
    way_down: WayDown = "one_step"


@dataclass(frozen=True)
class Reward:
    """What points are used for; `cost` is what one costs the company, in units of currency."""

    name: str
    points: int
    cost: float


@dataclass(frozen=True)
class Redemption:
    """Which share of members uses points, 0 to 1: as few as `low`, as many as `high`, `likely` in between."""

    low: float
    likely: float
    high: float


@dataclass(frozen=True)
class RunningCost:
    """What the programme costs in a year, and each member, in units of currency."""

    year: float = 0.0
    member_year: float = 0.0


@dataclass(frozen=True)
class Band:
    """From which value of an indicator on it gives how many points."""

    at: float
    points: float


@dataclass(frozen=True)
class Indicator:
    """By what customers are ranked.

    Args:
        name: What is looked at.
        weight: By which the points of the band are multiplied.
        bands: With rising `at`; below the first there are no points.
        channels: Whose share `channel_share` is.
        within_days: Over which time up to now; 0 for ever.
    """

    name: IndicatorName
    weight: float
    bands: tuple[Band, ...]
    channels: tuple[str, ...] = ()
    within_days: int = 0


@dataclass(frozen=True)
class Openings:
    """What members have when a programme takes over from what was there before.

    Args:
        as_of: The day at whose end they have it; a replay that tells of no day before begins on the next one.
        balances: Of each such member, in the order of ids: customer_id, points (counted as earned on that
            day), and the place of the tier in the programme, 0 for none.
    """

    as_of: dt.date
    balances: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Programme:
    """A loyalty programme; `programme.schema.json` says the same of the file in which it is written.

    Args:
        name: What it is called.
        members: Who takes part.
        earn: Rules of earning, which are added up.
        caps: The most points that are earned.
        expiry: When points expire; None for never.
        tiers: None where there are none.
        rewards: What points are used for.
        redemption: Who uses them; None where there are no rewards.
        running_cost: Beside discounts and rewards.
        indicators: By what customers are ranked.
        calendar: Whose months, quarters and years it means: caps, reviews, the end of a year.
        openings: What members bring, which no file of a programme says; None for nothing.
    """

    name: str
    members: Members
    earn: tuple[Rule, ...] = ()
    caps: Caps = Caps()
    expiry: Expiry | None = None
    tiers: Tiers | None = None
    rewards: tuple[Reward, ...] = ()
    redemption: Redemption | None = None
    running_cost: RunningCost = RunningCost()
    indicators: tuple[Indicator, ...] = ()
    calendar: ProgrammeCalendar = "gregorian"
    openings: Openings | None = None

    @property
    def tier_names(self) -> tuple[str, ...]:
        """What tiers are called, by their places: from `NO_TIER`, which is 0, to the highest."""
        return (NO_TIER, *(step.name for step in self.tiers.steps)) if self.tiers else (NO_TIER,)
