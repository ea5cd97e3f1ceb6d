"""The answer on who is about to leave as it is shown, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from crm_core.base import ContactWay, Money, Sentence
from crm_core.churn.answers import (
    Asked,
    Deal,
    Keeping,
    Learnt,
    Leaving,
    Terms,
    Tried,
    keeping,
    learnt,
    leaving,
    tried,
)
from crm_core.churn.estimates import churn_drivers, churn_watch_list
from crm_core.churn.rules import WATCHED_DAYS
from crm_core.looks import Look
from crm_core.ui.churn import choices
from crm_core.ui.churn.acting import figures, first_table, money_name, way_to
from crm_core.ui.churn.drivers import drivers_picture
from crm_core.ui.churn.pictures import curve_picture, kinds_picture
from crm_core.ui.plot import kept, kept_for_all, look_of
from crm_core.ui.report import Picture, ShownFigure, Table, Undrawn, Way
from crm_core.ui.shell import Reader

_NO_PROFIT: Final[Mapping[str, tuple[Sentence, ...]]] = {
    "revenue": (Sentence("churn.context.by_revenue"),),
    "contract": (Sentence("churn.context.by_contract"),),
}
"""What is said where what is saved is no margin."""


@dataclass(frozen=True)
class Ground:
    """What the page shows for any offer.

    Args:
        asked: What is asked of the customers.
        leaving: How likely they are to leave.
        learnt: What the base itself says of contacts and offers.
        usual: The offer of who says nothing of it.
        tried: How well it would have been told before.
        drivers: Rows of `churn_drivers`.
        newly: How many customers are newly at risk.
    """

    asked: Asked
    leaving: Leaving
    learnt: Learnt
    usual: Deal
    tried: Tried
    drivers: pd.DataFrame
    newly: int


@dataclass(frozen=True)
class View:
    """All that the page shows of an offer; `act` is None where the scores are not to be used."""

    headline: Sentence
    context: Sentence
    act: Act | None


@dataclass(frozen=True)
class Act:
    """Whom to contact and what that earns.

    Args:
        terms: What the reader says of the offer.
        keeping: The answer itself.
        figures: The figures.
        first_title: What they are called.
        first: Those to contact first.
        way: To all of them; None where there is nobody.
        curve: What contacting so many earns.
        kinds: The four kinds of customers.
        drivers: What tells who is likely to leave.
    """

    terms: Terms
    keeping: Keeping
    figures: tuple[ShownFigure, ...]
    first_title: str
    first: Table
    way: Way | None
    curve: Picture
    kinds: Picture
    drivers: Picture | Undrawn


def ground(reader: Reader, asked: Asked) -> Ground:
    """What the page shows for any offer.

    Raises:
        CrmError: The history is too short to learn who leaves, or too few have left or stayed.
    """
    return kept_for_all(reader, lambda: _ground(reader, asked), "ground", asked.horizon_days, asked.churn)


def _ground(reader: Reader, asked: Asked) -> Ground:
    ask, as_of = reader.ask, reader.as_of
    leaves, taught = leaving(ask, as_of=as_of, asked=asked), learnt(ask, as_of=as_of, asked=asked)
    return Ground(
        asked=asked,
        leaving=leaves,
        learnt=taught,
        usual=taught.deal(Terms(), leaves),
        tried=tried(ask, as_of=as_of, asked=asked),
        drivers=ask(churn_drivers, as_of=as_of, **asked.options),
        newly=len(ask(churn_watch_list, as_of=as_of, **asked.options)),
    )


def view(reader: Reader, found: Ground, terms: Terms) -> View:
    """What the page shows of an offer."""
    asked = found.asked
    return kept(reader, lambda: _view(reader, found, terms), "view", asked.horizon_days, asked.churn, terms)


def _view(reader: Reader, found: Ground, terms: Terms) -> View:
    leaves, verdict = found.leaving, found.tried.reliance
    days = {"days": found.asked.horizon_days}
    of_whom = Sentence(f"churn.context.{found.asked.churn}", {"count": leaves.customers})
    if not verdict.usable:
        context = Sentence("churn.context.and", {"first": of_whom, "then": verdict.told})
        return View(Sentence("churn.headline.unknown", days), context, None)
    deal = found.learnt.deal(terms, leaves)
    kept_by = keeping(leaves, deal, calibration_error=found.tried.reliance.apart, terms=terms)
    expected = Sentence(f"churn.headline.{found.asked.churn}", {"count": round(leaves.expected), **days})
    look, worth = look_of(reader), _kept(kept_by, leaves, terms)
    return View(
        headline=Sentence("churn.headline.and", {"leaving": expected, "keeping": worth}),
        context=_context(found, of_whom),
        act=_act(reader, found, kept_by, terms, look),
    )


def _context(found: Ground, of_whom: Sentence) -> Sentence:
    """Of whom it is told, how many are newly at risk, whether to rely on it, and that sums are no profit."""
    newly = Sentence("churn.watch.nobody", {"days": WATCHED_DAYS})
    if found.newly:
        newly = Sentence("churn.context.newly", {"count": found.newly, "days": WATCHED_DAYS})
    told = of_whom
    for then in (newly, found.tried.reliance.told, *_NO_PROFIT.get(money_name(found.leaving), ())):
        told = Sentence("churn.context.and", {"first": told, "then": then})
    return told


def _kept(found: Keeping, leaves: Leaving, terms: Terms) -> Sentence:
    best, chosen = found.curve.best, found.curve.chosen
    if not best.size:
        return Sentence("churn.headline.nobody")
    if not chosen.size:
        budget = Money(terms.budget or 0.0, leaves.currency, digits=2)
        return Sentence("churn.headline.too_little", {"budget": budget})
    amounts = {"profit": chosen.profit, "low": chosen.low, "high": chosen.high}
    money = {name: Money(amount, leaves.currency, digits=2) for name, amount in amounts.items()}
    # Of whom it may be a loss it is not said that contacting them pays.
    of_whom = "perhaps" if chosen.low < 0 else "pays" if chosen.size == best.size else "most"
    by = {} if terms.way is None else {"way": ContactWay(terms.way)}
    who = Sentence(f"churn.headline.{of_whom}{'.by' if by else ''}", {"count": chosen.size, **by})
    key = "churn.headline.worth.perhaps" if chosen.low < 0 else "churn.headline.worth"
    return Sentence(key, {"who": who, **money})


def _first_title(reader: Reader, found: Keeping) -> str:
    chosen, shown = found.curve.chosen.size, len(found.first)
    if chosen == shown:
        return reader.say("churn.first.title", count=shown)
    key = "churn.first.of_all" if chosen == found.curve.best.size else "churn.first.of_most"
    return reader.say(key, count=chosen, shown=shown)


def _act(reader: Reader, found: Ground, kept_by: Keeping, terms: Terms, look: Look) -> Act:
    leaves, count = found.leaving, kept_by.curve.chosen.size
    parts = choices.parts(found.asked, terms)
    return Act(
        terms=terms,
        keeping=kept_by,
        figures=figures(reader, leaves, kept_by, look),
        first_title=_first_title(reader, kept_by),
        first=first_table(reader, leaves, kept_by),
        way=way_to(reader, "worth_keeping", count, parts) if count else None,
        curve=curve_picture(reader, leaves, kept_by, look),
        kinds=kinds_picture(reader, leaves, kept_by, parts, look),
        drivers=drivers_picture(reader, found.drivers, leaves.customers, look),
    )
