"""A programme changed on the page: by fields or as text, kept in versions, and nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import streamlit as st

from crm_core.base import InputError, NotProvided
from crm_core.loyalty.rules import LONGEST, Programme
from crm_core.ui import markup, report
from crm_core.ui.loyalty import openings, versions
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.doubted import doubted
from crm_core.ui.loyalty.drafting import Editing, edited, in_hand
from crm_core.ui.loyalty.programme_form import ProgrammeForm
from crm_core.ui.shell import Reader
from crm_core.workspace.programme_drafts import Place

__all__ = ["draw", "edited"]

_TEXT: Final = "mo-programme-text"


def draw(reader: Reader, chosen: Chosen) -> Programme | None:
    """The editor of the chosen programme.

    Args:
        reader: Who changes it.
        chosen: The programme, as `edited` tells it.

    Returns:
        The programme as it is edited; None while what was written is none, so that the last one stays.
    """
    now = in_hand(reader, chosen)
    editing, draft = Editing(reader, chosen, now), now.draft
    report.section(reader.say("loyalty.edit.section"))
    with st.container(key="mo-editing"):
        _standing(editing)
        _faults(editing)
        if draft.is_shaped:
            _fields(editing)
        _text(editing)
        with st.expander(reader.say("loyalty.edit.openings"), key="mo-edit-openings"):
            openings.draw(editing)
        with st.expander(reader.say("loyalty.edit.versions"), key="mo-edit-versions"):
            if editing.after:
                versions.history(editing)
            versions.files(editing)
        _buttons(editing)
    return chosen.programme if draft.error is None else None


def _standing(editing: Editing) -> None:
    """Which version this is, and whether there is anything to be saved."""
    now, say = editing.now, editing.reader.say
    if now.draft.changed:
        key = "loyalty.edit.changed" if now.draft.after else "loyalty.edit.changed_new"
    else:
        key = "loyalty.edit.kept" if now.draft.after else "loyalty.edit.unkept"
    report.note(say(key, **({"version": now.draft.after} if now.draft.after else {})))
    if now.told:
        st.html(markup.note(now.told, "mo-notice"))
        now.told = ""


def _faults(editing: Editing) -> None:
    """What is wrong with the text, and what somebody else has changed meanwhile."""
    now, reader = editing.now, editing.reader
    if now.draft.error is not None:
        report.failure(reader, now.draft.error)
        report.note(reader.say("loyalty.edit.last_valid"))
    if now.refused is not None:
        report.failure(reader, now.refused)
        now.refused = None
    if now.left_out is not None:
        report.failure(reader, now.left_out)
    if editing.conflict is not None:
        versions.conflict(editing, editing.conflict)
    versions.damaged(editing)


def _fields(editing: Editing) -> None:
    """The parts that people change, and what nobody would meet in each."""
    now, say = editing.now, editing.reader.say

    def change(place: Place, value: object) -> None:
        try:
            now.draft = now.draft.put(place, value)
        except InputError as error:
            now.refused = error

    form, told = ProgrammeForm(editing.reader, now.draft, change), _doubted(editing)
    for name, parts in (
        ("members", (form.members,)),
        ("earning", (form.earning, form.expiry)),
        ("tiers", (form.tiers,)),
        ("rewards", (form.rewards, form.running_cost)),
    ):
        words = say(f"loyalty.edit.part.{name}")
        if name in told:
            words = say("loyalty.edit.doubted", part=words, count=len(told[name]))
        with st.expander(words, key=f"mo-edit-{name}"):
            for part in parts:
                part()
            for sentence in told.get(name, ()):
                st.html(markup.note(sentence, "mo-notice"))


def _doubted(editing: Editing) -> Mapping[str, Sequence[str]]:
    """What nobody would meet, in words, by the part of the programme."""
    reader = editing.reader
    try:
        found = doubted(reader, editing.chosen)
    except NotProvided as error:
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
        now.draft = now.draft.written(st.session_state[_TEXT])

    # A fault that no field shows is mended here.
    opened = not now.draft.is_shaped
    with st.expander(say("loyalty.edit.text"), key="mo-edit-text", expanded=opened):
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
