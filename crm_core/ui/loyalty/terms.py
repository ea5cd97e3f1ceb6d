"""The terms of a proposed programme in sentences, as its members would read them, and why they are so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from crm_core.base import Sentence
from crm_core.loyalty.answers import Term
from crm_core.loyalty.rules import Programme, Rule, Step, Tiers
from crm_core.ui import markup
from crm_core.ui.shell import Reader

_ALIKE: Final = 100
"""Hundredths of points of a tier that gives no more than none does."""
_OF_NUMBER: Final = {2: "second", 3: "third"}
"""The purchases whose numbers a proposal thanks for."""


def drawn(reader: Reader, programme: Programme, why: Mapping[Term, Sentence]) -> str:
    """A list of terms, each with its reason where it has one."""
    items = [
        markup.tag("span", line)
        + ("" if term is None or term not in why else markup.tag("small", reader.tell(why[term])))
        for term, line in told(reader, programme)
    ]
    return f'<ul class="mo-rules">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def told(reader: Reader, programme: Programme) -> Iterator[tuple[Term | None, str]]:
    """Who takes part, what gives points, what they are good for, and what tiers bring."""
    if programme.members.kinds:
        yield None, reader.say("loyalty.terms.companies")
    first = next((rule for rule in programme.earn if rule.earning == "amount"), None)
    for rule in programme.earn:
        yield rule, _rule(reader, rule, beside=rule.earning == "amount" and rule is not first)
    if programme.caps.day:
        yield programme.caps, reader.say("loyalty.terms.day", count=programme.caps.day)
    for one in programme.rewards:
        amount = _money(reader, one.cost)
        yield one, reader.say("loyalty.terms.reward", count=one.points, reward=one.name, amount=amount)
    if programme.tiers is not None:
        for step in programme.tiers.steps:
            yield step, _step(reader, programme.tiers, step)
    if programme.expiry is not None:
        expiry = programme.expiry
        values = {"days": expiry.days} if expiry.kind == "inactivity" else {}
        yield expiry, reader.say(f"loyalty.terms.{expiry.kind}", **values)


def _rule(reader: Reader, rule: Rule, *, beside: bool) -> str:
    """What a rule gives; `beside` another one for amounts."""
    values: dict[str, object] = {"count": rule.points}
    key = _OF_NUMBER[rule.number] if rule.earning == "repeat" else rule.earning
    if rule.unit:
        values["amount"] = _money(reader, rule.unit)
    if rule.earning == "amount" and rule.at_least:
        key = "much_larger" if beside else "larger"
    if rule.earning == "purchase" and not rule.at_least:
        key = "each"
    if rule.at_least:
        values["least"] = _money(reader, rule.at_least)
    if rule.earning == "punctual" and rule.days_early:
        key, values["days"] = "early", rule.days_early
    return reader.say(f"loyalty.terms.{key}", **values)


def _step(reader: Reader, tiers: Tiers, step: Step) -> str:
    values: dict[str, object] = {
        "tier": step.name,
        "more": reader.language.percent(step.multiplier / _ALIKE - 1),
    }
    values["at"] = _money(reader, step.at) if tiers.by == "amount" else reader.language.number(step.at)
    if tiers.by == "purchases":
        values["days"] = tiers.within_days
    return reader.say(f"loyalty.terms.step.{tiers.by}", **values)


def _money(reader: Reader, amount: float) -> str:
    return reader.language.money(amount, reader.workspace.tables.currency)
