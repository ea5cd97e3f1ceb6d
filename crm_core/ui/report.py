"""The anatomy of a page: answer, figures, pictures, what changed, and the customers behind a number.

Whatever comes from a base is shown as escaped text, never as Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Literal

import streamlit as st

from crm_core.base import CrmError, Sentence
from crm_core.periods import day_of
from crm_core.ui import markup, tables
from crm_core.ui.frame import Choice
from crm_core.ui.shell import Reader, Visitor
from crm_core.ui.state import Value
from crm_core.ui.tables import Column, Table

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "Column",
    "Definition",
    "Picture",
    "ShownChange",
    "ShownFigure",
    "ShownHighlight",
    "Table",
    "Twin",
    "Undrawn",
    "Way",
    "answer",
    "dead_end",
    "definition",
    "empty",
    "facts",
    "failure",
    "figures",
    "folded",
    "highlights",
    "how_counted",
    "leading",
    "note",
    "offers",
    "picture",
    "remark",
    "section",
    "shut",
    "table",
    "text",
    "turn_pages",
    "twin",
    "waiting",
    "ways",
    "working",
]


@dataclass(frozen=True)
class ShownChange:
    """A change beside a figure: how much, against what, where to, and whether that is good news.

    `good` is None where it is neither (unchanged, or nothing to compare with).
    """

    amount: str
    against: str
    direction: Literal["up", "down", "level"]
    good: bool | None


@dataclass(frozen=True)
class ShownFigure:
    """A figure: its name, its value in short and in full, its changes, and its course, oldest value first.

    `trend_label` says in words what the small line shows; a figure without `trend` has no line. `notes` stand
    below the value: its range, or what it is a part of.
    """

    label: str
    value: str
    full: str
    changes: tuple[ShownChange, ...] = ()
    trend: tuple[float, ...] = ()
    trend_label: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Definition:
    """How a number is counted, where from, and over which days; all in the reader's words."""

    text: str
    source: str
    period: str


def definition(reader: Reader, *texts: str) -> Definition:
    """How a picture is counted, over all days up to the one that is shown."""
    first = reader.workspace.tables.first_day
    return Definition(
        " ".join(texts),
        reader.say("overview.source", date=reader.as_of),
        reader.language.date_range(first, max(day_of(reader.as_of), first)),
    )


@dataclass(frozen=True)
class Picture:
    """A picture and its table twin.

    Args:
        name: A name that stays the same in every language, unique on the page.
        title: What it shows.
        subtitle: Unit, and where the axis begins if not at zero.
        figure: The Plotly figure; None where there is none.
        n: How many it speaks of, in words.
        definition: How it is counted.
        table: The numbers behind it.
        on_click: Told the Plotly point that was clicked, in a callback; it may call `reader.go`.
        drawing: A picture as markup, where there is no figure.
        ways: Where its marks lead, in words.
        leads_to: Where a row of the table leads, if anywhere; of the way only page and state matter.
    """

    name: str
    title: str
    subtitle: str
    figure: go.Figure | None
    n: str
    definition: Definition
    table: Table
    on_click: Callable[[dict[str, object]], None] | None = None
    drawing: str = ""
    ways: Sequence[Way] = ()
    leads_to: Callable[[Mapping[str, object]], Way | None] | None = None


@dataclass(frozen=True)
class Undrawn:
    """A picture that the base cannot carry: its title, and what it takes in one sentence."""

    title: str
    why: str


@dataclass(frozen=True)
class Twin:
    """Numbers that stand in a table one click away, with how they are counted.

    Args:
        name: A name that stays the same in every language, unique on the page.
        title: What opens the table.
        n: How many it speaks of, in words; empty where what stands above it says so already.
        definition: How it is counted.
        table: The numbers.
    """

    name: str
    title: str
    n: str
    definition: Definition
    table: Table


@dataclass(frozen=True)
class Way:
    """A way on: its words, the page, and what its address says besides language and filters."""

    label: str
    page: str
    state: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class ShownHighlight:
    """Something that stands out or is to be done: the figure that carries it, a sentence, a way, its name.

    `also` are ways to what the same holds for, after the word `further`.
    """

    headline: str
    text: str
    way: Way | None = None
    label: str = ""
    further: str = ""
    also: Sequence[Way] = ()


