"""Whom it pays to keep: what contacting earns, which list earns most, which kinds there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import ContactWay, InputError, NotProvided
from crm_core.churn.answers.leaving import Asked, Leaving
from crm_core.churn.estimates.effects import effect_of, offer_effect
from crm_core.churn.metrics.stakes import contact_costs, purchases_of_a_year
from crm_core.churn.models.columns import Floats
from crm_core.churn.models.effects import People, RateEffect
from crm_core.churn.models.offers import (
    KINDS,
    Kind,
    KindSum,
    Offer,
    expected_cost,
    expected_profit,
    kind_sums,
    kinds,
    ranked,
    within_budget,
)
from crm_core.churn.models.profit import ProfitCurve, profit_curve
from crm_core.customers.rules import way_of
from crm_core.tables import Ask

__all__ = ["KINDS", "Deal", "Keeping", "Kind", "Learnt", "Terms", "keeping", "learnt", "people_of", "profits"]

CONTACT_SHARE: Final = 0.01
"""What a contact costs where nothing is known of it, as a share of a usual purchase."""
OFFER_SHARE: Final = 0.05
"""What an offer costs until it is told, likewise."""
SAVED: Final = 0.1
"""Chance that an offer keeps who would leave, where no past campaign tells it."""
TAKEN: Final = 1.0
"""Share of those who stay anyway who take the offer: the dearest case."""
HARDLY_KEPT: Final = 0.005
"""Chance below which an offer keeps hardly anybody."""
_FIRST: Final = 10


@dataclass(frozen=True)
class Terms:
    """What a reader says of an offer; None where it is left as it is learnt or assumed.

    Args:
        contact: What contacting one customer costs.
        offer: What a customer is given who takes the offer.
        saved: Chance that it keeps who would leave.
        taken: Share of those who would stay anyway who take it too.
        most: How many customers can be contacted; of those whom it pays to contact the first so many are.
        budget: What can be spent; of those whom it pays to contact as many are as it is expected to pay for,
            those of whom most is expected first.
        way: In which way they are contacted, in the base's own words: who has not refused it; None for any.
    """

    contact: float | None = None
    offer: float | None = None
    saved: float | None = None
    taken: float | None = None
    most: int | None = None
    budget: float | None = None
    way: str | None = None

    @property
    def limited(self) -> bool:
        """Whether no more than some of those can be contacted whom it pays to contact."""
        return self.most is not None or self.budget is not None

    def many(self, profit: Floats, cost: Floats) -> int | None:
        """How many can be contacted of customers with an expected profit and cost; None for any number."""
        limits = [] if self.most is None else [self.most]
        if self.budget is not None:
            limits.append(within_budget(profit, cost, self.budget))
        return min(limits, default=None)


@dataclass(frozen=True)
class Deal:
    """An offer with what is known of whom it keeps.

    Args:
        contact_cost: What contacting one customer costs.
        offer_cost: What a customer is given who takes the offer.
        saved: Share of those who would leave that it keeps.
        taken: Share of those who would stay anyway who take it too.
        effect: By how much contact raises the rate of buying, so that the likely are told from the lost; None
            where no campaign tells it, and the share is the chance of each.
        sure: Whether the share was set, and so is no estimate.
    """

    contact_cost: float
    offer_cost: float
    saved: float
    taken: float
    effect: RateEffect | None
    sure: bool

    def hardly_keeps(self, chance: float) -> bool:
        """Whether past campaigns say that it keeps hardly anybody of whom it keeps with this chance."""
        # A share that is set to nothing says nothing of campaigns.
        return self.effect is not None and chance < HARDLY_KEPT and not (self.sure and self.saved == 0)

    def to(self, people: People) -> Offer:
        """The offer to some customers."""
        chance: float | Floats = self.saved
        error: float | Floats = 0.0
        if self.effect is not None:
            chance = self.effect.save_chance(people)
            error = 0.0 if self.sure else self.effect.save_error(people)
        return Offer(
            contact_cost=self.contact_cost,
            offer_cost=self.offer_cost,
            save_chance=chance,
            save_error=error,
            taken_by_stayers=self.taken,
        )


@dataclass(frozen=True)
class Learnt:
    """What the base itself says of contacts and offers.

    Args:
        contact_cost: Mean cost of a contact of the last 365 days; None where none is known.
        purchase: What a purchase of the last 365 days brought on average; 0 without one.
        effect: By how much past campaigns raised the rate of buying; None without any that held some back.
        by_way: Mean cost of a contact of the last 365 days by its way, as `way_of` writes it.
    """

    contact_cost: float | None
    purchase: float
    effect: RateEffect | None
    by_way: Mapping[str, float] = field(default_factory=dict)

    def knows(self, way: str | None) -> bool:
        """Whether the cost of a contact in a way is known."""
        return way is not None and way_of(way) in self.by_way

    def contact(self, way: str | None) -> float:
        """What a contact in a way costs; where that is not known as all on average, or what is assumed."""
        if way is not None and self.knows(way):
            return self.by_way[way_of(way)]
        return _rounded(CONTACT_SHARE * self.purchase) if self.contact_cost is None else self.contact_cost

    def deal(self, terms: Terms, found: Leaving) -> Deal:
        """The offer of a reader, with what is learnt or else assumed where nothing is said.

        A share that is set is that of all who would leave and may be contacted: whom of them the offer keeps
        is what campaigns say, where there are any.
        """
        effect, saved = self.effect, SAVED if terms.saved is None else terms.saved
        if effect is not None:
            people = people_of(found.contactable)
            if terms.saved is None:
                saved = round(effect.share_saved(people), 3)
            else:
                effect = effect.saving(terms.saved, people)
        return Deal(
            contact_cost=self.contact(terms.way) if terms.contact is None else terms.contact,
            offer_cost=_rounded(OFFER_SHARE * self.purchase) if terms.offer is None else terms.offer,
            saved=saved,
            taken=TAKEN if terms.taken is None else terms.taken,
            effect=effect,
            sure=terms.saved is not None,
        )


@dataclass(frozen=True)
class Keeping:
    """Whom it pays to contact with an offer, money in units of currency.

    Args:
        deal: The offer.
        curve: What is earned by the number of customers contacted.
        cost: What contacting those who are chosen is expected to cost, with what they are given.
        leaving: How many of them are expected to leave.
        beyond: How many more could be contacted, whom it does not pay to contact.
        lost: What contacting these, too, would be expected to earn: less than nothing.
        reached: How many can be contacted in the way that is chosen.
        kinds: The customers of each kind.
        first: Those of whom most is expected: rows of `Leaving.risks` as `profits` gives them.
    """

    deal: Deal
    curve: ProfitCurve
    cost: float
    leaving: float
    beyond: int
    lost: float
    reached: int
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
    found = effect_of(ask(offer_effect, as_of=as_of, **asked.options))
    try:
        paid = ask(contact_costs, as_of=as_of)
    except NotProvided:
        return Learnt(None, purchase, found)
    if paid.empty:
        return Learnt(None, purchase, found)
    sums = paid.groupby(paid["channel"].map(way_of))[["cost", "contacts"]].sum()
    mean = {str(way): _rounded(float(one["cost"] / one["contacts"]) / scale) for way, one in sums.iterrows()}
    contacts, cost = int(paid["contacts"].sum()), float(paid["cost"].sum())
    return Learnt(_rounded(cost / scale / contacts), purchase, found, mean)


_NO_LIMIT: Final = Terms()


def keeping(found: Leaving, deal: Deal, *, calibration_error: float, terms: Terms = _NO_LIMIT) -> Keeping:
    """Whom it pays to contact with an offer, of those who do not refuse the way of contact, or every one.

    Args:
        found: How likely customers are to leave, and what would go with them.
        deal: The offer.
        calibration_error: How far chances were from what came when they were tried, on average.
        terms: How many can be contacted, for how much, and in which way.

    Raises:
        InputError: Everybody refuses every way of contact, or the one that is chosen.
    """
    if found.contactable.empty:
        raise InputError("churn.all_refuse")
    rows = found.reached(terms.way)
    if rows.empty:
        raise InputError("churn.all_refuse_way", way=ContactWay(str(terms.way)))
    chance, margin = _chances(rows)
    offer = deal.to(people_of(rows))
    profit, cost = expected_profit(chance, margin, offer), expected_cost(chance, offer)
    curve = profit_curve(
        chance,
        margin,
        rows["days_since_last_order"].to_numpy("int64"),
        offer,
        calibration_error=calibration_error,
        most=terms.many(profit, cost),
    )
    order = ranked(profit)
    chosen, beyond = order[: curve.chosen.size], order[curve.best.size : terms.most or 0]
    return Keeping(
        deal=deal,
        curve=curve,
        cost=float(cost[chosen].sum()),
        leaving=float(chance[chosen].sum()),
        beyond=len(beyond),
        lost=float(profit[beyond].sum()),
        reached=len(rows),
        kinds=kind_sums(chance, margin, offer, rows["at_risk"].to_numpy("float64")),
        first=profits(rows.iloc[chosen[:_FIRST]], deal).reset_index(drop=True),
    )


def profits(risks: pd.DataFrame, deal: Deal) -> pd.DataFrame:
    """Some rows of `Leaving.risks` with what contacting each customer comes to.

    `expected_profit`: what it earns; `expected_cost`: what is spent; `save_chance`: the chance that the offer
    keeps the customer if that is one who would leave; `kind`.
    """
    if risks.empty:
        return risks.assign(expected_profit=0.0, expected_cost=0.0, save_chance=0.0, kind="")
    chance, margin = _chances(risks)
    offer = deal.to(people_of(risks))
    return risks.assign(
        expected_profit=expected_profit(chance, margin, offer),
        expected_cost=expected_cost(chance, offer),
        save_chance=offer.save_chance,
        kind=np.array(KINDS, dtype=object)[kinds(chance, margin, offer)],
    )


def people_of(risks: pd.DataFrame) -> People:
    """Customers as an offer may act upon them, money in units of currency."""
    return People(
        risks["churn_probability"].to_numpy("float64"),
        risks["margin"].to_numpy("float64"),
        risks["company"].to_numpy("bool"),
    )


def _chances(risks: pd.DataFrame) -> tuple[Floats, Floats]:
    return risks["churn_probability"].to_numpy("float64"), risks["kept_margin"].to_numpy("float64")


def _rounded(amount: float) -> float:
    """An amount as it is set: with two digits that are not 0."""
    return float(f"{amount:.2g}")
