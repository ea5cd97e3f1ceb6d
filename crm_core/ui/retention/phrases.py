"""What the pictures of who comes back say alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from math import isnan
from typing import Literal

from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.i18n import Language
from crm_core.looks import Look
from crm_core.retention.answers import Cell, Shape
from crm_core.retention.answers.survival import Ranged, ShareEstimate, Unlike
from crm_core.ui.groups import group_name
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


def when(language: Language, cell: Cell, shape: Shape) -> str:
    """How long after the first purchase a cell of the matrix lies."""
    return later(language, cell.period, cell.last_period, shape)


def interval(reader: Reader, cell: Cell) -> str:
    """The interval of a share, and of how many it is."""
    return reader.say(
        "retention.interval",
        low=reader.language.percent(cell.low, 1),
        high=reader.language.percent(cell.high, 1),
        count=cell.customers,
    )


def heading(language: Language, cell: Cell) -> str:
    """The periods of a cell, at the head of its column."""
    if cell.period == cell.last_period:
        return language.digits(str(cell.period))
    return language.digits(f"{cell.period}–{cell.last_period}")


def cohort_name(
    language: Language,
    cohort: int,
    shape: Shape,
    won: tuple[dt.date, dt.date] | None = None,
    *,
    long: bool = False,
) -> str:
    """The period in which a cohort first bought, or the days of it in which a part of the cohort did."""
    style: Literal["long", "short"] = "long" if long else "short"
    if won is None:
        return language.period(cohort, shape.unit, shape.calendar, style=style)
    return language.date_range(*won, style=style, calendar=shape.calendar)


def part_name(language: Language, split: str | None, group: str | None) -> str:
    """A group of a picture; those together who are in a group without a name of its own have none."""
    return language.say("retention.others") if group is None else group_name(language, split, group)


def of_group(reader: Reader, split: str | None, within: str | None, words: str) -> str:
    """Words that hold for one group alone, where one is shown alone."""
    if split is None or within is None:
        return words
    return reader.say("retention.in_group", group=group_name(reader.language, split, within), words=words)


def days(reader: Reader, count: float) -> str:
    """So many days."""
    return reader.say("retention.days", count=round(count))


def between(reader: Reader, look: Look, low: float | None, high: float | None) -> str:
    """From where to where the interval of a share reaches, or that it is not known."""
    if low is None or high is None or isnan(low) or isnan(high):
        return reader.say("retention.interval.unknown")
    return reader.say("retention.interval.between", low=look.percent(low), high=look.percent(high))


def told_apart(values: Mapping[int, float], unlike: Unlike | None) -> tuple[int, int] | None:
    """The places of the highest group and of the lowest; None where these may not be set against each other.

    Args:
        values: By the place of a group.
        unlike: Whether groups differ.
    """
    if unlike is None or len(values) < 2:
        return None
    best, worst = (choose(values, key=lambda at: values[at]) for choose in (max, min))
    return (best, worst) if unlike.tells_apart(best, worst) else None


def of_new(reader: Reader, won_from: dt.date | None) -> tuple[str, ...]:
    """That customers of the first cohorts are left out, where there are such."""
    return () if won_from is None else (reader.say("retention.definition.new", first=won_from),)


def marks(reader: Reader) -> str:
    """Which numbers are hatched or not shown, by one rule for every picture."""
    return reader.say("retention.definition.marks", least=ENOUGH_CUSTOMERS)


def ends(name: str, ranged: Ranged | ShareEstimate | None) -> dict[str, object]:
    """A number and the ends of its interval, in three columns."""
    if ranged is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: ranged.value, f"{name}_low": ranged.low, f"{name}_high": ranged.high}
