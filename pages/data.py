"""What have we brought in, and how far can it be trusted?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import BaseDamaged, CrmError, InputError
from crm_core.ui import bases, importing, markup, passport, report, shell, troubles
from crm_core.ui.location import location, own_beside
from crm_core.ui.shell import Visitor
from crm_core.workspace import Workspace, restore


def render() -> None:
    """The data passport, the way to bring a file in, and the way back to the version before."""
    visitor = shell.enter("data")
    try:
        workspace = bases.opened(bases.shown_progress(visitor.language))
    except BaseDamaged as error:
        troubles.damaged(visitor, error)
        return
    except InputError as error:
        if error.key != "base.none":
            raise
        st.html(markup.tag("h1", visitor.say("empty.base"), "mo-answer"))
        importing.say_what_came_in(visitor)
        importing.offer(visitor, location(), first=True)
        return
    shell.about_base(visitor, workspace)
    importing.say_what_came_in(visitor)
    passport.answer(visitor, workspace)
    if workspace.manifest is not None:
        demonstration = workspace.demonstration
        target = own_beside(workspace.location) if demonstration else workspace.location
        currency = "" if demonstration else workspace.manifest.currency
        importing.offer(visitor, target, first=demonstration, currency=currency)
    passport.tables(visitor, workspace)
    passport.imports(visitor, workspace)
    _versions(visitor, workspace)


def _versions(visitor: Visitor, workspace: Workspace) -> None:
    """The way back to the version before, in two steps, since everybody sees it."""
    manifest = workspace.manifest
    if manifest is None or manifest.version < 2:
        return
    before = manifest.version - 1
    report.section(visitor.say("data.versions"))
    with st.popover(visitor.say("data.go_back", version=before), key="mo-versions"):
        st.html(markup.tag("p", visitor.say("data.go_back_hint")))
        if st.button(visitor.say("data.go_back_now"), key="mo-go-back", type="primary"):
            try:
                restore(workspace.location, before)
            except CrmError as error:
                report.failure(visitor, error)
            else:
                st.rerun()
