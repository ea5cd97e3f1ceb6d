"""23:59:59.9996 was the next day on SQLite, which rounds to milliseconds, and for `as_of` it was this day."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from crm_core.customers.metrics import customer_summary, order_totals
from crm_core.engine.canonical import tables
from crm_core.engine.connection import connect
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

LATE = "2024-02-29 23:59:59.999999"
AS_OF = dt.date(2024, 2, 29)


def test_a_day_ends_at_midnight(engine: Engine) -> None:
    loaded = load(engine, Base((Line("a", "1", moment(LATE), 5), Line("b", "1", moment("2024-03-01"), 5))))
    (row,) = loaded.rows(customer_summary(loaded.tables, as_of=AS_OF))
    assert (row["customer_id"], row["days_since_last_order"]) == ("a", 0)
    assert loaded.rows(order_totals(loaded.tables).order_by("day").select("customer_id", "day")) == [
        {"customer_id": "a", "day": 19_782},
        {"customer_id": "b", "day": 19_783},
    ]


@pytest.mark.parametrize("written", [LATE, LATE.replace(" ", "T"), "2024-02-29T23:59:59", "2024-02-29"])
def test_moments_that_somebody_else_wrote_into_sqlite(tmp_path: Path, written: str) -> None:
    path = tmp_path / "orders.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE orders (customer_id TEXT, ordered_at TIMESTAMP, amount INTEGER)")
        database.executemany(
            "INSERT INTO orders VALUES (?, ?, 5)", [("a", written), ("b", "2024-03-01 00:00:00")]
        )
    database.close()
    connection = connect(f"sqlite://{path}")
    found = tables(connection)
    assert (found.first_day, found.last_day) == (19_782, 19_783)
    (row,) = connection.run(customer_summary(found, as_of=AS_OF)).to_pylist()
    assert (row["customer_id"], row["days_since_last_order"]) == ("a", 0)
