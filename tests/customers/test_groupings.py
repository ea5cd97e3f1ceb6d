"""By what customers are parted."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.customers.metrics import FirstPurchase
from crm_core.periods import Calendar, Unit, day_of, period_of
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

ROWS = Base(
    (
        Line("a", "1", moment("2024-03-19 10:00"), 100_000, None),
        Line("a", "2", moment("2025-01-02 10:00"), 100_000, None),
        Line("b", "3", moment("2024-03-21 10:00"), 100_000, None),
        Line(None, "4", moment("2020-01-01 10:00"), 100_000, None),
    )
)


@pytest.mark.parametrize(
    ("unit", "calendar"), [("quarter", "gregorian"), ("year", "jalali"), ("year", "buddhist")]
)
def test_a_cohort_is_the_period_of_the_first_purchase(engine: Engine, unit: Unit, calendar: Calendar) -> None:
    loaded = load(engine, ROWS)
    found = loaded.rows(FirstPurchase(unit, calendar)(loaded.tables).order_by("customer_id"))
    first = {"a": dt.date(2024, 3, 19), "b": dt.date(2024, 3, 21)}
    assert found == [
        {"customer_id": name, "group": str(period_of(day_of(day), unit, calendar))}
        for name, day in first.items()
    ]
