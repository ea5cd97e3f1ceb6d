"""What stands around every page: the ways to the others, the filters, the languages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
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

Choice = tuple[str, str, bool]
"""Words, address, and whether it is the one that holds."""


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
            _list(reader.say("filter.period"), [_period(reader, one) for one in PERIOD_CHOICES])
    if "as_of" in filters:
        with st.popover(reader.say("page.as_of", date=reader.language.date(reader.as_of)), key="mo-as-of"):
            _as_of(reader)
    for name, values in offered.items():
        if name in filters and (values or state.read_all(name)):
            _many(reader, name, values)


def _period(reader: Reader, choice: str) -> Choice:
    kept = None if choice == state.DEFAULT_PERIOD else choice
    return reader.say(f"period.{choice}"), reader.here(period=kept), choice == reader.choice


def _as_of(reader: Reader) -> None:
    latest = reader.workspace.as_of
    words = reader.say("filter.latest_day", date=reader.language.date(latest))
    _list(reader.say("filter.as_of"), [(words, reader.here(as_of=None), reader.as_of == latest)])
    dates.date_input(
        reader.language,
        reader.as_of,
        first=reader.workspace.tables.first_day,
        last=reader.workspace.tables.last_day,
        key="mo-day",
        on_pick=lambda day: state.write(as_of=None if day == latest else day.isoformat()),
    )
    _list(
        reader.say("calendar.choose"),
        [(reader.say(f"calendar.{one}"), reader.here(cal=one), one == reader.calendar) for one in CALENDARS],
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
        everything = (reader.say(nothing_chosen), reader.here(**{name: None}), not chosen)
        some = [(value, reader.here(**{name: _toggled(chosen, value)}), value in chosen) for value in values]
        _list(reader.say(label), [everything, *some])


def _toggled(chosen: Sequence[str], value: str) -> list[str]:
    return [one for one in chosen if one != value] if value in chosen else [*chosen, value]


def _list(label: str, choices: Iterable[Choice]) -> None:
    rows = "".join(
        f'<li><a href="{escape(address)}"{" aria-current=true" if holds else ""}>{escape(words)}</a></li>'
        for words, address, holds in choices
    )
    st.html(f'<ul class="mo-choices" aria-label="{escape(label)}">{rows}</ul>')


def _languages(visitor: Visitor) -> None:
    links = []
    for code in LANGUAGES:
        spoken = language(code)
        here = ' aria-current="true"' if code == visitor.language.code else ""
        address = escape(visitor.here(lang=code))
        links.append(
            f'<a href="{address}" lang="{code}" hreflang="{code}"{here} title="{escape(spoken.endonym)}">'
            f"{escape(spoken.say('language.short'))}</a>"
        )
    label = escape(visitor.say("language.choose"))
    st.html(f'<nav class="mo-language" aria-label="{label}">{"".join(links)}</nav>')
