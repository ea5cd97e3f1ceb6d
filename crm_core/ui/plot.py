"""How Plotly pictures look: the colours of light and dark ground, and numbers in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import parse_qsl

from crm_core.i18n import Language
from crm_core.looks import Look, Palette
from crm_core.ui.report import Way
from crm_core.ui.views import views

if TYPE_CHECKING:
    from crm_core.ui.shell import Reader

T = TypeVar("T")

FONT: Final = "Vazirmatn, Noto Sans Thai Looped, sans-serif"

LIGHT: Final = Palette(
    ground="#ffffff",
    ink="#1c2530",
    muted="#5f6b78",
    rule="#e3e7ec",
    grey="#8d98a5",
    accent="#0f766e",
    accent_light="#5aa79f",
    warm="#b45309",
    warm_light="#e0b48a",
    series=("#0f766e", "#b45309", "#3730a3", "#a855f7", "#7f1d1d", "#1c2530"),
    amounts=("#e9f4f2", "#a9d3cd", "#5aa79f", "#0f766e", "#084c46"),
)

DARK: Final = Palette(
    ground="#10161d",
    ink="#e6eaee",
    muted="#9aa7b4",
    rule="#27313b",
    grey="#74818e",
    accent="#2dd4bf",
    accent_light="#1b8578",
    warm="#f0934a",
    warm_light="#8f5a2f",
    series=("#2dd4bf", "#f0934a", "#a5b4fc", "#d8a4fb", "#f28b8b", "#e6eaee"),
    amounts=("#17302f", "#1a5a53", "#1b8578", "#24ad9c", "#5eead4"),
)


@lru_cache(maxsize=32)
def look(language: Language, currency: str, *, dark: bool) -> Look:
    """How pictures look in a language.

    Args:
        language: In whose words, digits and direction.
        currency: Code of the currency of all amounts; empty when none is known.
        dark: Whether the ground is dark.
    """
    return Look(
        colours=DARK if dark else LIGHT,
        font=FONT,
        rtl=language.direction == "rtl",
        number=lambda x: language.number(x),
        compact=lambda x: language.compact(x),
        percent=lambda x: language.percent(x, _digits(x)),
        money=lambda x: language.money(x, currency),
        money_compact=lambda x: language.money(x, currency, compact=True),
    )


def _digits(share: float) -> int:
    """Digits after the decimal sign of a share as per cent: as many as are needed to tell it from nothing."""
    size = abs(share)
    if size == 0 or size >= 0.0995:
        return 0
    return 1 if size >= 0.0005 else 2


def look_of(reader: Reader) -> Look:
    """How pictures look to a reader, on the ground that the reader's browser shows."""
    return look(reader.language, reader.workspace.tables.currency, dark=reader.dark)


def kept(reader: Reader, make: Callable[[], T], *more: Hashable) -> T:
    """What a page shows, made once for all who look at the same view of the same version of the base.

    Args:
        reader: Who looks.
        make: Makes it; nobody may change what it returns.
        *more: What the view depends on besides: choices of its own in its address.
    """
    words = (reader.page, reader.language.code, reader.calendar, reader.choice, reader.dark)
    return kept_for_all(reader, make, words, *more)


def kept_for_all(reader: Reader, make: Callable[[], T], *more: Hashable) -> T:
    """As `kept`, of what is the same on all pages and in all languages, calendars, periods and colours."""
    manifest = reader.workspace.manifest
    view = (
        reader.workspace.location,
        0 if manifest is None else manifest.version,
        reader.as_of,
        (reader.selection.channels, reader.selection.categories, reader.selection.regions),
        *more,
    )
    return views().get(view, make)


def follow(reader: Reader, point: Mapping[str, object]) -> None:
    """Lead on to the customers behind a mark that was clicked; for callbacks.

    Args:
        reader: Who clicked.
        point: The mark as Plotly tells of it; its `customdata` is the query of an address of the page
            `customer`.
    """
    code = point.get("customdata")
    code = code[0] if isinstance(code, list) and code else code
    if isinstance(code, str) and code:
        reader.go("customer", **dict(parse_qsl(code)))


def behind_row(row: Mapping[str, object]) -> Way | None:
    """The way to the customers behind a row of a table, by its `code`; None where that is empty."""
    code = str(row["code"])
    return Way("", "customer", dict(parse_qsl(code))) if code else None
