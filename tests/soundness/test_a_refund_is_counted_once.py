"""A refund lowers revenue once (woocommerce#66217), whether within an order or alone, and is no purchase."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import customer_summary
from crm_core.overview.metrics import revenue_by_period
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 2, 29)
BASE = Base(
    (
        Line("a", "1", moment("2024-01-05"), 100),
        Line("a", "1", moment("2024-01-09"), -30),
        Line("a", "2", moment("2024-02-05"), -20),
        Line("b", "1", moment("2024-01-05"), 40),
        Line("b", "1", moment("2024-01-05"), -40),
        Line("c", "1", moment("2024-01-05"), -5),
    )
)


def test_revenue_is_the_sum_of_all_lines(engine: Engine) -> None:
    loaded = load(engine, BASE)
    (row,) = loaded.rows(customer_summary(loaded.tables, as_of=AS_OF))
    assert (row["customer_id"], row["revenue"], row["order_count"], row["return_count"]) == ("a", 50, 1, 1)
    rows = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF))
    assert [(row["revenue"], row["returned"], row["order_count"]) for row in rows] == [
        (65, -75, 1),
        (-20, -20, 0),
    ]
