"""What every page stands in: the reader's language, base and filters, and the ways to other pages.

A page file holds one function, `render()`, and nothing that runs when the file is loaded: a page can only be
drawn through `app.py`. Its first line is `reader = shell.open_page("name")`; what it raises becomes a
sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import streamlit as st

from crm_core.base import CrmError, Id, InputError, Sentence
from crm_core.i18n import Language
from crm_core.overview.rules import PeriodChoice
from crm_core.periods import Calendar
from crm_core.tables import Ask, Selection
from crm_core.ui import bases, frame, navigation, state
from crm_core.ui.frame import about_base
from crm_core.ui.state import FILTERS, Value
from crm_core.workspace import Workspace

__all__ = ["Reader", "UnknownFilter", "Visitor", "about_base", "enter", "open_page"]


class UnknownFilter(InputError):
    """The reader narrowed the base down to what it does not have, as by a link of another base."""


@dataclass(frozen=True)
class Visitor:
    """Somebody on a page, whatever base there is or is not.

    Args:
        page: Name of the page.
        language: In which language, in the calendar that the reader chose.
    """

    page: str
    language: Language

    @property
    def calendar(self) -> Calendar:
        """In whose months and years everything is counted."""
        return self.language.calendar

    @property
    def rtl(self) -> bool:
        """Whether lines run from right to left."""
        return self.language.direction == "rtl"

    @cached_property
    def _shared(self) -> dict[str, list[str]]:
        """What links keep; read once for the hundreds of links of a page."""
        return state.shared()

    @property
    def dark(self) -> bool:
        """Whether the page is light on dark."""
        return st.context.theme.type == "dark"

    def say(self, key: str, **values: object) -> str:
        """A message in the reader's language."""
        return self.language.say(key, **values)

    def tell(self, sentence: Sentence) -> str:
        """What an answer says, in the reader's language."""
        return self.language.tell(sentence)

    def link(self, page: str, **values: Value) -> str:
        """The address of another view, as a link's target; keeps language and filters."""
        return navigation.address(page, state.with_parts(self._shared, values))

    def here(self, **values: Value) -> str:
        """The address of this very view with some parts of it changed, as a link's target."""
        return navigation.address(self.page, state.changed(**values))

    def go(self, page: str, **values: Value) -> None:
        """Move to another view; keeps language and filters. For callbacks of clicks."""
        navigation.go(page, state.link(**values))


@dataclass(frozen=True)
class Reader(Visitor):
    """Who reads a page, and what of which base they have asked to see.

    Args:
        choice: The period.
        as_of: The last day that exists for this reader.
        selection: What the base is narrowed down to.
        ask: How answers ask the base, narrowed so.
        workspace: The base.
    """

    choice: PeriodChoice
    as_of: dt.date
    selection: Selection
    ask: Ask
    workspace: Workspace


def enter(name: str) -> Visitor:
    """Draw the frame of a page that needs no base; the first line of such a page."""
    visitor = Visitor(name, state.current_language())
    frame.top(visitor)
    return visitor


def open_page(name: str, *, filters: Collection[str] = FILTERS) -> Reader:
    """Draw the frame of a page and open the reader's base; the first line of every page.

    Args:
        name: The page, by the name of its file.
        filters: Which filters mean something on it; those that the base cannot serve are left out.

    Raises:
        CrmError: There is no base that can be read, or it has nothing of what the reader narrowed it down to.
    """
    language = state.current_language()
    try:
        workspace = bases.opened(bases.shown_progress(language))
    except CrmError:
        frame.top(Visitor(name, language))
        raise
    selection = Selection(*(state.read_all(name) for name in ("channel", "category", "region")))
    reader = Reader(
        page=name,
        language=language,
        choice=state.period(),
        as_of=state.as_of() or workspace.as_of,
        selection=selection,
        ask=workspace.ask(selection),
        workspace=workspace,
    )
    frame.top(reader, filters)
    _check(reader)
    about_base(reader, workspace)
    frame.after_today(reader)
    if workspace.demonstration and name == "overview":
        frame.demonstration(reader)
    return reader


def _check(reader: Reader) -> None:
    """See that the base has what the reader narrowed it down to; a base that knows no regions says so later.

    Raises:
        UnknownFilter: It has not.
    """
    choices, selection = reader.workspace.choices, reader.selection
    for part, key, known, chosen in (
        ("channel", "filter.unknown_channel", choices.channels, selection.channels),
        ("category", "filter.unknown_category", choices.categories, selection.categories),
        ("region", "filter.unknown_region", choices.regions, selection.regions),
    ):
        unknown = [one for one in chosen if known and one not in known]
        if unknown:
            raise UnknownFilter(key, name=Id(unknown[0]), part=part)
