"""Asking what the columns of a file mean: fields, the same as text, and how its first rows are then read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from crm_core.base import CrmError, InputError
from crm_core.schemas import SCHEMAS
from crm_core.ui import markup
from crm_core.ui.mapping_rows import as_read, first_rows
from crm_core.ui.report import failure, section
from crm_core.workspace.bringing import BaseSettings, Preview, load_mapping, look
from crm_core.workspace.mapping_drafts import PRICED, MappingDraft, column_of

if TYPE_CHECKING:
    from crm_core.ui.shell import Visitor

_STATE: Final = "mo-draft"
_TEXT: Final = "mo-mapping"
_BY_PRICE: Final = "\0price"
_SAMPLES: Final = 2
_LONGEST_SAMPLE: Final = 24
_CHOICES: Final = {
    "day_order": {"ymd": "data.day_order_ymd", "dmy": "data.day_order_dmy", "mdy": "data.day_order_mdy"},
    "decimal": {".": "data.decimal_point", ",": "data.decimal_comma"},
    "calendar": {
        "gregorian": "calendar.gregorian",
        "jalali": "calendar.jalali",
        "buddhist": "calendar.buddhist",
    },
}
_LABELS: Final = {
    "day_order": "data.day_order",
    "decimal": "data.decimal",
    "calendar": "data.dates_calendar",
}
_ASKED: Final = {"day_order": "data.day_order_ask", "decimal": "data.decimal_ask"}


@dataclass
class _Asked:
    """How far a reader has come with a file; lives as long as the file is on the page.

    `seen` is the last look that succeeded, `question` what it was asked, `refused` a text of the mapping that
    cannot be read.
    """

    file_id: str
    table: str | None = None
    draft: MappingDraft | None = None
    question: object = None
    seen: Preview | None = None
    error: CrmError | None = None
    refused: str | None = None


@dataclass(frozen=True)
class Understood:
    """What the form says now.

    Args:
        preview: What the file is taken to mean.
        needed: Labels of what is still to be said; nothing may be brought in before.
    """

    preview: Preview
    needed: tuple[str, ...]


def ask(
    visitor: Visitor, file: Path, file_id: str, target: str, settings: BaseSettings, currency: str
) -> Understood:
    """The form for a file.

    Args:
        visitor: Who brings it.
        file: Where it lies.
        file_id: Tells it from the files before.
        target: The base that it is for.
        settings: What that base is told at its first import.
        currency: Of a base that has been told.

    Raises:
        InputError: The file cannot be used.
    """
    asked = st.session_state.get(_STATE)
    if not isinstance(asked, _Asked) or asked.file_id != file_id:
        asked = st.session_state[_STATE] = _Asked(file_id)
    _look(asked, file, target, settings)
    draft, preview = asked.draft, asked.seen
    if draft is None or preview is None:
        raise asked.error or InputError("import.file_unreadable", file=file.name)
    first_rows(visitor, file.name, preview)
    section(visitor.say("data.meaning"))
    _table(visitor, asked)
    form = _Form(visitor, asked, draft, preview)
    form.required()
    form.options()
    form.optional()
    form.text()
    if asked.error is not None:
        failure(visitor, asked.error)
        return Understood(preview, (visitor.say("data.mapping"),))
    if preview.read:
        as_read(visitor, preview, settings.currency or currency)
    needed = [visitor.say(f"column.{column}") for _, column in preview.missing]
    needed += [visitor.say(_LABELS[option]) for option in preview.unclear]
    return Understood(preview, tuple(needed))


def _look(asked: _Asked, file: Path, target: str, settings: BaseSettings) -> None:
    """Have the file read again when something else is asked of it."""
    draft = asked.draft
    question = (asked.table, draft, target, settings)
    if asked.refused is not None or (asked.seen is not None and asked.question == question):
        return
    mapping, table = (draft.mapping, draft.table) if draft else (None, asked.table)
    try:
        preview = look(target, file, mapping=mapping, table=table, settings=settings)
    except CrmError as error:
        asked.error = error
        return
    asked.seen, asked.error = preview, None
    if draft is None:
        guessed = load_mapping(preview.mapping)
        stated = replace(guessed, source=type(guessed.source)())
        asked.draft = MappingDraft.of(preview.table, stated, preview.columns)
    asked.question = (asked.table, asked.draft, target, settings)


def _table(visitor: Visitor, asked: _Asked) -> None:
    draft = asked.draft
    st.session_state["mo-table"] = draft.table if draft else "orders"

    def pick() -> None:
        asked.table, asked.draft, asked.refused = st.session_state["mo-table"], None, None

    with st.columns(3)[0]:
        st.selectbox(
            visitor.say("data.holds"),
            list(SCHEMAS),
            key="mo-table",
            format_func=lambda name: visitor.say(f"table.{name}"),
            on_change=pick,
        )


@dataclass(frozen=True)
class _Form:
    """The fields of one draft."""

    visitor: Visitor
    asked: _Asked
    draft: MappingDraft
    preview: Preview

    def required(self) -> None:
        """A field for each column without which the table cannot be."""
        cells = st.columns(3)
        for place, column in enumerate(self.draft.required):
            with cells[place % 3]:
                if (self.draft.table, column) == ("orders", "amount"):
                    self._amount()
                else:
                    self._column(self.draft.table, column, "data.choose")

    def options(self) -> None:
        """How dates and numbers are written, as far as the chosen columns ask for it."""
        recognised = load_mapping(self.preview.mapping)
        kinds = {
            kind
            for name, told in recognised.tables.items()
            for column, kind in SCHEMAS[name].columns.items()
            if column in told.columns
        }
        wanted = ["day_order", "calendar"] if kinds & {"timestamp", "date"} else []
        wanted += ["decimal"] if kinds & {"money", "quantity", "number"} else []
        for cell, name in zip(st.columns(3), wanted, strict=False):
            with cell:
                self._option(name, getattr(recognised.source, name))
        for name in self.preview.unclear:
            example = self.preview.examples.get(name, "")
            st.html(markup.note(self.visitor.say(_ASKED[name], example=example), "mo-notice mo-ask"))

    def optional(self) -> None:
        """The columns that a file may have beside, folded away."""
        offered = self.draft.optional
        found = sum(bool(self.draft.source_of(*pair)) for pair in offered)
        words = self.visitor.say("data.more_columns", found=found, offered=len(offered))
        with st.expander(words, key="mo-more"):
            cells = st.columns(3)
            for place, (table, column) in enumerate(offered):
                with cells[place % 3]:
                    self._column(table, column, "data.no_column")

    def text(self) -> None:
        """The same mapping as text, for whoever would rather write it."""
        asked, columns = self.asked, self.preview.columns
        recognised = load_mapping(self.preview.mapping).source
        shown = self.preview.mapping if asked.error is None else self.draft.mapping.to_yaml()
        st.session_state[_TEXT] = shown if asked.refused is None else asked.refused

        def write() -> None:
            text = st.session_state[_TEXT]
            try:
                mapping = load_mapping(text)
            except CrmError as error:
                asked.refused, asked.error = text, error
            else:
                asked.refused = asked.error = None
                asked.draft = self.draft.with_mapping(mapping, recognised, columns)

        with st.expander(self.visitor.say("data.mapping_expert"), key="mo-expert"):
            st.text_area(self.visitor.say("data.mapping"), height="content", key=_TEXT, on_change=write)

    def _amount(self) -> None:
        """The amount of a line: a column, or a unit price times a quantity."""
        known = _BY_PRICE if self.draft.priced else self.draft.source_of("orders", "amount")

        def becomes(draft: MappingDraft, choice: str) -> MappingDraft:
            if choice == _BY_PRICE:
                return draft.by_price("")
            return draft.with_source("orders", "amount", choice)

        self._field("amount", "column.amount", known, "data.choose", becomes, more=(_BY_PRICE,))
        if self.draft.priced:
            self._field("price", "data.unit_price", self.draft.price, "data.choose", MappingDraft.by_price)
            self._column("orders", PRICED, "data.choose")

    def _column(self, table: str, column: str, nothing: str) -> None:
        self._field(
            f"{table}-{column}",
            f"column.{column}",
            self.draft.source_of(table, column),
            nothing,
            lambda draft, to: draft.with_source(table, column, to),
        )

    def _field(
        self,
        key: str,
        label: str,
        known: str,
        nothing: str,
        becomes: Callable[[MappingDraft, str], MappingDraft],
        more: Sequence[str] = (),
    ) -> None:
        """A choice among the columns of the file."""
        asked, columns = self.asked, self.preview.columns
        known = column_of(known, columns) if known and known not in more else known
        others = [known] if known and known not in (*columns, *more) else []
        key = f"mo-from-{key}"
        st.session_state[key] = known

        def pick() -> None:
            if asked.draft is not None:
                asked.draft = becomes(asked.draft, st.session_state[key])
                asked.refused = asked.error = None

        st.selectbox(
            self.visitor.say(label),
            ["", *columns, *more, *others],
            key=key,
            format_func=lambda name: self._named(name, nothing),
            on_change=pick,
        )

    def _named(self, name: str, nothing: str) -> str:
        if not name:
            return self.visitor.say(nothing)
        if name == _BY_PRICE:
            return self.visitor.say("data.priced")
        samples = self._samples(name)
        return self.visitor.say("data.column_samples", column=name, samples=samples) if samples else name

    def _samples(self, name: str) -> str:
        """A few different values of a column."""
        if name not in self.preview.columns:
            return ""
        place = self.preview.columns.index(name)
        texts = dict.fromkeys(" ".join(row[place].split()) for row in self.preview.rows)
        cut = [
            text if len(text) <= _LONGEST_SAMPLE else f"{text[:_LONGEST_SAMPLE]}…" for text in texts if text
        ]
        return enumerated(self.visitor, cut[:_SAMPLES])

    def _option(self, name: str, known: str | None) -> None:
        asked, choices = self.asked, _CHOICES[name]
        key = f"mo-option-{name}"
        st.session_state[key] = known or ""

        def pick() -> None:
            if asked.draft is not None:
                asked.draft = asked.draft.with_option(name, st.session_state[key] or None)
                asked.refused = asked.error = None

        st.selectbox(
            self.visitor.say(_LABELS[name]),
            [*choices] if known else ["", *choices],
            key=key,
            format_func=lambda choice: self._choice(name, choice),
            on_change=pick,
        )

    def _choice(self, name: str, choice: str) -> str:
        """A way to write dates or numbers, and what it makes of an example of the file."""
        if not choice:
            return self.visitor.say("data.choose")
        words = self.visitor.say(_CHOICES[name][choice])
        meaning = self.preview.readings.get(name, {}).get(choice)
        if meaning is None:
            return words
        language = self.visitor.language
        read = (
            language.date(dt.date.fromisoformat(meaning), style="long")
            if name == "day_order"
            else language.number(float(meaning), None)
        )
        example = self.preview.examples[name]
        return self.visitor.say("data.choice_example", choice=words, example=example, meaning=read)


def enumerated(visitor: Visitor, words: Sequence[str]) -> str:
    """Words one after the other, as the reader's language parts them."""
    if not words:
        return ""
    return reduce(lambda first, more: visitor.say("data.enumeration", first=first, more=more), words)
