"""What in a programme nobody would meet, as far as this base knows: to be doubted, not refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from crm_core.base import Sentence
from crm_core.loyalty.estimates import loyalty_accounts
from crm_core.loyalty.metrics import loyalty_rule_met
from crm_core.loyalty.rules import Programme
from crm_core.periods import Calendar, date_of, day_of, months_before
from crm_core.tables import Ask

Part = Literal["members", "earning", "tiers", "rewards"]


@dataclass(frozen=True)
class Doubt:
    """Something that nobody would meet.

    Args:
        part: The part of the programme.
        told: What nobody would meet, in one sentence.
    """

    part: Part
    told: Sentence


def doubts(
    ask: Ask,
    *,
    as_of: dt.date,
    programme: Programme,
    months: int = 12,
    calendar: Calendar = "gregorian",
    channels: Collection[str] = (),
    categories: Collection[str] = (),
) -> tuple[Doubt, ...]:
    """What in a programme nobody would have met in the months up to a day.

    A new programme may mean a channel or a tier that is yet to come, so this is told and stops nothing.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
        programme: The programme.
        months: Over how many months up to `as_of` it is looked for.
        calendar: By whose months it is told beside, so that one replay does for both.
        channels: Those that the base knows.
        categories: Likewise.

    Raises:
        NotProvided: The base lacks what the programme is about.
    """
    replay: dict[str, object] = {"programme": programme, "months": months, "calendar": calendar}
    rows = ask(loyalty_accounts, as_of=as_of, **replay, redeeming="high")
    if rows.empty:
        return (Doubt("members", Sentence("loyalty.doubt.nobody")),)
    return (
        *_unknown(programme, channels, categories),
        *_rules(ask, as_of, programme, months),
        *_tiers(programme, rows, months),
        *_rewards(programme, rows, months),
    )


def _unknown(programme: Programme, channels: Collection[str], categories: Collection[str]) -> Iterator[Doubt]:
    wanted = {
        "loyalty.doubt.channel": {name for rule in programme.earn for name in rule.channels} - {*channels},
        "loyalty.doubt.category": {name for rule in programme.earn for name in rule.categories}
        - {*categories},
    }
    for key, names in wanted.items():
        for name in sorted(names):
            yield Doubt("earning", Sentence(key, {"name": name}))


def _rules(ask: Ask, as_of: dt.date, programme: Programme, months: int) -> Iterator[Doubt]:
    begin = date_of(months_before(day_of(as_of) + 1, months, programme.calendar))
    for number, rule in enumerate(programme.earn, 1):
        met = ask(loyalty_rule_met, as_of=as_of, members=programme.members, rule=rule, begin=begin)
        if not met["members"].sum():
            yield Doubt(
                "earning", Sentence(f"loyalty.doubt.{rule.earning}", {"number": number, "months": months})
            )


def _tiers(programme: Programme, rows: pd.DataFrame, months: int) -> Iterator[Doubt]:
    steps = programme.tiers.steps if programme.tiers else ()
    reached = {*rows["tier"], *rows["tier_before"]}
    highest = max((place for place, step in enumerate(steps) if step.name in reached), default=-1)
    for step in steps[highest + 1 :]:
        yield Doubt("tiers", Sentence("loyalty.doubt.tier", {"name": step.name, "months": months}))


def _rewards(programme: Programme, rows: pd.DataFrame, months: int) -> Iterator[Doubt]:
    """Those that take more points than anybody had in all, or the cheapest when nobody took any."""
    most = int((rows["balance"] + rows["redeemed"] + rows["expired"] + rows["taken_back"]).max())
    cheapest = min((reward.points for reward in programme.rewards), default=0)
    # Who uses points takes any reward that the balance allows: of those, nobody ever held so many.
    nobody = bool(programme.redemption and programme.redemption.high) and not rows["redeemed"].any()
    for reward in programme.rewards:
        if reward.points > most:
            told = {"name": reward.name, "points": reward.points, "most": most, "months": months}
            yield Doubt("rewards", Sentence("loyalty.doubt.reward", told))
        elif nobody and reward.points == cheapest:
            told = {"name": reward.name, "points": reward.points, "months": months}
            yield Doubt("rewards", Sentence("loyalty.doubt.reward_in_time", told))
