"""A programme read from its YAML text, with one clear error for whatever is wrong."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import yaml

from crm_core.base import Id, InputError
from crm_core.loyalty.rules.naming import as_seen, is_name
from crm_core.loyalty.rules.programme import (
    Band,
    Caps,
    Expiry,
    Indicator,
    Members,
    Programme,
    Redemption,
    Reward,
    Rule,
    RunningCost,
    Step,
    Tiers,
)
from crm_core.periods import LONGEST_YEAR_DAYS
from crm_core.plain_yaml import PlainLoader

SCHEMA_FILE: Final = Path(__file__).with_name("programme.schema.json")
TEMPLATES: Final = ("discount_ladder", "points_club", "punctual_business")
"""Programmes to begin with, by name; amounts and points are a company's own to set."""
LONGEST: Final = 65_536
"""Characters of a programme."""

HUNDREDTHS: Final = 100
_LONGEST_QUOTE: Final = 60
_SHORTEST_MONTH: Final = 28
_FOR: Final[Mapping[str, frozenset[str]]] = {
    "amount": frozenset({"unit", "channels", "categories", "at_least"}),
    "purchase": frozenset({"channels", "categories", "at_least"}),
    "repeat": frozenset({"number"}),
    "variety": frozenset(),
    "punctual": frozenset({"unit", "days_early"}),
    "referral": frozenset(),
    "joining": frozenset(),
}
_NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "amount": ("unit",),
    "repeat": ("number",),
    "punctual": ("days_early",),
    "joined": ("campaign",),
    "fixed": ("days",),
    "inactivity": ("days",),
}


def read_programme(text: str) -> Programme:
    """A programme from its YAML text.

    Raises:
        InputError: It is no YAML, not what the schema asks for, or does not hold together.
    """
    return programme_of(plain_of(text))


def plain_of(text: str) -> Any:
    """What a YAML text says, whatever that is.

    Raises:
        InputError: It is no YAML; says in which line.
    """
    if len(text) > LONGEST:
        raise InputError("loyalty.programme.too_long", most=LONGEST)
    try:
        return yaml.load(text, Loader=_ShownLoader)  # noqa: S506 - a SafeLoader that refuses more
    except yaml.MarkedYAMLError as error:
        raise _unreadable(text, error.problem_mark.line if error.problem_mark else 0) from error
    except yaml.reader.ReaderError as error:
        raise _unreadable(text, text.count("\n", 0, error.position)) from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _unreadable(text, 0) from error


def template(name: str) -> str:
    """The YAML text of one of `TEMPLATES`."""
    return (Path(__file__).parent / "templates" / f"{name}.yaml").read_text("utf-8")


def check_shape(told: Any) -> None:
    """See that what a YAML text says is what the schema asks for.

    Raises:
        InputError: It is not; says in which place.
    """
    # Loaded by who reads a programme: every page knows this module.
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema()).iter_errors(told))
    if error is not None:
        raise _refused(error)


def programme_of(told: Any, *, kept: bool = False) -> Programme:
    """A programme from what its YAML text says.

    Args:
        told: What the text says.
        kept: Whether it was saved once: then it may have names that no new one may have.

    Raises:
        InputError: It is not what the schema asks for, or does not hold together.
    """
    check_shape(told)
    programme = Programme(
        name=told["name"],
        members=_members(told["members"]),
        calendar=told.get("calendar", "gregorian"),
        earn=tuple(_rule(rule, f"earn[{place}]") for place, rule in enumerate(told.get("earn", ()), 1)),
        caps=Caps(**told.get("caps", {})),
        expiry=_expiry(told["expiry"]) if "expiry" in told else None,
        tiers=_tiers(told["tiers"]) if "tiers" in told else None,
        rewards=tuple(Reward(**reward) for reward in told.get("rewards", ())),
        redemption=Redemption(**told["redemption"]) if "redemption" in told else None,
        running_cost=RunningCost(**told.get("running_cost", {})),
        indicators=tuple(
            _indicator(one, f"indicators[{place}]") for place, one in enumerate(told.get("indicators", ()), 1)
        ),
    )
    if not kept:
        _names_are_seen(programme)
    _hold_together(programme)
    return programme


class _ShownLoader(PlainLoader):
    """Refuses what can stand on no screen and in no file: control characters and halves of characters."""

    def construct_yaml_str(self, node: yaml.ScalarNode) -> str:
        text = str(self.construct_scalar(node))
        if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            raise yaml.constructor.ConstructorError(None, None, "no text", node.start_mark)
        return text


