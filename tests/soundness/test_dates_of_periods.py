"""`period_start` could not be computed on SQLite at all, and must not depend on where a server stands.

SQLite has no rule for a moment from seconds, so that both metrics by period failed there. A date that is made
by way of a moment with a zone is a day early west of Greenwich (metabase#76585).
"""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.overview.metrics import lifecycle, revenue_by_period
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

BASE = Base((Line("a", "1", moment("2024-01-31 23:59:59"), 5), Line("a", "2", moment("2024-02-01"), 7)))


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tehran", "Pacific/Auckland"])
def test_a_period_begins_on_the_same_date_everywhere(
    engine: Engine, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("PGTZ", zone)
    loaded = load(engine, BASE)
    for metric in (revenue_by_period, lifecycle):
        rows = loaded.rows(metric(loaded.tables, as_of=dt.date(2024, 2, 10)))
        assert [row["period_start"] for row in rows] == [dt.date(2024, 1, 1), dt.date(2024, 2, 1)]
    rows = loaded.rows(revenue_by_period(loaded.tables, as_of=dt.date(2024, 2, 10)))
    assert [row["revenue"] for row in rows] == [5, 7]
