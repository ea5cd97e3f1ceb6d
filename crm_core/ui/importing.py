"""Bringing a file in: what is in it, what its columns are taken to mean, and what became of its rows."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from crm_core.base import CrmError, InputError
from crm_core.sources.child import read_header_in_child
from crm_core.sources.mapping import load_mapping
from crm_core.ui import markup, tables
from crm_core.ui.report import failure, section
from crm_core.ui.tables import Column, Table
from crm_core.workspace.bringing import BaseSettings, Brought, bring

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from crm_core.sources.staged import Preview
    from crm_core.ui.shell import Visitor

_UPLOAD: Final = "mo-upload"
_BROUGHT: Final = "mo-brought"
_TURN: Final = "mo-turn"
_CANCELLED: Final = "mo-was-cancelled"
_SHOWN_ROWS: Final = 5
_POLL_SECONDS: Final = 0.15
_LONGEST_NAME: Final = 120


@dataclass(frozen=True)
class Upload:
    """A file that a reader brought, on disk for as long as this object lives, and what is in it."""

    file_id: str
    name: str
    path: Path
    directory: tempfile.TemporaryDirectory[str]
    preview: Preview


def offer(visitor: Visitor, target: str, *, first: bool) -> None:
    """The whole way from a file to its result.

    Args:
        visitor: Who brings it.
        target: The base that it goes into.
        first: Whether this base has nothing in it yet, so that it must be told its settings.
    """
    section(visitor.say("data.bring"))
    st.html(markup.tag("p", visitor.say("data.bring_hint")) + _button_words(visitor))
    key = f"mo-file-{st.session_state.get(_TURN, 0)}"
    chosen = st.file_uploader(visitor.say("data.file"), key=key, label_visibility="collapsed")
    if chosen is None:
        st.session_state.pop(_UPLOAD, None)
        return
    try:
        upload = _kept(chosen)
    except CrmError as error:
        failure(visitor, error)
        return
    _show(visitor, upload)
    mapping = st.text_area(
        visitor.say("data.mapping"),
        value=upload.preview.mapping,
        height="content",
        key=f"mo-mapping-{upload.file_id}",
        help=None,
    )
    settings = _settings(visitor) if first else None
    if st.session_state.pop(_CANCELLED, False):
        st.html(markup.note(visitor.say("work.cancelled"), "mo-notice"))
    if st.button(visitor.say("data.bring_in"), type="primary", key="mo-bring"):
        _bring(visitor, upload, mapping, settings, target)


def _kept(chosen: UploadedFile) -> Upload:
    """The upload on disk with its preview; read once, however often the page is drawn."""
    known = st.session_state.get(_UPLOAD)
    if isinstance(known, Upload) and known.file_id == chosen.file_id:
        return known
    directory = tempfile.TemporaryDirectory(prefix="moshtari-upload-")
    letters = "".join(letter for letter in Path(chosen.name).name if letter.isprintable())
    path = Path(directory.name) / (letters[-_LONGEST_NAME:].lstrip(".") or "file")
    with path.open("wb") as file:
        file.write(chosen.getbuffer())
    upload = Upload(chosen.file_id, path.name, path, directory, read_header_in_child(path))
    st.session_state[_UPLOAD] = upload
    return upload


def _show(visitor: Visitor, upload: Upload) -> None:
    preview = upload.preview
    rows = pd.DataFrame(list(preview.rows[:_SHOWN_ROWS]), columns=range(len(preview.columns)))
    columns = {str(place): Column(name) for place, name in enumerate(preview.columns)}
    section(visitor.say("data.first_rows", file=upload.name))
    tables.show(visitor, Table(rows.rename(columns=str), columns))
    section(visitor.say("data.meaning"))
    st.html(markup.tag("p", visitor.say("import.mapping_guessed")))
    for table, column in preview.missing:
        failure(visitor, InputError("import.required_unmapped", table=table, column=column))
    for option in preview.unclear:
        failure(visitor, InputError(f"import.{option}_unclear", file=upload.name))


def _settings(visitor: Visitor) -> BaseSettings:
    with st.container(horizontal=True):
        currency = st.text_input(visitor.say("data.base_currency"), max_chars=3, key="mo-currency")
        zone = st.text_input(visitor.say("data.base_time_zone"), value="UTC", max_chars=60, key="mo-zone")
    return BaseSettings(currency=currency.strip().upper(), time_zone=zone.strip())


def _bring(
    visitor: Visitor, upload: Upload, mapping: str, settings: BaseSettings | None, target: str
) -> None:
    place = st.empty()
    try:
        with place.container():
            brought = _with_progress(visitor, upload, mapping, settings, target)
    except CrmError as error:
        place.empty()
        failure(visitor, error)
        return
    st.session_state[_BROUGHT] = upload.name, brought
    st.session_state.pop(_UPLOAD, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


def _with_progress(
    visitor: Visitor, upload: Upload, mapping: str, settings: BaseSettings | None, target: str
) -> Brought:
    """Import in a thread; whatever ends this run of the page, such as Cancel, stops the import."""
    read = load_mapping(mapping)
    cancelled, done = threading.Event(), [0.0]
    bar = st.progress(0.0, visitor.say("work.importing", file=markup.plain(upload.name)))
    st.button(visitor.say("work.cancel"), key="mo-cancel", on_click=_note_cancelled)

    def tell(share: float) -> None:
        done[0] = min(max(share, 0.0), 1.0)

    with ThreadPoolExecutor(1) as pool:
        work: Future[Brought] = pool.submit(
            bring,
            target,
            upload.path,
            read,
            source_name=upload.name,
            settings=settings,
            progress=tell,
            cancelled=cancelled,
        )
        try:
            while not work.done():
                bar.progress(done[0], visitor.say("work.importing", file=markup.plain(upload.name)))
                time.sleep(_POLL_SECONDS)
        finally:
            cancelled.set()
    return work.result()


def _note_cancelled() -> None:
    st.session_state[_CANCELLED] = True


def _button_words(visitor: Visitor) -> str:
    """Streamlit's button speaks English; what it says is put in its place by the style sheet."""
    words = json.dumps(visitor.say("data.choose_file"), ensure_ascii=False)
    return f"<style>:root {{ --mo-choose: {words}; }}</style>"


