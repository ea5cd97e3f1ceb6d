"""Who is about to leave, why, and whom does it pay to keep?"""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.base import CrmError, Sentence
from crm_core.ui import churn, report, shell
from crm_core.ui.churn import choices
from crm_core.ui.report import Way

FILTERS = ("as_of", "channel", "category", "region")
UNANSWERED = ("churn.too_short", "churn.too_few")


def render() -> None:
    """Who is likely to leave, whom it pays to keep, why they leave, and how well that would have been told."""
    reader = shell.open_page("churn", filters=FILTERS)
    asked = choices.asked(reader)
    try:
        with report.working(640):
            shown = churn.view(reader, asked)
    except CrmError as error:
        if error.key not in UNANSWERED:
            raise
        report.empty(reader, Sentence(error.key, error.values))
        report.offers(reader, choices.offered(reader, asked))
        report.ways(reader, [Way(reader.say("customer.see"), "customer")])
        return
    report.answer(reader, shown.headline, shown.context)
    report.offers(reader, choices.offered(reader, asked))
    report.note(choices.why_so_long(reader, asked))
    report.section(reader.say("churn.first.title"))
    report.table(reader, shown.first, leads_to=_to_customer)


def _to_customer(row: Mapping[str, object]) -> Way:
    return Way("", "customer", {"customer": str(row["customer_id"])})
