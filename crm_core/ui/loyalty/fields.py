"""The fields of a programme in the reader's words: what each is called, what it says, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from crm_core.base import Id
from crm_core.ui.shell import Reader
from crm_core.workspace.merging import Difference
from crm_core.workspace.programme_drafts import Place


@dataclass(frozen=True)
class Field:
    """A field of a programme.

    Args:
        label: What it is called, as the end of a message's key.
        words: The beginning of the keys of its codes; empty where it takes none.
        usual: What it means where nothing stands there.
        nothing: The same in words, as the end of a message's key, where that is no value.
        money: Whether it is an amount of the base's currency.
        scale: By what its number is multiplied for the reader.
    """

    label: str
    words: str = ""
    usual: Any = None
    nothing: str = ""
    money: bool = False
    scale: int = 1


FIELDS: Final[Mapping[str, Field]] = {
    "name": Field("name"),
    "calendar": Field("calendar", words="calendar.", usual="gregorian"),
    "members": Field("members"),
    "members.who": Field("who", words="loyalty.who."),
    "members.campaign": Field("campaign"),
    "members.kinds": Field("kinds", nothing="all"),
    "earn": Field("earn"),
    "earn.for": Field("for", words="loyalty.earn."),
    "earn.points": Field("points"),
    "earn.unit": Field("unit", nothing="once", money=True),
    "earn.at_least": Field("at_least", nothing="any", money=True),
    "earn.days_early": Field("days_early"),
    "earn.number": Field("number"),
    "earn.channels": Field("channels", nothing="all"),
    "earn.categories": Field("categories", nothing="all"),
    "caps": Field("caps", nothing="no_cap"),
    "caps.purchase": Field("cap_purchase", nothing="no_cap"),
    "caps.day": Field("cap_day", nothing="no_cap"),
    "caps.month": Field("cap_month", nothing="no_cap"),
    "expiry": Field("expiry", nothing="never"),
    "expiry.kind": Field("expiry", words="loyalty.expiry."),
    "expiry.days": Field("days"),
    "expiry.years": Field("years", usual=0),
    "tiers": Field("tiers"),
    "tiers.by": Field("by", words="loyalty.by."),
    "tiers.within_days": Field("within_days", nothing="ever"),
    "tiers.review": Field("review", words="loyalty.review.", usual="month"),
    "tiers.grace": Field("grace", usual=0),
    "tiers.way_down": Field("way_down", words="loyalty.way_down.", usual="one_step"),
    "tiers.steps": Field("tiers"),
    "tiers.steps.name": Field("name"),
    "tiers.steps.from": Field("from"),
    "tiers.steps.multiplier": Field("multiplier", usual=1.0),
    "tiers.steps.discount": Field("discount", usual=0.0),
    "rewards": Field("rewards"),
    "rewards.name": Field("name"),
    "rewards.points": Field("points"),
    "rewards.cost": Field("cost", money=True),
    "redemption": Field("redemption"),
    "redemption.low": Field("share_low", scale=100),
    "redemption.likely": Field("share_likely", scale=100),
    "redemption.high": Field("share_high", scale=100),
    "running_cost": Field("running_cost"),
    "running_cost.year": Field("cost_year", usual=0.0, money=True),
    "running_cost.member_year": Field("cost_member_year", usual=0.0, money=True),
    "indicators": Field("indicators"),
    "indicators.indicator": Field("indicator", words="loyalty.indicator."),
    "indicators.weight": Field("weight"),
    "indicators.channels": Field("channels", nothing="all"),
    "indicators.within_days": Field("within_days", nothing="ever"),
    "indicators.bands": Field("bands"),
    "indicators.bands.from": Field("from"),
    "indicators.bands.points": Field("points"),
}
"""By the names that lead there, without the places in lists."""

_ITEMS: Final = {
    "earn": "loyalty.edit.item_rule",
    "steps": "loyalty.edit.new_tier",
    "rewards": "loyalty.edit.new_reward",
    "indicators": "loyalty.edit.item_indicator",
    "bands": "loyalty.edit.item_band",
}
_TOLD_WITHIN: Final = ("expiry", "tiers", "redemption")
"""Parts whose fields do not say by themselves what they are about."""
_PARTS: Final = {
    "name": "members",
    "calendar": "members",
    "members": "members",
    "earn": "earning",
    "caps": "earning",
    "expiry": "earning",
    "tiers": "tiers",
    "rewards": "rewards",
    "redemption": "rewards",
    "running_cost": "rewards",
}
_TITLES: Final = ("name", "for", "kind", "who", "indicator", "from")
"""By the first of these that there is, people know a part or an item."""
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def place_of(path: str) -> Place:
    """Where a path leads that a fault names, such as `tiers.steps[2].name`."""
    if path == "programme":
        return ()
    return tuple(int(number) - 1 if number else name for name, number in _STEP.findall(path))


def part_of(place: Place) -> str:
    """The part of the editor in which a field stands; empty where none shows it."""
    return _PARTS.get(str(place[0]), "") if place else ""


def field_of(place: Place) -> Field | None:
    """What is known of a field; None of one that no programme has."""
    return FIELDS.get(".".join(part for part in place if isinstance(part, str)))


def label_of(reader: Reader, place: Place) -> str:
    """What a field is called where it stands; of one that no programme has, its own name."""
    field = field_of(place)
    return str(place[-1]) if field is None else reader.say(f"loyalty.edit.{field.label}")


def words_of(reader: Reader, place: Place, said: Mapping[str, Any] | None = None) -> str:
    """What a field is called where it does not stand: “Tier 2, From”.

    Where it is told what the programme says, “Tier 2 “Gold”, From”.
    """
    if not place:
        return reader.say("loyalty.edit.section")
    for at, part in enumerate(place):
        if isinstance(part, int) and place[at - 1] not in _ITEMS:
            # One of several names, which are one field.
            return words_of(reader, place[:at], said)
    told = [_item(reader, place, at, said) for at, part in enumerate(place) if isinstance(part, int)]
    if isinstance(place[-1], str):
        label = label_of(reader, place)
        group = label_of(reader, place[:1])
        if not told and place[0] in _TOLD_WITHIN and label != group:
            told.append(group)
        told.append(label)
    words = told[0]
    for part in told[1:]:
        words = reader.say("loyalty.edit.within", whole=words, part=part)
    return words


def _item(reader: Reader, place: Place, at: int, said: Mapping[str, Any] | None) -> str:
    """What the item of a list is called in which a field stands; by its name, too, unless it is that."""
    number = reader.say(_ITEMS[str(place[at - 1])], number=int(place[at]) + 1)
    item: Any = said
    for part in place[: at + 1]:
        if isinstance(part, int):
            item = item[part] if isinstance(item, Sequence) and part < len(item) else None
        else:
            item = item.get(part) if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or place[at + 1 :] in ((), ("name",)):
        return number
    name = item.get("name")
    return reader.say("loyalty.edit.item_named", item=number, name=Id(name)) if name else number


def is_money(place: Place, told: Mapping[str, Any]) -> bool:
    """Whether a field of a programme is an amount of the base's currency."""
    if place[:2] == ("tiers", "steps") and place[-1] == "from":
        return bool(told.get("tiers", {}).get("by") == "amount")
    field = field_of(place)
    return field is not None and field.money


