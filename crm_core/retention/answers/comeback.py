"""What share of new customers comes back, in one sentence, and whether that changes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from crm_core.base import Sentence, Share
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.periods import YEAR_DAYS, date_of
from crm_core.retention.answers.survival import ShareEstimate, fallen, horizons, named, spells_of
from crm_core.retention.metrics import purchase_spells
from crm_core.retention.rules.survival import COMPARED_DAYS, HORIZONS_DAYS
from crm_core.tables import Ask

_YEAR: Final = dt.timedelta(days=YEAR_DAYS)


@dataclass(frozen=True)
class Year:
    """Customers won in a year, all of whom could be watched for the compared days.

    Args:
        last: Its last day.
        share: Who of them bought again within those days.
    """

    last: dt.date
    share: ShareEstimate


@dataclass(frozen=True)
class Comeback:
    """The answer of the page.

    Args:
        headline: In one sentence.
        context: On whom it rests, and how those won in the latest year compare with those of the year before.
        customers: New customers.
        days: Within how many days they have to have bought again; None where it is too early to tell.
        share: The share that does, each counted for as long as could be seen (Kaplan-Meier): what the curve
            and the ladder tell, too; None where it is too early to tell, and where nobody came back.
        years: The latest year that can be told and the one before it; none where there are not two.
    """

    headline: Sentence
    context: Sentence
    customers: int
    days: int | None = None
    share: ShareEstimate | None = None
    years: tuple[Year, ...] = ()


def comeback(ask: Ask, *, as_of: dt.date, won_from: dt.date | None, customers: int) -> Comeback:
    """What share of new customers comes back.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        won_from: The day from which on first purchases are those of new customers; None where all are.
        customers: All actual customers, at least one.
    """
    from crm_core.retention.models import kaplan_meier

    if customers < ENOUGH_CUSTOMERS:
        few = Sentence("retention.headline.few", {"count": customers})
        return Comeback(few, Sentence("retention.context.few", {"least": ENOUGH_CUSTOMERS}), customers)
    new = spells_of(ask(purchase_spells, as_of=as_of, **named(won_from=won_from)))
    count = int(new.count)
    days = max(horizons(new), default=None)
    if days is None:
        needed = {"least": ENOUGH_CUSTOMERS, "days": _days(min(HORIZONS_DAYS))}
        early = Sentence("retention.context.too_early", {"count": count, **needed})
        return Comeback(Sentence("retention.headline.unknown"), early, count)
    since = date_of(ask.tables.first_day) if won_from is None else won_from
    values: dict[str, object] = {"customers": count, "first": since, "days": _days(days)}
    if not new.event_count:
        nobody = Sentence("retention.context.nobody", values)
        return Comeback(Sentence("retention.headline.nobody"), nobody, count, days)
    share = fallen(kaplan_meier(new).at(days))
    years = _years(ask, as_of, since)
    return Comeback(
        Sentence("retention.headline", {"share": Share(share.value), "count": days}),
        _context(share, years, values),
        count,
        days,
        share,
        years,
    )


def _days(count: int) -> Sentence:
    return Sentence("retention.days", {"count": count})


def _years(ask: Ask, as_of: dt.date, since: dt.date) -> tuple[Year, ...]:
    """The latest year of which everybody could be watched, and the one before it, if both are whole."""
    from crm_core.retention.models import kaplan_meier

    last = as_of - dt.timedelta(days=COMPARED_DAYS)
    if last - 2 * _YEAR < since - dt.timedelta(days=1):
        return ()
    found = []
    for end in (last, last - _YEAR):
        begin = end - _YEAR + dt.timedelta(days=1)
        won = spells_of(ask(purchase_spells, as_of=as_of, won_from=begin, won_to=end))
        if won.count < ENOUGH_CUSTOMERS or not won.event_count:
            return ()
        found.append(Year(end, fallen(kaplan_meier(won).at(COMPARED_DAYS))))
    return tuple(found)


def _context(share: ShareEstimate, years: tuple[Year, ...], values: dict[str, object]) -> Sentence:
    """On how many the headline rests, its interval, and how it was the year before."""
    values = {**values, "low": _ends(share.low), "high": _ends(share.high)}
    if not years:
        return Sentence("retention.context", values)
    latest, before = years
    told = {
        "compared": _days(COMPARED_DAYS),
        "last": latest.last,
        "latest": Share(latest.share.value, 1),
        "before": Share(before.share.value, 1),
    }
    return Sentence(f"retention.context.{_way(latest.share, before.share)}", {**values, **told})


def _ends(end: float | None) -> object:
    return Sentence("number.missing") if end is None else Share(end, 1)


def _way(latest: ShareEstimate, before: ShareEstimate) -> str:
    """Whether the intervals lie apart."""
    if latest.low is not None and before.high is not None and latest.low > before.high:
        return "up"
    if latest.high is not None and before.low is not None and latest.high < before.low:
        return "down"
    return "level"
