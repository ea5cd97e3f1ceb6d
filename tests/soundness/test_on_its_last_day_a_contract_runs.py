"""A contract that ends on the very last day of the records was told as one that had been left.

Whether another follows on it is known on the day after. And whoever began on the 1st and ended on the 31st
was told to have stayed for 30 days; who ended on the day of the beginning, for none.
"""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from crm_core.retention.metrics import contract_spells
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment, open_on

BASE = Base((Line("a", "1", moment("2024-01-01 10:00"), 10),), currency="")
ROWS = [
    ("monthly", "2024-01-01", "2024-01-31"),
    ("monthly", "2024-02-01", "2024-02-29"),
    ("one day", "2024-01-30", "2024-01-30"),
]
CONTRACTS = pa.table(
    {
        "customer_id": [who for who, _, _ in ROWS],
        "started_at": [moment(f"{begun} 09:00") for _, begun, _ in ROWS],
        "ended_at": [moment(f"{ended} 23:59") for _, _, ended in ROWS],
    }
)


@pytest.mark.parametrize(
    ("as_of", "spells"),
    [
        (dt.date(2024, 1, 30), [(0, 0), (29, 0)]),
        (dt.date(2024, 1, 31), [(1, 1), (30, 0)]),
        (dt.date(2024, 2, 1), [(1, 1), (31, 0)]),
        (dt.date(2024, 2, 29), [(1, 1), (59, 0)]),
        (dt.date(2024, 3, 1), [(1, 1), (60, 1)]),
    ],
)
def test_a_stay_ends_with_the_first_day_without_a_contract(
    engine: Engine, as_of: dt.date, spells: list[tuple[int, int]]
) -> None:
    load(engine, BASE)
    engine.load({"contracts": CONTRACTS})
    loaded = open_on(engine)
    try:
        rows = loaded.rows(contract_spells(loaded.tables, as_of=as_of))
    finally:
        engine.connection.drop_table("contracts")
    assert sorted((row["duration_days"], row["observed"]) for row in rows) == spells
