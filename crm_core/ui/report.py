"""The anatomy of a page: answer, figures, pictures, what changed, and the customers behind a number.

Whatever comes from a base is shown as escaped text, never as Markdown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from html import escape

import streamlit as st

from crm_core.base import CrmError, Sentence
from crm_core.periods import day_of
from crm_core.ui import markup, tables
from crm_core.ui.frame import Choice
from crm_core.ui.pictures import draw, foot, how
from crm_core.ui.shell import Reader, Visitor
from crm_core.ui.shown import (
    Definition,
    Picture,
    ShownChange,
    ShownFigure,
    ShownHighlight,
    Twin,
    Undrawn,
    Way,
)
from crm_core.ui.tables import Column, Table
from crm_core.ui.ways import leading, linked, turn_pages, ways

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
    "side_by_side",
    "table",
    "text",
    "turn_pages",
    "twin",
    "waiting",
    "ways",
    "working",
]


def definition(reader: Reader, *texts: str) -> Definition:
    """How a picture is counted, over all days up to the one that is shown."""
    first = reader.workspace.tables.first_day
    return Definition(
        " ".join(texts),
        reader.say("overview.source", date=reader.as_of),
        reader.language.date_range(first, max(day_of(reader.as_of), first)),
    )


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
    if isinstance(shown, Undrawn):
        st.html(
            '<div class="mo-undrawn">'
            + markup.tag("h2", shown.title, "mo-title")
            + markup.tag("p", shown.why, "mo-subtitle")
            + "</div>"
        )
        return
    draw(reader, shown)


def side_by_side(reader: Reader, shown: Sequence[Picture | Undrawn]) -> None:
    """Pictures, two in a row; one below the other where there is no room."""
    for start in range(0, len(shown), 2):
        for place, one in zip(st.columns(2, gap="large"), shown[start : start + 2], strict=False):
            with place:
                picture(reader, one)


def twin(reader: Reader, shown: Twin) -> None:
    """The foot of figures: n, definition, table and CSV."""
    foot(reader, shown, opens=shown.title)


def highlights(reader: Reader, items: Sequence[ShownHighlight]) -> None:
    """What changed or what to do, side by side, each with a way on."""
    cells = []
    for item in items:
        way = "" if item.way is None else linked(reader, item.way)
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


def remark(words: str, label: str, address: str) -> None:
    """A sentence to know of what stands beside it, and the way that it opens."""
    st.html(f'<p class="mo-remark">{markup.text(words)} {markup.way(label, address)}</p>')


def dead_end(words: str, label: str, address: str) -> None:
    """Why a view shows nothing, in the place of its answer, and the way out of it."""
    st.html(markup.tag("h1", words, "mo-answer") + markup.way(label, address))


def section(title: str) -> None:
    """The title of a part of the page."""
    st.html(markup.tag("h2", title, "mo-section"))


def folded(name: str, words: str) -> AbstractContextManager[None]:
    """What a narrow screen shows once it is asked for by these words, and a wide one at once.

    Args:
        name: A name that stays the same in every language, unique on the page.
        words: What asks for it.
    """
    return _asked_for(f"mo-fold-{name}", words)


def shut(name: str, words: str) -> AbstractContextManager[None]:
    """What any screen shows once it is asked for by these words.

    Args:
        name: A name that stays the same in every language, unique on the page.
        words: What asks for it.
    """
    return _asked_for(f"mo-shut-{name}", words)


@contextmanager
def _asked_for(key: str, words: str) -> Iterator[None]:
    with st.container(key=key, gap=None):
        st.html(markup.more(words))
        yield


def how_counted(reader: Reader, name: str, definition: Definition) -> None:
    """How a part of the page that is no picture is counted, one click away; `name` is unique on the page."""
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
