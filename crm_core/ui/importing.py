"""Bringing a file in: what is in it, what its columns are taken to mean, and what became of its rows."""

from __future__ import annotations

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

from crm_core.base import CrmError, refused
from crm_core.ui import mapping_form, markup, tables
from crm_core.ui.report import failure, section
from crm_core.ui.tables import Column, Table
from crm_core.workspace.bringing import BaseSettings, Brought, Mapping, bring, load_mapping

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from crm_core.ui.shell import Visitor

_UPLOAD: Final = "mo-upload"
_BROUGHT: Final = "mo-brought"
_TURN: Final = "mo-turn"
_CANCELLED: Final = "mo-was-cancelled"
_POLL_SECONDS: Final = 0.15
_LONGEST_NAME: Final = 120


@dataclass(frozen=True)
class Upload:
    """A file that a reader brought, on disk for as long as this object lives."""

    file_id: str
    name: str
    path: Path
    directory: tempfile.TemporaryDirectory[str]


def offer(visitor: Visitor, target: str, *, first: bool, currency: str = "") -> None:
    """The whole way from a file to its result.

    Args:
        visitor: Who brings it.
        target: The base that it goes into.
        first: Whether this base has nothing in it yet, so that it must be told its settings.
        currency: Of a base that has been told.
    """
    section(visitor.say("data.bring"))
    st.html(
        markup.tag("p", visitor.say("data.bring_hint")) + markup.uploader(visitor.say("data.choose_file"))
    )
    key = f"mo-file-{st.session_state.get(_TURN, 0)}"
    chosen = st.file_uploader(visitor.say("data.file"), key=key, label_visibility="collapsed")
    if chosen is None:
        st.session_state.pop(_UPLOAD, None)
        return
    upload = _kept(chosen)
    settings = _settings(visitor) if first else BaseSettings()
    try:
        understood = mapping_form.ask(visitor, upload.path, upload.file_id, target, settings, currency)
    except CrmError as error:
        failure(visitor, error)
        return
    mapping = load_mapping(understood.preview.mapping)
    needed = list(understood.needed)
    orders = mapping.tables.get("orders")
    if (
        first
        and not settings.currency
        and orders
        and "currency" not in {**orders.columns, **orders.constants}
    ):
        needed.append(visitor.say("data.base_currency"))
    if st.session_state.pop(_CANCELLED, False):
        st.html(markup.note(visitor.say("work.cancelled"), "mo-notice"))
    if needed:
        words = mapping_form.enumerated(visitor, needed)
        st.html(markup.note(visitor.say("data.still_needed", needed=words), "mo-notice mo-ask"))
    if st.button(visitor.say("data.bring_in"), type="primary", key="mo-bring", disabled=bool(needed)):
        _bring(visitor, upload, mapping, settings, target)


def _kept(chosen: UploadedFile) -> Upload:
    """The upload on disk; written once, however often the page is drawn."""
    known = st.session_state.get(_UPLOAD)
    if isinstance(known, Upload) and known.file_id == chosen.file_id:
        return known
    directory = tempfile.TemporaryDirectory(prefix="moshtari-upload-")
    letters = "".join(letter for letter in Path(chosen.name).name if letter.isprintable())
    path = Path(directory.name) / (letters[-_LONGEST_NAME:].lstrip(".") or "file")
    with path.open("wb") as file:
        file.write(chosen.getbuffer())
    upload = Upload(chosen.file_id, path.name, path, directory)
    st.session_state[_UPLOAD] = upload
    return upload


def _settings(visitor: Visitor) -> BaseSettings:
    """In which currency and by whose clocks the base counts; asked once, as later files keep to it."""
    currencies, zones = visitor.language.currencies, visitor.language.time_zones
    if "mo-zone" not in st.session_state:
        own = st.context.timezone
        st.session_state["mo-zone"] = own if own in zones else "UTC"

    def currency_name(code: str) -> str:
        if not code:
            return visitor.say("data.choose")
        return visitor.say("data.currency_name", name=currencies[code], code=code)

    def zone_name(zone: str) -> str:
        return visitor.say("data.zone_name", city=zones[zone], zone=zone)

    section(visitor.say("data.settings"))
    st.html(markup.tag("p", visitor.say("data.settings_hint")))
    cells = st.columns(3)
    with cells[0]:
        currency = st.selectbox(
            visitor.say("data.base_currency"),
            ["", *sorted(currencies, key=lambda code: currencies[code])],
            format_func=currency_name,
            key="mo-currency",
        )
    with cells[1]:
        zone = st.selectbox(
            visitor.say("data.base_time_zone"), list(zones), format_func=zone_name, key="mo-zone"
        )
    return BaseSettings(currency=currency, time_zone=zone)


def _bring(visitor: Visitor, upload: Upload, mapping: Mapping, settings: BaseSettings, target: str) -> None:
    place = st.empty()
    try:
        with place.container():
            brought = _with_progress(visitor, upload, mapping, settings, target)
    except (CrmError, OSError) as error:
        place.empty()
        failure(visitor, refused(error) if isinstance(error, OSError) else error)
        return
    st.session_state[_BROUGHT] = upload.name, brought
    st.session_state.pop(_UPLOAD, None)
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
    st.rerun()


def _with_progress(
    visitor: Visitor, upload: Upload, mapping: Mapping, settings: BaseSettings, target: str
) -> Brought:
    """Import in a thread; whatever ends this run of the page, such as Cancel, stops the import."""
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
            mapping,
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
