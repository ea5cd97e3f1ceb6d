"""The versions of a programme: what was kept, what changed from one to another, the way back, and files."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Sequence
from html import escape
from typing import Final

import pandas as pd
import streamlit as st

from crm_core.base import InputError
from crm_core.loyalty.rules import plain_of
from crm_core.ui import markup, report
from crm_core.ui.loyalty.drafting import Editing
from crm_core.ui.loyalty.fields import told_differences
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes
from crm_core.workspace.merging import differences
from crm_core.workspace.programme_drafts import changes
from crm_core.workspace.programmes import Saved

_SIGNS: Final = {"same": " ", "gone": "−", "new": "+"}
_TAGS: Final = {"same": "span", "gone": "del", "new": "ins"}


def history(editing: Editing) -> None:
    """Every version with when it was saved, what has changed since one of them, and the way back to it."""
    reader = editing.reader
    kept = programmes.history(editing.location, editing.name)
    rows = pd.DataFrame(
        {
            "version": [reader.language.number(one.version) for one in kept],
            "saved": [_moment(reader, one.saved_at) for one in kept],
            "told": [_told(reader, one) for one in kept],
        }
    )
    columns = {
        "version": Column(reader.say("loyalty.edit.version")),
        "saved": Column(reader.say("loyalty.edit.saved_at")),
        "told": Column(reader.say("loyalty.edit.remark")),
    }
    report.table(reader, Table(rows, columns))
    earlier = {one.version: one.text for one in kept[1:] if one.error is None}
    if not earlier:
        return
    choice, button = st.columns([1, 2], vertical_alignment="bottom")
    with choice:
        version = st.selectbox(
            reader.say("loyalty.edit.earlier"),
            [*earlier],
            format_func=reader.language.number,
            key="mo-edit-version",
        )
    with button:
        st.button(
            reader.say("loyalty.edit.restore", version=version),
            key="mo-edit-restore",
            disabled=editing.now.draft.changed,
            on_click=lambda: _restore(editing, editing.name, version, editing.after),
        )
    if kept[0].error is None:
        report.note(reader.say("loyalty.edit.since", version=version))
        changed(reader, earlier[version], kept[0].text)


def files(editing: Editing) -> None:
    """To take the programme along as a file, and to bring one."""
    reader, now = editing.reader, editing.now
    st.html(markup.uploader(reader.say("data.choose_file")))
    st.download_button(
        reader.say("loyalty.edit.download"),
        now.draft.text,
        file_name="programme.yaml",
        mime="application/yaml",
        key="mo-edit-download",
    )
    brought = st.file_uploader(reader.say("loyalty.edit.upload"), type=["yaml", "yml"], key="mo-edit-upload")
    if brought is None or brought.file_id == now.uploaded:
        return
    now.uploaded = brought.file_id
    try:
        text = brought.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        editing.refuse(InputError("import.file_unreadable", file=brought.name))
    else:
        editing.becomes(now.draft.written(text))
    st.rerun()


def damaged(editing: Editing) -> None:
    """Which programmes cannot be read, and the way back to the newest version of each that can."""
    reader = editing.reader
    broken = [one for one in programmes.listed(editing.location) if one.error is not None]
    for place, one in enumerate(broken):
        reason = reader.language.explain(one.error) if one.error else ""
        report.failure(reader, InputError("loyalty.edit.damaged", name=one.name, reason=reason))
        sound = programmes.newest_sound(editing.location, one.name)
        if sound is not None:
            st.button(
                reader.say("loyalty.edit.restore", version=sound.version),
                key=f"mo-edit-sound-{place}",
                on_click=_restore,
                args=(editing, one.name, sound.version, one.version),
            )


def _restore(editing: Editing, name: str, version: int, after: int) -> None:
    editing.follow(lambda: programmes.restore(editing.location, name, version, after=after))


def _moment(reader: Reader, moment: dt.datetime | None) -> str:
    """When something was saved, by the reader's own clock."""
    if moment is None:
        return ""
    name = st.context.timezone or "UTC"
    zone = zoneinfo.ZoneInfo(name) if name in zoneinfo.available_timezones() else dt.UTC
    here, language = moment.astimezone(zone), reader.language
    return f"{language.date(here.date())} {language.digits(here.strftime('%H:%M'))}"


def _told(reader: Reader, one: Saved) -> str:
    if one.error is not None:
        return reader.language.explain(one.error)
    return reader.say("loyalty.programmes.again", version=one.again) if one.again else ""


def changed(reader: Reader, earlier: str, later: str) -> None:
    """What has changed from one text of a programme to another: by fields, and folded, as text."""
    was, now = plain_of(earlier), plain_of(later)
    lines = told_differences(reader, differences(was, now), was, now)
    if lines:
        lines_of(lines)
    else:
        report.text(reader.say("loyalty.edit.same"))
    if earlier != later:
        words = escape(reader.say("loyalty.edit.as_text"))
        st.html(f'<details class="mo-as-text"><summary>{words}</summary>{_as_text(earlier, later)}</details>')


def lines_of(lines: Sequence[str]) -> None:
    """Changes, one below the other."""
    items = "".join(markup.tag("li", line) for line in lines)
    st.html(f'<ul class="mo-rules">{items}</ul>')


def _as_text(earlier: str, later: str) -> str:
    """What has changed line by line; a sign says it beside the colour."""
    lines = "".join(
        f"<{_TAGS[line.kind]}>{_SIGNS[line.kind]} {escape(line.text)}</{_TAGS[line.kind]}>"
        for line in changes(earlier, later)
    )
    return f'<pre class="mo-changes" dir="ltr">{lines}</pre>'
