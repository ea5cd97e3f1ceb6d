"""One run of the app: the frame, the page that the address asks for, what is said when something fails."""

from __future__ import annotations

import logging
import secrets
from pathlib import Path
from typing import Final

import streamlit as st

from crm_core.base import BaseDamaged, CrmError
from crm_core.ui import collector, frame, markup, navigation, skin, state
from crm_core.ui.navigation import Groups

_SIDEBAR_WIDTH: Final = 216
_FAVICON: Final = str(Path(__file__).parents[2] / "static" / "favicon.png")

_log: Final = logging.getLogger(__name__)


def run(groups: Groups) -> None:
    """Draw the page that the address asks for.

    Args:
        groups: Names of the pages, in the groups in which they are offered; the first is where one begins.
    """
    spoken = state.current_language()
    titles = {name: spoken.say(f"page.{name}") for group in groups for name in group}
    st.set_page_config(
        page_title=spoken.say("app.name"),
        page_icon=_FAVICON,
        layout="wide",
        initial_sidebar_state=_SIDEBAR_WIDTH,
    )
    name, draw = navigation.choose(groups, titles)
    st.set_page_config(page_title=f"{titles[name]} · {spoken.say('app.name')}")
    skin.apply(spoken)
    navigation.follow()
    frame.side(groups, name)
    try:
        draw()
    except CrmError as error:
        _explain(name, error)
    except Exception as error:  # noqa: BLE001 - the boundary: no reader sees a stack trace
        unexpected(error)
    _settle(name)


def unexpected(error: Exception) -> bool:
    """Say that something went wrong, and log it under a number that the reader sees; True: it is told."""
    reference = secrets.token_hex(4)
    _log.error("%s", reference, exc_info=error)
    spoken = state.current_language()
    hint = spoken.say("error.unexpected_hint", reference=reference)
    st.html(markup.note(f"{spoken.say('error.unexpected')} {hint}", "mo-failure"))
    return True


def _explain(name: str, error: CrmError) -> None:
    """A base that is missing or damaged has a page of its own; anything else is a sentence."""
    from crm_core.ui import troubles
    from crm_core.ui.shell import UnknownFilter, Visitor

    visitor = Visitor(name, state.current_language())
    if isinstance(error, BaseDamaged):
        troubles.damaged(visitor, error)
    elif error.key == "base.none":
        troubles.no_base(visitor)
    elif isinstance(error, UnknownFilter):
        troubles.unknown_filter(visitor, error)
    else:
        st.html(markup.note(visitor.language.explain(error), "mo-failure"))


@st.cache_resource(show_spinner=False, max_entries=64)
def _settle(name: str) -> str:
    """A page that is drawn for the first time has loaded what it needs."""
    collector.settle()
    return name
