"""Opening balances on the page: what members have when a programme takes over, and new ones from a file."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Final

import streamlit as st

from crm_core.base import CrmError, refused
from crm_core.periods import date_of, day_of, months_before
from crm_core.ui import markup, report
from crm_core.ui.dates import date_input
from crm_core.ui.loyalty.drafting import Editing
from crm_core.workspace.openings import KeptOpenings, bring_openings, count_strangers, openings

_USUAL_DAYS: Final = 365


def draw(editing: Editing) -> None:
    """What is kept, and a file to be taken."""
    reader, now = editing.reader, editing.now
    say = reader.say
    report.text(say("loyalty.edit.openings_hint"))
    if not editing.after:
        report.note(say("loyalty.edit.openings_save_first"))
        return
    _kept(editing)
    last, first = day_of(reader.workspace.as_of) - 1, reader.workspace.tables.first_day
    day = now.day = now.day or date_of(max(last - _USUAL_DAYS, first))

    def pick(picked: dt.date) -> None:
        now.day = picked

    report.text(say("loyalty.edit.openings_day"))
    date_input(
        reader.language, day, first=min(first, last), last=last, key="mo-edit-openings-day", on_pick=pick
    )
    st.html(markup.uploader(say("data.choose_file")))
    file = st.file_uploader(say("loyalty.edit.openings_file"), key="mo-edit-openings-file")
    pressed = st.button(
        say("loyalty.edit.openings_bring"), key="mo-edit-openings-bring", disabled=file is None
    )
    if file is not None and pressed:
        _bring(editing, file.name, file.getvalue(), day)


def _kept(editing: Editing) -> None:
    reader = editing.reader
    try:
        kept = openings(editing.location, editing.name)
    except CrmError:
        # Said above, where all is said that is wrong with the programme.
        return
    if kept is None:
        return
    report.note(reader.say("loyalty.edit.openings_now", **_values(kept)))
    strangers = count_strangers(reader.workspace, editing.now.draft.programme, kept)
    if strangers:
        report.note(reader.say("loyalty.edit.openings_strangers", count=strangers))
    chosen = editing.chosen
    if day_of(kept.as_of) >= months_before(
        day_of(reader.as_of) + 1, chosen.months, chosen.programme.calendar
    ):
        report.note(reader.say("loyalty.edit.openings_unused"))


def _bring(editing: Editing, name: str, content: bytes, day: dt.date) -> None:
    reader = editing.reader
    with tempfile.TemporaryDirectory(prefix="moshtari-upload-") as directory:
        file = Path(directory) / (Path(name).name.lstrip(".") or "file")
        try:
            file.write_bytes(content)
            kept = bring_openings(reader.workspace, editing.name, file, day)
        except (CrmError, OSError) as error:
            report.failure(reader, refused(error) if isinstance(error, OSError) else error)
            return
    editing.now.told = reader.say("loyalty.openings.kept", **_values(kept))
    st.rerun()


def _values(kept: KeptOpenings) -> dict[str, object]:
    points = sum(one.points for one in kept.balances)
    return {"date": kept.as_of, "count": len(kept.balances), "points": points}
