"""What lists of earlier days would have earned, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.base import Money, Sentence
from crm_core.churn.answers import Asked, Before, Deal, Terms, earned_before
from crm_core.ui.plot import kept
from crm_core.ui.report import Column, Table
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind


@dataclass(frozen=True)
class ShownEarned:
    """What lists of earlier days would have earned: in a sentence, and day by day."""

    told: str
    table: Table


def earned(reader: Reader, asked: Asked, deal: Deal, terms: Terms) -> ShownEarned | None:
    """What acting on the lists of earlier days would have earned with an offer; None without any."""

    def make() -> ShownEarned | None:
        found = earned_before(reader.ask, as_of=reader.as_of, asked=asked, deal=deal, terms=terms)
        return None if found is None else _earned(reader, found, asked, deal)

    return kept(reader, make, "earned", asked.horizon_days, asked.churn, deal, terms)


def _earned(reader: Reader, found: Before, asked: Asked, deal: Deal) -> ShownEarned:
    rows, currency = found.days, reader.workspace.tables.currency
    sums = {name: float(rows[name].sum()) for name in ("naive", "everybody")}
    sums |= {"earned": found.together.profit, "low": found.together.low, "high": found.together.high}
    told = Sentence(
        "churn.earned.told_given" if deal.sure or deal.effect is None else "churn.earned.told",
        {
            "times": len(rows),
            "days": asked.horizon_days,
            **{name: Money(amount, currency) for name, amount in sums.items()},
        },
    )
    columns: dict[str, Kind] = {
        "contacted": "count",
        "earned": "money",
        "low": "money",
        "high": "money",
        "naive": "money",
        "everybody": "money",
        "foresight": "money",
    }
    table = Table(
        rows,
        {
            "cut_off": Column(reader.say("column.cut_off"), "date"),
            "customers": Column(reader.say("churn.earned.customers"), "count"),
            **{name: Column(reader.say(f"churn.earned.{name}"), kind) for name, kind in columns.items()},
        },
        currency,
    )
    return ShownEarned(reader.tell(told), table)
