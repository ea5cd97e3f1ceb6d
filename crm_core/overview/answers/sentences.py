"""The answer in one sentence, and the one below it."""

from __future__ import annotations

import datetime as dt

from crm_core.base import Sentence, Share
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.overview.answers.figures import Bridge
from crm_core.overview.answers.spans import SpanFigures
from crm_core.overview.rules import PeriodChoice, Span, direction
from crm_core.periods import date_of


def during(choice: PeriodChoice, span: Span) -> Sentence:
    """The period in words that follow a verb."""
    if choice in ("last_12_months", "last_3_months"):
        return Sentence(f"overview.during.{choice}")
    if choice == "all":
        return Sentence("overview.during.all", {"first": date_of(span.first)})
    return Sentence(f"overview.during.{choice}", {"last": date_of(span.last)})


def headline(
    now: SpanFigures, before: SpanFigures | None, bridge: Bridge | None, period: Sentence
) -> Sentence:
    """What came of revenue, and why."""
    revenue, was = now["revenue"] or 0.0, 0.0 if before is None else before["revenue"] or 0.0
    values: dict[str, object] = {"revenue": now.money("revenue"), "period": period}
    if before is None:
        return Sentence("overview.headline.alone", {**values, "count": now.count("active_customers")})
    if was <= 0:
        return Sentence("overview.headline.from_nothing", values)
    reason = _reason(bridge)
    if reason is not None:
        values["reason"] = reason
    change = direction(revenue, was)
    if change != "held":
        values["change"] = Share(abs(revenue / was - 1))
    return Sentence(f"overview.headline.{change}" if reason else f"overview.headline.{change}.plain", values)


def _reason(bridge: Bridge | None) -> Sentence | None:
    """The largest cause, and the next one when it is at least half as large; None when nothing changed."""
    causes = [] if bridge is None else sorted(bridge.steps, key=lambda step: -abs(step[1]))
    if not causes or not causes[0][1]:
        return None
    (first, amount), (second, other) = causes[0], causes[1]
    if abs(other) < abs(amount) / 2:
        return _cause(first, amount)
    joined = "overview.reason.and" if (other > 0) == (amount > 0) else "overview.reason.but"
    return Sentence(joined, {"first": _cause(first, amount), "second": _cause(second, other)})


def _cause(cause: str, amount: float) -> Sentence:
    return Sentence(f"overview.cause.{cause}.{'up' if amount > 0 else 'down'}")


def few(customers: int) -> Sentence:
    """That there are too few customers to compare and to draw."""
    return Sentence("overview.context.few", {"count": customers, "least": ENOUGH_CUSTOMERS})


def context(now: SpanFigures, before: SpanFigures | None, begins: dt.date | None) -> Sentence:
    """How many bought and how many of them first, what guests brought, and why nothing is compared.

    Args:
        now: The period.
        before: What it is compared with.
        begins: The base's first day; None where the period needs no excuse for standing alone.
    """
    values: dict[str, object] = {"count": now.count("active_customers"), "new": now.count("new_customers")}
    said = Sentence("overview.context.alone", values)
    if before is None and begins is None:
        said = Sentence(
            "overview.context.all",
            {"count": now.count("order_count"), "each": now["purchases_per_customer"] or 0.0},
        )
    if before is not None and (was := before.row["new_customers"]) is not None:
        said = Sentence("overview.context.compared", {**values, "new_before": was})
    guests, revenue = now.count("guest_revenue"), now.count("revenue")
    if 0 < guests <= revenue:
        share = Share(guests / revenue)
        said = Sentence("overview.context.with_guests", {"customers": said, "guest_share": share})
    if before is None and begins is not None:
        return Sentence("overview.context.uncompared", {"customers": said, "date": begins})
    return said
