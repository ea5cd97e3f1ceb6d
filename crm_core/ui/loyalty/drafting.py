"""What a reader is making of a programme: it waits beside the base and is saved as a version."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import streamlit as st

from crm_core.base import CrmError, InputError
from crm_core.loyalty.rules import TEMPLATES, Indicator, plain_of, write_programme
from crm_core.ui import state
from crm_core.ui.loyalty.choices import Chosen, size, template_text
from crm_core.ui.loyalty.fields import part_of
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes, waiting_drafts
from crm_core.workspace.openings import with_openings
from crm_core.workspace.programme_drafts import Place, ProgrammeDraft
from crm_core.workspace.programmes import ProgrammeChanged, Saved
from crm_core.workspace.waiting_drafts import Waiting

DRAFT: Final = "draft"
"""The part of the address that finds a draft."""

_DRAFTS: Final = "mo-programmes"


@dataclass
class InHand:
    """How far a reader has come with a programme.

    Args:
        draft: What was made of it.
        waiting: What waits of it beside the base.
        unkept: Why it does not wait there; then it lives as long as the session.
        refused: Why the last change or saving was not made.
        refused_at: The field of that change; nothing where it was none.
        touched: The part of the editor in which the last change was made, if in any.
        faulty: The parts in which something was wrong when the page was drawn last.
        opened: How often each part was opened for what is wrong in it.
        met: That somebody else had saved when the reader did.
        told: What was done last.
        uploaded: The file that was taken last.
        left_out: Why opening balances do not count.
        day: Of which new opening balances are.
    """

    draft: ProgrammeDraft
    waiting: Waiting | None = None
    unkept: CrmError | None = None
    refused: CrmError | None = None
    refused_at: Place = ()
    touched: str = ""
    faulty: frozenset[str] = frozenset()
    opened: dict[str, int] = field(default_factory=dict)
    met: ProgrammeChanged | None = None
    told: str = ""
    uploaded: str = ""
    left_out: CrmError | None = None
    day: dt.date | None = None


@dataclass
class Editing:
    """A programme in the hands of a reader.

    Args:
        reader: Who changes it.
        chosen: Which one the address names, as it was made.
        now: How far it has come.
    """

    reader: Reader
    chosen: Chosen
    now: InHand

    @property
    def location(self) -> str:
        """The base beside which it is kept."""
        return self.reader.workspace.location

    @property
    def name(self) -> str:
        """What it is called now."""
        return self.now.draft.programme.name

    @cached_property
    def after(self) -> int:
        """The version that this one follows; under another name it is a new programme."""
        draft = self.now.draft
        return draft.after if programmes.is_same_name(draft.begun["name"], self.name) else 0

    @cached_property
    def conflict(self) -> ProgrammeChanged | None:
        """That somebody has saved a later version of it, or another programme under its name."""
        newest = programmes.newest_version(self.location, self.name)
        if self.now.draft.changed and self.after and newest > self.after:
            return ProgrammeChanged(self.name, self.after, newest)
        met = self.now.met
        taken = met is not None and not met.after and programmes.is_same_name(met.name, self.name)
        return met if taken else None

    def becomes(self, draft: ProgrammeDraft, within: str = "") -> None:
        """Make this of it, in a part of the editor or not, and let it wait beside the base; for callbacks."""
        now = self.now
        now.draft, now.refused, now.refused_at, now.touched = draft, None, (), within
        if not draft.changed:
            self._let_go()
            return
        try:
            now.waiting = waiting_drafts.put(self.location, self.chosen.code, draft, now.waiting)
            now.unkept = None
        except CrmError as error:
            now.unkept = error
        _say_in_address(self.chosen, now)

    def refuse(self, error: CrmError, at: Place = ()) -> None:
        """Tell why a change was not made; for callbacks."""
        now = self.now
        now.refused, now.refused_at, now.touched = error, at, part_of(at)

    def save(self, after: int, text: str | None = None) -> None:
        """Keep it, or another text in its place, after a version that the reader has seen; for callbacks."""
        said = self.now.draft.text if text is None else text
        now = self.now
        now.met = None
        try:
            kept = programmes.save(self.location, said, after=after)
        except ProgrammeChanged as error:
            now.met = error
        except CrmError as error:
            self.refuse(error)
        else:
            self._show(kept)

    def follow(self, keep: Callable[[], Saved]) -> None:
        """Do what keeps or takes a version; one of this programme is then shown."""
        self.now.met = None
        try:
            kept = keep()
        except CrmError as error:
            self.refuse(error)
        else:
            self._show(kept)

    def discard(self) -> None:
        """Let go of what was changed; for callbacks."""
        st.session_state[_DRAFTS].pop((self.location, self.chosen.code), None)
        self._let_go()

    def _show(self, kept: Saved) -> None:
        """Show a version that is kept, under its name in the address."""
        values = {"name": kept.name, "version": kept.version}
        told = self.reader.say("loyalty.programmes.kept", **values)
        if kept.again:
            told = self.reader.say("loyalty.programmes.kept_again", **values, again=kept.again)
        if not programmes.is_same_name(kept.name, self.name):
            # Another programme than the one in hand, which stays.
            self.now.told = told
            return
        self.discard()
        draft = ProgrammeDraft.of(kept.text, kept.version)
        st.session_state[_DRAFTS][self.location, kept.name] = InHand(draft, told=told)
        state.write(programme=kept.name, **{DRAFT: None})

    def _let_go(self) -> None:
        waiting, self.now.waiting = self.now.waiting, None
        if waiting is not None:
            # What cannot be removed now is forgotten with all that nobody touches.
            with contextlib.suppress(CrmError):
                waiting_drafts.forget(self.location, waiting)
        if state.read(DRAFT) is not None:
            state.write(**{DRAFT: None})


def edited(reader: Reader, chosen: Chosen) -> Chosen:
    """What the reader has made of the chosen programme: the last that held together, or as it was chosen.

    Opening balances that are kept beside it are its own as long as they fit it.
    """
    now = in_hand(reader, chosen)
    programme = now.draft.programme
    try:
        programme, now.left_out = with_openings(reader.workspace.location, programme), None
    except CrmError as error:
        now.left_out = error
    return replace(chosen, programme=programme)


def in_hand(reader: Reader, chosen: Chosen) -> InHand:
    """How far the reader has come with the chosen programme: in the session, or by the address's draft."""
    drafts: dict[tuple[str, str], InHand] = st.session_state.setdefault(_DRAFTS, {})
    key = reader.workspace.location, chosen.code
    known = drafts.get(key)
    if known is None or _is_left_behind(reader, known.draft) or _is_foreign(reader, chosen, known.draft):
        told = "" if known is None else known.told
        known = drafts[key] = InHand(_begun(reader, chosen), told=told)
    asked = state.read(DRAFT)
    if asked is None:
        if known.waiting is not None:
            _say_in_address(chosen, known)
        return known
    if known.waiting is not None and known.waiting.token == asked:
        return known
    try:
        waiting = waiting_drafts.take(reader.workspace.location, asked)
        if waiting.code == chosen.code:
            known = drafts[key] = InHand(waiting.draft, waiting)
    except CrmError as error:
        known.refused, known.refused_at = error, ()
        state.write(**{DRAFT: None})
    return known


