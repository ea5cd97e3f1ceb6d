"""What stands out, in words, and whose customers it is about."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

import pandas as pd

from crm_core.base import Money, Sentence, Share
from crm_core.overview.answers.spans import SpanFigures
from crm_core.overview.rules import Buying, Finding, FindingName, Group, Repeat, Span, what_stands_out
from crm_core.periods import Calendar, date_of, first_day, last_day

_MONTHS_OF_A_YEAR: Final = 12

_GROUPS: Final[dict[FindingName, Group]] = {
    "lost_customers": "lost",
    "fewer_new": "new",
    "more_new": "new",
    "dormant": "lost",
}


@dataclass(frozen=True)
class GroupOfSpan:
    """Some customers, as `customers_of_span` takes them: those of a group in the days of a span.

    `before_first` is the day number on which the days before the span begin.
    """

    group: Group
    before_first: int
    span: Span


@dataclass(frozen=True)
class Highlight:
    """Something that stands out.

    Args:
        name: Which rule found it.
        headline: What it is, with the figure that carries it.
        told: What it was before, and what to do.
        customers: Whom it is about; None where it is about all of them.
    """

    name: FindingName
    headline: Sentence
    told: Sentence
    customers: GroupOfSpan | None


def highlights(
    now: SpanFigures, before: SpanFigures | None, months: pd.DataFrame, calendar: Calendar
) -> tuple[Highlight, ...]:
    """What stands out in the period, what matters most first.

    Args:
        now: The period.
        before: What it is compared with.
        months: The last calendar months, with the states of `lifecycle`.
        calendar: Whose months they are.
    """
    whole = months[months["complete"]]
    repeats = [Repeat(int(row["returning"]), int(row["dormant"])) for row in whole.to_dict("records")]
    year_before = repeats[-1 - _MONTHS_OF_A_YEAR] if len(repeats) > _MONTHS_OF_A_YEAR else None
    found = what_stands_out(
        _buying(now),
        None if before is None else _buying(before),
        None if year_before is None else (repeats[-1], year_before),
    )
    last = None if whole.empty else int(whole["period"].iloc[-1])
    return tuple(_highlight(one, now, last, calendar) for one in found)


def _buying(figures: SpanFigures) -> Buying:
    return Buying(**{one.name: figures.row[one.name] for one in fields(Buying)})


def _highlight(found: Finding, now: SpanFigures, month: int | None, calendar: Calendar) -> Highlight:
    customers = None
    if found.name == "dormant" and month is not None:
        span = Span(first_day(month, "month", calendar), last_day(month, "month", calendar))
        customers = GroupOfSpan("lost", first_day(month - 1, "month", calendar), span)
    elif found.name in _GROUPS:
        customers = GroupOfSpan(_GROUPS[found.name], now.span.first - now.span.days, now.span)
    values = _values(found, now)
    if customers is not None:
        values["last"] = date_of(customers.span.last)
    key = f"overview.finding.{found.name}"
    return Highlight(found.name, Sentence(key, values), Sentence(f"{key}.told", values), customers)


def _values(found: Finding, now: SpanFigures) -> dict[str, object]:
    """What the sentences of a finding may say: its value now and before, and the change without its sign."""
    if found.name in ("dormant", "margin", "guests"):
        return {"now": Share(found.now), "before": Share(found.before)}
    values: dict[str, object] = {"change": Share(abs(found.now / found.before - 1))}
    if found.name == "average_order_value":
        amounts = {"now": found.now, "before": found.before}
        return values | {name: Money(amount / now.scale, now.currency) for name, amount in amounts.items()}
    if found.name == "purchases_per_customer":
        return values | {"now": round(found.now, 2), "before": round(found.before, 2)}
    return values | {"now": int(found.now), "before": int(found.before)}
