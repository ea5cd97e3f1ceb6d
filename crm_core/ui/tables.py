"""Tables that are read: aligned figures on a wide screen, a list on a telephone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, cast

import pandas as pd
import streamlit as st

from crm_core.exports.csv import csv_bytes
from crm_core.i18n import Language
from crm_core.ui import markup

if TYPE_CHECKING:
    from crm_core.ui.shell import Visitor

Kind = Literal[
    "text",
    "id",
    "count",
    "number",
    "ratio",
    "measure",
    "money",
    "share",
    "chance",
    "change",
    "points",
    "date",
    "month",
    "flag",
]


@dataclass(frozen=True)
class Column:
    """A column as it is read: its heading in the reader's words, and what its values are.

    `id` is a name that the base stores, shown letter for letter; `money` is in units of the table's currency,
    `share`, `chance` (a probability: only what is certain is written so) and `change` are of 1, `points` a
    difference of shares, `date` is a date, a moment or a day number, `month` the integer of a month in the
    reader's calendar.
    """

    label: str
    kind: Kind = "text"


@dataclass(frozen=True, eq=False)
class Table:
    """Numbers as they are, and how to read them.

    Args:
        rows: Raw values; what the CSV holds.
        columns: The columns that are shown, by their names in `rows`, in this order.
        currency: Of the columns that are money.
    """

    rows: pd.DataFrame
    columns: Mapping[str, Column]
    currency: str = ""


@dataclass(frozen=True)
class Sorting:
    """How a click on a heading sorts the table: where it leads, and how the column is sorted now."""

    address: str
    way: Literal["ascending", "descending", "none"]


SHOWN_ROWS: Final = 200

_WAYS: Final = {"ascending": "▲", "descending": "▼", "none": "↕"}


def rows_shown(table: Table) -> list[Mapping[str, object]]:
    """The rows that `show` shows."""
    return cast("list[Mapping[str, object]]", table.rows.head(SHOWN_ROWS).to_dict("records"))


def show(
    reader: Visitor,
    table: Table,
    caption: str = "",
    *,
    links: Mapping[str, Sequence[str]] | None = None,
    sortings: Mapping[str, Sorting] | None = None,
    leading: int = SHOWN_ROWS,
    folds: bool = False,
) -> None:
    """A table on the page, in full up to `SHOWN_ROWS`; what is cut off is said.

    Args:
        reader: Who reads.
        table: The table.
        caption: What stands above it.
        links: Where the cells of a column lead, by its name; empty for a cell that leads nowhere.
        sortings: How a click on the heading of a column sorts, by its name.
        leading: Rows that are shown on a narrow screen before all are asked for.
        folds: Whether a wide screen shows no more either.
    """
    places = {name: place for place, name in enumerate(table.columns)}
    rows = table.rows.head(SHOWN_ROWS)
    if len(table.rows) > len(rows):
        cut = reader.say("table.shown_of", shown=len(rows), total=len(table.rows))
        caption = f"{caption} {cut}".strip()
    body = zip(*_cells(reader.language, table), strict=True)
    st.html(
        html(
            table.columns.values(),
            body,
            caption=caption,
            links={places[name]: each for name, each in (links or {}).items()},
            sortings={places[name]: each for name, each in (sortings or {}).items()},
            leading=leading,
            folds=folds,
            everything=reader.say("table.show_all", count=len(rows)),
            sort_by=reader.say("table.sort_by"),
        )
    )


@lru_cache(maxsize=512)
def _cells(language: Language, table: Table) -> tuple[tuple[str, ...], ...]:
    """The columns of a table as they are written; the same view is drawn again and again."""
    rows = table.rows.head(SHOWN_ROWS)
    return tuple(
        tuple(written(language, value, column.kind, table.currency) for value in rows[name])
        for name, column in table.columns.items()
    )


def html(
    columns: Collection[Column],
    rows: Iterable[Sequence[str]],
    *,
    caption: str = "",
    links: Mapping[int, Sequence[str]] = MappingProxyType({}),
    sortings: Mapping[int, Sorting] = MappingProxyType({}),
    leading: int = SHOWN_ROWS,
    folds: bool = False,
    everything: str = "",
    sort_by: str = "",
) -> str:
    """A table as markup; `links` and `sortings` are by the place of their column, from 0.

    On a narrow screen, and on any where it `folds`, the rows after the `leading` ones wait behind the words
    `everything`. There `sort_by` stands before the headings that sort, and others are left out.
    """
    headings = "".join(_heading(column, sortings.get(place)) for place, column in enumerate(columns))
    body = []
    for index, row in enumerate(rows):
        cells = (
            _cell(column, text, links[place][index] if place in links else "")
            for place, (column, text) in enumerate(zip(columns, row, strict=True))
        )
        minor = ' class="mo-minor"' if index >= leading else ""
        body.append(f"<tr{minor}>{''.join(cells)}</tr>")
    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    kind = "mo-table mo-list mo-sorted" if sortings else "mo-table mo-list"
    label = f' data-label="{escape(sort_by)}"' if sortings else ""
    return (
        f'<div class="mo-scroll{" mo-folds" if folds else ""}" tabindex="0"><table class="{kind}">{above}'
        f"<thead><tr{label}>{headings}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        + (markup.more(everything) if len(body) > leading else "")
    )


def _heading(column: Column, sorting: Sorting | None) -> str:
    if sorting is None:
        return f'<th scope="col"{_number_class(column)}>{escape(column.label)}</th>'
    return (
        f'<th scope="col"{_number_class(column)} aria-sort="{sorting.way}">'
        f'<a href="{escape(sorting.address)}">{escape(column.label)}'
        f'<i aria-hidden="true">{_WAYS[sorting.way]}</i></a></th>'
    )


def _cell(column: Column, text: str, address: str) -> str:
    words = markup.text(text)
    shown = f'<a href="{escape(address)}"><bdi>{words}</bdi></a>' if address else words
    if not address and "<" in words:
        # A narrow screen sets the parts of a cell apart, and these are one.
        shown = f"<span>{shown}</span>"
    return f'<td data-label="{escape(column.label)}"{_number_class(column)}>{shown}</td>'


def _number_class(column: Column) -> str:
    if column.kind in ("text", "id", "flag"):
        return ""
    return ' class="mo-date"' if column.kind in ("date", "month") else ' class="mo-number"'


def written(language: Language, value: object, kind: Kind, currency: str = "") -> str:
    """One value in the reader's words and digits; a dash where there is none."""
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return language.say("number.missing")
    if kind == "text":
        return str(value)
    if kind == "id":
        return language.stored(str(value))
    if kind == "flag":
        return language.say("table.yes" if value else "table.no")
    if kind == "date":
        moment = value.date() if isinstance(value, dt.datetime) else value
        return language.date(cast("dt.date | int", moment), style="medium")
    if kind == "month":
        return language.period(int(cast(int, value)), "month")
    number = cast(float, value)
    if kind == "money":
        return language.money(number, currency)
    if kind == "share":
        return language.percent(number, 1)
    if kind == "chance":
        return language.chance(number)
    if kind == "change":
        return language.change(number)
    if kind == "points":
        return language.points(number)
    return language.number(number, {"count": 0, "number": None, "ratio": 2, "measure": 3}[kind])


def download(reader: Visitor, asked: Table | Callable[[], Table], name: str, key: str) -> None:
    """A link that writes the table as CSV when it is clicked, and not before.

    Args:
        reader: Who reads.
        asked: The table, or what finds it when it is wanted.
        name: Of the file, without its ending.
        key: A name for the link, unique on the page.
    """

    def written_now() -> bytes:
        table = asked() if callable(asked) else asked
        headings = [column.label for column in table.columns.values()]
        columns = [
            [reader.language.period(int(value), "month") for value in table.rows[name]]
            if column.kind == "month"
            else list(table.rows[name])
            for name, column in table.columns.items()
        ]
        return csv_bytes(headings, zip(*columns, strict=True))

    st.download_button(
        reader.say("picture.csv"),
        data=written_now,
        file_name=f"{name}.csv",
        mime="text/csv",
        type="tertiary",
        on_click="ignore",
        key=key,
        help=None,
    )
