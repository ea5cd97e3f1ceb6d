"""Long work on a page: what is being done, how far it is, and a way to stop it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from crm_core.ui import markup
from crm_core.ui.shell import Reader
from crm_core.workspace.wanted import as_long_as

_UNNOTICED_SECONDS: Final = 0.4
"""Work that is over by then is not spoken of."""
_POLL_SECONDS: Final = 0.2
_STOPPED: Final = "mo-stopped"


@dataclass(frozen=True)
class Step:
    """A part of the work.

    Args:
        words: What is being done.
        work: Does it; it asks the base, and nothing of the page.
    """

    words: str
    work: Callable[[], object]


def done(reader: Reader, steps: Sequence[Step], *, note: str, stopped: str, title: str = "") -> bool:
    """Do what takes long, one step after another, beside what others do; whether it was done.

    Whatever ends this run of the page, such as the button that stops it, ends the work with its next question
    to the base; what is known by then is kept.

    Args:
        reader: Who waits.
        steps: The parts, in order; what is known already takes no time.
        note: What is said beside it, as how long it takes.
        stopped: What is said to who stopped it.
        title: What one waits for, where nothing on the page says so yet.
    """
    if st.session_state.pop(_STOPPED, False):
        st.html(_heading(title) + markup.note(stopped, "mo-notice"))
        st.button(reader.say("work.again"), type="primary", key="mo-again")
        return False
    wanted, place, begun = threading.Event(), st.empty(), time.monotonic()
    wanted.set()
    pool = ThreadPoolExecutor(1)
    told: _Told | None = None
    try:
        for number, step in enumerate(steps):
            answer = pool.submit(_as_wanted, wanted, step.work)
            while not _over(answer, begun):
                told = told or _Told(reader, place, note, title)
                told.say(step.words, number, len(steps))
            answer.result()
    finally:
        wanted.clear()
        pool.shutdown(wait=False)
    place.empty()
    return True


def _as_wanted(wanted: threading.Event, work: Callable[[], object]) -> object:
    with as_long_as(wanted.is_set):
        return work()


def _over(answer: Future[object], begun: float) -> bool:
    """Whether it is done, as soon as it is; not before somebody waits long enough to be told."""
    patience = max(_POLL_SECONDS, _UNNOTICED_SECONDS - (time.monotonic() - begun))
    wait([answer], patience)
    return answer.done()


class _Told:
    """What is said while it is being worked."""

    def __init__(self, reader: Reader, place: DeltaGenerator, note: str, title: str) -> None:
        self._reader = reader
        with place, st.container(key="mo-work"):
            if title:
                st.html(_heading(title))
            self._bar = st.progress(0.0, " ")
            st.html(markup.tag("p", note, "mo-subtitle"))
            st.button(reader.say("work.cancel"), key="mo-stop", on_click=_note_stopped)

    def say(self, words: str, number: int, steps: int) -> None:
        step = self._reader.say("work.step", step=words, place=number + 1, steps=steps)
        self._bar.progress(number / steps, step)


def _heading(title: str) -> str:
    return markup.tag("h2", title, "mo-section") if title else ""


def _note_stopped() -> None:
    st.session_state[_STOPPED] = True
