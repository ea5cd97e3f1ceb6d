"""What an offer is expected to earn of each customer, and which kinds of customers that makes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from crm_core.churn.models.columns import Floats, Integers
from crm_core.churn.rules import LIKELY

Kind = Literal["worth_keeping", "stay_anyway", "leave_anyway", "not_worth_it"]
KINDS: Final[tuple[Kind, ...]] = ("worth_keeping", "stay_anyway", "leave_anyway", "not_worth_it")
"""What becomes of customers when an offer is thought of; `kinds` gives their places here."""
_ROUNDING: Final = 1e-12


@dataclass(frozen=True)
class Offer:
    """What keeping customers costs, and how often it works.

    Args:
        contact_cost: Of contacting one customer, whatever comes of it.
        offer_cost: Of what a customer is given who takes the offer.
        save_chance: Chance that the offer keeps a customer who would leave, 0 to 1; one for all, or of each.
        save_error: Its standard error, likewise; 0 for a chance that is not an estimate. It is one error:
            where the chance of one customer is too high, that of all is, or too low where signs differ. Of
            several such errors that are independent a column each.
        taken_by_stayers: Share of those who would have stayed anyway who take the offer too.
    """

    contact_cost: float
    offer_cost: float
    save_chance: float | Floats
    save_error: float | Floats = 0.0
    taken_by_stayers: float = 1.0

    def __post_init__(self) -> None:
        for chance in (self.save_chance, self.taken_by_stayers):
            if not (np.min(chance) >= 0 and np.max(chance) <= 1):
                raise ValueError("a chance lies between 0 and 1")
        if not all(0 <= one < np.inf for one in (self.contact_cost, self.offer_cost)):
            raise ValueError("costs are finite and not below 0")
        if not np.isfinite(self.save_error).all():
            raise ValueError("errors are finite")


@dataclass(frozen=True)
class KindSum:
    """The customers of one kind together.

    Args:
        kind: Which.
        customers: How many they are.
        leaving: How many of them are expected to leave.
        margin_at_risk: The margin that is expected to go with them.
        profit: What contacting them would be expected to earn.
    """

    kind: Kind
    customers: int
    leaving: float
    margin_at_risk: float
    profit: float


def expected_profit(probability: Floats, margin: Floats, offer: Offer) -> Floats:
    """What contacting each customer is expected to earn.

    With p the probability of leaving, m the margin that is saved when a customer is kept, s the chance that
    the offer keeps one who would leave, a the share of those staying anyway who take it, o what it costs then
    and c what the contact costs::

        profit = p s (m - o) - (1 - p) a o - c

    Who would leave and is not kept does not take the offer; who stays anyway brings the margin anyway.

    Args:
        probability: Of leaving; calibrated, for what is earned is linear in it.
        margin: What is saved when a customer is kept.
        offer: What keeping costs and how often it works.

    Reference:
        Neslin, Gupta, Kamakura, Lu and Mason (2006), Defection detection: measuring and understanding the
        predictive accuracy of customer churn models; Verbraken, Verbeke and Baesens (2013), A novel profit
        maximizing metric for measuring classification performance of customer churn prediction models: there
        every customer has the same m, and a = 1.
    """
    given_away = offer.taken_by_stayers * offer.offer_cost
    worth = offer.save_chance * (margin - offer.offer_cost) + given_away
    return np.asarray(probability * worth - (given_away + offer.contact_cost))


def expected_cost(probability: Floats, offer: Offer) -> Floats:
    """What contacting each customer is expected to cost: the contact, and what is given to who takes it.

    Args:
        probability: Of leaving.
        offer: What keeping costs and how often it works.
    """
    taking = probability * offer.save_chance + (1 - probability) * offer.taken_by_stayers
    return np.asarray(offer.contact_cost + offer.offer_cost * taking)


def within_budget(profit: Floats, cost: Floats, budget: float) -> int:
    """How many customers a budget pays for, the highest expected profit first.

    Args:
        profit: Expected of each.
        cost: Likewise what contacting is expected to cost.
        budget: What there is to spend.
    """
    spent = np.cumsum(cost[ranked(profit)])
    # The sum of many costs may miss the budget that they make up by its last digits.
    return int(np.searchsorted(spent, budget * (1 + _ROUNDING), side="right"))


def ranked(profit: Floats) -> Integers:
    """Places of customers, the highest expected profit first; of equal ones the first comes first."""
    return np.argsort(-profit, kind="stable")


def kinds(probability: Floats, margin: Floats, offer: Offer) -> npt.NDArray[np.int8]:
    """Of each customer the place in `KINDS`.

    `worth_keeping`: contacting is expected to earn something. Of the others, `stay_anyway`: it would, were it
    certain that the customer leaves; but that is not likely enough. Of those whom it would not pay to contact
    even then, `leave_anyway` is who is more likely to leave than not, and `not_worth_it` is who is not.
    """
    profit = checked_profit(probability, margin, offer)
    if_leaving = expected_profit(np.ones_like(probability), margin, offer)
    without = np.where(probability > LIKELY, KINDS.index("leave_anyway"), KINDS.index("not_worth_it"))
    places = np.where(if_leaving > 0, KINDS.index("stay_anyway"), without)
    return np.where(profit > 0, KINDS.index("worth_keeping"), places).astype(np.int8)


def kind_sums(
    probability: Floats, margin: Floats, offer: Offer, at_risk: Floats | None = None
) -> tuple[KindSum, ...]:
    """The customers of each kind together, in the order of `KINDS`.

    Args:
        probability: Of leaving, of each customer.
        margin: What is saved when each is kept.
        offer: What keeping costs and how often it works.
        at_risk: What is expected to go with each; None for the probability times what is saved.
    """
    places = kinds(probability, margin, offer)
    going = probability * margin if at_risk is None else at_risk
    values = (probability, going, expected_profit(probability, margin, offer))
    customers = np.bincount(places, minlength=len(KINDS))
    sums = [np.bincount(places, one, minlength=len(KINDS)) for one in values]
    return tuple(
        KindSum(kind, int(customers[place]), *(float(one[place]) for one in sums))
        for place, kind in enumerate(KINDS)
    )


def checked_profit(probability: Floats, margin: Floats, offer: Offer) -> Floats:
    """As `expected_profit`, of customers of whom everything is known.

    Raises:
        ValueError: There is nobody, a probability lies outside 0 to 1, or a margin is not known.
    """
    profit = expected_profit(probability, margin, offer)
    if not profit.size:
        raise ValueError("there is nobody to contact")
    if not (np.isfinite(profit.sum()) and probability.min() >= 0 and probability.max() <= 1):
        raise ValueError("probabilities lie between 0 and 1, and margins are known")
    return profit
