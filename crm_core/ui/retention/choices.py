"""How a reader has the cohorts counted: what the address asks for, and what it asks for in vain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, cast, get_args

from crm_core.base import CrmError, InputError, NotProvided
from crm_core.customers.metrics import Grouping
from crm_core.i18n import parse_number
from crm_core.periods import date_of, day_of
from crm_core.retention.answers import Shape
from crm_core.retention.metrics import Counting, Length
from crm_core.retention.rules import MEASURES, MOST_BRACKETS, Measure, bracket_edges
from crm_core.ui import state
from crm_core.ui.groups import group_name
from crm_core.ui.shell import Reader
from crm_core.workspace.catalogue import GROUPINGS

UNITS: Final[tuple[Length, ...]] = get_args(Length)
COUNTINGS: Final[tuple[Counting, ...]] = get_args(Counting)
MOST_LETTERS: Final = 8
_CIRCULAR: Final = ("segment",)
"""Groupings that are made of the very purchases that came after the first one."""
_WHOLE: Final = {"channel": "first_channel", "category": "first_category"}
"""By what customers are compared as wholes, in the place of a filter that keeps a part of their purchases."""


@dataclass(frozen=True)
class Parted:
    """By what a picture parts customers, and what is said of it.

    Args:
        group: The grouping; None where it does not part them.
        name: Its name.
        circular: Whether the address asks for one that says nothing here.
    """

    group: Grouping | None = None
    name: str | None = None
    circular: bool = False

    def told(self, reader: Reader, subtitle: str) -> str:
        """The subtitle of a picture, with why it does not part customers where it was asked to."""
        if not self.circular:
            return subtitle
        return reader.say(
            "retention.split.with_note", subtitle=subtitle, note=reader.say("retention.split.circular")
        )


@dataclass(frozen=True)
class Remark:
    """Something to know of the view before it is read, and a way on."""

    text: str
    label: str
    address: str


@dataclass(frozen=True)
class Chosen:
    """What the address asks for.

    Args:
        shape: How cohorts are counted.
        measure: What a cell shows.
        split: By what customers are parted, by name; None for not at all.
        benchmark: The share that the company has set for itself, 0 to 1.
        typed: What somebody wrote as a benchmark and is none.
    """

    shape: Shape
    measure: Measure
    split: str | None
    benchmark: float | None
    typed: str = ""

    @property
    def circular(self) -> bool:
        """Whether the groups are made of the very purchases that are counted."""
        return self.split in _CIRCULAR

    @property
    def parted(self) -> Parted:
        """By what pictures of the time after a first purchase part customers."""
        if self.circular:
            return Parted(circular=True)
        return Parted(self.shape.group, self.split)

    @property
    def parts(self) -> tuple[object, ...]:
        """All that it says, in plain values."""
        shape = self.shape
        return (
            shape.unit,
            shape.calendar,
            shape.counting,
            shape.brackets,
            self.measure,
            self.split,
            shape.within,
            self.benchmark,
            self.typed,
        )

    @property
    def codes(self) -> dict[str, str]:
        """What an address must say for its customers to be counted in the same way."""
        shape = self.shape
        said: dict[str, str] = {"calendar": shape.calendar, "unit": shape.unit, "counting": shape.counting}
        if shape.brackets:
            said["brackets"] = ",".join(map(str, shape.brackets))
        if self.split is not None and shape.within is not None:
            said["split"] = f"{self.split}:{shape.within}"
        return said


def chosen(reader: Reader) -> Chosen:
    """What the address asks for; what it does not say, or says in vain, is as usual."""
    split, within = parted(state.read("split"))
    if split is not None and _refused(reader, split) is not None:
        split = within = None
    shape = Shape(
        unit=cast(Length, state.read("unit", UNITS) or "month"),
        calendar=reader.calendar,
        counting=cast(Counting, state.read("counting", COUNTINGS) or "on"),
        brackets=bracket_edges(state.read("brackets") or ""),
        group=None if split is None else GROUPINGS[split],
        within=within,
    )
    measure = cast(Measure, state.read("measure", MEASURES) or "rate")
    typed = (state.read("benchmark") or "")[:MOST_LETTERS]
    benchmark = share_of(typed)
    return Chosen(shape, measure, split, benchmark, typed if benchmark is None else "")


def parted(code: str | None) -> tuple[str | None, str | None]:
    """A grouping, and the one of its groups that is shown alone, from `name` or `name:group`."""
    name, _, group = (code or "").partition(":")
    return (name, group or None) if name in GROUPINGS else (None, None)


def _refused(reader: Reader, split: str) -> CrmError | None:
    """What the base lacks for a grouping."""
    try:
        GROUPINGS[split](reader.workspace.tables)
    except NotProvided as error:
        return error
    return None


def remarks(reader: Reader, now: Chosen) -> list[Remark]:
    """What a reader is to know of the view: what a filter leaves out, and what was asked for in vain."""
    found = []
    asked = state.read("split")
    name, _ = parted(asked)
    if asked and now.split is None:
        error = None if name is None else _refused(reader, name)
        why = (
            reader.say("retention.split.unknown", split=asked)
            if error is None
            else reader.language.explain(error)
        )
        found.append(Remark(why, reader.say("retention.split.see_all"), reader.here(split=None)))
    brackets = state.read("brackets")
    if brackets and not now.shape.brackets:
        why = reader.say("retention.brackets.bad", value=brackets, most=MOST_BRACKETS)
        found.append(Remark(why, reader.say("retention.brackets.see_each"), reader.here(brackets=None)))
    return found + _filtered(reader)


def _filtered(reader: Reader) -> list[Remark]:
    """That a filter keeps purchases, and the way to the comparison that keeps whole customers."""
    kept = [name for name in _WHOLE if name in reader.selection.values]
    if not kept:
        return []
    grouping = _WHOLE[kept[0]]
    return [
        Remark(
            reader.say(f"retention.filtered.{'_and_'.join(kept)}"),
            reader.say("retention.filtered.way", grouping=reader.say(f"grouping.{grouping}")),
            reader.here(channel=None, category=None, split=grouping),
        )
    ]


def nobody(reader: Reader, now: Chosen) -> Remark | None:
    """Why there is no customer in the view, where it is not for the filters."""
    first = reader.workspace.tables.first_day
    if day_of(reader.as_of) < first:
        return Remark(
            reader.say("retention.before_records", first=date_of(first), date=reader.as_of),
            reader.say("filter.latest_day", date=reader.language.date(reader.workspace.as_of)),
            reader.here(as_of=None),
        )
    if now.split is not None and now.shape.within is not None and not reader.selection:
        group = group_name(reader.language, now.split, now.shape.within)
        return Remark(
            reader.say("retention.split.nobody", group=group),
            reader.say("retention.split.see_groups"),
            reader.here(split=now.split),
        )
    return None


def share_of(text: str) -> float | None:
    """A share that somebody wrote as per cent; None where it is none."""
    try:
        percent = parse_number(text.strip().rstrip("%٪").strip())
    except InputError:
        return None
    return float(percent / 100) if 0 < percent <= Decimal(100) else None


def edges_typed(text: str) -> str:
    """Brackets that somebody typed, as an address has them; as typed where they are no numbers."""
    parts = [one for one in re.split(r"[,،٬;؛\s]+", text.strip()) if one]
    try:
        return ",".join(str(parse_number(one)) for one in parts)
    except InputError:
        return text.strip()


def splits(reader: Reader) -> tuple[str, ...]:
    """By what the customers of this base can be parted."""
    return tuple(name for name in GROUPINGS if _refused(reader, name) is None)
