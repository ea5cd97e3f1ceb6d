"""What stands around every page: the ways to the others, the filters, the languages."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from crm_core.i18n import LANGUAGES, language
from crm_core.overview.rules import PERIOD_CHOICES
from crm_core.periods import CALENDARS
from crm_core.ui import dates, markup, navigation, state

if TYPE_CHECKING:
    from crm_core.ui.navigation import Groups
    from crm_core.ui.shell import Reader, Visitor
    from crm_core.workspace import Workspace

_MANY: Final = {
    "channel": ("filter.channel", "filter.all_channels", "filter.channels_chosen"),
    "category": ("filter.category", "filter.all_categories", "filter.categories_chosen"),
    "region": ("filter.region", "filter.all_regions", "filter.regions_chosen"),
}


@dataclass(frozen=True)
class Choice:
    """One of several ways to change a part of the address.

    Where it leads is said twice: as an address, for a tab of its own, and as a change of one part, for a
    click: the page applies it to the address as it is then, so that quick clicks add up.

    Args:
        words: What the reader sees.
        part: The part of the address.
        value: What it becomes; None: it goes.
        holds: Whether it is so now.
        adds_up: Whether the value joins others, and leaves them when it is among them.
    """

    words: str
    part: str
    value: str | None
    holds: bool
    adds_up: bool = False

    def link(self, visitor: Visitor, attributes: str = "") -> str:
        """The choice as a link."""
        becomes: state.Value = self.value
        if self.adds_up and self.value is not None:
            becomes = _toggled(state.read_all(self.part), self.value)
        address = escape(visitor.here(**{self.part: becomes}))
        held = ' aria-current="true"' if self.holds else ""
        kind = "data-toggle" if self.adds_up else "data-value"
        change = f'data-part="{self.part}" {kind}="{escape(self.value or "")}"'
        return f'<a href="{address}" {change}{held}{attributes}>{escape(self.words)}</a>'


drawn: Final = threading.Event()
"""Set once the frame of any page has been drawn for anybody."""


def side(groups: Groups, current: str) -> None:
    """The name of the product and the ways to all pages."""
    spoken = state.current_language()
    lists = "".join(
        "<ul>" + "".join(f"<li>{_way(name, current)}</li>" for name in group) + "</ul>" for group in groups
    )
    name = escape(spoken.say("app.name"))
    brand = f'<p class="mo-brand"><img src="app/static/favicon.svg" alt=""> {name}</p>'
    label = escape(spoken.say("app.pages"))
    st.sidebar.html(f'{brand}<nav class="mo-nav" aria-label="{label}">{lists}</nav>')
    drawn.set()


def _way(name: str, current: str) -> str:
    here = ' aria-current="page"' if name == current else ""
    words = escape(state.current_language().say(f"page.{name}"))
    return f'<a href="{escape(navigation.address(name, state.link()))}"{here}>{words}</a>'


def about_base(visitor: Visitor, workspace: Workspace) -> None:
    """Which base this is, below the ways."""
    parts = [visitor.say("demo.short")] if workspace.demonstration else []
    if workspace.manifest is not None:
        lines = sum(part.rows for part in workspace.manifest.parts_of("orders"))
        parts.append(visitor.say("base.lines", count=lines))
    st.sidebar.html(f'<p class="mo-base">{escape(" · ".join(parts))}</p>')


def demonstration(visitor: Visitor) -> None:
    """That these customers are invented, and the way to bring one's own."""
    way = markup.way(visitor.say("demo.bring_own"), visitor.link("data"))
    st.html(f'<p class="mo-note mo-notice">{escape(visitor.say("demo.notice"))} {way}</p>')


def after_today(reader: Reader) -> None:
    """That the last orders are dated after today, and everything is counted up to them.

    Not of customers who are invented, whose days are what they are, nor of a day that was chosen.
    """
    last, workspace = reader.as_of, reader.workspace
    today = dt.date.today()
    if last > today and last == workspace.as_of and not workspace.demonstration:
        st.html(markup.note(reader.say("page.after_today", date=last), "mo-notice"))


def top(visitor: Visitor, filters: Collection[str] = ()) -> None:
    """Filters at one end, languages at the other."""
    with st.container(key="mo-top", horizontal=True, vertical_alignment="center", gap="small"):
        if filters:
            _filters(visitor, filters)  # type: ignore[arg-type]  # who has filters has a base
        _languages(visitor)


def _filters(reader: Reader, filters: Collection[str]) -> None:
    choices = reader.workspace.choices
    offered = {"channel": choices.channels, "category": choices.categories, "region": choices.regions}
    if "period" in filters:
        with st.popover(reader.say(f"period.{reader.choice}"), key="mo-period"):
            _list(reader, reader.say("filter.period"), [_period(reader, one) for one in PERIOD_CHOICES])
    if "as_of" in filters:
        with st.popover(reader.say("page.as_of", date=reader.language.date(reader.as_of)), key="mo-as-of"):
            _as_of(reader)
    for name, values in offered.items():
        if name in filters and (values or state.read_all(name)):
            _many(reader, name, values)


def _period(reader: Reader, choice: str) -> Choice:
    kept = None if choice == state.DEFAULT_PERIOD else choice
    return Choice(reader.say(f"period.{choice}"), "period", kept, choice == reader.choice)


def _as_of(reader: Reader) -> None:
    latest = reader.workspace.as_of
    words = reader.say("filter.latest_day", date=reader.language.date(latest))
    _list(reader, reader.say("filter.as_of"), [Choice(words, "as_of", None, reader.as_of == latest)])
    dates.date_input(
        reader.language,
        reader.as_of,
        first=reader.workspace.tables.first_day,
        last=reader.workspace.tables.last_day,
        key="mo-day",
        on_pick=lambda day: state.write(as_of=None if day == latest else day.isoformat()),
    )
    _list(
        reader,
        reader.say("calendar.choose"),
        [Choice(reader.say(f"calendar.{one}"), "cal", one, one == reader.calendar) for one in CALENDARS],
    )


def _many(reader: Reader, name: str, offered: Sequence[str]) -> None:
    """A filter by any number of values; choosing one that holds lets it go."""
    label, nothing_chosen, some_chosen = _MANY[name]
    chosen = state.read_all(name)
    words = reader.say(some_chosen, count=len(chosen)) if chosen else reader.say(nothing_chosen)
    if len(chosen) == 1:
        words = markup.plain(chosen[0])
    with st.popover(words, key=f"mo-{name}"):
        values = [*offered, *(value for value in chosen if value not in offered)]
        everything = Choice(reader.say(nothing_chosen), name, None, not chosen)
        some = [Choice(value, name, value, value in chosen, adds_up=True) for value in values]
        _list(reader, reader.say(label), [everything, *some])


def _toggled(chosen: Sequence[str], value: str) -> list[str]:
    return [one for one in chosen if one != value] if value in chosen else [*chosen, value]


def _list(reader: Reader, label: str, choices: Iterable[Choice]) -> None:
    rows = "".join(f"<li>{choice.link(reader)}</li>" for choice in choices)
    st.html(f'<ul class="mo-choices" aria-label="{escape(label)}">{rows}</ul>')


def _languages(visitor: Visitor) -> None:
    links = []
    for code in LANGUAGES:
        spoken = language(code)
        choice = Choice(spoken.say("language.short"), "lang", code, code == visitor.language.code)
        links.append(
            choice.link(visitor, f' lang="{code}" hreflang="{code}" title="{escape(spoken.endonym)}"')
        )
    label = escape(visitor.say("language.choose"))
    st.html(f'<nav class="mo-language" aria-label="{label}">{"".join(links)}</nav>')
