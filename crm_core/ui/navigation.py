"""The pages and the ways between them.

Ways are plain links. A script that every page carries follows them as the browser's own Back and Forward do,
so that the session stays, and each way is one step in the browser's history.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final
from urllib.parse import urlencode

import streamlit as st

Groups = Sequence[Sequence[str]]
"""Names of pages, in the groups in which they are offered."""

_WAY: Final = "mo-way"


def address(page: str, query: Mapping[str, Sequence[str]]) -> str:
    """A view's address relative to the other pages', as a link's target."""
    return f"{page}?{urlencode(query, doseq=True)}"


def go(page: str, query: Mapping[str, Sequence[str]]) -> None:
    """Move to another view as soon as this run has begun; for callbacks.

    `st.switch_page` would be two steps in the browser's history, the first to a view that nobody asked for.
    """
    st.session_state[_WAY] = address(page, query)


def follow() -> None:
    """Have the browser go where a callback said."""
    way = st.session_state.pop(_WAY, None)
    if way is not None:
        target = json.dumps(way).replace("<", "\\u003c")
        st.html(f"<script>window.moshtari({target})</script>", unsafe_allow_javascript=True)


def choose(groups: Groups, titles: Mapping[str, str]) -> tuple[str, Callable[[], None]]:
    """Tell Streamlit which pages there are.

    The first page has two addresses, its own and the one without a path.

    Args:
        groups: The pages.
        titles: What each is called in the reader's language.

    Returns:
        The name of the page that the address asks for, and what draws it.
    """
    names = [name for group in groups for name in group]
    pages = {_registered("start", names[0], titles[names[0]], default=True): names[0]}
    pages |= {_registered(name, name, titles[name]): name for name in names}
    chosen = st.navigation(list(pages), position="hidden")
    return pages[chosen], chosen.run


def _registered(path: str, name: str, title: str, *, default: bool = False) -> st.Page:
    return st.Page(partial(_draw, name), title=title, url_path=path, default=default)


def _draw(name: str) -> None:
    """Load a page's file when it is first asked for, and draw it."""
    importlib.import_module(f"pages.{name}").render()
