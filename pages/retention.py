"""Who comes back, and when do we lose them?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import Sentence
from crm_core.ui import report, retention, shell
from crm_core.ui.report import Way
from crm_core.ui.retention import choices, choosing

FILTERS = ("as_of", "channel", "category", "region")


def render() -> None:
    """Who comes back in one sentence, the cohorts period by period, the curve of their mean, what to do."""
    reader = shell.open_page("retention", filters=FILTERS)
    chosen = choices.chosen(reader)
    with report.working(640) as say:
        say(reader.say("retention.working"))
        shown = retention.view(reader, chosen)
    if shown is None:
        _nobody(reader, chosen)
        return
    report.answer(reader, shown.headline, shown.context)
    for one in choices.remarks(reader, chosen):
        report.remark(one.text, one.label, one.address)
    if shown.few:
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    if shown.figures:
        report.figures(reader, shown.figures)
        report.note(shown.of_whom)
    choosing.draw(reader, chosen, splits=shown.splits, with_margin=shown.with_margin)
    report.picture(reader, shown.cohorts)
    mean, marked = st.columns([3, 1], gap="large")
    with mean:
        report.picture(reader, shown.curve)
    with marked:
        choosing.benchmark(reader, chosen)
    if shown.what_to_do:
        report.highlights(reader, shown.what_to_do)
    with report.waiting(640):
        below = retention.lasting(reader, chosen, shown.won_from)
    _lasting(reader, below)


def _nobody(reader: shell.Reader, chosen: choices.Chosen) -> None:
    """Why there is nothing to show, and a way on."""
    why = choices.nobody(reader, chosen)
    if why is None:
        report.empty(reader, Sentence("empty.for_filters"), Sentence("empty.for_filters_hint"))
        return
    report.dead_end(why.text, why.label, why.address)


def _lasting(reader: shell.Reader, shown: retention.Lasting) -> None:
    """How long it takes until customers buy again, from purchase to purchase, and who is overdue."""
    curves, steps = st.columns(2, gap="large")
    with curves:
        for one in shown.curves:
            report.picture(reader, one)
    with steps:
        report.picture(reader, shown.ladder)
        report.picture(reader, shown.overdue)
    report.side_by_side(reader, (shown.channels, shown.returns))
    report.side_by_side(reader, shown.contracts)
