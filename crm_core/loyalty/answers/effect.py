"""Does the club work: what members buy and bring more than they would without it, and what cannot be told."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final, Literal

import pandas as pd

from crm_core.base import Change, Money, NotProvided, Sentence, Share
from crm_core.loyalty.answers.club import Club
from crm_core.loyalty.estimates import (
    NothingToCompare,
    loyalty_balance,
    loyalty_effect,
    loyalty_effect_members,
)
from crm_core.loyalty.metrics import loyalty_clubs
from crm_core.loyalty.models import Method
from crm_core.loyalty.rules import Members, Programme
from crm_core.tables import Ask

Verdict = Literal["more", "less", "open", "uncosted"]
_UNLIKE: Final = 0.1
"""Standard deviations from which members and others are not said to be alike."""
_WHOLE_FROM: Final = 10
_SHORT_FROM: Final = 10_000


@dataclass(frozen=True)
class Estimated:
    """What one comparison says; amounts in purchases or units of currency, of a member in a year.

    Args:
        after: What members bought or brought.
        ratio: How many times as much as without the club.
        low, high: 95 % interval of `ratio`.
        gain: What would not have come without the club.
        gain_low, gain_high: Its interval.
    """

    after: float
    ratio: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float


@dataclass(frozen=True)
class Works:
    """What a club that customers joined has done.

    Args:
        campaign: Of the contacts by which they joined.
        currency: Of all amounts.
        money: `margin`, or `revenue` where not all costs are known.
        members: How many are compared.
        others: With how many others.
        apart_days: So many days from a campaign's contact on do not count.
        effects: Rows of `loyalty_effect`.
        balance: Rows of `loyalty_balance`.
        compared: Rows of `loyalty_effect_members`.
    """

    campaign: str
    currency: str
    money: str
    members: int
    others: int
    apart_days: int
    effects: pd.DataFrame
    balance: pd.DataFrame
    compared: pd.DataFrame

    def said(self, outcome: str, method: Method = "difference") -> Estimated | None:
        """What one comparison says of `purchases` or of money; None where it says nothing."""
        rows = self._rows(outcome, method)
        return None if rows.empty else _estimated(rows)

    def _rows(self, outcome: str, method: Method) -> pd.DataFrame:
        return self.effects[(self.effects["outcome"] == outcome) & (self.effects["method"] == method)]

    @property
    def purchases(self) -> Estimated:
        """What is said of purchases by the comparison that tells of the club: where there is none, nothing
        is told at all."""
        return _estimated(self._rows("purchases", "difference"))

    @property
    def sentence(self) -> Sentence:
        """What can be said: that members buy more for it, that they buy less, or neither."""
        found = self.purchases
        verdict = "more" if found.low > 1 else "less" if found.high < 1 else "open"
        values = {"change": found.ratio, "low": found.low, "high": found.high}
        share = Share(self.members / int(self.compared["members"].sum()))
        return Sentence(
            f"loyalty.effect.{verdict}",
            {
                "members": self.members,
                "share": share,
                **{name: Change(value - 1) for name, value in values.items()},
            },
        )

    @property
    def unlike(self) -> tuple[str, float] | None:
        """In what members and the others differ most after matching, and by how many standard deviations;
        None where that is little."""
        rows = self.balance[self.balance["matched_on"]].set_index("known")["difference_after"].abs()
        return (str(rows.idxmax()), float(rows.max())) if rows.max() >= _UNLIKE else None

    @property
    def in_money(self) -> Sentence | None:
        """What the club brings of what a member brings in a year; None where that is not known."""
        found = self.said(self.money)
        if found is None:
            return None
        verdict = "more" if found.gain_low > 0 else "less" if found.gain_high < 0 else "open"
        amounts = {"after": found.after, "gain": found.gain, "low": found.gain_low, "high": found.gain_high}
        if verdict == "less":
            amounts |= {"gain": -found.gain, "low": -found.gain_high, "high": -found.gain_low}
        return Sentence(
            f"loyalty.effect.{self.money}.{verdict}",
            {name: self._about(value, max(map(abs, amounts.values()))) for name, value in amounts.items()},
        )

    def _about(self, amount: float, largest: float) -> Money:
        """An amount no more precise than its interval lets it be."""
        short = not _WHOLE_FROM <= largest < _SHORT_FROM
        return Money(amount, self.currency, compact=short, digits=2 if largest >= _SHORT_FROM else 0)

    @property
    def growth(self) -> Estimated:
        """How many times as much members bring as they would without the club, or buy where that is not
        known."""
        return self.said(self.money) or self.purchases

    def earns(self, club: Club) -> Verdict:
        """Whether members grow by as much as the programme needs to pay, were all like those compared.

        What members brought holds the effect already, so the growth that is needed is that from what they
        would have brought without it. Where revenue stands for margin, it takes more than that: then a club
        may be known not to earn its cost, and never to earn it.
        """
        found = self.growth
        if found.low - 1 > club.lift_with(found.low).high:
            return "more" if club.by_margin else "uncosted"
        return "less" if found.high - 1 < club.lift_with(found.high).low else "open"


def _estimated(rows: pd.DataFrame) -> Estimated:
    names = ("after", "ratio", "low", "high", "gain", "gain_low", "gain_high")
    return Estimated(**{name: float(rows[name].iloc[0]) for name in names})


def joined_campaigns(ask: Ask, *, as_of: dt.date) -> tuple[str, ...]:
    """The campaigns by which customers joined a club, most members first; none where the base knows of none.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
    """
    try:
        return tuple(map(str, ask(loyalty_clubs, as_of=as_of)["campaign_id"]))
    except NotProvided:
        return ()


def works(ask: Ask, *, as_of: dt.date, programme: Programme) -> Works:
    """Whether a club works: the programme where customers joined it, else the largest that they did join.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        programme: That the reader looks at.

    Raises:
        NothingToCompare: Nobody joined any club, it is as old as the records, or too few can be compared.
        NotProvided: The base has no contacts, or does not know their campaigns or outcomes.
    """
    members = programme.members
    if members.who != "joined":
        clubs = ask(loyalty_clubs, as_of=as_of)
        if clubs.empty:
            raise NothingToCompare("loyalty.effect.not_joined", programme=programme.name)
        members = Members("joined", str(clubs["campaign_id"].iloc[0]))
    # Only who takes part makes a difference: the same answer for all programmes of one club.
    club = Programme(members.campaign, members)
    effects = ask(loyalty_effect, as_of=as_of, programme=club)
    first = effects.iloc[0]
    money = next((name for name in effects["outcome"].unique() if name != "purchases"), "revenue")
    return Works(
        campaign=members.campaign,
        currency=ask.tables.currency,
        money=str(money),
        members=int(first["members"]),
        others=int(first["others"]),
        apart_days=int(first["apart_days"]),
        effects=effects,
        balance=ask(loyalty_balance, as_of=as_of, programme=club),
        compared=ask(loyalty_effect_members, as_of=as_of, programme=club),
    )
