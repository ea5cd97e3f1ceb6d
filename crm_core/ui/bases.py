"""The base that the server shows: opened once for everybody, and again when a newer version appears."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from crm_core.i18n import Language
from crm_core.ui.location import location
from crm_core.workspace import Progress, Workspace, current_version, open_base


@dataclass
class OpenBases:
    """The newest version of each base that somebody has asked for."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    by_location: dict[str, tuple[int | None, Workspace]] = field(default_factory=dict)

    def get(self, location: str, progress: Progress | None = None) -> Workspace:
        """The current version, open; whoever comes while it is being opened waits for it."""
        version = current_version(location)
        known = self.by_location.get(location)
        if known is None or known[0] != version:
            with self.lock:
                known = self.by_location.get(location)
                if known is None or known[0] != version:
                    before, known = known, (version, open_base(location, progress=progress, shared=True))
                    self.by_location[location] = known
                    if before is not None:
                        before[1].retire()
        return known[1]


@st.cache_resource(show_spinner=False)
def open_bases() -> OpenBases:
    """The bases that this process holds open."""
    return OpenBases()


def shown_progress(language: Language) -> Progress:
    """A bar on the page for the time that a base takes to be prepared; nothing when it is ready."""
    bar = st.empty()

    def show(done: float) -> None:
        if done < 1:
            bar.progress(done, language.say("work.preparing"))
        else:
            bar.empty()

    return show


def opened(progress: Progress | None = None) -> Workspace:
    """The base that the server shows, in its current version.

    Raises:
        CrmError: There is none, or it cannot be read.
    """
    return open_bases().get(location(), progress)
