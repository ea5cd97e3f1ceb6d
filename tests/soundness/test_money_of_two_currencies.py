"""100 USD and 100 JPY are not 200 of anything: what has no rate is left out, never added as it is."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import customer_summary
from tests.engines import Engine
from tests.oracle.history import Base, Line, Rate
from tests.oracle.loading import load, moment

BASE = Base(
    (
        Line("a", "1", moment("2024-01-05 10:00"), 1_000_000, None, "USD"),
        Line("a", "2", moment("2024-01-05 10:00"), 1_000_000, None, "JPY"),
        Line("a", "3", moment("2024-01-04 23:59"), 1_000_000, None, "JPY"),
        Line("b", "1", moment("2024-01-04 10:00"), 1_000_000, None, "JPY"),
    ),
    (Rate("USD", dt.date(2024, 1, 1), 0.9), Rate("JPY", dt.date(2024, 1, 5), 0.006)),
)


def test_a_line_without_a_rate_is_no_money(engine: Engine) -> None:
    loaded = load(engine, BASE)
    (row,) = loaded.rows(customer_summary(loaded.tables, as_of=dt.date(2024, 1, 31)))
    assert (row["customer_id"], row["revenue"], row["order_count"]) == ("a", 906_000, 2)
