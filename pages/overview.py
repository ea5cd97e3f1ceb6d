"""How is our customer base doing, and what changed?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import Sentence
from crm_core.ui import overview, report, shell


def render() -> None:
    """The answer in one sentence, the figures, why revenue changed, who bought, and what changed most."""
    reader = shell.open_page("overview")
    with report.waiting(640):
        shown = overview.view(reader)
    if shown is None:
        report.empty(reader, Sentence("empty.for_filters"), Sentence("empty.for_filters_hint"))
        return
    report.answer(reader, shown.headline, shown.context)
    report.figures(reader, shown.money)
    report.figures(reader, shown.customers)
    if shown.bridge is None:
        report.picture(reader, shown.lifecycle)
        return
    why, who = st.columns(2, gap="large")
    with why:
        report.picture(reader, shown.bridge)
    with who:
        report.picture(reader, shown.lifecycle)
    report.highlights(reader, shown.highlights)
