"""What can be a name: something that is seen, and told apart from others by what is seen of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Final

NAMED_PARTS: Final[Mapping[str, str]] = {
    "Bronze": "loyalty.name.bronze",
    "Silver": "loyalty.name.silver",
    "Gold": "loyalty.name.gold",
    "Partner": "loyalty.name.partner",
    "Preferred partner": "loyalty.name.preferred",
    "Small voucher": "loyalty.name.small",
    "Large voucher": "loyalty.name.large",
    "Credit on the next invoice": "loyalty.name.credit",
}
"""The messages that name the tiers and rewards of templates to a reader, by their names in the files."""
_JOINERS: Final = "\u200c\u200d"
"""Zero-width non-joiner and joiner: Persian, Indic languages and emoji are written with them."""
_SELECTORS: Final = "\ufe0e\ufe0f"
"""How the emoji before is drawn."""
_BLANK: Final = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and symbols that show nothing."""
_SEEN: Final = "LNPS"
"""Letters, numbers, punctuation, symbols."""


def is_name(text: str) -> bool:
    """Whether something of a text is seen, and nothing in it is hidden that its script does not need."""
    return any(map(_is_seen, text)) and not any(
        _is_hidden(letter) and not _is_needed(text, place) for place, letter in enumerate(text)
    )


def as_seen(name: str) -> str:
    """What is seen of a name, however it was written; alike for names that nobody can tell apart."""
    shown = "".join(letter for letter in unicodedata.normalize("NFC", name) if not _is_hidden(letter))
    return " ".join(shown.casefold().split())


def _is_seen(letter: str) -> bool:
    return unicodedata.category(letter)[0] in _SEEN and letter not in _BLANK


def _is_hidden(letter: str) -> bool:
    if letter in _BLANK or letter in _SELECTORS:
        return True
    # Selectors of variants; Unicode counts them among the marks.
    if "\ufe00" <= letter <= "\ufe0d" or "\U000e0100" <= letter <= "\U000e01ef":
        return True
    return unicodedata.category(letter) in ("Cf", "Zl", "Zp")


def _is_needed(text: str, place: int) -> bool:
    """Whether a hidden character stands where a script has it: between letters that join, after a symbol."""
    before, after = text[:place], text[place + 1 :]
    if not before:
        return False
    symbol = unicodedata.category(before[-1]) in ("So", "Sk")
    if text[place] in _SELECTORS:
        return symbol
    if text[place] not in _JOINERS or not after:
        return False
    joined = before.rstrip(_SELECTORS)
    return bool(joined) and _joins(joined[-1]) and _joins(after[0])


def _joins(letter: str) -> bool:
    """Whether joiners mean anything beside it: a letter without case, its mark, or a symbol."""
    return unicodedata.category(letter) in ("Lo", "Mn", "Mc", "So", "Sk")
