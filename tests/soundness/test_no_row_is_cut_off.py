"""Answers are whole, not the first thousands of rows (metabase#6661, metabase#73054, mautic#5139)."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import customer_summary
from crm_core.segments.metrics import abc, pareto_curve, rfm
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load

CUSTOMERS = 70_000
AS_OF = dt.date(2024, 1, 31)


def test_seventy_thousand_customers_are_seventy_thousand_rows(engine: Engine) -> None:
    at = dt.datetime(2024, 1, 5)
    base = Base(
        tuple(Line(f"{n:05}", "1", at, 1 + n % 7) for n in range(CUSTOMERS)), currency="", costed=False
    )
    loaded = load(engine, base)
    for metric in (customer_summary, rfm, abc):
        rows = loaded.answer(metric(loaded.tables, as_of=AS_OF))
        assert rows.num_rows == CUSTOMERS
        assert len(rows["customer_id"].unique()) == CUSTOMERS
    (last,) = loaded.rows(pareto_curve(loaded.tables, as_of=AS_OF, points=1))
    assert (last["customers"], last["value"]) == (CUSTOMERS, CUSTOMERS * 4)
