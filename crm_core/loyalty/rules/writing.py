"""A programme written as YAML text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from crm_core.loyalty.rules.programme import Indicator, Programme, Rule, Tiers
from crm_core.loyalty.rules.reading import HUNDREDTHS, schema


def write_programme(programme: Programme) -> str:
    """The YAML text of a programme: the same for the same programme."""
    return write_plain(_told(programme))


def write_plain(told: Mapping[str, Any]) -> str:
    """The YAML text of what one says; the parts that the schema knows in its order."""
    order = [*schema()["properties"], *told]
    ordered = {name: told[name] for name in dict.fromkeys(order) if name in told}
    return yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)


def _told(programme: Programme) -> dict[str, Any]:
    members, caps, cost = programme.members, programme.caps, programme.running_cost
    told: dict[str, Any] = {
        "name": programme.name,
        "calendar": "" if programme.calendar == "gregorian" else programme.calendar,
        "members": _some(who=members.who, campaign=members.campaign, kinds=list(members.kinds)),
        "earn": [_rule_told(rule) for rule in programme.earn],
        "caps": _some(purchase=caps.purchase, day=caps.day, month=caps.month),
        "rewards": [{"name": one.name, "points": one.points, "cost": one.cost} for one in programme.rewards],
        "running_cost": _some(year=cost.year, member_year=cost.member_year),
        "indicators": [_indicator_told(one) for one in programme.indicators],
    }
    if programme.expiry is not None:
        expiry = programme.expiry
        told["expiry"] = {"kind": expiry.kind, **_some(days=expiry.days, years=expiry.years)}
    if programme.tiers is not None:
        told["tiers"] = _tiers_told(programme.tiers)
    if programme.redemption is not None:
        share = programme.redemption
        told["redemption"] = {"low": share.low, "likely": share.likely, "high": share.high}
    return {name: value for name, value in told.items() if value}


def _rule_told(rule: Rule) -> dict[str, Any]:
    told = {"for": rule.earning, "points": rule.points}
    if rule.earning == "punctual":
        told["days_early"] = rule.days_early
    return told | _some(
        unit=rule.unit,
        channels=list(rule.channels),
        categories=list(rule.categories),
        at_least=rule.at_least,
        number=rule.number,
    )


def _tiers_told(tiers: Tiers) -> dict[str, Any]:
    steps = [
        {"name": step.name, "from": step.at}
        | ({"multiplier": step.multiplier / HUNDREDTHS} if step.multiplier != HUNDREDTHS else {})
        | _some(discount=step.discount / HUNDREDTHS)
        for step in tiers.steps
    ]
    return {
        "by": tiers.by,
        **_some(within_days=tiers.within_days),
        "review": tiers.review,
        **_some(grace=tiers.grace),
        "way_down": tiers.way_down,
        "steps": steps,
    }


def _indicator_told(one: Indicator) -> dict[str, Any]:
    bands = [{"from": band.at, "points": band.points} for band in one.bands]
    return {
        "indicator": one.name,
        "weight": one.weight,
        **_some(channels=list(one.channels), within_days=one.within_days),
        "bands": bands,
    }


def _some(**values: Any) -> dict[str, Any]:
    """Those that say something."""
    return {name: value for name, value in values.items() if value}
