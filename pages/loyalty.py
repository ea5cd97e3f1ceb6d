"""Does the customer club earn its cost?"""

from __future__ import annotations

import streamlit as st

from crm_core.base import CrmError, Id, InputError, NotProvided, Sentence
from crm_core.loyalty.answers import NobodyThere
from crm_core.loyalty.rules import GOALS
from crm_core.ui import loyalty, markup, report, shell
from crm_core.ui.loyalty import View, against, choices, editing, effect, first, moving, points, ranking, tiers
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader

FILTERS = ("as_of", "channel", "category", "region")


def render() -> None:
    """What a programme costs and must bring, how points and tiers would have run, and who gains."""
    reader = shell.open_page("loyalty", filters=FILTERS)
    if first.leads(reader):
        _first(reader)
        return
    chosen = editing.edited(reader, choices.chosen(reader))
    try:
        shown = _replayed(reader, chosen)
    except (NotProvided, NobodyThere, InputError) as error:
        _unanswered(reader, chosen, error)
        editing.draw(reader, chosen, editing.Result(reader.language.explain(error)))
        return
    _answered(reader, chosen, shown)


def _replayed(reader: Reader, chosen: Chosen) -> View:
    """What the page shows of a programme, worked out step by step before the reader's eyes."""
    with report.working(640) as say:
        for words, work in loyalty.steps(reader, chosen):
            say(words)
            work()
        return loyalty.view(reader, chosen)


def _answered(reader: Reader, chosen: Chosen, shown: View) -> None:
    """What the programme costs and must bring, the fields to change it, and what would have come of it."""
    headline = effect.headline(reader, chosen, shown.club) or shown.headline
    report.answer(reader, headline, shown.context)
    if choices.is_template(reader, chosen.code):
        st.html(markup.note(reader.say("loyalty.template.note"), "mo-notice"))
    if reader.selection.channels or reader.selection.categories:
        report.note(reader.say("loyalty.filtered"))
    _unknown(reader, chosen)
    report.offers(reader, choices.offered(reader, chosen))
    report.ways(reader, [Way(reader.say("loyalty.first.another"), "loyalty", {first.GOAL: GOALS[0]})])
    report.figures(reader, shown.figures)
    told = effect.is_told(reader, chosen)
    if told:
        effect.draw(reader, chosen, shown.club)
    editing.draw(reader, chosen, editing.Result(reader.tell(headline), shown.figures))
    points.draw(reader, shown.points, shown.fates)
    tiers.draw(reader, shown.worth, shown.tiers)
    report.section(reader.say("loyalty.segments.section"))
    report.picture(reader, shown.segments)
    against.draw(reader, chosen, shown.club)
    if shown.moving is not None:
        moving.draw(reader, shown.moving)
    if not told:
        effect.draw(reader, chosen)
    ranking.draw(reader, chosen)


def _first(reader: Reader) -> None:
    """What customers are to do more of; what is proposed for it, replayed, and to be saved under a name."""
    goal = first.goal()
    try:
        with report.waiting(640):
            found = first.begun(reader)
            chosen = None if goal is None else first.proposed(reader, found, goal)
            shown = None if chosen is None else loyalty.view(reader, chosen)
    except CrmError as error:
        report.empty(reader, Sentence(error.key, error.values))
        _unknown(reader, None)
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    if goal is None or chosen is None or shown is None:
        first.ask(reader, found)
        _unknown(reader, None)
        effect.draw_unwritten(reader)
        return
    report.answer(reader, shown.headline, shown.context)
    _unknown(reader, None)
    first.draw_terms(reader, found, goal, chosen.programme)
    report.figures(reader, shown.figures)
    first.save(reader, ranking.weighed(reader, chosen.programme))
    points.draw(reader, shown.points, shown.fates)
    effect.draw(reader, chosen)
    ranking.draw(reader, chosen)


def _unknown(reader: Reader, chosen: Chosen | None) -> None:
    """That the address names a programme or months that there are not, and what is shown instead."""
    asked, months = choices.unknown(reader), choices.unknown_months()
    if asked is not None and chosen is None:
        report.note(reader.say("loyalty.unknown_first", asked=Id(asked)))
    elif asked is not None and chosen is not None:
        report.note(reader.say("loyalty.unknown", asked=Id(asked), programme=chosen.name))
    if months is not None and chosen is not None:
        report.note(reader.say("loyalty.months_unknown", asked=Id(months), months=chosen.months))


def _unanswered(reader: Reader, chosen: Chosen, error: CrmError) -> None:
    """Why nothing can be told of this programme, the other programmes, and the customers there are."""
    report.empty(reader, Sentence(error.key, error.values))
    _unknown(reader, chosen)
    report.offers(reader, choices.offered(reader, chosen))
    report.ways(reader, [Way(reader.say("customer.see"), "customer")])
