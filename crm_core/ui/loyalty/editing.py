"""A programme changed on the page: by fields or as text, the result beside them, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import streamlit as st

from crm_core.base import Id, InputError, NotProvided
from crm_core.loyalty.rules import LONGEST
from crm_core.ui import markup, report
from crm_core.ui.loyalty import openings, together, versions
from crm_core.ui.loyalty.choices import Chosen, name_of
from crm_core.ui.loyalty.doubted import doubted
from crm_core.ui.loyalty.drafting import DRAFT, Editing, InHand, edited, in_hand, waiting_elsewhere
from crm_core.ui.loyalty.faults import explained, place_of_fault
from crm_core.ui.loyalty.fields import part_of, value_of, words_of
from crm_core.ui.loyalty.programme_form import ProgrammeForm
from crm_core.ui.report import ShownFigure
from crm_core.ui.shell import Reader
from crm_core.workspace.programme_drafts import Place
from crm_core.workspace.waiting_drafts import DAYS_KEPT

__all__ = ["Result", "draw", "edited"]

_TEXT: Final = "mo-programme-text"
_FIRST: Final = ("loyalty.figure.cost", "loyalty.figure.lift")


@dataclass(frozen=True)
class Result:
    """What the page tells of the programme as it is edited, to be seen beside its fields.

    Args:
        headline: The answer of the page, or why there is none.
        figures: Its figures.
    """

    headline: str
    figures: Sequence[ShownFigure] = ()


def draw(reader: Reader, chosen: Chosen, result: Result) -> None:
    """The editor of the chosen programme.

    Args:
        reader: Who changes it.
        chosen: The programme, as `edited` tells it.
        result: What the page tells of it.
    """
    editing = Editing(reader, chosen, in_hand(reader, chosen))
    report.section(reader.say("loyalty.edit.section"))
    with st.container(key="mo-editing"):
        fields, beside = st.columns([7, 3], gap="large")
        with beside, st.container(key="mo-result"):
            _beside(editing, result)
        _open_what_is_wrong(editing.now)
        with fields:
            _standing(editing)
            _faults(editing)
            if editing.now.draft.is_shaped:
                _fields(editing)
            _text(editing)
            with st.expander(reader.say("loyalty.edit.openings"), key="mo-edit-openings"):
                openings.draw(editing)
            with st.expander(reader.say("loyalty.edit.versions"), key="mo-edit-versions"):
                if editing.after:
                    versions.history(editing)
                versions.files(editing)
            _buttons(editing)
    editing.now.refused, editing.now.refused_at = None, ()


def _beside(editing: Editing, result: Result) -> None:
    """The result and what is wrong now: the fields may be far below the page's own answer."""
    reader, now = editing.reader, editing.now
    # On a telephone there is room for no more.
    first, leading = {reader.say(key) for key in _FIRST}, ' class="mo-result-first"'
    figures = "".join(
        f"<div{leading if one.label in first else ''}>{markup.tag('dt', one.label)}"
        f'<dd title="{escape(one.full)}">{escape(one.value)}</dd></div>'
        for one in result.figures
    )
    error = now.refused or now.draft.error
    fault = ""
    if error is not None:
        fault = markup.tag("p", explained(reader, error), "mo-result-fault")
        if now.draft.error is not None:
            fault += markup.tag("p", reader.say("loyalty.edit.last_valid"), "mo-result-why")
    st.html(
        f'<aside class="mo-result" aria-label="{escape(reader.say("loyalty.edit.result"))}">'
        + markup.tag("p", result.headline, "mo-result-answer")
        + (f"<dl>{figures}</dl>" if figures else "")
        + fault
        + "</aside>"
    )


def _standing(editing: Editing) -> None:
    """Which version this is, and whether there is anything to be saved."""
    now, say = editing.now, editing.reader.say
    if now.draft.changed:
        key = "loyalty.edit.changed" if now.draft.after else "loyalty.edit.changed_new"
    else:
        key = "loyalty.edit.kept" if now.draft.after else "loyalty.edit.unkept"
    report.note(say(key, **({"version": now.draft.after} if now.draft.after else {})))
    if now.draft.changed and now.unkept is not None:
        report.note(say("loyalty.draft.session_only", reason=editing.reader.language.explain(now.unkept)))
    elif now.draft.changed:
        report.note(say("loyalty.draft.waits", days=DAYS_KEPT))
    elsewhere = waiting_elsewhere(editing.reader, editing.chosen)
    if elsewhere is not None:
        address = editing.reader.here(programme=elsewhere.code, **{DRAFT: elsewhere.token})
        words = say("loyalty.draft.elsewhere", programme=name_of(editing.reader, elsewhere.code))
        report.remark(words, say("loyalty.draft.go_on"), address)
    if now.told:
        st.html(markup.note(now.told, "mo-notice"))
        now.told = ""


