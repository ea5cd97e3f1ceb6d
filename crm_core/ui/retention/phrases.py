"""What the pictures of who comes back say alike."""

from __future__ import annotations

from crm_core.i18n import Language
from crm_core.periods import day_of
from crm_core.retention.answers import Cell, Cohorts, Row, Shape
from crm_core.ui.report import Definition
from crm_core.ui.shell import Reader


def later(language: Language, period: int, last_period: int, shape: Shape) -> str:
    """How long after the first purchase a cell lies."""
    unit = shape.unit
    if last_period == 0:
        told = language.say(f"retention.same.{unit}")
    elif period == last_period:
        told = language.say(f"retention.later.{unit}", count=period)
    else:
        told = language.say(f"retention.later_range.{unit}", first=period, count=last_period)
    if shape.counting == "on_or_after":
        return language.say("retention.or_after", when=told)
    return told


def heading(language: Language, cell: Cell) -> str:
    """The periods of a cell, at the head of its column."""
    if cell.period == cell.last_period:
        return language.digits(str(cell.period))
    return language.digits(f"{cell.period}–{cell.last_period}")


def cohort_name(language: Language, cohort: int, shape: Shape, *, long: bool = False) -> str:
    """The period in which a cohort first bought."""
    return language.period(cohort, shape.unit, shape.calendar, style="long" if long else "short")


def row_name(reader: Reader, row: Row, shape: Shape) -> str:
    """What a row of the matrix is called."""
    if row.cohort is not None:
        return cohort_name(reader.language, row.cohort, shape)
    if not row.group:
        return reader.say("retention.group.none")
    return group_name(reader.language, row.group, shape)


def group_name(language: Language, group: str, shape: Shape) -> str:
    """A group in the reader's words where they are ours, else as the base has it."""
    name = "" if shape.group is None else shape.group.__name__
    if name == "segment":
        return language.say(f"segment.{group}")
    if name == "kind" and group in ("person", "company"):
        return language.say(f"kind.{group}")
    return group


def definition(reader: Reader, found: Cohorts, text: str) -> Definition:
    """How a picture is counted, over all days up to the one that is shown."""
    first = reader.workspace.tables.first_day
    return Definition(
        text,
        reader.say("overview.source", date=reader.as_of),
        reader.language.date_range(first, max(day_of(found.as_of), first)),
    )
