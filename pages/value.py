"""What will each customer be worth, and what may we spend to keep or win one?"""

from __future__ import annotations

import dataclasses

import streamlit as st

from crm_core.base import CrmError, Sentence
from crm_core.ui import report, shell, value
from crm_core.ui.ahead import ahead
from crm_core.ui.behind import OVERLOOKED
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader
from crm_core.ui.value import View

FILTERS = ("as_of", "channel", "category", "region")
UNANSWERED = ("value.too_few_customers", "value.nothing_kept")


def render() -> None:
    """What is expected, how far it can be relied on, where it comes from, and what winning may cost."""
    reader = shell.open_page("value", filters=FILTERS)
    try:
        with report.working(640) as say:
            for words, work in value.steps(reader):
                say(words)
                work()
            shown = value.view(reader)
    except CrmError as error:
        if error.key not in UNANSWERED:
            raise
        report.empty(reader, Sentence(error.key, error.values))
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    report.answer(reader, shown.headline, shown.context)
    report.offers(reader, value.offered(reader))
    if shown.figures:
        report.figures(reader, shown.figures)
        for place, column in zip(st.columns(2, gap="large"), shown.worth, strict=True):
            with place:
                for one in column:
                    report.picture(reader, one)
        _overlooked(reader, shown)
    _tried(reader, shown)


def _overlooked(reader: Reader, shown: View) -> None:
    report.section(reader.say("value.overlooked.title"))
    if shown.overlooked is None:
        report.text(reader.say("value.overlooked.nobody"))
    else:
        report.text(reader.say("value.overlooked.told", count=shown.overlooked_count))
        first = dataclasses.replace(shown.overlooked, rows=shown.overlooked.rows.head(10))
        report.table(
            reader,
            first,
            name="overlooked",
            whole=shown.overlooked,
            leads_to=lambda row: Way("", "customer", {"customer": str(row["customer_id"])}),
        )
    report.how_counted(reader, "overlooked-rule", shown.overlooked_rule)
    ways = [Way(reader.say("customer.most_valuable"), "customer", {"tenth": "1", **ahead().parts})]
    if shown.overlooked is not None:
        everyone = reader.say("value.overlooked.all", count=shown.overlooked_count)
        ways.insert(0, Way(everyone, "customer", {"worth": OVERLOOKED, **ahead().parts}))
    report.ways(reader, ways)


def _tried(reader: Reader, shown: View) -> None:
    report.section(reader.say("value.trials.title"))
    report.text(shown.why)
    for place, one in zip(st.columns(2, gap="large"), shown.tried, strict=True):
        with place:
            report.picture(reader, one)
    if shown.trials is not None:
        report.table(reader, shown.forecasts, name="forecasts")
        report.twin(reader, shown.trials)
