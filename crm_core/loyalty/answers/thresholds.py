"""What happens just above the thresholds of tiers against just below them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import Id, Sentence
from crm_core.loyalty.estimates import loyalty_thresholds
from crm_core.loyalty.estimates.thresholds import AFTER_DAYS
from crm_core.loyalty.models.jumps import FEWEST
from crm_core.loyalty.rules import Programme
from crm_core.tables import Ask

_STEERED: Final = 0.01
"""Chance of so many just above below which members are said to steer towards a threshold."""


@dataclass(frozen=True)
class Thresholds:
    """What is known at each threshold.

    Args:
        rows: Of `loyalty_thresholds`.
        days: So many days after a review count.
        currency: Of money.
    """

    rows: pd.DataFrame
    days: int
    currency: str

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Of each tier what was found in purchases, and whether members steer towards it."""
        said = []
        for one in self.rows[self.rows["outcome"] == "purchases"].to_dict("records"):
            tier = Id(str(one["tier"]))
            if pd.isna(one["difference"]):
                counts = {"below": int(one["members_below"]), "above": int(one["members_above"])}
                said.append(
                    Sentence("loyalty.effect.thresholds.too_few", {"tier": tier, "fewest": FEWEST, **counts})
                )
                continue
            verdict = "more" if one["low"] > 0 else "less" if one["high"] < 0 else "open"
            names = ("below", "above", "low", "high")
            values = {name: round(float(one[name]), 2) + 0.0 for name in names}
            said.append(
                Sentence(f"loyalty.effect.thresholds.{verdict}", {"tier": tier, "days": self.days, **values})
            )
            if one["heap_chance"] < _STEERED:
                heaped = {name: int(one[f"heap_{name}"]) for name in ("below", "above")}
                said.append(Sentence("loyalty.effect.thresholds.steered", {"tier": tier, **heaped}))
        return tuple(said)


def thresholds(ask: Ask, *, as_of: dt.date, programme: Programme) -> Thresholds:
    """What happens at the thresholds of a programme's tiers.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        programme: That the reader looks at.

    Raises:
        NothingToCompare: Nobody joined the programme, it has no tiers, or no review was so long ago.
        NotProvided: The base does not know who joined, or lacks what a rule is about.
    """
    rows = ask(loyalty_thresholds, as_of=as_of, programme=programme)
    return Thresholds(rows, AFTER_DAYS, ask.tables.currency)
