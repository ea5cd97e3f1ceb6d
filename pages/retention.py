"""Who comes back, and when do we lose them?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import Sentence
from crm_core.ui import report, retention, shell
from crm_core.ui.report import Way
from crm_core.ui.retention import choices

FILTERS = ("as_of", "channel", "category", "region")


def render() -> None:
    """Who comes back in one sentence, the cohorts period by period, the curve of their mean, what to do."""
    reader = shell.open_page("retention", filters=FILTERS)
    chosen = choices.chosen(reader)
    with report.waiting(640):
        shown = retention.view(reader, chosen)
    if shown is None:
        report.empty(reader, Sentence("empty.for_filters"), Sentence("empty.for_filters_hint"))
        return
    report.answer(reader, shown.headline, shown.context)
    if shown.few:
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    report.figures(reader, shown.figures)
    choices.draw(reader, chosen, splits=shown.splits, with_margin=shown.with_margin)
    report.picture(reader, shown.cohorts)
    mean, marked = st.columns([3, 1], gap="large")
    with mean:
        report.picture(reader, shown.curve)
    with marked:
        choices.benchmark(reader, chosen)
    if shown.what_to_do:
        report.highlights(reader, shown.what_to_do)
    _lasting(reader, shown)


def _lasting(reader: shell.Reader, shown: retention.View) -> None:
    """How long it takes until customers buy again, from purchase to purchase, and who is overdue."""
    curves, steps = st.columns(2, gap="large")
    with curves:
        for one in shown.lasting:
            report.picture(reader, one)
    with steps:
        report.picture(reader, shown.ladder)
        report.picture(reader, shown.overdue)
    if shown.contracts:
        for place, one in zip(st.columns(2, gap="large"), shown.contracts, strict=True):
            with place:
                report.picture(reader, one)
