"""Characters that are written differently and mean the same: digits, signs, marks of direction."""

from __future__ import annotations

from typing import Final

_DIGITS: Final = {
    ord(digit): str(value)
    for digits in ("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩", "๐๑๒๓๔๕๖๗๘๙", "０１２３４５６７８９")
    for value, digit in enumerate(digits)
}
_INVISIBLE: Final = dict.fromkeys(
    [0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x061C, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)
_SIGNS: Final = {
    ord("\u2212"): "-",  # minus sign
    ord("\uff0d"): "-",
    ord("\u2010"): "-",
    ord("\u2011"): "-",
    ord("\u2013"): "-",
    ord("\uff0b"): "+",
    ord("\u066b"): ".",  # the Arabic decimal separator means nothing else
    ord("\u066c"): "'",  # the Arabic thousands separator
    ord("\u2019"): "'",
    ord("\u00a0"): " ",
    ord("\u2009"): " ",
    ord("\u202f"): " ",
    ord("\u3000"): " ",
    ord("\uff0f"): "/",
    ord("\u2044"): "/",
}
_PLAIN: Final = {**_DIGITS, **_INVISIBLE, **_SIGNS}
EDGES: Final = (
    " \t\n\r\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2066\u2067\u2068\u2069\u3000\ufeff"
)
"""White space and direction marks, which mean nothing at the edges of a text."""


def plain(text: str) -> str:
    """A number or a date with ASCII digits and signs, and without marks that only steer its direction."""
    return text.strip() if text.isascii() else text.translate(_PLAIN).strip()
