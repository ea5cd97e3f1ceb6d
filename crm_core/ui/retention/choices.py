"""How a reader has the cohorts counted: what the address says, and the ways to change it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from typing import Final, cast, get_args

import streamlit as st

from crm_core.base import InputError, NotProvided
from crm_core.i18n import parse_number
from crm_core.retention.answers import Shape
from crm_core.retention.metrics import Counting, Length
from crm_core.retention.rules import MEASURES, Measure, bracket_edges, usual_brackets
from crm_core.ui import markup, state
from crm_core.ui.frame import Choice
from crm_core.ui.retention.phrases import group_name
from crm_core.ui.shell import Reader
from crm_core.workspace.catalogue import GROUPINGS

_UNITS: Final[tuple[Length, ...]] = get_args(Length)
_COUNTINGS: Final[tuple[Counting, ...]] = get_args(Counting)
_FIELD: Final = "mo-benchmark"
_MOST_LETTERS: Final = 8


@dataclass(frozen=True)
class Chosen:
    """What the address asks for.

    Args:
        shape: How cohorts are counted.
        measure: What a cell shows.
        split: By what customers are parted, by name; None for not at all.
        benchmark: The share that the company has set for itself, 0 to 1.
    """

    shape: Shape
    measure: Measure
    split: str | None
    benchmark: float | None

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
    shape = Shape(
        unit=cast(Length, state.read("unit", _UNITS) or "month"),
        calendar=reader.calendar,
        counting=cast(Counting, state.read("counting", _COUNTINGS) or "on"),
        brackets=bracket_edges(state.read("brackets") or ""),
        group=None if split is None else GROUPINGS[split],
        within=within,
    )
    measure = cast(Measure, state.read("measure", MEASURES) or "rate")
    return Chosen(shape, measure, split, _share(state.read("benchmark") or ""))


def parted(code: str | None) -> tuple[str | None, str | None]:
    """A grouping, and the one of its groups that is shown alone, from `name` or `name:group`."""
    name, _, group = (code or "").partition(":")
    return (name, group or None) if name in GROUPINGS else (None, None)


def _share(text: str) -> float | None:
    """A share that somebody wrote as per cent; None where it is none."""
    try:
        percent = parse_number(text[:_MOST_LETTERS].rstrip("%٪"))
    except InputError:
        return None
    return float(percent / 100) if 0 < percent <= Decimal(100) else None


def splits(reader: Reader) -> tuple[str, ...]:
    """By what the customers of this base can be parted."""
    found = []
    for name, grouping in GROUPINGS.items():
        try:
            grouping(reader.workspace.tables)
        except NotProvided:
            continue
        found.append(name)
    return tuple(found)


def draw(reader: Reader, now: Chosen, *, splits: Iterable[str], with_margin: bool) -> None:
    """The ways to have cohorts counted otherwise, as pills."""
    shape = now.shape
    with st.container(key="mo-choose", horizontal=True, gap="small"):
        _pill(reader, "unit", shape.unit, _UNITS, "month")
        measures = [one for one in MEASURES if one != "margin" or with_margin]
        _pill(reader, "measure", now.measure, measures, "rate")
        _pill(reader, "counting", shape.counting, _COUNTINGS, "on")
        _brackets(reader, now)
        if splits:
            _splits(reader, now, splits)


def _pill(reader: Reader, part: str, now: str, codes: Iterable[str], usual: str) -> None:
    with st.popover(reader.say(f"retention.{part}.{now}"), key=f"mo-{part}"):
        _list(
            reader,
            reader.say(f"retention.{part}"),
            [
                Choice(reader.say(f"retention.{part}.{one}"), part, None if one == usual else one, one == now)
                for one in codes
            ],
        )


def _brackets(reader: Reader, now: Chosen) -> None:
    usual, brackets = usual_brackets(now.shape.unit), now.shape.brackets
    each, some = reader.say("retention.brackets.each"), reader.say("retention.brackets.some")
    with st.popover(some if brackets else each, key="mo-brackets"):
        offered = [Choice(each, "brackets", None, not brackets)]
        for edges in dict.fromkeys(one for one in (usual, brackets) if one):
            code = ",".join(map(str, edges))
            words = reader.language.digits(", ".join(_written(edges)))
            offered.append(Choice(words, "brackets", code, edges == brackets))
        _list(reader, reader.say("retention.brackets"), offered)


def _written(edges: tuple[int, ...]) -> list[str]:
    return [
        str(first) if end == first + 1 else f"{first}–{end - 1}" for first, end in itertools.pairwise(edges)
    ]


def _splits(reader: Reader, now: Chosen, names: Iterable[str]) -> None:
    within = now.shape.within
    words = reader.say("retention.split.none" if now.split is None else f"retention.split.{now.split}")
    if within is not None:
        words = markup.plain(f"{words}: {group_name(reader.language, within, now.shape)}")
    with st.popover(words, key="mo-split"):
        offered = [Choice(reader.say("retention.split.none"), "split", None, now.split is None)]
        offered += [
            Choice(reader.say(f"retention.split.{one}"), "split", one, one == now.split and within is None)
            for one in names
        ]
        _list(reader, reader.say("retention.split"), offered)


def _list(reader: Reader, label: str, choices: Iterable[Choice]) -> None:
    rows = "".join(f"<li>{choice.link(reader)}</li>" for choice in choices)
    st.html(f'<ul class="mo-choices" aria-label="{escape(label)}">{rows}</ul>')


def benchmark(reader: Reader, now: Chosen) -> None:
    """A field for the share that the company has set for itself."""
    said = "" if now.benchmark is None else reader.language.number(100 * now.benchmark, None)
    st.session_state[_FIELD] = said

    def write() -> None:
        share = _share(st.session_state[_FIELD])
        state.write(benchmark=None if share is None else f"{100 * share:g}")

    with st.container(key="mo-mark"):
        st.text_input(
            reader.say("retention.benchmark"),
            key=_FIELD,
            placeholder=reader.say("retention.benchmark.hint"),
            max_chars=_MOST_LETTERS,
            on_change=write,
        )
