"""`NOT (x = y)` drops rows in which x is null (metabase#13332): no currency means the base's own."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import customer_summary
from crm_core.overview.metrics import revenue_by_period
from crm_core.segments.metrics import abc
from crm_core.tables import Selection
from tests.engines import Engine
from tests.oracle.history import Base, Line, Rate
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 1, 31)
LINES = (
    Line("a", "1", moment("2024-01-05"), 10, 1, "EUR", "web"),
    Line("a", "2", moment("2024-01-05"), 20, 1, None, None),
    Line("b", "1", moment("2024-01-05"), 30, None, None, "shop"),
)


def test_a_line_without_a_currency_counts(engine: Engine) -> None:
    for rates in ((), (Rate("USD", dt.date(2024, 1, 1), 0.5),)):
        loaded = load(engine, Base(LINES, rates))
        (month,) = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF))
        assert (month["revenue"], month["margin"], month["active_customers"]) == (60, None, 2)


def test_what_is_unknown_is_in_no_selection_and_in_the_whole(engine: Engine) -> None:
    loaded = load(engine, Base(LINES))
    web = loaded.tables.select(Selection(channels=("web", "shop")))
    assert sorted(str(row["revenue"]) for row in loaded.rows(customer_summary(web, as_of=AS_OF))) == [
        "10",
        "30",
    ]
    everything = loaded.rows(abc(loaded.tables, as_of=AS_OF, value="revenue"))
    assert sorted(str(row["value"]) for row in everything) == ["30", "30"]
    known = loaded.rows(abc(loaded.tables, as_of=AS_OF, value="margin"))
    assert [(row["customer_id"], row["value"]) for row in known] == [("a", 28)]
