"""By what customers are ranked, as the address tells it, and what indicators are called."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final
from urllib.parse import quote, unquote

from crm_core.loyalty.answers import Ranked, known_indicators
from crm_core.loyalty.metrics import Looked, looked_at
from crm_core.loyalty.rules import INDICATORS, Band, Indicator
from crm_core.ui import state
from crm_core.ui.loyalty import choices
from crm_core.ui.shell import Reader

BY: Final = "by"
"""The part of the address that tells the indicators, where they are not the programme's own."""
SHARES: Final = ("channel_share", "returned_share")
"""Indicators that are parts of a whole."""
LARGEST: Final = 1e12
MOST_POINTS: Final = 100_000.0

_MOST_INDICATORS: Final = 20
_MOST_WEIGHT: Final = 1_000.0
_LONGEST_DAYS: Final = 3_650


def weighed(own: tuple[Indicator, ...]) -> tuple[Indicator, ...]:
    """The indicators that the address tells, or else a programme's own."""
    return read(state.read_all(BY)) or own


def part_of(indicators: Sequence[Indicator], own: Sequence[Indicator]) -> list[str] | None:
    """What the address says of indicators; None for a programme's own."""
    return None if tuple(indicators) == tuple(own) else [written(one) for one in indicators]


def parts_of(reader: Reader, code: str, indicators: Sequence[Indicator]) -> dict[str, list[str] | str]:
    """What an address says of a ranking by these indicators; nothing where no address tells the programme."""
    programme = choices.known(reader).get(code)
    if programme is None:
        return {}
    by = part_of(indicators, known_of(reader, programme.indicators))
    return {"programme": code, **({} if by is None else {BY: by})}


def written(one: Indicator) -> str:
    """An indicator as a part of an address: name, weight, days, channels and bands."""
    channels = [f"={quote(name, safe='').replace('~', '%7E')}" for name in one.channels]
    bands = [f"{band.at:.12g}_{band.points:.12g}" for band in one.bands]
    return "~".join((one.name, f"{one.weight:.12g}", str(one.within_days), *channels, *bands))


def read(texts: Sequence[str]) -> tuple[Indicator, ...] | None:
    """The indicators that parts of an address tell; None where they tell none, or no sound ones."""
    try:
        found = tuple(_read(text) for text in texts[:_MOST_INDICATORS])
    except ValueError:
        return None
    looked = [looked_at(one) for one in found]
    return found if found and len(set(looked)) == len(looked) else None


def _read(text: str) -> Indicator:
    """Raises ValueError where the text tells no sound indicator."""
    name, weight, days, *rest = text.split("~")
    channels = tuple(unquote(one[1:]) for one in rest if one.startswith("="))
    pairs = [one.split("_") for one in rest if not one.startswith("=")]
    bands = tuple(Band(_number(at, LARGEST), _number(points, MOST_POINTS)) for at, points in pairs)
    if name not in INDICATORS or (name == "channel_share") != bool(channels):
        raise ValueError(name)
    if not bands or any(upper.at <= lower.at for lower, upper in pairwise(bands)):
        raise ValueError(text)
    within = int(_number(days, _LONGEST_DAYS))
    if within < 0 or (name == "tenure_days" and within):
        raise ValueError(days)
    heavy = _number(weight, _MOST_WEIGHT)
    if heavy < 0:
        raise ValueError(weight)
    return Indicator(name, heavy, bands, channels, within)


def _number(text: str, most: float) -> float:
    number = float(text)
    if not abs(number) <= most:
        raise ValueError(text)
    return number


def name_of(reader: Reader, one: Indicator | Looked) -> str:
    """What an indicator is called."""
    if one.name == "channel_share":
        return reader.say("loyalty.indicator.channel_share", channels=", ".join(one.channels))
    return reader.say(f"loyalty.indicator.{one.name}")


def rank_of(reader: Reader, order: Ranked, rank: int) -> str:
    """A rank, and by how many customers it is shared."""
    number, sharing = reader.language.number(rank), order.sharing(rank)
    return number if sharing == 1 else reader.say("loyalty.ranking.shared", rank=number, sharing=sharing)


def value_of(reader: Reader, one: Indicator, value: float) -> str:
    """What a customer comes to by an indicator, in words."""
    if math.isnan(value):
        return reader.say("loyalty.value.unknown")
    if one.name == "amount":
        return reader.language.money(value, reader.workspace.tables.currency)
    if one.name in SHARES:
        return reader.language.percent(value)
    if one.name == "days_early":
        key = "early" if value >= 0.5 else "late" if value <= -0.5 else "on_time"
        return reader.say(f"loyalty.value.{key}", days=round(abs(value)))
    if one.name == "tenure_days":
        return reader.say("loyalty.value.days", days=round(value))
    return reader.language.number(value)


def known_of(reader: Reader, indicators: Sequence[Indicator]) -> tuple[Indicator, ...]:
    """Those that the base knows."""
    known: set[str] = set(known_indicators(reader.ask))
    if reader.workspace.choices.channels:
        known.add("channel_share")
    return tuple(one for one in indicators if one.name in known)