def answer(reader: Reader, headline: Sentence, context: Sentence | None = None) -> None:
    """The answer of the page in one sentence, with where and as of when above it and its n below."""
    place = reader.say("page.place", page=reader.say(f"page.{reader.page}"), date=reader.as_of)
    below = "" if context is None else markup.tag("p", reader.tell(context), "mo-context")
    st.html(markup.tag("p", place, "mo-place") + markup.tag("h1", reader.tell(headline), "mo-answer") + below)


def figures(reader: Reader, shown: Sequence[ShownFigure]) -> None:
    """Figures on one line, two by two on a telephone; time runs in their small lines as the language does."""
    cells = "".join(markup.figure(one, rtl=reader.rtl) for one in shown)
    st.html(f'<div class="mo-figures">{cells}</div>')


def picture(reader: Reader, shown: Picture | Undrawn) -> None:
    """A picture with title, n, definition, table twin and CSV; or what it takes to draw it."""
    from crm_core.ui.pictures import draw

    if isinstance(shown, Undrawn):
        st.html(
            '<div class="mo-undrawn">'
            + markup.tag("h2", shown.title, "mo-title")
            + markup.tag("p", shown.why, "mo-subtitle")
            + "</div>"
        )
        return
    draw(reader, shown)


def twin(reader: Reader, shown: Twin) -> None:
    """The foot of figures: n, definition, table and CSV."""
    from crm_core.ui.pictures import foot

    foot(reader, shown, opens=shown.title)


def highlights(reader: Reader, items: Sequence[ShownHighlight]) -> None:
    """What changed or what to do, side by side, each with a way on."""
    cells = []
    for item in items:
        way = "" if item.way is None else _linked(reader, item.way)
        label = markup.tag("p", item.label, "mo-label") if item.label else ""
        also = " · ".join(markup.link(one.label, reader.link(one.page, **one.state)) for one in item.also)
        cells.append(
            label
            + markup.tag("h2", item.headline, "mo-highlight")
            + markup.tag("p", item.text)
            + way
            + (f'<p class="mo-also">{escape(item.further)} {also}</p>' if also else "")
        )
    sections = "".join(f"<section>{cell}</section>" for cell in cells)
    st.html(f'<div class="mo-highlights">{sections}</div>')


def ways(reader: Visitor, shown: Sequence[Way]) -> None:
    """Ways on, one beside the other."""
    st.html('<p class="mo-ways">' + "".join(_linked(reader, way) for way in shown) + "</p>")


def _linked(reader: Visitor, way: Way) -> str:
    return markup.way(way.label, reader.link(way.page, **way.state))


def remark(words: str, label: str, address: str) -> None:
    """A sentence to know of what stands beside it, and the way that it opens."""
    st.html(f'<p class="mo-remark">{markup.text(words)} {markup.way(label, address)}</p>')


def dead_end(words: str, label: str, address: str) -> None:
    """Why a view shows nothing, in the place of its answer, and the way out of it."""
    st.html(markup.tag("h1", words, "mo-answer") + markup.way(label, address))


def section(title: str) -> None:
    """The title of a part of the page."""
    st.html(markup.tag("h2", title, "mo-section"))


@contextmanager
def folded(name: str, words: str) -> Iterator[None]:
    """What a narrow screen shows once it is asked for by these words, and a wide one at once.

    Args:
        name: A name that stays the same in every language, unique on the page.
        words: What asks for it.
    """
    with st.container(key=f"mo-fold-{name}", gap=None):
        st.html(markup.more(words))
        yield


@contextmanager
def shut(name: str, words: str) -> Iterator[None]:
    """What any screen shows once it is asked for by these words.

    Args:
        name: A name that stays the same in every language, unique on the page.
        words: What asks for it.
    """
    with st.container(key=f"mo-shut-{name}", gap=None):
        st.html(markup.more(words))
        yield


def how_counted(reader: Reader, name: str, definition: Definition) -> None:
    """How a part of the page that is no picture is counted, one click away; `name` is unique on the page."""
    from crm_core.ui.pictures import how

    with st.container(key=f"mo-foot-{name}", horizontal=True):
        how(reader, name, definition)


