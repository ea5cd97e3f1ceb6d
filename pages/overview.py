"""How is our customer base doing, and what changed?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import Sentence
from crm_core.ui import overview, report, shell
from crm_core.ui.report import Way


def render() -> None:
    """The answer in one sentence, the figures, why revenue changed, who bought, and what stands out."""
    reader = shell.open_page("overview")
    with report.waiting(640):
        shown = overview.view(reader)
    if shown is None:
        report.empty(reader, Sentence("empty.for_filters"), Sentence("empty.for_filters_hint"))
        return
    report.answer(reader, shown.headline, shown.context)
    report.figures(reader, shown.figures)
    report.twin(reader, shown.other_figures)
    if shown.few:
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    for place, one in zip(st.columns(len(shown.pictures), gap="large"), shown.pictures, strict=True):
        with place:
            report.picture(reader, one)
    report.section(reader.say("overview.standing_out"))
    if shown.highlights:
        report.highlights(reader, shown.highlights)
    else:
        report.text(shown.nothing)
        report.ways(reader, [Way(reader.say("overview.standing_out.segments"), "segments")])
    report.how_counted(reader, "standing-out", shown.rule)
