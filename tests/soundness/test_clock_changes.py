"""Hours that a clock change repeats or skips stay in their day (metabase#36159): they are the wall's."""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.overview.metrics import revenue_by_period
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

# Germany's clocks leave out 02:30 on the 31st of March 2024 and tell it twice on the 27th of October.
LINES = tuple(
    Line("a", f"{day}{time}", moment(f"{day} {time}"), 1)
    for day in ("2024-03-31", "2024-10-27")
    for time in ("00:00", "02:30", "23:59")
)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC"])
def test_a_day_of_23_or_25_hours_is_one_day(
    engine: Engine, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("PGTZ", zone)
    loaded = load(engine, Base(LINES))
    rows = loaded.rows(revenue_by_period(loaded.tables, as_of=dt.date(2024, 10, 27), unit="day"))
    assert len(rows) == 211
    sold = {row["period_start"]: row["revenue"] for row in rows if row["revenue"]}
    assert sold == {dt.date(2024, 3, 31): 3, dt.date(2024, 10, 27): 3}
