"""What is kept of contracts, against a table written by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pyarrow as pa
import pytest

from crm_core.base import NotProvided
from crm_core.retention.metrics import contract_revenue_retention
from tests.engines import Engine
from tests.oracle.history import Base, Line, Rate
from tests.oracle.loading import load, moment, open_on

FEBRUARY = 2024 * 12 + 1
BASE = Base(
    (Line("a", "1", moment("2024-01-10 10:00"), 10, currency="EUR"),),
    rates=(Rate("USD", dt.date(2024, 1, 1), 0.5), Rate("USD", dt.date(2024, 2, 1), 0.9)),
)
# a takes on a second contract in February; b's ends on the last day of February, after March opened for
# nobody else; c's begins and ends within February; d pays in dollars at January's rate and ends in March.
ROWS = [
    ("a", "2024-01-10", None, 100, None),
    ("a", "2024-02-05", None, 20, "EUR"),
    ("b", "2024-01-15", "2024-02-29", 50, "EUR"),
    ("c", "2024-02-02", "2024-02-20", 1_000, "EUR"),
    ("d", "2024-01-20", "2024-03-10", 60, "USD"),
    ("e", "2024-01-20", None, 7, "JPY"),
]
CONTRACTS = pa.table(
    {
        "customer_id": [row[0] for row in ROWS],
        "started_at": [moment(f"{row[1]} 09:00") for row in ROWS],
        "ended_at": pa.array([row[2] and moment(f"{row[2]} 09:00") for row in ROWS], pa.timestamp("us")),
        "monthly_amount": pa.array([row[3] for row in ROWS], pa.int64()),
        "currency": pa.array([row[4] for row in ROWS], pa.string()),
    }
)


def _rows(engine: Engine, as_of: dt.date) -> list[tuple[object, ...]]:
    load(engine, BASE)
    engine.load({"contracts": CONTRACTS})
    loaded = open_on(engine)
    tables = replace(loaded.tables, currency="EUR")
    try:
        rows = loaded.rows(contract_revenue_retention(tables, as_of=as_of))
    finally:
        engine.connection.drop_table("contracts")
    columns = (
        "period",
        "complete",
        "customers",
        "retained",
        "opening_amount",
        "closing_amount",
        "gross_retention",
        "net_retention",
    )
    return [tuple(row[name] for name in columns) for row in rows]


def test_gross_and_net_month_by_month(engine: Engine) -> None:
    assert _rows(engine, dt.date(2024, 3, 31)) == [
        (FEBRUARY, True, 3, 2, 180, 150, 130 / 180, 150 / 180),
        (FEBRUARY + 1, False, 2, 1, 150, 120, 120 / 150, 120 / 150),
    ]


def test_what_is_to_end_later_has_not_ended(engine: Engine) -> None:
    assert _rows(engine, dt.date(2024, 2, 15)) == [
        (FEBRUARY, False, 3, 3, 180, 200, 1.0, 200 / 180),
    ]


def test_without_contracts_it_is_refused(engine: Engine) -> None:
    loaded = load(engine, BASE)
    with pytest.raises(NotProvided):
        contract_revenue_retention(loaded.tables, as_of=dt.date(2024, 3, 31))
