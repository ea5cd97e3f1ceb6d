"""The first rows of a file: as they stand in it, and as they will lie in the base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from crm_core.schemas import SCHEMAS
from crm_core.ui import markup, tables
from crm_core.ui.report import section
from crm_core.ui.shell import Visitor
from crm_core.ui.tables import Column, Kind, Table
from crm_core.workspace.bringing import Preview, load_mapping

_SHOWN_ROWS: Final = 5
_KINDS: Final[Mapping[str, Kind]] = {
    "money": "money",
    "quantity": "number",
    "number": "number",
    "timestamp": "date",
    "date": "date",
    "flag": "flag",
}


def first_rows(visitor: Visitor, name: str, preview: Preview) -> None:
    """As they stand in it, folded away."""
    rows = pd.DataFrame(list(preview.rows[:_SHOWN_ROWS]), columns=range(len(preview.columns)))
    columns = {str(place): Column(column) for place, column in enumerate(preview.columns)}
    with st.expander(visitor.say("data.first_rows", file=markup.plain(name)), key="mo-first-rows"):
        tables.show(visitor, Table(rows.rename(columns=str), columns))


def as_read(visitor: Visitor, preview: Preview, currency: str) -> None:
    """As they will lie in the base."""
    rows = preview.read[:_SHOWN_ROWS]
    mapped = load_mapping(preview.mapping).tables
    names = [
        f"{table}.{column}"
        for table, told in mapped.items()
        for column in {**told.columns, **told.constants}
        if len(mapped) == 1 or (table, column) != ("customers", "customer_id")
    ]
    kinds = {name: _kind_of(name) for name in names}
    digits = {name: _digits([row.values.get(name) for row in rows]) for name in names}
    columns = [Column(visitor.say(f"column.{name.partition('.')[2]}"), kinds[name]) for name in names]
    cells = []
    for row in rows:
        unit = _currency_of(row.values, currency)
        cells.append(
            [_written(visitor, row.values.get(name), kinds[name], unit, digits[name]) for name in names]
        )
    if any(row.reason for row in rows):
        columns.append(Column(visitor.say("data.set_aside")))
        for told, row in zip(cells, rows, strict=True):
            told.append(visitor.say(row.reason) if row.reason else "")
    section(visitor.say("data.as_read"))
    st.html(tables.html(columns, cells))


def _kind_of(name: str) -> Kind:
    table, _, column = name.partition(".")
    return _KINDS.get(SCHEMAS[table].columns.get(column, "timestamp"), "text")


def _digits(values: Sequence[str | bool | None]) -> int:
    """How many digits after the decimal sign show all of some amounts: none, or two and more."""
    most = max((len(str(value).partition(".")[2]) for value in values if value is not None), default=0)
    return max(most, 2) if most else 0


def _currency_of(values: Mapping[str, str | bool | None], currency: str) -> str:
    own = next((value for name, value in values.items() if name.endswith(".currency") and value), None)
    return own if isinstance(own, str) else currency


def _written(visitor: Visitor, value: str | bool | None, kind: Kind, currency: str, digits: int) -> str:
    if value is None or isinstance(value, bool):
        return tables.written(visitor.language, value, kind)
    if kind == "date":
        moment = dt.datetime.fromisoformat(value)
        day = visitor.language.date(moment.date())
        clock = visitor.language.digits(moment.strftime("%H:%M"))
        return day if moment.time() == dt.time() else f"{day} {clock}"
    if kind == "money":
        return visitor.language.money(float(value), currency, digits=digits)
    if kind == "number":
        return tables.written(visitor.language, float(value), kind, currency)
    return value
