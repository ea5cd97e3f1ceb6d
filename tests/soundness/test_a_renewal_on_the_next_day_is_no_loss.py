"""Contracts that were renewed without a day between were told as lost, and those of a month were not seen.

A contract counted from the day after its start: one from the first of a month to its last was under contract
at the beginning of none, and a year's that was renewed on 1 January was lost in December and won in February.
"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace

import pyarrow as pa
import pytest

from crm_core.retention.metrics import contract_revenue_retention
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment, open_on

BASE = Base((Line("a", "1", moment("2023-11-01 10:00"), 10),), currency="")
FIRSTS = [dt.date(2023 + month // 12, month % 12 + 1, 1) for month in range(10, 15)]
ROWS = [
    *(("monthly", begun, after - dt.timedelta(1), 10) for begun, after in itertools.pairwise(FIRSTS)),
    ("yearly", dt.date(2023, 1, 1), dt.date(2023, 12, 31), 100),
    ("yearly", dt.date(2024, 1, 1), dt.date(2024, 12, 31), 100),
]
CONTRACTS = pa.table(
    {
        "customer_id": [row[0] for row in ROWS],
        "started_at": [dt.datetime.combine(row[1], dt.time(9)) for row in ROWS],
        "ended_at": [dt.datetime.combine(row[2], dt.time(23, 59)) for row in ROWS],
        "monthly_amount": pa.array([row[3] for row in ROWS], pa.int64()),
    }
)
NOVEMBER = 2023 * 12 + 10
KEPT = [(NOVEMBER + month, True, 2, 2, 110) for month in range(3)]


@pytest.mark.parametrize(
    ("as_of", "february"),
    [(dt.date(2024, 2, 29), (False, 2, 2, 110)), (dt.date(2024, 3, 1), (True, 2, 1, 100))],
    ids=["last day", "day after"],
)
def test_what_is_renewed_is_kept(engine: Engine, as_of: dt.date, february: tuple[object, ...]) -> None:
    """The contract of February ends with it: whether it is renewed is known on 1 March."""
    load(engine, BASE)
    engine.load({"contracts": CONTRACTS})
    loaded = open_on(engine)
    try:
        rows = loaded.rows(contract_revenue_retention(replace(loaded.tables, currency=""), as_of=as_of))
    finally:
        engine.connection.drop_table("contracts")
    names = ("period", "complete", "customers", "retained", "closing_amount")
    found = [tuple(row[name] for name in names) for row in rows]
    assert found[:4] == [*KEPT, (NOVEMBER + 3, *february)]