_ShownLoader.add_constructor("tag:yaml.org,2002:str", _ShownLoader.construct_yaml_str)


@cache
def schema() -> Mapping[str, Any]:
    """What a programme may say, as JSON Schema."""
    read: Mapping[str, Any] = json.loads(SCHEMA_FILE.read_text("utf-8"))
    return read


def _unreadable(text: str, line: int) -> InputError:
    """That a text cannot be read, with the line (from 0) where that was found, or the last one before."""
    lines = text.split("\n")[: line + 1]
    while len(lines) > 1 and not lines[-1].strip():
        lines.pop()
    shown = "".join(
        "\ufffd" if unicodedata.category(character) in ("Cc", "Cs") else character
        for character in lines[-1].strip()
    )
    quote = shown if len(shown) <= _LONGEST_QUOTE else f"{shown[:_LONGEST_QUOTE]}…"
    return InputError("loyalty.programme.unreadable", line=len(lines), quote=Id(quote))


def _refused(error: Any) -> InputError:
    """The first thing that is wrong by the schema, which jsonschema's own types leave open."""
    place = _place(error.absolute_path)
    if error.validator == "additionalProperties":
        known = error.schema["properties"]
        unknown = next(name for name in error.instance if name not in known)
        return InputError("loyalty.programme.unknown", place=place, name=unknown, known=", ".join(known))
    if error.validator == "required":
        missing = next(name for name in error.validator_value if name not in error.instance)
        return _needs(place, missing)
    return InputError("loyalty.programme.wrong", place=place, allowed=_allowed(error), wanted=error.schema)


def _allowed(error: Any) -> str:
    """What would be right, as signs and the schema's own words: they stand in the file in no language."""
    wanted = error.schema
    if "enum" in wanted:
        return ", ".join(wanted["enum"])
    low = wanted.get("minimum", wanted.get("minItems", wanted.get("minLength")))
    high = wanted.get("maximum", wanted.get("maxItems", wanted.get("maxLength")))
    if "exclusiveMinimum" in wanted:
        return f"{wanted['type']} > {wanted['exclusiveMinimum']}, ≤ {high:g}"
    if low is not None and high is not None:
        return f"{wanted['type']} {low:g} … {high:g}"
    return str(wanted.get("type", ""))


def _place(path: Sequence[str | int]) -> str:
    """Where in the file, items counted from 1: `tiers.steps[2].from`; `programme` for the whole."""
    told = ""
    for part in path:
        told += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return told.removeprefix(".") or "programme"


def _needs(place: str, missing: str) -> InputError:
    return InputError("loyalty.programme.missing", place=place, name=missing)


def _require(kind: str, told: Mapping[str, object], place: str) -> None:
    for name in _NEEDS.get(kind, ()):
        if name not in told:
            raise _needs(place, name)


def _members(told: Mapping[str, Any]) -> Members:
    _require(told["who"], told, "members")
    return Members(told["who"], told.get("campaign", ""), tuple(told.get("kinds", ())))


def _rule(told: Mapping[str, Any], place: str) -> Rule:
    earning = told["for"]
    _require(earning, told, place)
    beside = told.keys() - {"for", "points"} - _FOR[earning]
    if beside:
        raise InputError("loyalty.programme.not_for", place=place, name=min(beside), kind=earning)
    return Rule(
        earning=earning,
        points=int(told["points"]),
        unit=float(told.get("unit", 0)),
        channels=tuple(told.get("channels", ())),
        categories=tuple(told.get("categories", ())),
        at_least=float(told.get("at_least", 0)),
        days_early=int(told.get("days_early", 0)),
        number=int(told.get("number", 0)),
    )


def _expiry(told: Mapping[str, Any]) -> Expiry:
    kind = told["kind"]
    _require(kind, told, "expiry")
    beside = told.keys() - {"kind", "years" if kind == "year_end" else "days"}
    if beside:
        raise InputError("loyalty.programme.not_for", place="expiry", name=min(beside), kind=kind)
    return Expiry(**told)


def _tiers(told: Mapping[str, Any]) -> Tiers:
    steps = tuple(
        Step(
            name=step["name"],
            at=float(step["from"]),
            multiplier=_hundredths(step.get("multiplier", 1), f"tiers.steps[{place}].multiplier"),
            discount=_hundredths(step.get("discount", 0), f"tiers.steps[{place}].discount"),
        )
        for place, step in enumerate(told["steps"], 1)
    )
    return Tiers(**{**told, "steps": steps})


