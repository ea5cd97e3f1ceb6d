"""The terms of a proposed programme in sentences, as its members would read them."""

from __future__ import annotations

from crm_core.loyalty.rules import Programme, Rule, Step
from crm_core.ui.shell import Reader

_ALIKE = 100
"""Hundredths of points of a tier that gives no more than none does."""


def told(reader: Reader, programme: Programme) -> tuple[str, ...]:
    """Who takes part, what gives points, what they are good for, and what tiers bring."""
    lines = [reader.say("loyalty.terms.companies")] if programme.members.kinds else []
    lines += [_rule(reader, rule) for rule in programme.earn]
    lines += [
        reader.say("loyalty.terms.reward", count=one.points, reward=one.name, amount=_money(reader, one.cost))
        for one in programme.rewards
    ]
    if programme.tiers is not None:
        lines += [_step(reader, programme.tiers.by, step) for step in programme.tiers.steps]
    if programme.expiry is not None:
        lines.append(reader.say(f"loyalty.terms.{programme.expiry.kind}"))
    return tuple(lines)


def _rule(reader: Reader, rule: Rule) -> str:
    if rule.earning == "referral":
        return reader.say("loyalty.terms.referral", count=rule.points)
    amount = _money(reader, rule.unit)
    if rule.earning == "punctual" and rule.days_early:
        return reader.say("loyalty.terms.early", count=rule.points, amount=amount, days=rule.days_early)
    return reader.say(f"loyalty.terms.{rule.earning}", count=rule.points, amount=amount)


def _step(reader: Reader, by: str, step: Step) -> str:
    at = _money(reader, step.at) if by == "amount" else reader.language.number(step.at)
    values = {"tier": step.name, "at": at}
    more = reader.language.percent(step.multiplier / _ALIKE - 1)
    off = reader.language.percent(step.discount / 10_000, 1 if step.discount % 100 else 0)
    if step.multiplier == _ALIKE:
        return reader.say("loyalty.terms.step.discount", off=off, **values)
    return reader.say(f"loyalty.terms.step.{by}", more=more, **values)


def _money(reader: Reader, amount: float) -> str:
    return reader.language.money(amount, reader.workspace.tables.currency)
