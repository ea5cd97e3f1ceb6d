"""Two who change one programme: what each has changed, both put together, and what the reader decides."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import streamlit as st

from crm_core.base import CrmError, Sentence
from crm_core.loyalty.rules import plain_of, write_plain
from crm_core.ui import markup, report
from crm_core.ui.loyalty.drafting import Editing
from crm_core.ui.loyalty.faults import explained
from crm_core.ui.loyalty.fields import told_differences, value_of, words_of
from crm_core.ui.loyalty.versions import changed, lines_of
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes
from crm_core.workspace.merging import Clash, Difference, Merged, Side, differences, merged
from crm_core.workspace.programme_drafts import Place, ProgrammeDraft
from crm_core.workspace.programmes import ProgrammeChanged, Saved

_REMARK: Final = re.compile(r"(?:^|\s)(#.*)", re.MULTILINE)
_SIDES: Final[tuple[Side, ...]] = ("mine", "theirs")


def draw(editing: Editing, met: ProgrammeChanged) -> None:
    """That somebody else has saved, what both have changed, and the ways on."""
    reader = editing.reader
    report.failure(reader, met)
    try:
        theirs = programmes.read(editing.location, met.name, met.newest)
    except CrmError as error:
        report.failure(reader, error)
        with st.container(horizontal=True):
            _save_mine(editing, met)
        return
    if met.after:
        _both(editing, met, theirs)
    else:
        _beside(editing, met, theirs)


def _beside(editing: Editing, met: ProgrammeChanged, theirs: Saved) -> None:
    """The programme of the same name, of which this one is no version."""
    report.note(editing.reader.say("loyalty.edit.theirs_beside", version=met.newest))
    if editing.now.draft.is_shaped:
        changed(editing.reader, theirs.text, editing.now.draft.text)
    with st.container(horizontal=True):
        _save_mine(editing, met)
        _take_theirs(editing, met)


def _both(editing: Editing, met: ProgrammeChanged, theirs: Saved) -> None:
    reader, draft, say = editing.reader, editing.now.draft, editing.reader.say
    base, mine, other = draft.begun, draft.told, plain_of(theirs.text)
    if not draft.is_shaped:
        _changes(reader, say("loyalty.edit.theirs", version=met.newest), base, other)
        report.note(reader.say("loyalty.edit.mend_first"))
        with st.container(horizontal=True):
            _take_theirs(editing, met)
        return
    clashes = merged(base, mine, other).clashes
    apart = {clash.place for clash in clashes}
    _changes(reader, say("loyalty.edit.theirs", version=met.newest), base, other, apart)
    _changes(reader, say("loyalty.edit.mine"), base, mine, apart)
    decided = _decided(editing, met, clashes, mine, other)
    found = merged(base, mine, other, decided)
    for words in _going_back(editing, met, clashes, decided, mine, other):
        st.html(markup.note(words, "mo-notice"))
    text = _text_of(found, draft, theirs)
    if (_remarks(theirs.text) | _remarks(draft.text)) - _remarks(text):
        report.note(reader.say("loyalty.edit.remarks_go"))
    _ways_on(editing, met, theirs, found, text, open_still=len(decided) < len(clashes))


def _changes(
    reader: Reader,
    words: str,
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
    apart: set[Place] | None = None,
) -> None:
    """What one of the two has changed, without what both have."""
    found = [one for one in differences(earlier, later) if not _is_within(one, apart or set())]
    if found:
        report.note(words)
        lines_of(told_differences(reader, found, earlier, later))


def _is_within(one: Difference, places: set[Place]) -> bool:
    return any(one.place[:length] in places for length in range(1, len(one.place) + 1))


def _decided(
    editing: Editing,
    met: ProgrammeChanged,
    clashes: Sequence[Clash],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
) -> dict[Place, Side]:
    """Whose field stays, where both have changed it, as far as the reader has said."""
    if not clashes:
        return {}
    say = editing.reader.say
    report.text(say("loyalty.edit.clashes"))
    keys = {clash.place: f"mo-edit-pick-{met.newest}-{_key(clash.place)}" for clash in clashes}

    def choose_all(side: Side) -> None:
        st.session_state.update(dict.fromkeys(keys.values(), side))

    if len(clashes) > 1:
        words = {
            "mine": say("loyalty.edit.all_mine"),
            "theirs": say("loyalty.edit.all_theirs", version=met.newest),
        }
        with st.container(horizontal=True):
            for side in _SIDES:
                st.button(words[side], key=f"mo-edit-all-{side}", on_click=choose_all, args=(side,))
    picked = {
        clash.place: _picked(editing, met, clash, keys[clash.place], {"mine": mine, "theirs": theirs})
        for clash in clashes
    }
    return {place: side for place, side in picked.items() if side is not None}


def _picked(
    editing: Editing, met: ProgrammeChanged, clash: Clash, key: str, told: Mapping[Side, Mapping[str, Any]]
) -> Side | None:
    """Whose field stays of one that both have changed; None while the reader has not said."""
    reader, place = editing.reader, clash.place
    words: dict[Side, str] = {
        "mine": reader.say("loyalty.edit.pick_mine", value=value_of(reader, place, clash.mine, told["mine"])),
        "theirs": reader.say(
            "loyalty.edit.pick_theirs",
            version=met.newest,
            value=value_of(reader, place, clash.theirs, told["theirs"]),
        ),
    }
    was = value_of(reader, place, clash.was, editing.now.draft.begun)
    label = reader.say("loyalty.edit.clash", field=words_of(reader, place, editing.now.draft.begun), was=was)
    return st.radio(
        markup.plain(label),
        _SIDES,
        index=None,
        key=key,
        format_func=lambda side: markup.plain(words[side]),
    )


def _going_back(
    editing: Editing,
    met: ProgrammeChanged,
    clashes: Sequence[Clash],
    decided: Mapping[Place, Side],
    mine: Mapping[str, Any],
    theirs: Mapping[str, Any],
) -> list[str]:
    """What is lost by what was decided, whose it is, in plain words."""
    lost = {
        "mine": [Difference(one.place, one.theirs, one.mine) for one in clashes],
        "theirs": [Difference(one.place, one.mine, one.theirs) for one in clashes],
    }
    told = []
    for side, before, after in (("mine", theirs, mine), ("theirs", mine, theirs)):
        found = [one for one in lost[side] if decided.get(one.place) == side]
        if found:
            changes = "; ".join(
                told_differences(editing.reader, found, before, after, editing.now.draft.begun)
            )
            values = {"version": met.newest, "changes": changes}
            told.append(editing.reader.tell(Sentence(f"loyalty.edit.goes_{side}", values)))
    return told


def _text_of(found: Merged, draft: ProgrammeDraft, theirs: Saved) -> str:
    """As one of the two has written it where nothing of the other's is in it."""
    for text, told in ((draft.text, draft.told), (theirs.text, plain_of(theirs.text))):
        if told == found.told:
            return text
    return write_plain(found.told)