def _hundredths(number: float, place: str) -> int:
    whole = round(HUNDREDTHS * number)
    if not math.isclose(whole, HUNDREDTHS * number, abs_tol=1e-6):
        raise InputError("loyalty.programme.wrong", place=place, allowed="0.01, 0.02 … 100.00")
    return whole


def _indicator(told: Mapping[str, Any], place: str) -> Indicator:
    if told["indicator"] == "channel_share" and "channels" not in told:
        raise _needs(place, "channels")
    bands = tuple(Band(float(band["from"]), float(band["points"])) for band in told["bands"])
    for lower, upper in pairwise(bands):
        if upper.at <= lower.at:
            raise InputError("loyalty.programme.bands_not_rising", place=place, value=upper.at)
    return Indicator(
        name=told["indicator"],
        weight=float(told["weight"]),
        bands=bands,
        channels=tuple(told.get("channels", ())),
        within_days=int(told.get("within_days", 0)),
    )


def _hold_together(programme: Programme) -> None:
    if not (programme.earn or programme.tiers or programme.indicators):
        raise InputError("loyalty.programme.gives_nothing", place="earn")
    if programme.tiers is not None:
        _tiers_hold(programme, programme.tiers)
    if programme.rewards:
        _rewards_hold(programme)
    share = programme.redemption
    if share is not None and not share.low <= share.likely <= share.high:
        raise InputError("loyalty.programme.shares_not_rising", place="redemption")


def _tiers_hold(programme: Programme, tiers: Tiers) -> None:
    for number, (lower, upper) in enumerate(pairwise(tiers.steps), 2):
        if upper.at <= lower.at:
            place = f"tiers.steps[{number}].from"
            raise InputError("loyalty.programme.tier_below", place=place, name=upper.name, before=lower.name)
    if tiers.by == "points" and not programme.earn:
        raise InputError("loyalty.programme.no_points", place="earn", name=tiers.steps[0].name)
    _no_name_twice([step.name for step in tiers.steps], "tiers.steps")
    if tiers.by != "points":
        return
    most = most_points(programme, tiers.within_days)
    for number, step in enumerate(tiers.steps, 1):
        if step.at > most:
            place = f"tiers.steps[{number}].from"
            told = {"name": step.name, "at": step.at, "most": int(most)}
            raise InputError("loyalty.programme.tier_beyond", place=place, **told)


def _rewards_hold(programme: Programme) -> None:
    _no_name_twice([reward.name for reward in programme.rewards], "rewards")
    if not programme.earn:
        raise InputError("loyalty.programme.no_points", place="earn", name=programme.rewards[0].name)
    if programme.redemption is None:
        raise _needs("programme", "redemption")
    most = most_points(programme, _days_held(programme))
    for number, reward in enumerate(programme.rewards, 1):
        if reward.points > most:
            place = f"rewards[{number}].points"
            told = {"name": reward.name, "points": reward.points, "most": int(most)}
            raise InputError("loyalty.programme.reward_beyond", place=place, **told)


def most_points(programme: Programme, within_days: int) -> float:
    """What caps let one member earn in so many days, at the most; 0 days for all time. Never too little."""
    caps, bounds = programme.caps, [math.inf]
    if all(rule.earning in ("joining", "repeat") for rule in programme.earn):
        bounds.append(sum(rule.points for rule in programme.earn))
    if within_days and caps.day:
        bounds.append(caps.day * within_days)
    if within_days and caps.month:
        # No month is shorter than 28 days, and the first and the last one count in part.
        bounds.append(caps.month * ((within_days - 1) // _SHORTEST_MONTH + 2))
    return min(bounds)


def _days_held(programme: Programme) -> int:
    """For how many days points are held at the most; 0 for ever."""
    expiry = programme.expiry
    if expiry is None or expiry.kind == "inactivity":
        return 0
    return expiry.days if expiry.kind == "fixed" else LONGEST_YEAR_DAYS * (expiry.years + 1)


def _names_are_seen(programme: Programme) -> None:
    steps = programme.tiers.steps if programme.tiers else ()
    named = {
        "name": programme.name,
        **{f"tiers.steps[{place}].name": step.name for place, step in enumerate(steps, 1)},
        **{f"rewards[{place}].name": one.name for place, one in enumerate(programme.rewards, 1)},
    }
    for place, name in named.items():
        if not is_name(name):
            raise InputError("loyalty.programme.name_unseen", place=place)


def _no_name_twice(names: Sequence[str], place: str) -> None:
    seen = [as_seen(name) for name in names]
    for number, name in enumerate(names):
        if seen[number] in seen[:number]:
            raise InputError("loyalty.programme.name_twice", place=place, name=name)
