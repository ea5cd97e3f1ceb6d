"""A list of customers: searched by id, sorted by any column, page by page; all of it in the address."""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from crm_core.base import Sentence
from crm_core.churn.answers import why_told
from crm_core.customers.answers import CHANNELS, LISTED, CustomerList, Listing
from crm_core.segments.rules import SEGMENTS
from crm_core.ui import report, state, tables
from crm_core.ui.asked_for import Behind
from crm_core.ui.contact import with_ways
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Column, Sorting, Table

_RISING_FIRST: Final = ("customer_id", "segment")
"""What one looks for from its beginning; of all else the highest value comes first."""

_WHERE_KNOWN: Final = (CHANNELS, "owner")
"""What is shown only of bases that know it."""

_FIELD: Final = "mo-find-id"


def listing(asked: Behind) -> Listing:
    """How the address says that customers are listed: `sort` is a column, falling with a minus before it."""
    ways = [sign + name for name in asked.columns if name not in asked.unsorted for sign in ("", "-")]
    sort = state.read("sort", ways) or asked.sort
    column = sort.removeprefix("-")
    return Listing(
        sort=column,
        descending=sort != column,
        ranks=SEGMENTS if column == "segment" else (),
        beginnings=beginnings(state.read("id") or ""),
    )


def beginnings(typed: str) -> tuple[str, ...]:
    """How an id may begin that a reader typed: in any digits, in small letters or capitals."""
    typed = typed.strip()
    folded = "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in typed)
    return tuple(
        dict.fromkeys(each for one in (typed, folded) for each in (one, one.upper(), one.lower()) if each)
    )


def draw(reader: Reader, asked: Behind) -> None:
    """The customers that an address asks for, and the ways to narrow and to order them."""
    if asked.nobody is not None:
        report.empty(reader, asked.nobody)
        report.ways(reader, [*asked.ways, Way(reader.say("customer.all"), "customer")])
        return
    asked_for, page = listing(asked), max(state.read_number("page") or 1, 1)

    def on(number: int) -> CustomerList:
        skip = (number - 1) * LISTED
        return asked.find(reader.ask, as_of=reader.as_of, limit=LISTED, skip=skip, listing=asked_for)

    found = on(page)
    if page > 1 and not found.count:
        # A filter that was clicked on a later page may have left fewer pages.
        page, found = 1, on(1)
    total = found.count
    if asked_for.beginnings:
        everybody = dataclasses.replace(asked_for, beginnings=())
        total = asked.find(reader.ask, as_of=reader.as_of, limit=1, listing=everybody).count
    if not total:
        report.empty(reader, Sentence("empty.no_customers"))
        report.ways(reader, [*asked.ways, Way(reader.say("customer.all"), "customer")])
        return
    context = _context(asked, found.count, total)
    report.answer(reader, Sentence(asked.key, {**asked.values, "count": total}), context)
    if asked.ways:
        report.ways(reader, asked.ways)
    _find(reader)
    if found.count:
        _table(reader, asked, found, asked_for)
        report.turn_pages(reader, page=page, size=LISTED, total=found.count)
    report.ways(reader, _ways(reader, asked))


def _context(asked: Behind, found: int, total: int) -> Sentence | None:
    typed = (state.read("id") or "").strip()
    if typed and found:
        return Sentence("customer.found", {"id": typed, "found": found, "all": total})
    if typed:
        return Sentence("customer.find_nobody", {"id": typed})
    if asked.key == "customer.headline.segment":
        return Sentence(f"segment.{asked.values['segment']}.strategy")
    return asked.context


def _find(reader: Reader) -> None:
    st.session_state[_FIELD] = state.read("id") or ""

    def search() -> None:
        state.write(id=st.session_state[_FIELD].strip() or None, page=None)

    with st.container(key="mo-find"):
        st.text_input(
            reader.say("customer.find"),
            key=_FIELD,
            placeholder=reader.say("customer.find_hint"),
            max_chars=200,
            on_change=search,
        )