def _faults(editing: Editing) -> None:
    """What is wrong with the text, and what somebody else has changed meanwhile."""
    now, reader = editing.now, editing.reader
    if now.draft.error is not None:
        st.html(markup.note(explained(reader, now.draft.error), "mo-failure"))
        report.note(reader.say("loyalty.edit.last_valid"))
    if now.refused is not None and not now.refused_at:
        report.failure(reader, now.refused)
    if now.left_out is not None:
        report.failure(reader, now.left_out)
    if editing.conflict is not None:
        together.draw(editing, editing.conflict)
    versions.damaged(editing)


def _fields(editing: Editing) -> None:
    """The parts that people change, what is wrong in each, and what nobody would meet in it."""
    now, say = editing.now, editing.reader.say
    form, told, error = _form(editing), _doubted(editing), now.draft.error
    for name, parts in (
        ("members", (form.members,)),
        ("earning", (form.earning, form.expiry)),
        ("tiers", (form.tiers,)),
        ("rewards", (form.rewards, form.running_cost)),
    ):
        words = say(f"loyalty.edit.part.{name}")
        if name in told:
            words = say("loyalty.edit.doubted", part=words, count=len(told[name]))
        with _part(editing, name, words):
            if error is not None and name == part_of(place_of_fault(error)):
                st.html(markup.note(explained(editing.reader, error), "mo-failure mo-here"))
            for part in parts:
                part()
            for sentence in told.get(name, ()):
                st.html(markup.note(sentence, "mo-notice"))


@contextmanager
def _part(editing: Editing, name: str, words: str) -> Iterator[None]:
    """A part of the editor, folded unless something is wrong in it.

    A reader opens and folds parts in the browser, which does not ask here again; a part that is to be opened
    later is another one there, so its key changes.
    """
    now = editing.now
    opened = now.opened.get(name, 0)
    with (
        st.container(key=f"mo-edit-{name}"),
        st.expander(words, key=f"mo-part-{name}-{opened}", expanded=bool(opened) or name in now.faulty),
    ):
        yield


def _open_what_is_wrong(now: InHand) -> None:
    """Parts in which something has gone wrong are open; the one in which the reader is at work is already."""
    faulty = {part_of(now.refused_at)}
    if now.draft.error is not None:
        # A fault that no field shows is mended in the text.
        faulty.add(part_of(place_of_fault(now.draft.error)) if now.draft.is_shaped else "text")
    for name in faulty - now.faulty - {now.touched, ""}:
        now.opened[name] = now.opened.get(name, 0) + 1
    now.faulty = frozenset(faulty)


def _form(editing: Editing) -> ProgrammeForm:
    """The fields, and what becomes of what is said in them."""
    now, reader = editing.now, editing.reader

    def change(place: Place, value: object) -> None:
        try:
            editing.becomes(now.draft.put(place, value), part_of(place))
        except InputError as error:
            editing.refuse(error, place)

    def empty(place: Place) -> None:
        within: Any = now.draft.told
        for part in place:
            within = within[part]
        value = value_of(reader, place, within, now.draft.told)
        editing.refuse(InputError("loyalty.edit.needed", field=words_of(reader, place), value=value), place)

    refused = None if now.refused is None else (now.refused_at, now.refused)
    return ProgrammeForm(reader, now.draft, change, empty, refused)


def _doubted(editing: Editing) -> Mapping[str, Sequence[str]]:
    """What nobody would meet, in words, by the part of the programme."""
    reader = editing.reader
    try:
        found = doubted(reader, editing.chosen)
    except (NotProvided, InputError) as error:
        return {"earning": [reader.language.explain(error)]}
    told: dict[str, list[str]] = {}
    for doubt in found:
        told.setdefault(doubt.part, []).append(reader.tell(doubt.told))
    return told


def _text(editing: Editing) -> None:
    """The whole as text, for whoever would rather write it, and for what has no field."""
    now, say = editing.now, editing.reader.say
    st.session_state[_TEXT] = now.draft.text

    def write() -> None:
        editing.becomes(now.draft.written(st.session_state[_TEXT]), "text")

    with _part(editing, "text", say("loyalty.edit.text")):
        error = now.draft.error
        if error is not None and not now.draft.is_shaped and "place" in error.values:
            report.note(say("loyalty.edit.in_text", place=Id(str(error.values["place"]))))
        st.text_area(
            say("loyalty.edit.text_label"), height=420, max_chars=LONGEST, key=_TEXT, on_change=write
        )


def _buttons(editing: Editing) -> None:
    """To save it, and to let go of what was changed."""
    draft, say = editing.now.draft, editing.reader.say
    words = say("loyalty.edit.save")
    if editing.after:
        words = say("loyalty.edit.save_version", version=editing.after + 1)
    ready = draft.error is None and (draft.changed or not draft.after)
    with st.container(horizontal=True):
        if editing.conflict is None:
            st.button(
                words,
                type="primary",
                key="mo-edit-save",
                disabled=not ready,
                on_click=lambda: editing.save(editing.after),
            )
        if draft.changed:
            st.button(say("loyalty.edit.discard"), key="mo-edit-discard", on_click=editing.discard)