def waiting_elsewhere(reader: Reader, chosen: Chosen) -> Waiting | None:
    """The draft that the address finds where it is one of another programme."""
    asked = state.read(DRAFT)
    if asked is None:
        return None
    try:
        waiting = waiting_drafts.take(reader.workspace.location, asked)
    except CrmError:
        # Told by who asked for it first.
        return None
    return waiting if waiting.code != chosen.code else None


def _say_in_address(chosen: Chosen, now: InHand) -> None:
    token = None if now.waiting is None else now.waiting.token
    if (state.read("programme"), state.read(DRAFT)) != (chosen.code, token):
        state.write(programme=chosen.code, **{DRAFT: token})


def _is_left_behind(reader: Reader, draft: ProgrammeDraft) -> bool:
    """Whether somebody has saved a later version than a draft that says nothing of its own."""
    newest = programmes.newest_version(reader.workspace.location, draft.programme.name)
    return not draft.changed and draft.after > 0 and newest > draft.after


def _is_foreign(reader: Reader, chosen: Chosen, draft: ProgrammeDraft) -> bool:
    """Whether a draft is a template as it was shown to the reader in another language."""
    if draft.changed or draft.after or chosen.code not in TEMPLATES:
        return False
    return draft.text != template_text(reader.language, chosen.code, size(reader))


def _begun(reader: Reader, chosen: Chosen) -> ProgrammeDraft:
    location = reader.workspace.location
    if programmes.is_kept(location, chosen.code):
        kept = programmes.read(location, chosen.code)
        return ProgrammeDraft.of(kept.text, kept.version)
    if chosen.code in TEMPLATES:
        return ProgrammeDraft.of(template_text(reader.language, chosen.code, size(reader)), 0)
    return ProgrammeDraft.of(write_programme(chosen.programme), 0)


def put_indicators(reader: Reader, chosen: Chosen, indicators: tuple[Indicator, ...]) -> None:
    """Make these the indicators of the programme that is in hand; for callbacks."""
    editing = Editing(reader, chosen, in_hand(reader, chosen))
    draft = editing.now.draft
    told = plain_of(write_programme(replace(draft.programme, indicators=indicators)))
    try:
        editing.becomes(draft.put(("indicators",), told.get("indicators")))
    except InputError as error:
        editing.refuse(error)
