"""Why each term of a proposed programme is as it is, with the figures that it follows from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from crm_core.base import Money, Sentence, Share
from crm_core.loyalty.answers.proposed import Start
from crm_core.loyalty.rules import (
    LARGER_PURCHASES,
    Caps,
    Expiry,
    Goal,
    Programme,
    Reward,
    Rule,
    Step,
    usual_points,
)

Term = Rule | Caps | Expiry | Reward | Step
"""A part of a programme that has a reason of its own."""
_WORTH_SAYING: Final = 0.01


def reasons(found: Start, goal: Goal, programme: Programme) -> Mapping[Term, Sentence]:
    """Why each term of a programme that was proposed for a goal is as it is.

    Args:
        found: What it was proposed from.
        goal: What customers are to do more of.
        programme: As it was proposed.
    """
    told: dict[Term, Sentence] = {rule: _rule(found, goal, rule) for rule in programme.earn}
    if programme.caps.day:
        told[programme.caps] = Sentence("loyalty.why.day")
    if programme.rewards:
        small, *large = programme.rewards
        told[small] = _small(found, goal)
        told |= {one: _large(small, one) for one in large}
    told |= _steps(found, goal, programme)
    if programme.expiry is not None:
        told[programme.expiry] = _expiry(found, programme.expiry)
    return told


def _large(small: Reward, large: Reward) -> Sentence:
    """How much more a point is worth in the large reward, as the two were rounded."""
    more = large.cost / large.points / (small.cost / small.points) - 1 if small.cost else 0.0
    if more < _WORTH_SAYING:
        return Sentence("loyalty.why.large.saved")
    return Sentence("loyalty.why.large", {"more": Share(more, 0)})


def _rule(found: Start, goal: Goal, rule: Rule) -> Sentence:
    habits, patterns = found.of(goal), found.patterns
    usual = Money(habits.purchase, found.currency)
    if rule.earning == "repeat":
        return _repeat(found, rule)
    if rule.earning == "amount" and rule.at_least:
        share = Share(dict(patterns.larger)[rule.at_least] / patterns.purchases, 0)
        return Sentence("loyalty.why.larger", {"amount": usual, "share": share})
    if rule.earning == "amount":
        return Sentence("loyalty.why.amount", {"amount": usual, "count": usual_points(habits)})
    if rule.earning == "purchase":
        return Sentence("loyalty.why.purchase", {"amount": usual})
    if rule.earning == "punctual" and rule.days_early:
        return Sentence("loyalty.why.early")
    if rule.earning == "referral":
        return Sentence("loyalty.why.referral", {"amount": Money(habits.regular, found.currency)})
    return found.question(goal).told


def _repeat(found: Start, rule: Rule) -> Sentence:
    patterns = found.patterns
    if rule.number > 2:
        return Sentence("loyalty.why.third", {"seconds": patterns.seconds, "thirds": patterns.thirds})
    if patterns.rhythm is None or not patterns.seconds:
        return Sentence("loyalty.why.second.nobody")
    return Sentence("loyalty.why.second", {"count": patterns.once, "days": patterns.rhythm.second})


def _small(found: Start, goal: Goal) -> Sentence:
    """Why the smallest reward takes as many points as it does."""
    habits, patterns = found.of(goal), found.patterns
    if goal == "again":
        return Sentence("loyalty.why.reward.again", {"amount": Money(habits.purchase, found.currency)})
    if goal == "more":
        amount = Money(patterns.larger[0][0], found.currency)
        return Sentence("loyalty.why.reward.more", {"times": LARGER_PURCHASES, "amount": amount})
    if goal == "often" and patterns.rhythm is not None:
        rhythm = patterns.rhythm
        values = {"times": rhythm.times + 1, "days": rhythm.window, "usual": rhythm.times}
        return Sentence("loyalty.why.reward.often", values)
    regular = {"amount": Money(habits.regular, found.currency)}
    return Sentence(f"loyalty.why.reward.{'punctual' if goal == 'punctual' else 'year'}", regular)


def _steps(found: Start, goal: Goal, programme: Programme) -> dict[Term, Sentence]:
    """How many came to each tier, or to the amounts that give its points, in the time that it looks at."""
    if programme.tiers is None:
        return {}
    habits, rhythm = found.of(goal), found.patterns.rhythm
    steps, customers = habits.steps["amount"], habits.customers
    if goal == "often" and rhythm is not None:
        steps, customers = rhythm.steps, rhythm.customers
    came = steps.customers[-len(programme.tiers.steps) :]
    return {
        step: Sentence("loyalty.why.tier", {"count": count, "customers": customers})
        for step, count in zip(programme.tiers.steps, came, strict=True)
    }


def _expiry(found: Start, expiry: Expiry) -> Sentence:
    rhythm = found.patterns.rhythm
    if expiry.kind != "inactivity":
        return Sentence(f"loyalty.why.{expiry.kind}")
    if rhythm is None:
        return Sentence("loyalty.why.inactivity.nobody")
    return Sentence("loyalty.why.inactivity", {"days": rhythm.second, "most": rhythm.most})