def _ways(reader: Reader, asked: Behind) -> list[Way]:
    ways = []
    if state.read("id"):
        kept = {
            name: state.read_all(name)
            for name in st.query_params
            if name not in (*state.SHARED, "id", "page")
        }
        ways.append(Way(reader.say("customer.find_clear"), "customer", kept))
    if asked.options:
        ways.append(Way(reader.say("customer.all"), "customer"))
    if asked.rows_by is None:
        ways.append(Way(reader.say("customer.most_valuable"), "customer", {"tenth": "1"}))
    return [*ways, Way(reader.say("segments.all"), "segments")]


def _table(reader: Reader, asked: Behind, found: CustomerList, how: Listing) -> None:
    columns = {
        name: Column(asked.labels.get(name) or reader.say(f"column.{name}"), kind)
        for name, kind in asked.columns.items()
        if (name != "margin" or found.rows["margin"].notna().any())
        and (name not in _WHERE_KNOWN or name in found.rows)
    }

    def everyone() -> Table:
        whole = asked.find(reader.ask, as_of=reader.as_of, limit=found.count, listing=how)
        return Table(_spoken(reader, whole), _in_numbers(reader, columns), found.currency)

    with st.container(key="mo-foot-behind", horizontal=True):
        tables.download(reader, everyone, "customers", "mo-csv-behind")
    tables.show(
        reader,
        Table(_spoken(reader, found), columns, found.currency),
        links={
            "customer_id": [
                reader.link("customer", customer=str(one), **asked.of_each)
                for one in found.rows["customer_id"]
            ],
            "segment": [
                "" if pd.isna(one) else reader.link("customer", segment=str(one))
                for one in found.rows["segment"]
            ],
        },
        sortings={name: _sorting(reader, name, how) for name in columns if name not in asked.unsorted},
    )
    if asked.note is not None:
        report.note(reader.tell(asked.note))


def _spoken(reader: Reader, found: CustomerList) -> pd.DataFrame:
    # Who is under contract may never have bought, and is in no segment then.
    segments = ["" if pd.isna(one) else reader.say(f"segment.{one}") for one in found.rows["segment"]]
    rows = with_ways(reader, found.rows.assign(segment=segments))
    if "raises_1" in rows:
        told = [
            why_told({str(name): value for name, value in row.items()}, found.currency)
            for row in rows.to_dict("records")
        ]
        rows = rows.assign(reasons=[reader.tell(one) for one in told])
    if "high" not in rows:
        return rows
    ends = zip(rows["low"], rows["high"], strict=True)
    return rows.assign(bounds=[_bounds(reader, low, high, found.currency) for low, high in ends])


def _bounds(reader: Reader, low: float, high: float, currency: str) -> str:
    """Between which amounts a customer brings; bounds of nothing leave no more than a small chance."""
    if not high:
        return reader.say("value.bounds.nothing")
    written = {name: reader.language.money(one, currency) for name, one in (("low", low), ("high", high))}
    return reader.say("value.bounds", **written)


def _in_numbers(reader: Reader, columns: Mapping[str, Column]) -> dict[str, Column]:
    """The columns for other programs: bounds as the two numbers that they are."""
    ends = {name: Column(reader.say(f"column.{name}"), "money") for name in ("low", "high")}
    return {
        each: column
        for name, one in columns.items()
        for each, column in (ends.items() if name == "bounds" else ((name, one),))
    }


def _sorting(reader: Reader, name: str, how: Listing) -> Sorting:
    """A click sorts by a column, and a second one the other way round."""
    if name != how.sort:
        sort = name if name in _RISING_FIRST else f"-{name}"
        return Sorting(reader.here(sort=sort, page=None), "none")
    address = reader.here(sort=name if how.descending else f"-{name}", page=None)
    return Sorting(address, "descending" if how.descending else "ascending")
