"""A programme changed on the page: by fields or as text, kept in versions, and nothing lost on the way."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from crm_core.base import CrmError, InputError, NotProvided
from crm_core.loyalty.answers import doubts
from crm_core.loyalty.rules import (
    LONGEST,
    TEMPLATES,
    Indicator,
    Programme,
    plain_of,
    template,
    write_programme,
)
from crm_core.ui import markup, report, state
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.loyalty.programme_form import ProgrammeForm
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes
from crm_core.workspace.programme_drafts import Place, ProgrammeDraft, changes
from crm_core.workspace.programmes import ProgrammeChanged, Saved

_DRAFTS: Final = "mo-programmes"
_TEXT: Final = "mo-programme-text"
_SIGNS: Final = {"same": " ", "gone": "−", "new": "+"}
_TAGS: Final = {"same": "span", "gone": "del", "new": "ins"}


@dataclass
class _Edited:
    """How far a reader has come with a programme; lives as long as the session.

    `refused` is why the last change or saving was not made, `conflict` that somebody else has saved, `told`
    what was done last, `uploaded` the file that was taken last.
    """

    draft: ProgrammeDraft
    refused: CrmError | None = None
    conflict: ProgrammeChanged | None = None
    told: str = ""
    uploaded: str = ""


def edited(reader: Reader, chosen: Chosen) -> Chosen:
    """What the reader has made of the chosen programme: the last that held together, or as it was chosen."""
    return replace(chosen, programme=_edited(reader, chosen).draft.programme)


def draw(reader: Reader, chosen: Chosen) -> Programme | None:
    """The editor of the chosen programme.

    Returns:
        The programme as it is edited; None while what was written is none, so that the last one stays.
    """
    now = _edited(reader, chosen)
    editor = _Editor(reader, chosen, now)
    report.section(reader.say("loyalty.edit.section"))
    with st.container(key="mo-editing"):
        editor.standing()
        editor.faults()
        if now.draft.is_shaped:
            editor.fields()
        editor.text()
        editor.versions()
        editor.buttons()
    return now.draft.programme if now.draft.error is None else None


def put_indicators(reader: Reader, chosen: Chosen, indicators: tuple[Indicator, ...]) -> None:
    """Make these the indicators of the programme that is being edited; for callbacks."""
    now = _edited(reader, chosen)
    told = plain_of(write_programme(replace(now.draft.programme, indicators=indicators)))
    try:
        now.draft = now.draft.put(("indicators",), told.get("indicators"))
    except InputError as error:
        now.refused = error


def _edited(reader: Reader, chosen: Chosen) -> _Edited:
    drafts: dict[tuple[str, str], _Edited] = st.session_state.setdefault(_DRAFTS, {})
    key = reader.workspace.location, chosen.code
    known = drafts.get(key)
    if known is None or _is_left_behind(reader, known.draft):
        told = "" if known is None else known.told
        known = drafts[key] = _Edited(_begun(reader, chosen), told=told)
    return known


def _is_left_behind(reader: Reader, draft: ProgrammeDraft) -> bool:
    """Whether somebody has saved a later version than a draft that says nothing of its own."""
    name = draft.programme.name
    newest = programmes.newest_version(reader.workspace.location, name)
    return not draft.changed and draft.after > 0 and newest > draft.after


def _begun(reader: Reader, chosen: Chosen) -> ProgrammeDraft:
    location = reader.workspace.location
    if programmes.is_kept(location, chosen.code):
        kept = programmes.read(location, chosen.code)
        return ProgrammeDraft.of(kept.text, kept.version)
    if chosen.code in TEMPLATES:
        return ProgrammeDraft.of(template(chosen.code), 0)
    return ProgrammeDraft.of(write_programme(chosen.programme), 0)


@dataclass
class _Editor:
    """The parts of the editor of one programme."""

    reader: Reader
    chosen: Chosen
    now: _Edited

    @property
    def location(self) -> str:
        return self.reader.workspace.location

    @property
    def after(self) -> int:
        """The version that this one follows; under another name it is a new programme."""
        draft = self.now.draft
        kept = ProgrammeDraft.of(draft.kept, draft.after).programme.name
        return draft.after if programmes.is_same_name(kept, draft.programme.name) else 0

    @cached_property
    def conflict(self) -> ProgrammeChanged | None:
        """That somebody has saved a later version while this one is being changed."""
        draft = self.now.draft
        newest = programmes.newest_version(self.location, draft.programme.name)
        if draft.changed and self.after and newest > self.after:
            return ProgrammeChanged(draft.programme.name, self.after, newest)
        met = self.now.conflict
        return met if met and programmes.is_same_name(met.name, draft.programme.name) else None

    def standing(self) -> None:
        """Which version this is, and whether there is anything to be saved."""
        draft, say = self.now.draft, self.reader.say
        if draft.changed:
            key = "loyalty.edit.changed" if draft.after else "loyalty.edit.changed_new"
        else:
            key = "loyalty.edit.kept" if draft.after else "loyalty.edit.unkept"
        values = {"version": draft.after} if draft.after else {}
        report.note(say(key, **values))
        if self.now.told:
            st.html(markup.note(self.now.told, "mo-notice"))
            self.now.told = ""

    def faults(self) -> None:
        """What is wrong with the text, and what somebody else has changed meanwhile."""
        now, reader = self.now, self.reader
        if now.draft.error is not None:
            report.failure(reader, now.draft.error)
            report.note(reader.say("loyalty.edit.last_valid"))
        if now.refused is not None:
            report.failure(reader, now.refused)
            now.refused = None
        if self.conflict is not None:
            self._conflict(self.conflict)
        damaged = [one for one in programmes.listed(self.location) if one.error is not None]
        for place, one in enumerate(damaged):
            self._damaged(place, one)

    def fields(self) -> None:
        """The parts that people change."""
        form = ProgrammeForm(self.reader, self.now.draft, self._change)
        doubted = self._doubted()
        for name, parts in (
            ("members", (form.members,)),
            ("earning", (form.earning, form.expiry)),
            ("tiers", (form.tiers,)),
            ("rewards", (form.rewards, form.running_cost)),
        ):
            words = self.reader.say(f"loyalty.edit.part.{name}")
            if name in doubted:
                words = self.reader.say("loyalty.edit.doubted", part=words, count=len(doubted[name]))
            with st.expander(words, key=f"mo-edit-{name}"):
                for part in parts:
                    part()
                _warnings(doubted.get(name, ()))

    def text(self) -> None:
        """The whole as text, for whoever would rather write it, and for what has no field."""
        now = self.now
        st.session_state[_TEXT] = now.draft.text

        def write() -> None:
            now.draft = now.draft.written(st.session_state[_TEXT])

        # A fault that no field shows is mended here.
        opened = not now.draft.is_shaped
        with st.expander(self.reader.say("loyalty.edit.text"), key="mo-edit-text", expanded=opened):
            st.text_area(
                self.reader.say("loyalty.edit.text_label"),
                height=420,
                max_chars=LONGEST,
                key=_TEXT,
                on_change=write,
            )

    def versions(self) -> None:
        """What was kept, and the way back; files to take along and to bring."""
        with st.expander(self.reader.say("loyalty.edit.versions"), key="mo-edit-versions"):
            if self.after:
                self._history()
            self._files()

    def buttons(self) -> None:
        """To save it, and to let go of what was changed."""
        draft, say = self.now.draft, self.reader.say
        words = say("loyalty.edit.save_version", version=self.after + 1) if self.after else ""
        ready = draft.error is None and (draft.changed or not draft.after)
        with st.container(horizontal=True):
            if self.conflict is None:
                st.button(
                    words or say("loyalty.edit.save"),
                    type="primary",
                    key="mo-edit-save",
                    disabled=not ready,
                    on_click=lambda: self._save(self.after),
                )
            if draft.changed:
                st.button(say("loyalty.edit.discard"), key="mo-edit-discard", on_click=self._discard)

    def _doubted(self) -> Mapping[str, Sequence[str]]:
        """What nobody would meet, in words, by the part of the programme."""
        reader, choices = self.reader, self.reader.workspace.choices
        try:
            found = doubts(
                # Of the whole base: a filter makes no rule one that nobody meets.
                reader.workspace.ask(),
                as_of=reader.as_of,
                programme=self.now.draft.programme,
                months=self.chosen.months,
                channels=choices.channels,
                categories=choices.categories,
            )
        except NotProvided as error:
            return {"earning": [reader.language.explain(error)]}
        told: dict[str, list[str]] = {}
        for doubt in found:
            told.setdefault(doubt.part, []).append(reader.tell(doubt.told))
        return told

    def _change(self, place: Place, value: object) -> None:
        try:
            self.now.draft = self.now.draft.put(place, value)
        except InputError as error:
            self.now.refused = error

    def _save(self, after: int) -> None:
        now = self.now
        now.conflict = None
        try:
            kept = programmes.save(self.location, now.draft.text, after=after)
        except ProgrammeChanged as error:
            now.conflict = error
        except CrmError as error:
            now.refused = error
        else:
            self._follow(kept)

    def _restore(self, version: int) -> None:
        try:
            kept = programmes.restore(self.location, self.now.draft.programme.name, version, after=self.after)
        except ProgrammeChanged as error:
            self.now.conflict = error
        except CrmError as error:
            self.now.refused = error
        else:
            self._follow(kept)

    def _follow(self, kept: Saved) -> None:
        """The page shows what was kept, under its own name in the address."""
        told = self.reader.say("loyalty.programmes.kept", name=kept.name, version=kept.version)
        drafts = st.session_state[_DRAFTS]
        drafts.pop((self.location, self.chosen.code), None)
        drafts[self.location, kept.name] = _Edited(ProgrammeDraft.of(kept.text, kept.version), told=told)
        state.write(programme=kept.name)

    def _discard(self) -> None:
        st.session_state[_DRAFTS].pop((self.location, self.chosen.code), None)

    def _conflict(self, conflict: ProgrammeChanged) -> None:
        reader, draft = self.reader, self.now.draft
        report.failure(reader, conflict)
        try:
            theirs = programmes.read(self.location, conflict.name, conflict.newest)
            earlier = (
                programmes.read(self.location, conflict.name, conflict.after).text
                if conflict.after
                else draft.text
            )
        except CrmError as error:
            report.failure(reader, error)
        else:
            key = "loyalty.edit.theirs" if conflict.after else "loyalty.edit.theirs_beside"
            report.note(reader.say(key, version=conflict.newest))
            _changes(earlier, theirs.text)
        with st.container(horizontal=True):
            st.button(
                reader.say("loyalty.edit.save_mine", version=conflict.newest + 1),
                key="mo-edit-mine",
                disabled=draft.error is not None,
                on_click=lambda: self._save(conflict.newest),
            )
            st.button(
                reader.say("loyalty.edit.take_theirs", version=conflict.newest),
                key="mo-edit-theirs",
                on_click=lambda: self._take(conflict),
            )

    def _damaged(self, place: int, one: Saved) -> None:
        """That a programme cannot be read, and the way back to its newest version that can."""
        reader = self.reader
        reason = reader.language.explain(one.error) if one.error else ""
        report.failure(reader, InputError("loyalty.edit.damaged", name=one.name, reason=reason))
        sound = programmes.newest_sound(self.location, one.name)
        if sound is None:
            return

        def restore() -> None:
            try:
                programmes.restore(self.location, one.name, sound.version, after=one.version)
            except CrmError as error:
                self.now.refused = error

        st.button(
            reader.say("loyalty.edit.restore", version=sound.version),
            key=f"mo-edit-sound-{place}",
            on_click=restore,
        )

    def _take(self, conflict: ProgrammeChanged) -> None:
        try:
            self._follow(programmes.read(self.location, conflict.name, conflict.newest))
        except CrmError as error:
            self.now.refused = error

    def _history(self) -> None:
        reader, draft = self.reader, self.now.draft
        kept = programmes.history(self.location, draft.programme.name)
        rows = pd.DataFrame(
            {
                "version": [reader.language.number(one.version) for one in kept],
                "saved": [self._moment(one.saved_at) for one in kept],
                "told": [self._told(one) for one in kept],
            }
        )
        columns = {
            "version": Column(reader.say("loyalty.edit.version")),
            "saved": Column(reader.say("loyalty.edit.saved_at")),
            "told": Column(reader.say("loyalty.edit.remark")),
        }
        report.table(reader, Table(rows, columns))
        earlier = [one.version for one in kept[1:] if one.error is None]
        if not earlier:
            return
        cells = st.columns([1, 2], vertical_alignment="bottom")
        with cells[0]:
            version = st.selectbox(
                reader.say("loyalty.edit.earlier"),
                earlier,
                format_func=reader.language.number,
                key="mo-edit-version",
            )
        with cells[1]:
            st.button(
                reader.say("loyalty.edit.restore", version=version),
                key="mo-edit-restore",
                disabled=draft.changed,
                on_click=lambda: self._restore(version),
            )
        if kept[0].error is None:
            report.note(reader.say("loyalty.edit.since", version=version))
            _changes(next(one.text for one in kept if one.version == version), kept[0].text)

    def _moment(self, moment: dt.datetime | None) -> str:
        """When something was saved, by the reader's own clock."""
        if moment is None:
            return ""
        name = st.context.timezone or "UTC"
        zone = zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else dt.UTC
        here, language = moment.astimezone(zone), self.reader.language
        return f"{language.date(here.date())} {language.digits(here.strftime('%H:%M'))}"

    def _told(self, one: Saved) -> str:
        if one.error is not None:
            return self.reader.language.explain(one.error)
        return self.reader.say("loyalty.programmes.again", version=one.again) if one.again else ""

    def _files(self) -> None:
        reader, now = self.reader, self.now
        st.html(markup.uploader(reader.say("data.choose_file")))
        st.download_button(
            reader.say("loyalty.edit.download"),
            now.draft.text,
            file_name="programme.yaml",
            mime="application/yaml",
            key="mo-edit-download",
        )
        brought = st.file_uploader(
            reader.say("loyalty.edit.upload"), type=["yaml", "yml"], key="mo-edit-upload"
        )
        if brought is None or brought.file_id == now.uploaded:
            return
        now.uploaded = brought.file_id
        try:
            text = brought.getvalue().decode("utf-8-sig")
        except UnicodeDecodeError:
            now.refused = InputError("import.file_unreadable", file=brought.name)
        else:
            now.draft = now.draft.written(text)
        st.rerun()


def _warnings(words: Sequence[str]) -> None:
    for one in words:
        st.html(markup.note(one, "mo-notice"))


def _changes(earlier: str, later: str) -> None:
    """What has changed from one text to another; a sign says it beside the colour."""
    lines = "".join(
        f"<{_TAGS[line.kind]}>{_SIGNS[line.kind]} {escape(line.text)}</{_TAGS[line.kind]}>"
        for line in changes(earlier, later)
    )
    st.html(f'<pre class="mo-changes" dir="ltr">{lines}</pre>')
