"""What a reader is making of a programme: kept for the session, saved as a version, followed by the page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import streamlit as st

from crm_core.base import CrmError, InputError
from crm_core.loyalty.rules import TEMPLATES, Indicator, plain_of, write_programme
from crm_core.ui import state
from crm_core.ui.loyalty.choices import Chosen, template_text
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes
from crm_core.workspace.openings import with_openings
from crm_core.workspace.programme_drafts import ProgrammeDraft
from crm_core.workspace.programmes import ProgrammeChanged, Saved

_DRAFTS: Final = "mo-programmes"


@dataclass
class InHand:
    """How far a reader has come with a programme; lives as long as the session.

    Args:
        draft: What was made of it.
        refused: Why the last change or saving was not made.
        met: That somebody else had saved when the reader did.
        told: What was done last.
        uploaded: The file that was taken last.
        left_out: Why opening balances do not count.
        day: Of which new opening balances are.
    """

    draft: ProgrammeDraft
    refused: CrmError | None = None
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
        kept = ProgrammeDraft.of(draft.kept, draft.after).programme.name
        return draft.after if programmes.is_same_name(kept, self.name) else 0

    @cached_property
    def conflict(self) -> ProgrammeChanged | None:
        """That somebody has saved a later version while this one is being changed."""
        newest = programmes.newest_version(self.location, self.name)
        if self.now.draft.changed and self.after and newest > self.after:
            return ProgrammeChanged(self.name, self.after, newest)
        met = self.now.met
        return met if met and programmes.is_same_name(met.name, self.name) else None

    def save(self, after: int) -> None:
        """Keep it after a version that the reader has seen; for callbacks."""
        text = self.now.draft.text
        self.follow(lambda: programmes.save(self.location, text, after=after))

    def follow(self, keep: Callable[[], Saved]) -> None:
        """Do what keeps a version; one of this programme is then shown, under its name in the address."""
        now = self.now
        now.met = None
        try:
            kept = keep()
        except ProgrammeChanged as error:
            now.met = error
        except CrmError as error:
            now.refused = error
        else:
            told = self.reader.say("loyalty.programmes.kept", name=kept.name, version=kept.version)
            if not programmes.is_same_name(kept.name, self.name):
                # Another programme than the one in hand, which stays.
                now.told = told
                return
            self.discard()
            draft = ProgrammeDraft.of(kept.text, kept.version)
            st.session_state[_DRAFTS][self.location, kept.name] = InHand(draft, told=told)
            state.write(programme=kept.name)

    def discard(self) -> None:
        """Let go of what was changed; for callbacks."""
        st.session_state[_DRAFTS].pop((self.location, self.chosen.code), None)


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
    """How far the reader has come with the chosen programme."""
    drafts: dict[tuple[str, str], InHand] = st.session_state.setdefault(_DRAFTS, {})
    key = reader.workspace.location, chosen.code
    known = drafts.get(key)
    if known is None or _is_left_behind(reader, known.draft) or _is_foreign(reader, chosen, known.draft):
        told = "" if known is None else known.told
        known = drafts[key] = InHand(_begun(reader, chosen), told=told)
    return known


def _is_left_behind(reader: Reader, draft: ProgrammeDraft) -> bool:
    """Whether somebody has saved a later version than a draft that says nothing of its own."""
    newest = programmes.newest_version(reader.workspace.location, draft.programme.name)
    return not draft.changed and draft.after > 0 and newest > draft.after


def _is_foreign(reader: Reader, chosen: Chosen, draft: ProgrammeDraft) -> bool:
    """Whether a draft is a template as it was shown to the reader in another language."""
    if draft.changed or draft.after or chosen.code not in TEMPLATES:
        return False
    return draft.text != template_text(reader.language, chosen.code)


def _begun(reader: Reader, chosen: Chosen) -> ProgrammeDraft:
    location = reader.workspace.location
    if programmes.is_kept(location, chosen.code):
        kept = programmes.read(location, chosen.code)
        return ProgrammeDraft.of(kept.text, kept.version)
    if chosen.code in TEMPLATES:
        return ProgrammeDraft.of(template_text(reader.language, chosen.code), 0)
    return ProgrammeDraft.of(write_programme(chosen.programme), 0)


def put_indicators(reader: Reader, chosen: Chosen, indicators: tuple[Indicator, ...]) -> None:
    """Make these the indicators of the programme that is in hand; for callbacks."""
    now = in_hand(reader, chosen)
    told = plain_of(write_programme(replace(now.draft.programme, indicators=indicators)))
    try:
        now.draft = now.draft.put(("indicators",), told.get("indicators"))
    except InputError as error:
        now.refused = error
