"""Who bought in two months is one customer of the quarter (metabase#19373, superset#41463), new but once."""

from __future__ import annotations

import datetime as dt

from crm_core.overview.metrics import revenue_by_period, span_figures
from tests.engines import Engine
from tests.oracle.calendars import day_number
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 3, 31)
BASE = Base(
    (
        Line("a", "1", moment("2023-12-31 23:59"), 1),
        Line("a", "2", moment("2024-01-05"), 1),
        Line("a", "3", moment("2024-02-05"), 1),
        Line("b", "1", moment("2024-02-05"), 1),
        Line("b", "2", moment("2024-03-05"), 1),
    )
)


def test_a_quarter_counts_its_own_customers(engine: Engine) -> None:
    """New is who never bought before at all, not who had not bought within the quarter (posthog#2368)."""
    loaded = load(engine, BASE)
    months = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF))
    assert [(row["active_customers"], row["new_customers"]) for row in months] == [
        (1, 1),
        (1, 0),
        (2, 1),
        (1, 0),
    ]
    quarters = loaded.rows(revenue_by_period(loaded.tables, as_of=AS_OF, unit="quarter"))
    assert [(row["active_customers"], row["new_customers"]) for row in quarters] == [(1, 1), (2, 1)]
    quarter = (day_number(dt.date(2024, 1, 1)), day_number(AS_OF))
    (row,) = loaded.rows(span_figures(loaded.tables, as_of=AS_OF, spans=(quarter,)))
    assert (row["active_customers"], row["new_customers"], row["lost_customers"]) == (2, 1, 0)
