"""What have we brought in, and how far can it be trusted?"""

from __future__ import annotations

import pandas as pd
import streamlit as st

from crm_core.base import BaseDamaged, CrmError, InputError
from crm_core.ui import bases, importing, markup, report, shell, troubles
from crm_core.ui.location import location, own_beside
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Visitor
from crm_core.workspace import Workspace


def render() -> None:
    """The data passport, the way to bring a file in, and the way back to the version before."""
    visitor = shell.enter("data")
    try:
        workspace = bases.opened(bases.shown_progress(visitor.language))
    except BaseDamaged as error:
        troubles.damaged(visitor, error)
        return
    except InputError:
        st.html(markup.tag("h1", visitor.say("empty.base"), "mo-answer"))
        importing.offer(visitor, location(), first=True)
        return
    shell.about_base(visitor, workspace)
    importing.say_what_came_in(visitor)
    _answer(visitor, workspace)
    if workspace.manifest is not None:
        demonstration = workspace.demonstration
        target = own_beside(workspace.location) if demonstration else workspace.location
        importing.offer(visitor, target, first=demonstration)
    _tables(visitor, workspace)
    _imports(visitor, workspace)
    _versions(visitor, workspace)


def _answer(visitor: Visitor, workspace: Workspace) -> None:
    passport, say = bases.passport(workspace), visitor.say
    lines = next(table.rows for table in passport.tables if table.name == "orders")
    headline = say("data.headline", lines=lines, customers=passport.customers, purchases=passport.purchases)
    told = [say("check.days", first=passport.first_day, last=passport.last_day)]
    if passport.guest_lines:
        told.append(say("check.guests", count=passport.guest_lines))
    if passport.unconverted_lines:
        told.append(say("check.unconverted", count=passport.unconverted_lines))
    if workspace.demonstration:
        told.insert(0, say("demo.notice"))
    st.html(
        markup.tag("p", say("page.data"), "mo-place")
        + markup.tag("h1", headline, "mo-answer")
        + markup.tag("p", " ".join(told), "mo-context")
    )
    facts = {
        say("data.currency"): passport.currency,
        say("data.time_zone"): passport.time_zone,
        say("data.version"): "" if passport.version is None else visitor.language.number(passport.version),
    }
    st.html(markup.facts({name: value for name, value in facts.items() if value}))


def _tables(visitor: Visitor, workspace: Workspace) -> None:
    passport, say = bases.passport(workspace), visitor.say
    report.section(say("data.tables"))
    rows = pd.DataFrame(
        {
            "table": [say(f"table.{table.name}") for table in passport.tables],
            "rows": [table.rows for table in passport.tables],
            "columns": [
                say("data.comma").join(say(f"column.{column}") for column in table.columns)
                for table in passport.tables
            ],
        }
    )
    columns = {
        "table": Column(say("data.table")),
        "rows": Column(say("data.rows"), "count"),
        "columns": Column(say("data.filled_columns")),
    }
    report.table(visitor, Table(rows, columns), name="tables")


def _imports(visitor: Visitor, workspace: Workspace) -> None:
    imports = bases.passport(workspace).imports
    if not imports:
        return
    say = visitor.say
    report.section(say("data.imports"))
    rows = pd.DataFrame(
        {
            "source": [one.source for one in imports],
            "read": [one.read for one in imports],
            "accepted": [one.accepted for one in imports],
            "rejected": [sum(one.rejected.values()) for one in imports],
        }
    )
    columns = {"source": Column(say("data.file"))} | {
        name: Column(say(f"data.{name}"), "count") for name in ("read", "accepted", "rejected")
    }
    report.table(visitor, Table(rows, columns), name="imports")
    for one in imports:
        if one.rejected:
            file = bases.rejects_file(workspace, one.import_id)
            importing.rejects(visitor, one.rejected, file, f"mo-rejects-{one.import_id}")


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
                bases.go_back(workspace, before)
            except CrmError as error:
                report.failure(visitor, error)
            else:
                st.rerun()
