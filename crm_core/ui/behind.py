"""Which customers an address means: those behind a figure, a segment, a cell of the grid, a class, or all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import ibis.expr.types as ir

from crm_core.customers.answers import USUAL, CustomerList, Listing, customers_behind
from crm_core.customers.metrics import customer_summary
from crm_core.i18n import Language
from crm_core.overview.metrics import customers_of_span
from crm_core.overview.rules import GROUPS
from crm_core.periods import date_of
from crm_core.segments.metrics import customers_of_segment, rfm
from crm_core.segments.rules import SEGMENTS
from crm_core.tables import Ask
from crm_core.ui import state
from crm_core.ui.ahead import ahead
from crm_core.value.answers import behind as customers_by_value
from crm_core.value.metrics import customers_named

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
        named_by: Where only estimates tell who they are: names them, asked with the options in the place of
            `which`.
    """

    which: Callable[..., ir.Table]
    options: dict[str, object] = field(default_factory=dict)
    key: str = "customer.headline.all"
    values: dict[str, object] = field(default_factory=dict)
    named_by: Callable[..., tuple[str, ...]] | None = None

    def find(
        self, ask: Ask, *, as_of: dt.date, limit: int, skip: int = 0, listing: Listing = USUAL
    ) -> CustomerList:
        """These customers, each with scores and segment."""
        options: dict[str, Any] = self.options
        if self.named_by is not None:
            options = {"ids": self.named_by(ask, as_of=as_of, **options)}
        return customers_behind(
            ask, self.which, as_of=as_of, limit=limit, skip=skip, listing=listing, beside=rfm, **options
        )


TENTHS: Final = tuple(str(tenth) for tenth in range(1, 11))
OVERLOOKED: Final = "overlooked"

NOT_YET: Final = "not_yet"
"""Where somebody came from who had not bought yet."""


def asked(language: Language) -> Behind:
    """The customers that the address asks for; all when it asks for nobody in particular."""
    return (
        _of_span(language) or _of_move(language) or _of_segment() or _of_value() or Behind(customer_summary)
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


def _of_value() -> Behind | None:
    """Who is worth most in the time to come, or more than is seen today."""
    tenth = state.read("tenth", TENTHS)
    if tenth is None and state.read("worth", (OVERLOOKED,)) is None:
        return None
    seen = ahead()
    options: dict[str, object] = {
        "horizon_months": seen.horizon_months,
        "discount_rate": seen.discount_rate,
        "tenth": None if tenth is None else int(tenth),
    }
    values: dict[str, object] = {"months": seen.horizon_months}
    key = "customer.headline.overlooked"
    if tenth is not None:
        key = "customer.headline.best_tenth" if tenth == "1" else "customer.headline.tenth"
        values |= {} if tenth == "1" else {"tenth": int(tenth)}
    return Behind(customers_named, options, key, values, named_by=customers_by_value)
