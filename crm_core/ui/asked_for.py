"""Some customers that an address asks for, and how they are spoken of and listed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import ibis.expr.types as ir
import pandas as pd

from crm_core.base import Sentence
from crm_core.customers.answers import CustomerList, Listing, customers_behind, page_of
from crm_core.segments.metrics import rfm
from crm_core.tables import Ask
from crm_core.ui.report import Way
from crm_core.ui.tables import Kind

SUMMARY: Final[Mapping[str, Kind]] = {
    "customer_id": "id",
    "segment": "text",
    "last_ordered_at": "date",
    "order_count": "count",
    "revenue": "money",
    "margin": "money",
}


@dataclass(frozen=True)
class Behind:
    """Some customers, and how they are spoken of.

    Args:
        which: The function whose `customer_id` says which.
        options: What it is asked with.
        key: The message that speaks of them; it takes their `count`.
        values: What else the message takes.
        ways: Where one goes on from them.
        rows_by: Where only estimates tell who they are: a row of each, asked with the options in the place of
            `which`.
        with_more: What else is said of those who are shown, put beside their rows.
        columns: What is shown of each, and what it is, in order.
        labels: What columns are called that are not called the same in every list, by name.
        unsorted: Those of the columns by which they cannot be ordered.
        sort: The column that orders them where nothing else is asked for, falling with a minus before it.
        note: How what is shown of them is counted.
        context: What stands below the headline.
        nobody: Why there can be nobody; the ways then lead out of it.
        of_each: What the address of each customer says besides, so that the same is told there.
    """

    which: Callable[..., ir.Table]
    options: dict[str, object] = field(default_factory=dict)
    key: str = "customer.headline.all"
    values: dict[str, object] = field(default_factory=dict)
    ways: tuple[Way, ...] = ()
    rows_by: Callable[..., pd.DataFrame] | None = None
    with_more: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    columns: Mapping[str, Kind] = field(default_factory=lambda: SUMMARY)
    labels: Mapping[str, str] = field(default_factory=dict)
    unsorted: tuple[str, ...] = ()
    sort: str = "-revenue"
    note: Sentence | None = None
    context: Sentence | None = None
    nobody: Sentence | None = None
    of_each: Mapping[str, str] = field(default_factory=dict)

    def find(self, ask: Ask, *, as_of: dt.date, limit: int, listing: Listing, skip: int = 0) -> CustomerList:
        """These customers, each with scores and segment."""
        how: dict[str, Any] = {"limit": limit, "skip": skip, "listing": listing, "beside": rfm}
        if self.rows_by is None:
            return customers_behind(ask, self.which, as_of=as_of, **{**self.options, **how})
        found = page_of(ask, self.rows_by(ask, as_of=as_of, **self.options), as_of=as_of, **how)
        return found if self.with_more is None else replace(found, rows=self.with_more(found.rows))
