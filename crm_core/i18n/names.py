"""Names of currencies, countries and places by whose clocks people live (CLDR), and of ways of contact."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

_CONTINENTS: Final = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)

_CONTACT_WAYS: Final = MappingProxyType(
    {
        "app": ("app", "application", "in-app", "mobile app"),
        "email": ("email", "e-mail"),
        "phone": ("phone", "telephone", "call", "phone call"),
        "post": ("post", "postal mail", "direct mail", "letter"),
        "push": ("push", "push notification"),
        "sms": ("sms", "text", "text message"),
        "visit": ("visit", "in person"),
    }
)


def contact_way_key(name: str) -> str | None:
    """The message that says a way of contact which a base names in English; None where it is no usual one.

    Args:
        name: As the base has it, in small letters or capitals.
    """
    folded = name.strip().casefold()
    usual = next((way for way, names in _CONTACT_WAYS.items() if folded in names), None)
    return None if usual is None else f"contact_way.{usual}"


@lru_cache
def currencies(language: str) -> Mapping[str, str]:
    """Names by ISO code of the currencies that are legal tender somewhere today."""
    names = Locale.parse(language).currencies
    current = {
        code
        for uses in get_global("territory_currencies").values()
        for code, _, end, tender in uses
        if end is None and tender
    }
    return MappingProxyType({code: names.get(code, code) for code in sorted(current)})


@lru_cache
def territories(language: str) -> Mapping[str, str]:
    """Names of countries by their two letters (ISO 3166)."""
    names = Locale.parse(language).territories
    return MappingProxyType({code: name for code, name in names.items() if len(code) == 2 and code.isalpha()})


@lru_cache
def time_zones(language: str) -> Mapping[str, str]:
    """Cities by name of their time zone, in the order of the names; UTC is the last."""
    cities = {
        name: get_timezone_location(name, locale=language, return_city=True)
        for name in available_timezones()
        if "/" in name and name.split("/")[0] in _CONTINENTS
    }
    ordered = sorted(cities, key=lambda name: (cities[name], name))
    return MappingProxyType({**{name: cities[name] for name in ordered}, "UTC": "UTC"})
