"""How a picture stands on a page: what it shows, how it is counted, and its table twin."""

from __future__ import annotations

from html import escape

import streamlit as st

from crm_core.ui import markup, tables
from crm_core.ui.shell import Visitor
from crm_core.ui.shown import Definition, Picture, Twin
from crm_core.ui.ways import leading, ways


def draw(reader: Visitor, shown: Picture) -> None:
    """A picture with title, n, definition, table twin and CSV."""
    with st.container(key=f"mo-picture-{shown.name}", gap=None):
        subtitle = markup.tag("p", shown.subtitle, "mo-subtitle")
        st.html(markup.tag("h2", shown.title, "mo-title") + subtitle)
        if shown.drawing:
            st.html(shown.drawing)
        if shown.figure is not None:
            _plot(shown)
        if shown.ways:
            ways(reader, shown.ways)
        foot(reader, shown, opens=reader.say("picture.table"))


def foot(reader: Visitor, shown: Picture | Twin, *, opens: str) -> None:
    """How many a picture or figures speak of, how they are counted, the table behind `opens`, and its CSV."""
    name = shown.name
    with st.container(key=f"mo-foot-{name}", horizontal=True, vertical_alignment="center"):
        if shown.n:
            st.html(markup.tag("span", shown.n, "mo-foot"), width="content")
        how(reader, name, shown.definition)
        with st.popover(opens, type="tertiary", key=f"mo-table-{name}"):
            links = leading(reader, shown.table, shown.leads_to) if isinstance(shown, Picture) else {}
            tables.show(reader, shown.table, shown.title, links=links)
        tables.download(reader, shown.table, name, key=f"mo-csv-{name}")


def how(reader: Visitor, name: str, definition: Definition) -> None:
    """How something is counted, one click away."""
    with st.popover(reader.say("picture.how_counted"), type="tertiary", key=f"mo-how-{name}"):
        st.html(_definition(reader, definition))


def _plot(shown: Picture) -> None:
    key = f"mo-plot-{shown.name}"
    told = shown.on_click

    def clicked() -> None:
        points = st.session_state[key].selection.points
        if points and told is not None:
            told(dict(points[0]))

    st.plotly_chart(
        shown.figure,
        theme=None,
        key=key,
        alt=f"{shown.title}. {shown.subtitle}",
        on_select="ignore" if told is None else clicked,
        selection_mode="points",
        config={"displayModeBar": False, "displaylogo": False, "scrollZoom": False, "doubleClick": False},
    )


def _definition(reader: Visitor, definition: Definition) -> str:
    parts = (
        (reader.say("picture.source"), definition.source),
        (reader.say("picture.period"), definition.period),
    )
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in parts)
    return f'<div class="mo-definition">{markup.tag("p", definition.text)}<dl>{rows}</dl></div>'
