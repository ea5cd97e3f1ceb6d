"""Which groups do our customers form, what is each worth, and who moved?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import Sentence
from crm_core.ui import report, segments, shell
from crm_core.ui.report import Way

FILTERS = ("as_of", "channel", "category", "region")


def render() -> None:
    """The concentration in one sentence, the named segments, who moved, the grid and the whale curve."""
    reader = shell.open_page("segments", filters=FILTERS)
    with report.waiting(640):
        shown = segments.view(reader)
    if shown is None:
        report.empty(reader, Sentence("empty.for_filters"), Sentence("empty.for_filters_hint"))
        return
    report.answer(reader, shown.headline, shown.context)
    if shown.few:
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    report.figures(reader, shown.strategies)
    named, scored = st.columns(2, gap="large")
    with named:
        report.picture(reader, shown.shares)
        report.picture(reader, shown.moves)
    with scored:
        report.picture(reader, shown.grid)
        report.picture(reader, shown.curve)
    report.highlights(reader, shown.what_to_do)
