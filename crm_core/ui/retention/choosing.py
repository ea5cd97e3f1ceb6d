"""The ways to have the cohorts counted otherwise, and the field for a benchmark, as they are drawn."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from html import escape
from typing import Final

import streamlit as st

from crm_core.base import Id
from crm_core.retention.rules import MEASURES, usual_brackets
from crm_core.ui import markup, state
from crm_core.ui.frame import Choice
from crm_core.ui.groups import group_name
from crm_core.ui.retention.choices import (
    COUNTINGS,
    MOST_LETTERS,
    UNITS,
    Chosen,
    edges_typed,
    share_of,
)
from crm_core.ui.shell import Reader

_FIELD: Final = "mo-benchmark"
_OWN: Final = "mo-own-brackets"
_MOST_TYPED: Final = 80


def draw(reader: Reader, now: Chosen, *, splits: Iterable[str], with_margin: bool) -> None:
    """The ways to have cohorts counted otherwise, as pills."""
    shape = now.shape
    with st.container(key="mo-choose", horizontal=True, gap="small"):
        _pill(reader, "unit", shape.unit, UNITS, "month")
        measures = [one for one in MEASURES if one != "margin" or with_margin]
        _pill(reader, "measure", now.measure, measures, "rate")
        _pill(reader, "counting", shape.counting, COUNTINGS, "on")
        _brackets(reader, now)
        if splits:
            _splits(reader, now, splits)


def _pill(reader: Reader, part: str, now: str, codes: Iterable[str], usual: str) -> None:
    with _labelled(reader, part), st.popover(reader.say(f"retention.{part}.{now}"), key=f"mo-{part}"):
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
    with _labelled(reader, "brackets"), st.popover(some if brackets else each, key="mo-brackets"):
        offered = [Choice(each, "brackets", None, not brackets)]
        for edges in dict.fromkeys(one for one in (usual, brackets) if one):
            code = ",".join(map(str, edges))
            words = reader.language.digits(", ".join(_written(edges)))
            offered.append(Choice(words, "brackets", code, edges == brackets))
        _list(reader, reader.say("retention.brackets"), offered)
        _own_brackets(reader, brackets)


def _own_brackets(reader: Reader, now: tuple[int, ...]) -> None:
    """A field for brackets of one's own; what makes none is explained above the figures."""
    st.session_state[_OWN] = reader.language.digits(", ".join(map(str, now)))

    def write() -> None:
        state.write(brackets=edges_typed(st.session_state[_OWN]) or None)

    st.text_input(
        reader.say("retention.brackets.own"),
        key=_OWN,
        placeholder=reader.language.digits("0, 1, 4, 7, 13"),
        max_chars=_MOST_TYPED,
        on_change=write,
    )


def _written(edges: tuple[int, ...]) -> list[str]:
    return [
        str(first) if end == first + 1 else f"{first}–{end - 1}" for first, end in itertools.pairwise(edges)
    ]


def _splits(reader: Reader, now: Chosen, names: Iterable[str]) -> None:
    within = now.shape.within
    words = reader.say("retention.split.none")
    if now.split is not None:
        words = reader.say("retention.split.by", grouping=reader.say(f"grouping.{now.split}"))
    if within is not None:
        words = markup.plain(f"{words}: {group_name(reader.language, now.split, within)}")
    with _labelled(reader, "split"), st.popover(words, key="mo-split"):
        offered = [Choice(reader.say("retention.split.none"), "split", None, now.split is None)]
        offered += [
            Choice(reader.say(f"grouping.{one}"), "split", one, one == now.split and within is None)
            for one in names
        ]
        _list(reader, reader.say("retention.split"), offered)


@contextmanager
def _labelled(reader: Reader, part: str) -> Iterator[None]:
    """A place with what is chosen there above it."""
    with st.container(key=f"mo-choice-{part}", width="content", gap=None):
        st.html(markup.tag("p", reader.say(f"retention.{part}"), "mo-choice"))
        yield


def _list(reader: Reader, label: str, choices: Iterable[Choice]) -> None:
    rows = "".join(f"<li>{choice.link(reader)}</li>" for choice in choices)
    st.html(f'<ul class="mo-choices" aria-label="{escape(label)}">{rows}</ul>')


def benchmark(reader: Reader, now: Chosen) -> None:
    """A field for the share that the company has set for itself; what is none stays, and is explained."""
    said = now.typed if now.benchmark is None else reader.language.number(100 * now.benchmark, None)
    st.session_state[_FIELD] = said

    def write() -> None:
        typed = st.session_state[_FIELD].strip()
        share = share_of(typed)
        state.write(benchmark=typed or None if share is None else f"{100 * share:g}")

    with st.container(key="mo-mark"):
        st.text_input(
            reader.say(f"retention.benchmark.{now.shape.unit}"),
            key=_FIELD,
            placeholder=reader.say("retention.benchmark.hint"),
            max_chars=MOST_LETTERS,
            on_change=write,
        )
        if now.typed:
            st.html(markup.note(reader.say("retention.benchmark.bad", typed=Id(now.typed)), "mo-failure"))
