"""The answer on who is about to leave as it is shown, in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.base import Sentence
from crm_core.churn.answers import Asked, Leaving, leaving
from crm_core.ui.plot import kept
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Reader

FIRST = 10


@dataclass(frozen=True)
class View:
    """All that the page shows."""

    headline: Sentence
    context: Sentence
    first: Table


def view(reader: Reader, asked: Asked) -> View:
    """What the page shows to a reader.

    Raises:
        CrmError: The history is too short to learn who leaves, or too few have left or stayed.
    """
    return kept(reader, lambda: _view(reader, asked), asked.horizon_days, asked.churn)


def _view(reader: Reader, asked: Asked) -> View:
    found = leaving(reader.ask, as_of=reader.as_of, asked=asked)
    return View(
        headline=Sentence(
            f"churn.headline.{asked.churn}", {"count": found.likely, "days": asked.horizon_days}
        ),
        context=Sentence(f"churn.context.{asked.churn}", {"count": found.customers}),
        first=_first(reader, found),
    )


def _first(reader: Reader, found: Leaving) -> Table:
    rows = found.risks.sort_values(["churn_probability", "customer_id"], ascending=[False, True])
    return Table(
        rows.head(FIRST),
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            "churn_probability": Column(reader.say("column.churn_probability"), "share"),
            "margin": Column(reader.say("churn.column.margin"), "money"),
        },
        found.currency,
    )