def value_of(reader: Reader, place: Place, value: Any, told: Mapping[str, Any]) -> str:
    """What stands in a field of a programme, in words; None is nothing."""
    field = field_of(place) or Field("")
    if value is None:
        value = field.usual
    if value is None:
        key = (
            "loyalty.expiry.never" if field.nothing == "never" else f"loyalty.edit.{field.nothing or 'none'}"
        )
        return reader.say(key)
    if isinstance(value, Mapping):
        return _parts_of(reader, place, value, told)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(
            _parts_of(reader, place, one, told) if isinstance(one, Mapping) else str(one) for one in value
        )
    if field.words:
        return reader.say(f"{field.words}{value}")
    if isinstance(value, str):
        return value
    number = float(f"{value * field.scale:.12g}")
    currency = reader.workspace.tables.currency
    if currency and is_money(place, told):
        return reader.language.money(number, currency)
    return reader.language.number(number, None)


def _parts_of(reader: Reader, place: Place, value: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    """What stands in a part, or in an item: by what it is known, then the rest of it."""
    words = {name: value_of(reader, (*place, name), one, told) for name, one in value.items()}
    title = next((words.pop(name) for name in _TITLES if name in words), "")
    rest = ", ".join(f"{label_of(reader, (*place, name))}: {one}" for name, one in words.items())
    return f"{title} ({rest})" if title and rest else title or rest


def told_differences(
    reader: Reader,
    found: Iterable[Difference],
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
    named: Mapping[str, Any] | None = None,
) -> list[str]:
    """What the later of two programmes says differently, a line for each field.

    Items are called as in `named`, by whose places they go, or else as in the earlier one.
    """
    lines = []
    for one in found:
        words = words_of(reader, one.place, named or earlier)
        was, now = value_of(reader, one.place, one.was, earlier), value_of(reader, one.place, one.now, later)
        if one.was is None and isinstance(one.place[-1], int):
            lines.append(reader.say("loyalty.edit.added", field=words, now=now))
        elif one.now is None and isinstance(one.place[-1], int):
            lines.append(reader.say("loyalty.edit.taken_out", field=words, was=was))
        else:
            lines.append(reader.say("loyalty.edit.difference", field=words, was=was, now=now))
    return lines
