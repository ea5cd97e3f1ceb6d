"""Ways on: to another page, to a customer in a row, to the rest of a long list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

import streamlit as st

from crm_core.ui import markup, tables
from crm_core.ui.shell import Visitor
from crm_core.ui.shown import Way
from crm_core.ui.tables import Table


def ways(reader: Visitor, shown: Sequence[Way]) -> None:
    """Ways on, one beside the other."""
    st.html('<p class="mo-ways">' + "".join(linked(reader, way) for way in shown) + "</p>")


def linked(reader: Visitor, way: Way) -> str:
    """A way as markup."""
    return markup.way(way.label, reader.link(way.page, **way.state))


def to_customer(row: Mapping[str, object]) -> Way:
    """To the customer of a row, by its `customer_id`."""
    return Way("", "customer", {"customer": str(row["customer_id"])})


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
