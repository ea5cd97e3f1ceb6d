"""A column of dates overflowed 32 bits of seconds: periods from 20 January 2038 on ended in an error."""

from __future__ import annotations

import datetime as dt

from crm_core.overview.metrics import revenue_by_period
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment


def test_periods_after_2038_have_their_dates(engine: Engine) -> None:
    loaded = load(engine, Base((Line("a", "1", moment("2038-01-15 12:00"), 5),)))
    days = revenue_by_period(loaded.tables, as_of=dt.date(2038, 2, 2), unit="day")
    starts = [row["period_start"] for row in loaded.rows(days)]
    assert [str(start)[:10] for start in starts[-2:]] == ["2038-02-01", "2038-02-02"]