def say_what_came_in(visitor: Visitor) -> None:
    """What became of the file that this reader brought last."""
    told = st.session_state.get(_BROUGHT)
    if told is None:
        return
    name, brought = told
    say = visitor.say
    if not brought.new:
        st.html(markup.note(say("import.known_already", file=name), "mo-notice"))
        return
    done = say("import.done", read=brought.read, accepted=brought.accepted, rejected=brought.rejected_rows)
    parts = [f"{name}: {done}"]
    if brought.guests:
        parts.append(say("import.guests", count=brought.guests))
    overview = markup.way(say("data.see_overview"), visitor.link("overview", as_of=None))
    st.html(f'<p class="mo-note mo-notice" role="status">{escape(" ".join(parts))} {overview}</p>')


def rejects(visitor: Visitor, reasons: dict[str, int], file: Path | None, key: str) -> None:
    """Why rows were set aside, and the file that keeps them."""
    rows = pd.DataFrame({"reason": [visitor.say(key) for key in reasons], "rows": list(reasons.values())})
    columns = {
        "reason": Column(visitor.say("data.reason")),
        "rows": Column(visitor.say("data.rows"), "count"),
    }
    tables.show(visitor, Table(rows, columns))
    if file is not None and file.is_file():
        st.download_button(
            visitor.say("data.rejects"),
            data=file.read_bytes,
            file_name="rejects.csv",
            mime="text/csv",
            type="tertiary",
            on_click="ignore",
            key=key,
        )