def _remarks(text: str) -> set[str]:
    return set(_REMARK.findall(text))


def _ways_on(
    editing: Editing, met: ProgrammeChanged, theirs: Saved, found: Merged, text: str, *, open_still: bool
) -> None:
    reader = editing.reader

    def join() -> None:
        editing.becomes(ProgrammeDraft.of(theirs.text, theirs.version).written(text))

    if found.error is not None and not open_still:
        words = reader.say("loyalty.edit.both_refused", reason=explained(reader, found.error))
        st.html(markup.note(words, "mo-failure"))
    with st.container(horizontal=True):
        if found.error is not None and not open_still:
            st.button(reader.say("loyalty.edit.join"), type="primary", key="mo-edit-join", on_click=join)
        else:
            key = "loyalty.edit.save_chosen" if found.clashes else "loyalty.edit.save_both"
            st.button(
                reader.say(key, version=met.newest + 1),
                type="primary",
                key="mo-edit-both",
                disabled=open_still,
                on_click=lambda: editing.save(met.newest, text),
            )
        _take_theirs(editing, met)


def _save_mine(editing: Editing, met: ProgrammeChanged) -> None:
    st.button(
        editing.reader.say("loyalty.edit.save_mine", version=met.newest + 1),
        key="mo-edit-mine",
        disabled=editing.now.draft.error is not None,
        on_click=lambda: editing.save(met.newest),
    )


def _take_theirs(editing: Editing, met: ProgrammeChanged) -> None:
    st.button(
        editing.reader.say("loyalty.edit.take_theirs", version=met.newest),
        key="mo-edit-theirs",
        on_click=lambda: editing.follow(lambda: programmes.read(editing.location, met.name, met.newest)),
    )


def _key(place: Place) -> str:
    return "-".join(map(str, place))
