"""Who is kept group by group, and who of the silent comes back, against tables written by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from crm_core.base import InputError
from crm_core.customers.metrics.groupings import region
from crm_core.retention.metrics import reactivation, retention_by_group
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment, open_on

AS_OF = dt.date(2024, 6, 30)
MARCH = 2024 * 12 + 2

# a comes back after 30 days, b after 31, c never; d was won too lately to be watched.
BASE = Base(
    (
        Line("a", "1", moment("2024-01-01 10:00"), 10, channel="web"),
        Line("a", "2", moment("2024-01-31 10:00"), 10, channel="shop"),
        Line("b", "3", moment("2024-01-01 10:00"), 10, channel="web"),
        Line("b", "4", moment("2024-02-01 10:00"), 10, channel="web"),
        Line("c", "5", moment("2024-01-05 10:00"), 10, channel="shop"),
        Line("c", "6", moment("2024-01-05 11:00"), 10, channel="shop"),
        Line("d", "7", moment("2024-06-15 10:00"), 10, channel="shop"),
        Line("d", "8", moment("2024-06-20 10:00"), 10, channel="shop"),
    ),
    regions={"a": "north", "b": "north", "c": "south"},
)
CONTACTS = pa.table(
    {
        "customer_id": ["a", "a", "b", "c", "c"],
        "contacted_at": [
            moment("2023-12-01 10:00"),
            moment("2024-01-01 23:00"),
            moment("2024-01-02 09:00"),
            moment("2024-01-05 09:00"),
            moment("2024-01-01 09:00"),
        ],
        "channel": ["mail"] * 5,
        "outcome": ["lead", "acquired", "answered", "acquired", "lead"],
        "cost": pa.array([300, 200, 900, 50, None], pa.int64()),
        "currency": pa.array([None, "EUR", "EUR", "EUR", "EUR"], pa.string()),
    }
)


def test_kept_within_thirty_days_by_first_channel(engine: Engine) -> None:
    loaded = load(engine, BASE)
    found = loaded.rows(retention_by_group(loaded.tables, as_of=AS_OF, days=30).order_by("group"))
    assert [(row["group"], row["customers"], row["retained"], row["contact_cost"]) for row in found] == [
        ("shop", 1, 0, None),
        ("web", 2, 1, None),
    ]
    later = loaded.rows(retention_by_group(loaded.tables, as_of=AS_OF, days=31).order_by("group"))
    assert [row["retained"] for row in later] == [0, 2]


def test_what_it_cost_is_what_the_contacts_cost_that_won_them(engine: Engine) -> None:
    load(engine, BASE)
    engine.load({"contacts": CONTACTS})
    loaded = open_on(engine)
    tables = replace(loaded.tables, currency="EUR")
    try:
        rows = loaded.rows(retention_by_group(tables, as_of=AS_OF, group=region, days=30))
    finally:
        engine.connection.drop_table("contacts")
    # Of c one contact's cost is not known; the one with b won nobody.
    assert {row["group"]: row["contact_cost"] for row in rows} == {"north": 500, "south": None}


def test_watching_ends_with_the_day(engine: Engine) -> None:
    loaded = load(engine, BASE)
    early = retention_by_group(loaded.tables, as_of=dt.date(2024, 1, 30), days=30)
    assert loaded.rows(early) == []
    with pytest.raises(InputError):
        retention_by_group(loaded.tables, as_of=AS_OF, days=0)


def test_of_the_silent_so_many_come_back(engine: Engine) -> None:
    lines = [
        *BASE.lines,
        Line("a", "9", moment("2024-04-10 10:00"), 10),
        Line("b", "10", moment("2024-06-30 23:00"), 10),
    ]
    loaded = load(engine, Base(tuple(lines)))
    rows = loaded.rows(reactivation(loaded.tables, as_of=AS_OF, silent=2))
    assert [tuple(row.values())[:6] for row in rows] == [
        (MARCH - 2, dt.date(2024, 1, 1), True, 0, 0, None),
        (MARCH - 1, dt.date(2024, 2, 1), True, 0, 0, None),
        (MARCH, dt.date(2024, 3, 1), True, 0, 0, None),
        # a and c were silent in February and March, b only in March.
        (MARCH + 1, dt.date(2024, 4, 1), True, 2, 1, 0.5),
        (MARCH + 2, dt.date(2024, 5, 1), True, 2, 0, 0.0),
        (MARCH + 3, dt.date(2024, 6, 1), True, 2, 1, 0.5),
    ]
    assert rows[0]["low"] is None
    assert rows[3]["low"] == pytest.approx(0.094531, abs=1e-6)
    with pytest.raises(InputError):
        reactivation(loaded.tables, as_of=AS_OF, silent=0)
