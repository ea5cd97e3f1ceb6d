"""What a reader sees who has no base to read: none yet, or one that is damaged."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import streamlit as st

from crm_core.base import BaseDamaged, CrmError, Id
from crm_core.ui import markup, state
from crm_core.ui.location import location
from crm_core.workspace import restore, sound_version
from crm_core.workspace.bringing import write_demonstration

if TYPE_CHECKING:
    from crm_core.ui.shell import Visitor

_CUSTOMERS: Final = 20_000


def no_base(visitor: Visitor) -> None:
    """Nothing has been brought in yet: what this is for, and the way to begin."""
    say = visitor.say
    hint = markup.tag("p", say("empty.base_hint"), "mo-context")
    tagline = markup.tag("p", say("app.tagline"), "mo-place")
    st.html(tagline + markup.tag("h1", say("empty.base"), "mo-answer") + hint)
    st.html(f'<p class="mo-ways">{markup.way(say("demo.bring_own"), visitor.link("data"))}</p>')
    if "://" not in location() and st.button(say("demo.look"), key="mo-demonstration"):
        _demonstrate(visitor)


def _demonstrate(visitor: Visitor) -> None:
    bar = st.progress(0.0, visitor.say("demo.writing"))

    def show(done: float) -> None:
        bar.progress(min(done, 1.0), visitor.say("demo.writing"))

    try:
        write_demonstration(
            Path(location()),
            customers=_CUSTOMERS,
            seed=1,
            progress=show,
        )
    except CrmError as refused:
        st.html(markup.note(visitor.language.explain(refused), "mo-failure"))
    else:
        st.rerun()


def unknown_filter(visitor: Visitor, error: CrmError) -> None:
    """That the base has nothing of what it is narrowed down to, and the way out of that."""
    part, unknown = str(error.values["part"]), cast(Id, error.values["name"]).text
    others = [one for one in state.read_all(part) if one != unknown]
    st.html(
        markup.tag("h1", visitor.language.explain(error), "mo-answer")
        + markup.way(visitor.say("filter.without"), visitor.here(**{part: others}))
    )


def damaged(visitor: Visitor, error: BaseDamaged) -> None:
    """Which part of the base cannot be read, and the way back to the newest version that is whole."""
    st.html(
        markup.tag("h1", visitor.say("base.damaged_headline"), "mo-answer")
        + markup.tag("p", visitor.language.explain(error), "mo-context")
    )
    version = sound_version(location())
    if version is None:
        st.html(markup.tag("p", visitor.say("base.nothing_to_restore")))
        return
    if st.button(visitor.say("base.restore_sound", version=version), key="mo-restore", type="primary"):
        try:
            restore(location(), version)
        except CrmError as refused:
            st.html(markup.note(visitor.language.explain(refused), "mo-failure"))
        else:
            st.rerun()
