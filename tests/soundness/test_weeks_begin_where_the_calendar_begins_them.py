"""A week begins on Monday, and on Saturday in the Jalali calendar (superset#31927, posthog#25841)."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.overview.metrics import revenue_by_period
from crm_core.periods import Calendar
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load

FRIDAY = dt.datetime(2024, 3, 1)


@pytest.mark.parametrize(
    ("calendar", "revenue"), [("gregorian", [7, 8]), ("buddhist", [7, 8]), ("jalali", [1, 14])]
)
def test_friday_saturday_sunday_monday(engine: Engine, calendar: Calendar, revenue: list[int]) -> None:
    lines = [Line("a", str(n), FRIDAY + dt.timedelta(n), 2**n) for n in range(4)]
    loaded = load(engine, Base(tuple(lines)))
    rows = loaded.rows(
        revenue_by_period(loaded.tables, as_of=dt.date(2024, 3, 4), unit="week", calendar=calendar)
    )
    assert [row["revenue"] for row in rows] == revenue
