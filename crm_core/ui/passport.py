"""The data passport on the page: what a base holds, where it came from, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from crm_core.ui import importing, markup, report
from crm_core.ui.report import Column, Table

if TYPE_CHECKING:
    from crm_core.ui.shell import Visitor
    from crm_core.workspace import Workspace


def answer(visitor: Visitor, workspace: Workspace) -> None:
    """How much there is, from when to when, and what of it is in no customer's figures."""
    passport, say = workspace.passport, visitor.say
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


def tables(visitor: Visitor, workspace: Workspace) -> None:
    """The tables that the base provides, and which of their columns it fills."""
    passport, say = workspace.passport, visitor.say
    report.section(say("data.tables"))
    rows = pd.DataFrame(
        {
            "table": [say(f"table.{table.name}") for table in passport.tables],
            "rows": [table.rows for table in passport.tables],
            "columns": [
                _enumerated(visitor, [say(f"column.{column}") for column in table.columns])
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


def imports(visitor: Visitor, workspace: Workspace) -> None:
    """What was brought in, and what of it was set aside and why."""
    brought = workspace.passport.imports
    if not brought:
        return
    say = visitor.say
    report.section(say("data.imports"))
    rows = pd.DataFrame(
        {
            "source": [one.source for one in brought],
            "read": [one.read for one in brought],
            "accepted": [one.accepted for one in brought],
            "rejected": [sum(one.rejected.values()) for one in brought],
        }
    )
    columns = {
        "source": Column(say("data.file")),
        "read": Column(say("data.read"), "count"),
        "accepted": Column(say("data.accepted"), "count"),
        "rejected": Column(say("data.rejected"), "count"),
    }
    report.table(visitor, Table(rows, columns), name="imports")
    for one in brought:
        if one.rejected:
            file = workspace.rejects_file(one.import_id)
            importing.rejects(visitor, one.rejected, file, f"mo-rejects-{one.import_id}")


def _enumerated(visitor: Visitor, words: Sequence[str]) -> str:
    return reduce(lambda first, more: visitor.say("data.enumeration", first=first, more=more), words)
