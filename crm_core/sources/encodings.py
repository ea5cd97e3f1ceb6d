"""Which encoding a text is in: certain where it can be, else asked for with the likely ones named."""

from __future__ import annotations

import codecs
from typing import Final

from crm_core.base import InputError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Code page by script: its letters from and to.
_LEGACY: Final = (("cp1256", 0x0600, 0x06FF), ("cp874", 0x0E00, 0x0E7F), ("cp1252", 0x00C0, 0x024F))


def encoding_of(head: bytes, stated: str | None, file: str) -> str:
    """The encoding of a file by its first bytes, as Python names it.

    Raises:
        InputError: The stated one does not exist or does not fit, or the file is in none that can be told.
    """
    marked = next((name for mark, name in _MARKS if head.startswith(mark)), None)
    if stated is not None:
        name = _known(stated)
        if marked is not None and name.replace("_", "-").startswith("utf"):
            return marked
        if not _decodes(head, name):
            raise unreadable(file, head)
        return name
    if marked is not None:
        return marked
    wide = _without_mark(head)
    if wide is not None:
        return wide
    if _decodes(head, "utf-8"):
        return "utf-8"
    raise unreadable(file, head)


def unreadable(file: str, part: bytes) -> InputError:
    """The refusal of a text that is not in the encoding that it was taken for, naming likely ones."""
    return InputError("import.encoding_unreadable", file=file, candidates=", ".join(candidates(part)))


_NO_FILE_IS_IN: Final = frozenset({"idna", "punycode", "raw-unicode-escape", "unicode-escape", "utf-7"})
"""Codecs that turn bytes into other characters than those that a file of text has."""


def candidates(part: bytes) -> tuple[str, ...]:
    """Encodings in which a text makes sense, the likeliest first."""
    found: list[tuple[float, str]] = []
    for name, first, last in _LEGACY:
        if not _decodes(part, name):
            continue
        foreign = [letter for letter in part.decode(name, "ignore") if not letter.isascii()]
        letters = sum(1 for letter in foreign if first <= ord(letter) <= last and letter.isalpha())
        found.append((letters / max(len(foreign), 1), name))
    return tuple(name for _, name in sorted(found, key=lambda pair: -pair[0])) or ("utf-16",)


def _known(name: str) -> str:
    try:
        "a".encode(name)  # unlike a look-up, it refuses codecs that are no text encodings
        found = codecs.lookup(name).name
    except (LookupError, ValueError) as error:
        raise InputError("import.encoding_unknown", encoding=name) from error
    if found in _NO_FILE_IS_IN:
        raise InputError("import.encoding_unknown", encoding=name)
    return found


def _decodes(part: bytes, name: str) -> bool:
    try:
        codecs.getincrementaldecoder(name)().decode(part)
    except (UnicodeError, ValueError):
        return False
    return True


def _without_mark(head: bytes) -> str | None:
    """UTF-16 without its mark: every second byte of its ASCII characters is zero, and no other one."""
    even, odd = head[0:4_096:2], head[1:4_096:2]
    for name, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros.count(0) > max(len(zeros) // 10, 1) and not others.count(0) and _decodes(head, name):
            return name
    return None
