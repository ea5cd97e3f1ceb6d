"""Two rates of one currency and one day doubled every line in it (a join that fans out, lightdash#15700)."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import customer_summary
from tests.engines import Engine
from tests.oracle.history import Base, Line, Rate
from tests.oracle.loading import load, moment

BASE = Base(
    (Line("a", "1", moment("2024-01-05"), 100, 50, "USD"), Line("a", "2", moment("2024-01-06"), 7)),
    (
        Rate("USD", dt.date(2024, 1, 1), 2.0),
        Rate("USD", dt.date(2024, 1, 5), 3.0),
        Rate("USD", dt.date(2024, 1, 5), 3.0),
        Rate("USD", dt.date(2024, 1, 5), 1.0),
    ),
)


def test_a_line_is_counted_once_whatever_rates_there_are(engine: Engine) -> None:
    loaded = load(engine, BASE)
    (row,) = loaded.rows(customer_summary(loaded.tables, as_of=dt.date(2024, 1, 31)))
    assert row["order_count"] == 2
    assert row["revenue"] == 307