def offers(reader: Reader, offered: Mapping[str, Sequence[Choice]]) -> None:
    """Quiet ways to change the view, by what they change, side by side."""
    lines = "".join(
        f"<p>{escape(label)} {' '.join(one.link(reader) for one in choices)}</p>"
        for label, choices in offered.items()
        if len(choices) > 1
    )
    st.html(f'<div class="mo-offers">{lines}</div>')


def facts(pairs: Mapping[str, str]) -> None:
    """Names and what stands for them."""
    st.html(markup.facts(pairs))


def note(text: str) -> None:
    """A sentence that explains what stands above it."""
    st.html(markup.tag("p", text, "mo-subtitle"))


def text(words: str) -> None:
    """A sentence or two."""
    st.html(markup.tag("p", words))


def table(
    reader: Visitor,
    shown: Table,
    *,
    name: str = "",
    leads_to: Callable[[Mapping[str, object]], Way | None] | None = None,
    first: int = tables.SHOWN_ROWS,
    folds: bool = False,
) -> None:
    """A table with its CSV below.

    Args:
        reader: Who reads.
        shown: The table.
        name: A name that stays the same in every language, unique on the page; without one there is no CSV,
            as for the first rows of what another page lists.
        leads_to: Where a row's first cell leads, if anywhere; of the way only page and state matter.
        first: Rows that are shown on a narrow screen before all are asked for.
        folds: Whether a wide screen shows no more either.
    """
    tables.show(reader, shown, links=leading(reader, shown, leads_to), leading=first, folds=folds)
    if name:
        with st.container(key=f"mo-foot-{name}", horizontal=True):
            tables.download(reader, shown, name, key=f"mo-csv-{name}")


def leading(
    reader: Visitor, shown: Table, leads_to: Callable[[Mapping[str, object]], Way | None] | None
) -> dict[str, list[str]]:
    """Where the first cell of each row of a table leads."""
    if leads_to is None:
        return {}
    ways = [leads_to(row) for row in tables.rows_shown(shown)]
    first = next(iter(shown.columns))
    return {first: ["" if way is None else reader.link(way.page, **way.state) for way in ways]}


def turn_pages(reader: Visitor, *, page: int, size: int, total: int) -> None:
    """Ways to the pages of a long list before and after this one; nothing when it has only one."""
    pages = -(-total // size)
    if pages < 2:
        return
    place = reader.say("table.page_of", page=page, pages=pages)
    steps = (("table.page_before", page - 1), ("table.page_after", page + 1))
    links = [
        f'<a href="{escape(reader.here(page=str(to)))}">{escape(reader.say(key))}</a>'
        for key, to in steps
        if 1 <= to <= pages
    ]
    st.html(f'<p class="mo-pages">{markup.tag("span", place)} {" ".join(links)}</p>')


def empty(reader: Reader, sentence: Sentence, hint: Sentence | None = None) -> None:
    """That there is nothing to show, and what to do about it."""
    below = "" if hint is None else markup.tag("p", reader.tell(hint), "mo-context")
    st.html(markup.tag("h1", reader.tell(sentence), "mo-answer") + below)
    if reader.selection:
        everything = reader.here(channel=None, category=None, region=None)
        st.html(markup.way(reader.say("filter.clear"), everything))


def failure(reader: Visitor, error: CrmError) -> None:
    """What went wrong with a part of the page, in one sentence."""
    st.html(markup.note(reader.language.explain(error), "mo-failure"))


@contextmanager
def waiting(height: int) -> Iterator[None]:
    """A grey field of the right height while what is drawn within is being worked out for the first time."""
    with st.skeleton(height):
        yield


@contextmanager
def working(height: int) -> Iterator[Callable[[str], None]]:
    """As `waiting`, with a line above that says what is being done; it is told the words."""
    line = st.empty()

    def say(words: str) -> None:
        line.html(markup.tag("p", words, "mo-subtitle mo-working"))

    try:
        with st.skeleton(height):
            yield say
    finally:
        line.empty()
