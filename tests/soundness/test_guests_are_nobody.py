"""Guests are not one big customer (woocommerce-admin#1476): they bring revenue and count as nobody."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import customer_summary
from crm_core.overview.metrics import revenue_by_period, span_figures
from crm_core.segments.metrics import abc, rfm
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 1, 31)
BASE = Base(
    (
        Line("a", "1", moment("2024-01-05"), 10),
        Line(None, "1", moment("2024-01-05"), 1_000),
        Line(None, "2", moment("2024-01-06"), 500),
        Line(None, None, moment("2024-01-07"), -100),
    )
)


def test_guests_are_in_revenue_alone(engine: Engine) -> None:
    loaded = load(engine, BASE)
    for metric in (customer_summary, rfm, abc):
        assert [row["customer_id"] for row in loaded.rows(metric(loaded.tables, as_of=AS_OF))] == ["a"]
    (month,) = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF))
    (span,) = loaded.rows(span_figures(loaded.tables, as_of=AS_OF, spans=((19_723, 19_753),)))
    for row in (month, span):
        assert (row["revenue"], row["customer_revenue"], row["guest_revenue"]) == (1_410, 10, 1_400)
        assert (row["order_count"], row["active_customers"], row["new_customers"]) == (1, 1, 1)
