"""By what customers are parted."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from crm_core.base import NotProvided
from crm_core.customers.metrics import FirstPurchase
from crm_core.customers.metrics.groupings import first_product
from crm_core.periods import Calendar, Unit, day_of, period_of
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import as_arrow, load, moment, open_on

ROWS = Base(
    (
        Line("a", "1", moment("2024-03-19 10:00"), 100_000, None),
        Line("a", "2", moment("2025-01-02 10:00"), 100_000, None),
        Line("b", "3", moment("2024-03-21 10:00"), 100_000, None),
        Line(None, "4", moment("2020-01-01 10:00"), 100_000, None),
    )
)


@pytest.mark.parametrize(
    ("unit", "calendar"), [("quarter", "gregorian"), ("year", "jalali"), ("year", "buddhist")]
)
def test_a_cohort_is_the_period_of_the_first_purchase(engine: Engine, unit: Unit, calendar: Calendar) -> None:
    loaded = load(engine, ROWS)
    found = loaded.rows(FirstPurchase(unit, calendar)(loaded.tables).order_by("customer_id"))
    first = {"a": dt.date(2024, 3, 19), "b": dt.date(2024, 3, 21)}
    assert found == [
        {"customer_id": name, "group": str(period_of(day_of(day), unit, calendar))}
        for name, day in first.items()
    ]


FIRST = moment("2024-03-19 10:00")
# a paid most for the rice in all; b for both alike; c gave the tea back at once; d bought something unnamed.
PRODUCTS = Base(
    (
        Line("a", "1", FIRST, 60, product_id="1"),
        Line("a", "1", FIRST, 50, product_id="2"),
        Line("a", "1", FIRST, 50, product_id="2"),
        Line("a", "2", moment("2024-04-01 10:00"), 900, product_id="1"),
        Line("b", "3", FIRST, 50, product_id="2"),
        Line("b", "3", FIRST, 50, product_id="1"),
        Line("c", "4", FIRST, 90, product_id="1"),
        Line("c", "4", FIRST, -90, product_id="1"),
        Line("c", "4", FIRST, 10, product_id="3"),
        Line("d", "5", FIRST, 90),
        Line(None, "6", FIRST, 90, product_id="1"),
    )
)


def test_the_first_product_is_the_one_most_was_paid_for(engine: Engine) -> None:
    loaded = load(engine, PRODUCTS)
    found = loaded.rows(first_product(loaded.tables).order_by("customer_id"))
    assert [(row["customer_id"], row["group"]) for row in found] == [("a", "2"), ("b", "1"), ("c", "3")]


def test_a_product_is_told_by_its_name_where_it_has_one(engine: Engine) -> None:
    loaded = load(engine, PRODUCTS)
    orders = as_arrow(PRODUCTS)["orders"]
    names = {"1": "tea", "2": "rice"}
    told = [names.get(one) for one in orders.column("product_id").to_pylist()]
    engine.load({"orders": orders.append_column("product", pa.array(told, pa.string()))})
    loaded = open_on(engine)
    found = loaded.rows(first_product(loaded.tables).order_by("customer_id"))
    assert [(row["customer_id"], row["group"]) for row in found] == [("a", "rice"), ("b", "rice"), ("c", "3")]


def test_a_base_without_products_has_no_first_product(engine: Engine) -> None:
    loaded = load(engine, PRODUCTS)
    engine.load({"orders": as_arrow(PRODUCTS)["orders"].drop_columns(["product_id"])})
    loaded = open_on(engine)
    with pytest.raises(NotProvided):
        first_product(loaded.tables)
