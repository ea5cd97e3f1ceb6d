"""Runs of text that must keep their own direction inside a line of the other one (Unicode isolates)."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

Direction = Literal["ltr", "rtl"]

_LEFT_TO_RIGHT: Final = "\u2066"
_RIGHT_TO_LEFT: Final = "\u2067"
_FIRST_STRONG: Final = "\u2068"
_END: Final = "\u2069"

ISOLATES: Final = _LEFT_TO_RIGHT + _RIGHT_TO_LEFT + _FIRST_STRONG + _END
"""The invisible characters that this module adds."""


def left_to_right(text: str) -> str:
    """The text as one run from left to right, so that a sign stays before its digits."""
    return f"{_LEFT_TO_RIGHT}{text}{_END}"


def right_to_left(text: str) -> str:
    """The text as one run from right to left, so that its first number stays before its words."""
    return f"{_RIGHT_TO_LEFT}{text}{_END}"


def stored(text: str, direction: Direction) -> str:
    """An id as one run from left to right, wherever neighbours could turn its parts around."""
    return left_to_right(text) if direction == "rtl" or not text.isascii() else text


def isolated(text: str, direction: Direction) -> str:
    """Somebody else's text, set apart where it holds letters that run against the line's direction."""
    against = {"L"} if direction == "rtl" else {"R", "AL"}
    if any(unicodedata.bidirectional(letter) in against for letter in text):
        return f"{_FIRST_STRONG}{text}{_END}"
    return text
