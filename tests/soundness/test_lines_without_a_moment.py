"""A line without a moment counted on the base's last day and on no other; one without an amount did, too."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from crm_core.customers.metrics import customer_summary
from tests.engines import Engine
from tests.oracle.loading import moment, open_on

ORDERS = pa.table(
    {
        "customer_id": ["a", "a", "a", "b", "b"],
        "order_id": ["1", "2", "3", "1", "2"],
        "ordered_at": [moment("2024-01-05"), None, moment("2024-01-06"), None, moment("2024-01-31")],
        "amount": [5, 7, None, 9, 0],
    }
)


@pytest.mark.parametrize("as_of", [dt.date(2024, 1, 30), dt.date(2024, 1, 31), dt.date(2024, 3, 1)])
def test_it_is_no_order_line(engine: Engine, as_of: dt.date) -> None:
    engine.load({"orders": ORDERS})
    loaded = open_on(engine)
    rows = loaded.rows(customer_summary(loaded.tables, as_of=as_of))
    assert [
        (row["customer_id"], row["order_count"], row["return_count"], row["revenue"]) for row in rows
    ] == [("a", 1, 0, 5)]
