"""What the pictures of the segments say alike."""

from __future__ import annotations

from crm_core.periods import day_of
from crm_core.segments.answers import Segments
from crm_core.ui.report import Definition
from crm_core.ui.shell import Reader


def definition(reader: Reader, found: Segments, text: str) -> Definition:
    """How a picture of the segments is counted, over all days up to the one that is shown."""
    first = reader.workspace.tables.first_day
    return Definition(
        text,
        reader.say("overview.source", date=reader.as_of),
        reader.language.date_range(first, max(day_of(found.as_of), first)),
    )


def since(reader: Reader, found: Segments) -> str:
    """The earlier day that movements are counted from; empty where there is none."""
    return reader.language.date(found.since) if found.since is not None else ""


def capital(text: str) -> str:
    """The words as they begin a line."""
    return text[:1].upper() + text[1:]
