"""What the pictures of the segments say alike."""

from __future__ import annotations

from crm_core.segments.answers import Segments
from crm_core.ui.shell import Reader


def since(reader: Reader, found: Segments) -> str:
    """The earlier day that movements are counted from; empty where there is none."""
    return reader.language.date(found.since) if found.since is not None else ""


def capital(text: str) -> str:
    """The words as they begin a line."""
    return text[:1].upper() + text[1:]
