"""Which customers an address means: those behind a figure, a segment, a cell of the grid, a class, or all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import ibis.expr.types as ir

from crm_core.base import Id
from crm_core.customers.answers import USUAL, CustomerList, Listing, customers_behind
from crm_core.customers.metrics import customer_summary
from crm_core.i18n import Language
from crm_core.overview.metrics import customers_of_span
from crm_core.overview.rules import GROUPS
from crm_core.periods import date_of
from crm_core.retention.metrics import MOST_RUNGS, customers_on_rung, overdue_customers
from crm_core.segments.metrics import customers_of_segment, rfm
from crm_core.segments.rules import SEGMENTS
from crm_core.tables import Ask
from crm_core.ui import state

_SPOKEN: Final = {
    "active": "customer.headline.active",
    "new": "customer.headline.new",
    "lost": "customer.headline.lost",
    "returning": "customer.headline.returning",
    "resurrected": "customer.headline.resurrected",
}


@dataclass(frozen=True)
class Behind:
    """Some customers, and how they are spoken of.

    Args:
        which: The function whose `customer_id` says which.
        options: What it is asked with.
        key: The message that speaks of them; it takes their `count`.
        values: What else the message takes.
    """

    which: Callable[..., ir.Table]
    options: dict[str, object] = field(default_factory=dict)
    key: str = "customer.headline.all"
    values: dict[str, object] = field(default_factory=dict)

    def find(
        self, ask: Ask, *, as_of: dt.date, limit: int, skip: int = 0, listing: Listing = USUAL
    ) -> CustomerList:
        """These customers, each with scores and segment."""
        options: dict[str, Any] = self.options
        return customers_behind(
            ask, self.which, as_of=as_of, limit=limit, skip=skip, listing=listing, beside=rfm, **options
        )


NOT_YET: Final = "not_yet"
"""Where somebody came from who had not bought yet."""


def asked(language: Language) -> Behind:
    """The customers that the address asks for; all when it asks for nobody in particular."""
    return (
        _of_span(language)
        or _of_move(language)
        or _of_retention()
        or _of_segment()
        or Behind(customer_summary)
    )


def _of_move(language: Language) -> Behind | None:
    segment, before = state.read("segment", SEGMENTS), state.read("from", (*SEGMENTS, NOT_YET))
    since = state.read_day("since")
    if segment is None or before is None or since is None:
        return None
    day = date_of(since)
    options: dict[str, object] = {"segment": segment, "since": day}
    if before == NOT_YET:
        return Behind(
            customers_of_segment, options, "customer.headline.moved_new", {"segment": segment, "day": day}
        )
    values: dict[str, object] = {"segment": segment, "before": before, "day": day}
    return Behind(
        customers_of_segment, {**options, "segment_before": before}, "customer.headline.moved", values
    )


def _of_span(language: Language) -> Behind | None:
    group = state.read("group", GROUPS)
    first, last = state.read_day("first"), state.read_day("last")
    if group is None or first is None or last is None or first > last:
        return None
    before = state.read_day("before")
    before = first if before is None else before
    values: dict[str, object] = {"span": language.date_range(first, last, style="long")}
    if group in ("lost", "returning"):
        values["earlier"] = language.date_range(before, max(first - 1, before), style="long")
    options: dict[str, object] = {"group": group, "before": before, "first": first, "last": last}
    return Behind(customers_of_span, options, _SPOKEN[group], values)


def _of_retention() -> Behind | None:
    """Who stands on a rung of the repeat ladder, or is overdue in a category."""
    rung = state.read("rung", [str(number) for number in range(1, MOST_RUNGS + 1)])
    if rung is not None:
        key = "customer.headline.rung.1" if rung == "1" else "customer.headline.rung"
        values: dict[str, object] = {} if rung == "1" else {"rung": int(rung)}
        return Behind(customers_on_rung, {"purchase": int(rung)}, key, values)
    category, low, high = state.read("overdue"), state.read_number("longer_than"), state.read_number("up_to")
    if category is None or low is None:
        return None
    options: dict[str, object] = {"category": category, "longer_than": low}
    # An id is what a base holds: shown letter for letter.
    values = {"category": Id(category), "low": low}
    if high is None:
        return Behind(overdue_customers, options, "customer.headline.silent", values)
    options["up_to"], values["high"] = high, high
    return Behind(overdue_customers, options, "customer.headline.overdue", values)


def _of_segment() -> Behind | None:
    segment = state.read("segment", SEGMENTS)
    if segment is not None:
        values: dict[str, object] = {"segment": segment}
        return Behind(customers_of_segment, values, "customer.headline.segment", values)
    scores = "12345"
    r, v = state.read("r", scores), state.read("v", scores)
    if r is not None and v is not None:
        options: dict[str, object] = {"r_score": int(r), "value_score": int(v)}
        return Behind(customers_of_segment, options, "customer.headline.cell", {"r": int(r), "v": int(v)})
    abc = state.read("abc", "ABC")
    if abc is not None:
        return Behind(customers_of_segment, {"abc_class": abc}, "customer.headline.abc", {"class": abc})
    return None
