"""Who is about to leave, why, and whom does it pay to keep?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from crm_core.base import CrmError, Sentence
from crm_core.churn.answers import Asked, Terms
from crm_core.ui import churn, report, shell, skin
from crm_core.ui.churn import Act, Ground, acting, before, choices, learning, offer, past, watched
from crm_core.ui.churn.one import ASKED_FOR
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader

FILTERS = ("as_of", "channel", "category", "region")
FIRST_ON_A_TELEPHONE = 5
UNANSWERED = ("churn.too_short", "churn.too_few", "churn.nobody", "churn.all_refuse", "churn.all_refuse_way")


def render() -> None:
    """Who is likely to leave, whom it pays to keep, why, and how well it would have been told."""
    reader = shell.open_page("churn", filters=FILTERS)
    asked = choices.asked(reader)
    terms = choices.terms(reader)
    skin.drop(choices.dropped(reader, asked, terms))
    try:
        if not learning.done_for_all(reader, asked):
            return
        found = churn.ground(reader, asked)
        shown = churn.view(reader, found, terms)
        newly = None if shown.act is None else watched.shown(reader, asked)
        # Lists that are not to be acted on promise nothing either.
        earned = None if shown.act is None else _earned(reader, found, shown.act)
    except CrmError as error:
        if error.key not in UNANSWERED:
            raise
        _unanswered(reader, asked, error)
        return
    report.answer(reader, shown.headline, shown.context)
    if reader.selection.channels or reader.selection.categories:
        report.note(reader.say("churn.filtered"))
    report.offers(reader, choices.offered(reader, asked))
    report.note(choices.why_so_long(reader, asked))
    if shown.act is None or newly is None:
        report.text(choices.instead(reader))
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
    else:
        to_customer = _to_customer(choices.parts(asked, terms))
        _act(reader, found, shown.act, to_customer)
        watched.draw(reader, newly, to_customer)
    past.draw(reader, past.shown(reader, found.tried, asked), earned)


def _earned(reader: Reader, found: Ground, act: Act) -> before.ShownEarned | None:
    """What lists of earlier days would have earned with the offer that the page shows."""
    return before.earned(reader, found.asked, act.keeping.deal, act.terms)


def _unanswered(reader: Reader, asked: Asked, error: CrmError) -> None:
    """Why nothing can be told, a shorter time to look ahead, and the customers there are."""
    report.empty(reader, Sentence(error.key, error.values))
    report.offers(reader, choices.offered(reader, asked))
    anyway = Way(reader.say("churn.reach.drop"), "churn", choices.parts(asked, Terms()))
    refused = error.key == "churn.all_refuse_way"
    report.ways(reader, [*([anyway] if refused else []), Way(reader.say("customer.see"), "customer")])


def _act(reader: Reader, found: Ground, act: Act, to_customer: Callable[[Mapping[str, object]], Way]) -> None:
    """What an offer costs, what it earns, whom to contact first and why they may leave."""
    with report.folded("terms", reader.say("churn.terms.show")):
        usual = replace(found.usual, contact_cost=found.learnt.contact(act.terms.way))
        offer.sliders(reader, found.learnt, act.keeping.deal, usual, act.terms)
    report.offers(reader, choices.reaches(reader, found.leaving, act.terms))
    report.figures(reader, act.figures)
    report.how_counted(reader, "churn-saved-rule", acting.rule(reader, found.leaving))
    report.note(reader.say("churn.not_value", days=found.asked.horizon_days, page=reader.say("page.value")))
    if len(act.first.rows):
        report.section(act.first_title)
        if act.way is not None:
            report.ways(reader, [act.way])
        report.table(reader, act.first, leads_to=to_customer, first=FIRST_ON_A_TELEPHONE)
        for said in acting.beside(reader, act.keeping, act.terms, found.leaving.currency):
            report.note(said)
    left_out = acting.left_out(reader, found.leaving, act.keeping, act.terms.way)
    if left_out:
        report.note(left_out)
    report.section(reader.say("churn.money.title"))
    report.side_by_side(reader, (act.curve, act.kinds))
    report.picture(reader, act.drivers)
    report.note(reader.say("churn.drivers.no_lever"))


def _to_customer(parts: Mapping[str, str]) -> Callable[[Mapping[str, object]], Way]:
    """To a row's customer, with the chance of leaving shown there for the same question and offer."""

    def way(row: Mapping[str, object]) -> Way:
        return Way("", "customer", {"customer": str(row["customer_id"]), ASKED_FOR: "yes", **parts})

    return way
