"""What it cost to win customers, who is in which group, and what came after a cut-off, by hand."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis.expr.types as ir
import pyarrow as pa
import pytest

from crm_core.base import NotProvided
from crm_core.customers.metrics import customers_in_groups, customers_named
from crm_core.tables import Tables
from crm_core.value.metrics import (
    acquisition_costs,
    grouped_cells,
    purchases_after,
    revenue_of_window,
)
from tests.engines import Engine
from tests.oracle.calendars import day_number
from tests.oracle.history import Base, Line, Rate
from tests.oracle.loading import load, moment, open_on

AS_OF = dt.date(2024, 3, 1)
# a came back twice and returned something; b bought once; c buys only after the day that is looked at.
BASE = Base(
    (
        Line("a", "1", moment("2023-01-10 10:00"), 100),
        Line("a", "2", moment("2024-02-01 10:00"), 50),
        Line("a", "3", moment("2024-02-20 10:00"), 30),
        Line("a", "4", moment("2024-02-21 10:00"), -10),
        Line("b", "5", moment("2024-02-15 10:00"), 70),
        Line("c", "6", moment("2024-03-02 10:00"), 90),
    ),
    rates=(Rate("USD", dt.date(2024, 1, 1), 0.5),),
)
CONTACTS = [
    ("a", "2023-01-09", "Search", "acquired", 8, None),
    ("a", "2023-01-08", "Search", "acquired", 2, "EUR"),
    ("b", "2024-02-10", "Search", "acquired", 10, "USD"),
    ("c", "2024-02-28", "Search", "lead", 4, "EUR"),
    ("d", "2024-02-28", "Fair", "lead", 9, "EUR"),
    ("b", "2024-02-28", "Fair", "answered", 1_000, "EUR"),
    ("b", "2024-03-02", "Fair", "acquired", 1_000, "EUR"),
    ("a", "2024-02-28", "Fair", "acquired", None, "EUR"),
    ("a", "2024-02-28", "Fair", "acquired", 1, "JPY"),
]
TABLE = pa.table(
    {
        "customer_id": [row[0] for row in CONTACTS],
        "contacted_at": [moment(f"{row[1]} 09:00") for row in CONTACTS],
        "channel": [row[2] for row in CONTACTS],
        "outcome": [row[3] for row in CONTACTS],
        "cost": pa.array([row[4] for row in CONTACTS], pa.int64()),
        "currency": pa.array([row[5] for row in CONTACTS], pa.string()),
    }
)


def by_first_letter(tables: Tables) -> ir.Table:
    """A grouping that knows only customer a."""
    orders = tables.orders.filter(tables.orders.customer_id == "a")
    return orders.group_by("customer_id").agg(group=orders.customer_id.upper().max())


def test_costs_of_winning_are_those_of_all_contacts_over_who_bought(engine: Engine) -> None:
    load(engine, BASE)
    engine.load({"contacts": TABLE})
    loaded = open_on(engine)
    try:
        found = loaded.rows(acquisition_costs(replace(loaded.tables, currency="EUR"), as_of=AS_OF))
    finally:
        engine.connection.drop_table("contacts")
    rows = {row.pop("channel"): row for row in found}
    assert rows == {
        "Search": {"customers": 2, "cost": 8 + 2 + 5 + 4, "uncosted_contacts": 0},
        "Fair": {"customers": 1, "cost": 9, "uncosted_contacts": 1},
    }


def test_without_costs_of_contacts_nothing_is_known(engine: Engine) -> None:
    loaded = load(engine, BASE)
    with pytest.raises(NotProvided):
        acquisition_costs(loaded.tables, as_of=AS_OF)


def test_groups_hold_everybody_who_has_bought(engine: Engine) -> None:
    loaded = load(engine, BASE)
    members = loaded.rows(customers_in_groups(loaded.tables, as_of=AS_OF, group=by_first_letter))
    assert {(row["customer_id"], row["group"]) for row in members} == {("a", "A"), ("b", None)}
    cells = loaded.rows(grouped_cells(loaded.tables, as_of=AS_OF, group=by_first_letter))
    assert sorted(cells, key=lambda row: str(row["frequency"])) == [
        {
            "group": None,
            "frequency": 0,
            "recency_days": 0,
            "age_days": 15,
            "customers": 1,
            "repeat_revenue": 0,
        },
        {
            "group": "A",
            "frequency": 2,
            "recency_days": 406,
            "age_days": 416,
            "customers": 1,
            "repeat_revenue": 80,
        },
    ]


def test_what_came_lately_and_after_a_cut_off(engine: Engine) -> None:
    loaded = load(engine, BASE)
    lately = loaded.rows(revenue_of_window(loaded.tables, as_of=AS_OF, window_days=20))
    assert {row["customer_id"]: row["revenue"] for row in lately} == {"a": 20, "b": 70}
    long_ago = loaded.rows(revenue_of_window(loaded.tables, as_of=AS_OF, window_days=5))
    assert {row["customer_id"]: row["revenue"] for row in long_ago} == {"a": 0, "b": 0}
    after = loaded.rows(purchases_after(loaded.tables, as_of=AS_OF, cut_off=dt.date(2024, 2, 10)))
    assert after == [{"day": day_number(dt.date(2024, 2, 20)), "purchases": 1}]


def test_named_customers_are_those_who_have_bought(engine: Engine) -> None:
    loaded = load(engine, BASE)
    found = loaded.rows(customers_named(loaded.tables, as_of=AS_OF, ids=("a", "c", "x")))
    assert found == [{"customer_id": "a"}]
