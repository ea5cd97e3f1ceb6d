"""A base that is asked and answers with frames made by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import ibis
import pandas as pd

from crm_core.periods import day_of
from crm_core.tables import Build, Estimate, Tables

Answer = pd.DataFrame | Callable[..., pd.DataFrame]


def tables_between(first: dt.date, last: dt.date, *, currency: str = "GBP", money_scale: int = 100) -> Tables:
    """Tables that have days and a currency and no rows."""
    orders = ibis.table({"customer_id": "string"}, name="orders")
    return Tables(
        orders=orders,
        currency=currency,
        money_scale=money_scale,
        first_day=day_of(first),
        last_day=day_of(last),
    )


@dataclass
class FakeAsk:
    """Answers by the name of the metric, and remembers what it was asked with.

    An estimate without an answer is worked out of the others.
    """

    tables: Tables
    answers: dict[str, Answer]
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def __call__(self, build: Build, *, as_of: dt.date, **options: Any) -> pd.DataFrame:
        """The frame made by hand, as a copy."""
        name = build.__name__
        self.asked.append((name, options))
        if isinstance(build, Estimate) and name not in self.answers:
            return build(self, as_of=as_of, **options)
        answer = self.answers[name]
        return answer.copy() if isinstance(answer, pd.DataFrame) else answer(as_of=as_of, **options)
