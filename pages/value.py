"""What will each customer be worth, and what may we spend to keep or win one?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import Sentence
from crm_core.ui import report, shell, value
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader
from crm_core.ui.value import View
from crm_core.ui.value.standing_out import Shown
from crm_core.ui.ways import to_customer
from crm_core.value.answers import CannotForecast

FILTERS = ("as_of", "channel", "category", "region")


def render() -> None:
    """What is expected, how far it can be relied on, where it comes from, and what winning may cost."""
    reader = shell.open_page("value", filters=FILTERS)
    try:
        with report.working(640) as say:
            for words, work in value.steps(reader):
                say(words)
                work()
            shown = value.view(reader)
    except CannotForecast as error:
        report.empty(reader, Sentence(error.key, error.values))
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    report.answer(reader, shown.headline, shown.context)
    if reader.selection.channels or reader.selection.categories:
        report.note(reader.say("value.filtered"))
    report.offers(reader, value.offered(reader, shown))
    if shown.figures:
        report.figures(reader, shown.figures)
        report.remark(shown.not_churn, reader.say("value.silent.way"), reader.link("churn"))
        for place, column in zip(st.columns(2, gap="large"), shown.worth, strict=True):
            with place:
                for each in column:
                    report.picture(reader, each)
        for one in shown.standing_out:
            _standing_out(reader, one)
    if shown.instead:
        report.text(shown.instead)
    if shown.ways:
        report.ways(reader, shown.ways)
    _tried(reader, shown)


def _standing_out(reader: Reader, shown: Shown) -> None:
    report.section(shown.title)
    report.text(shown.told)
    if shown.first is not None:
        report.table(reader, shown.first, leads_to=to_customer)
    report.how_counted(reader, f"{shown.name}-rule", shown.rule)
    if shown.way is not None:
        report.ways(reader, [shown.way])


def _tried(reader: Reader, shown: View) -> None:
    report.section(reader.say("value.trials.title"))
    report.text(shown.why)
    report.side_by_side(reader, shown.tried)
    if shown.trials is not None:
        report.table(reader, shown.forecasts)
        report.twin(reader, shown.trials)
