"""What would have to be different for a customer to be safe."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from crm_core.base import Sentence, Share
from crm_core.churn.answers.leaving import Leaving
from crm_core.churn.estimates.otherwise import customer_otherwise
from crm_core.churn.rules import LIKELY
from crm_core.tables import Ask

CONTACT: Final = "contacted_today"
"""The change that a customer must allow."""
_LEAST: Final = 0.02
"""By less a chance is not told to be lower."""


@dataclass(frozen=True)
class Change:
    """One thing that somebody can change.

    Args:
        code: As in `churn_otherwise`.
        chance: Of leaving, with it.
    """

    code: str
    chance: float


@dataclass(frozen=True)
class Otherwise:
    """What would have to be different for a customer to be safe.

    Args:
        chance: Of leaving, as things are.
        middle: Half of all customers have a lower one, half a higher.
        changes: Each by itself, as far as it lowers the chance, the greatest first.
    """

    chance: float
    middle: float
    changes: tuple[Change, ...]

    @property
    def aim(self) -> float:
        """What is safe enough: staying likelier than leaving; of whom that is so, the middle of the base."""
        return LIKELY if self.chance > LIKELY else self.middle

    @property
    def told(self) -> tuple[Sentence, ...]:
        """A sentence for each change; that there is none; nothing of who is safe."""
        if self.chance <= self.aim:
            return ()
        if not self.changes:
            return (Sentence("churn.otherwise.none"),)
        return tuple(self._told(one) for one in self.changes)

    def _told(self, change: Change) -> Sentence:
        values = {
            "change": Sentence(f"churn.otherwise.{change.code}"),
            "chance": Share(change.chance, 1),
            "now": Share(self.chance, 1),
        }
        if change.chance > self.aim:
            return Sentence("churn.otherwise.not_enough", values)
        if self.chance > LIKELY:
            return Sentence("churn.otherwise.stays", values)
        return Sentence("churn.otherwise.middle", {**values, "middle": Share(self.middle, 1)})


def otherwise(
    ask: Ask, customer_id: str, *, as_of: dt.date, found: Leaving, contactable: bool = True
) -> Otherwise | None:
    """What would have to be different for one customer to be safe; None of who is not scored.

    Args:
        ask: The reader's base.
        customer_id: Who.
        as_of: Only what happened up to the end of this day exists.
        found: How likely customers are to leave.
        contactable: Whether the customer allows any way of contact.
    """
    chances = found.risks.set_index("customer_id")["churn_probability"]
    if customer_id not in chances:
        return None
    chance = float(chances[customer_id])
    own = ask(customer_otherwise, as_of=as_of, customer_id=customer_id, **found.asked.options)
    changes = [
        Change(str(code), float(with_it))
        for code, with_it in zip(own["change"], own["probability_otherwise"], strict=True)
        if chance - with_it >= _LEAST and (contactable or code != CONTACT)
    ]
    changes.sort(key=lambda one: one.chance)
    return Otherwise(chance, float(chances.median()), tuple(changes))
