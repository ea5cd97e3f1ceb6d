"""Whom it pays to keep: what contacting earns, which list earns most, which kinds there are."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import InputError, NotProvided
from crm_core.churn.answers.leaving import Asked, Leaving
from crm_core.churn.metrics import campaign_effects
from crm_core.churn.metrics.stakes import contact_costs, purchases_of_a_year
from crm_core.churn.models.columns import Floats
from crm_core.churn.models.effects import save_chance
from crm_core.churn.models.profit import (
    KINDS,
    Kind,
    KindSum,
    Offer,
    ProfitCurve,
    expected_profit,
    kind_sums,
    kinds,
    profit_curve,
)
from crm_core.tables import Ask

__all__ = ["KINDS", "Keeping", "Kind", "Learnt", "Terms", "keeping", "learnt", "profits"]

CONTACT_SHARE: Final = 0.01
"""What a contact costs where nothing is known of it, as a share of a usual purchase."""
OFFER_SHARE: Final = 0.05
"""What an offer costs until it is told, likewise."""
SAVED: Final = 0.1
"""Chance that an offer keeps who would leave, where no past campaign tells it."""
TAKEN: Final = 1.0
"""Share of those who stay anyway who take the offer: the dearest case."""
_FIRST: Final = 10


@dataclass(frozen=True)
class Terms:
    """What a reader says of an offer; None where it is left as it is learnt or assumed.

    Args:
        contact: What contacting one customer costs.
        offer: What a customer is given who takes the offer.
        saved: Chance that it keeps who would leave.
        taken: Share of those who would stay anyway who take it too.
    """

    contact: float | None = None
    offer: float | None = None
    saved: float | None = None
    taken: float | None = None


@dataclass(frozen=True)
class Learnt:
    """What the base itself says of contacts and offers.

    Args:
        contact_cost: Mean cost of a contact of the last 365 days; None where none is known.
        purchase: What a purchase of the last 365 days brought on average; 0 without one.
        saved: Chance that past campaigns kept who would leave; None without any that held some back.
        saved_error: Its standard error.
        campaigns: How many it is learnt from.
    """

    contact_cost: float | None
    purchase: float
    saved: float | None
    saved_error: float
    campaigns: int

    def offer(self, terms: Terms) -> Offer:
        """The offer of a reader, with what is learnt or else assumed where nothing is said."""
        contact = _rounded(CONTACT_SHARE * self.purchase) if self.contact_cost is None else self.contact_cost
        saved = SAVED if self.saved is None else self.saved
        return Offer(
            contact_cost=contact if terms.contact is None else terms.contact,
            offer_cost=_rounded(OFFER_SHARE * self.purchase) if terms.offer is None else terms.offer,
            save_chance=saved if terms.saved is None else terms.saved,
            save_error=self.saved_error if terms.saved is None else 0.0,
            taken_by_stayers=TAKEN if terms.taken is None else terms.taken,
        )


@dataclass(frozen=True)
class Keeping:
    """Whom it pays to contact with an offer, money in units of currency.

    Args:
        offer: The offer.
        curve: What is earned by the number of customers contacted.
        kinds: The customers of each kind.
        first: Those of whom most is expected: rows of `Leaving.risks` with `expected_profit`.
    """

    offer: Offer
    curve: ProfitCurve
    kinds: tuple[KindSum, ...]
    first: pd.DataFrame = field(repr=False)


def learnt(ask: Ask, *, as_of: dt.date, asked: Asked) -> Learnt:
    """What the base itself says of contacts and offers.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.
    """
    scale = ask.tables.money_scale
    bought = ask(purchases_of_a_year, as_of=as_of).iloc[0]
    many = int(bought["purchases"])
    purchase = float(bought["revenue"]) / scale / many if many else 0.0
    try:
        paid = ask(contact_costs, as_of=as_of).iloc[0]
        effects = ask(campaign_effects, as_of=as_of, horizon_days=asked.horizon_days)
    except NotProvided:
        return Learnt(None, purchase, None, 0.0, 0)
    contacts = int(paid["contacts"])
    cost = _rounded(float(paid["cost"]) / scale / contacts) if contacts else None
    if asked.churn == "contract" or effects.empty:
        return Learnt(cost, purchase, None, 0.0, 0)
    arms = {arm: effects[f"{arm}_customers"].to_numpy("float64") for arm in ("treatment", "control")}
    left = {arm: arms[arm] - effects[f"{arm}_stayed"].to_numpy("float64") for arm in arms}
    found = save_chance(arms["treatment"], left["treatment"], arms["control"], left["control"])
    chance = min(max(found.chance, 0.0), 1.0)
    return Learnt(cost, purchase, round(chance, 3), found.standard_error, found.campaigns)


def keeping(found: Leaving, offer: Offer, *, calibration_error: float) -> Keeping:
    """Whom it pays to contact with an offer, of those who do not refuse every way of contact.

    Args:
        found: How likely customers are to leave, and what would go with them.
        offer: The offer.
        calibration_error: How far chances were from what came when they were tried, on average.

    Raises:
        InputError: Everybody refuses every way of contact.
    """
    if found.contactable.empty:
        raise InputError("churn.all_refuse")
    chance, margin = _chances(found.contactable)
    silent = found.contactable["days_since_last_order"].to_numpy("int64")
    profit = expected_profit(chance, margin, offer)
    best = np.argsort(-profit, kind="stable")[:_FIRST]
    best = best[profit[best] > 0]
    first = found.contactable.iloc[best].assign(expected_profit=profit[best]).reset_index(drop=True)
    return Keeping(
        offer=offer,
        curve=profit_curve(chance, margin, silent, offer, calibration_error=calibration_error),
        kinds=kind_sums(chance, margin, offer),
        first=first,
    )


def profits(found: Leaving, offer: Offer) -> pd.DataFrame:
    """Rows of `Leaving.risks` with `expected_profit`: what contacting each earns, and `kind`."""
    chance, margin = _chances(found.risks)
    names = np.array(KINDS, dtype=object)[kinds(chance, margin, offer)]
    return found.risks.assign(expected_profit=expected_profit(chance, margin, offer), kind=names)


def _chances(risks: pd.DataFrame) -> tuple[Floats, Floats]:
    return risks["churn_probability"].to_numpy("float64"), risks["margin"].to_numpy("float64")


def _rounded(amount: float) -> float:
    """An amount as it is set: with two digits that are not 0."""
    return float(f"{amount:.2g}")
