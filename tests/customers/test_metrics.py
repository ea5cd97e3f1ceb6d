"""One row a customer, lists of customers and the orders of one, against tables written by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import ibis.expr.types as ir
import pytest

from crm_core.customers.metrics import (
    customer_summary,
    customer_totals,
    lines_of_order,
    listed_customers,
    one_customer,
    order_lines,
    order_totals,
    orders_of_customer,
    purchase_days,
    sales_days,
)
from crm_core.tables import Tables
from tests.engines import Engine
from tests.oracle.calendars import day_number
from tests.oracle.history import Base, Line, Rate
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 2, 29)
JANUARY_5, FEBRUARY_1 = day_number(dt.date(2024, 1, 5)), day_number(dt.date(2024, 2, 1))
NEVER_BEFORE, NOT_AGAIN = -25_203, 47_482

# 001 bought once in two lines and sent something back; 1 has an order of the same number; one is a guest's.
FIVE = Base(
    (
        Line("001", "7", moment("2024-01-05 10:05"), 200_000, 50_000),
        Line("001", "7", moment("2024-01-05 10:00"), 1_000_000, 600_000),
        Line("001", "8", moment("2024-02-01 09:00"), -300_000, 0),
        Line("1", "7", moment("2024-02-10 23:59"), 500_000, None),
        Line(None, "9", moment("2024-02-11 12:00"), 700_000, 100_000),
    )
)
SUMMARY_001 = {
    "customer_id": "001",
    "first_ordered_at": moment("2024-01-05 10:00"),
    "last_ordered_at": moment("2024-01-05 10:00"),
    "days_since_first_order": 55,
    "days_since_last_order": 55,
    "order_count": 1,
    "return_count": 1,
    "revenue": 900_000,
    "margin": 250_000,
}
SUMMARY_1 = {
    "customer_id": "1",
    "first_ordered_at": moment("2024-02-10 23:59"),
    "last_ordered_at": moment("2024-02-10 23:59"),
    "days_since_first_order": 19,
    "days_since_last_order": 19,
    "order_count": 1,
    "return_count": 0,
    "revenue": 500_000,
    "margin": None,
}


def test_a_summary_of_five_lines(engine: Engine) -> None:
    loaded = load(engine, FIVE)
    rows = loaded.rows(customer_summary(loaded.tables, as_of=AS_OF).order_by("customer_id"))
    assert rows == [SUMMARY_001, SUMMARY_1]


def test_a_summary_of_the_day_before_anybody_else_came(engine: Engine) -> None:
    loaded = load(engine, FIVE)
    rows = loaded.rows(customer_summary(loaded.tables, as_of=dt.date(2024, 1, 31)))
    assert rows == [
        {
            **SUMMARY_001,
            "days_since_first_order": 26,
            "days_since_last_order": 26,
            "return_count": 0,
            "revenue": 1_200_000,
            "margin": 550_000,
        }
    ]
    assert loaded.rows(customer_summary(loaded.tables, as_of=dt.date(2024, 1, 4))) == []


def test_customers_are_listed_by_what_they_brought(engine: Engine) -> None:
    loaded = load(engine, FIVE)

    def listed(limit: int, skip: int = 0, **options: Any) -> list[dict[str, object]]:
        which = one_customer if options else customer_summary
        expression = listed_customers(
            loaded.tables, as_of=AS_OF, which=which, limit=limit, skip=skip, **options
        )
        return loaded.rows(expression)

    assert listed(10) == [{**SUMMARY_001, "all_customers": 2}, {**SUMMARY_1, "all_customers": 2}]
    assert listed(1) == [{**SUMMARY_001, "all_customers": 2}]
    assert listed(1, 1) == [{**SUMMARY_1, "all_customers": 2}]
    assert listed(1, 2) == []
    assert listed(10, customer_id="1") == [{**SUMMARY_1, "all_customers": 1}]
    assert listed(10, customer_id="01") == []


def test_equal_revenue_is_listed_by_customer_id(engine: Engine, collated_engine: Engine) -> None:
    ids = ["Zoe", "anna", "Émile", "10", "9", "مینا", "Anna"]
    base = Base(tuple(Line(one, "1", moment("2024-01-05 10:00"), 5) for one in ids))
    for each in (engine, collated_engine):
        loaded = load(each, base)
        rows = loaded.rows(listed_customers(loaded.tables, as_of=AS_OF, which=customer_summary, limit=10))
        assert [row["customer_id"] for row in rows] == sorted(ids), each.url


def test_customers_are_listed_by_any_column_and_what_is_not_known_comes_last(engine: Engine) -> None:
    loaded = load(engine, FIVE)

    def ids(sort: str, *, descending: bool) -> list[object]:
        expression = listed_customers(
            loaded.tables,
            as_of=AS_OF,
            which=customer_summary,
            limit=10,
            sort=sort,
            descending=descending,
        )
        return [row["customer_id"] for row in loaded.rows(expression)]

    assert ids("last_ordered_at", descending=True) == ["1", "001"]
    assert ids("last_ordered_at", descending=False) == ["001", "1"]
    assert ids("customer_id", descending=True) == ["1", "001"]
    assert ids("margin", descending=True) == ids("margin", descending=False) == ["001", "1"]
    assert ids("order_count", descending=True) == ids("order_count", descending=False) == ["001", "1"]


def test_customers_are_found_by_how_their_id_begins(engine: Engine) -> None:
    ids = ["C10", "C1", "c1", "%", "_1", "۱۲"]
    loaded = load(engine, Base(tuple(Line(one, "1", moment("2024-01-05 10:00"), 5) for one in ids)))

    def found(*beginnings: str) -> list[object]:
        expression = listed_customers(
            loaded.tables, as_of=AS_OF, which=customer_summary, limit=10, beginnings=beginnings
        )
        rows = loaded.rows(expression)
        assert all(row["all_customers"] == len(rows) for row in rows)
        return [row["customer_id"] for row in rows]

    assert found("C1") == ["C1", "C10"]
    assert found("C10", "c") == ["C10", "c1"]
    assert found("%") == ["%"]
    assert found("_") == ["_1"]
    assert found("۱") == ["۱۲"]
    assert found("'") == []


def test_what_another_room_says_of_each_stands_beside(engine: Engine) -> None:
    loaded = load(engine, FIVE)

    def letters(tables: Tables, *, as_of: dt.date) -> ir.Table:
        summary = customer_summary(tables, as_of=as_of)
        letter = ibis.ifelse(summary.customer_id == "1", "b", "a")
        return summary.select("customer_id", "revenue", letter=letter)

    def listed(*ranks: str) -> list[tuple[object, object]]:
        expression = listed_customers(
            loaded.tables,
            as_of=AS_OF,
            which=customer_summary,
            limit=10,
            sort="letter",
            descending=False,
            ranks=ranks,
            beside=letters,
        )
        return [(row["customer_id"], row["letter"]) for row in loaded.rows(expression)]

    assert listed() == [("001", "a"), ("1", "b")]
    assert listed("b", "a") == [("1", "b"), ("001", "a")]


def test_the_latest_order_comes_first(engine: Engine) -> None:
    loaded = load(engine, FIVE)
    assert loaded.rows(orders_of_customer(loaded.tables, as_of=AS_OF, customer_id="001")) == [
        {
            "order_id": "8",
            "ordered_at": moment("2024-02-01 09:00"),
            "revenue": -300_000,
            "line_count": 1,
            "margin": -300_000,
        },
        {
            "order_id": "7",
            "ordered_at": moment("2024-01-05 10:00"),
            "revenue": 1_200_000,
            "line_count": 2,
            "margin": 550_000,
        },
    ]


def test_the_lines_of_an_order_are_those_of_one_customer(engine: Engine) -> None:
    loaded = load(engine, FIVE)
    found = loaded.rows(lines_of_order(loaded.tables, as_of=AS_OF, customer_id="001", order_id="7"))
    assert [(row["ordered_at"], row["amount"]) for row in found] == [
        (moment("2024-01-05 10:00"), 1_000_000),
        (moment("2024-01-05 10:05"), 200_000),
    ]


def test_the_derived_tables_of_five_lines(engine: Engine) -> None:
    loaded = load(engine, FIVE)
    totals = loaded.rows(order_totals(loaded.tables).order_by("customer_id", "order_id"))
    assert [tuple(row.values()) for row in totals] == [
        ("001", "7", moment("2024-01-05 10:00"), JANUARY_5, None, False, 1_200_000, 650_000, 2, 0, 0),
        ("001", "8", moment("2024-02-01 09:00"), FEBRUARY_1, None, False, -300_000, 0, 1, 1, 0),
        ("1", "7", moment("2024-02-10 23:59"), FEBRUARY_1 + 9, None, False, 500_000, 0, 1, 0, 1),
    ]
    days = loaded.rows(purchase_days(loaded.tables).order_by("customer_id", "day"))
    assert [tuple(row.values()) for row in days] == [
        ("001", JANUARY_5, 1, 1_200_000, NEVER_BEFORE, NOT_AGAIN),
        ("1", FEBRUARY_1 + 9, 1, 500_000, NEVER_BEFORE, NOT_AGAIN),
    ]
    sales = loaded.rows(sales_days(loaded.tables).order_by("day"))
    assert [tuple(row.values()) for row in sales] == [
        (JANUARY_5, 0, 1_200_000, 0, 650_000, 2, 0),
        (FEBRUARY_1, 0, -300_000, -300_000, 0, 1, 0),
        (FEBRUARY_1 + 9, 0, 500_000, 0, 0, 1, 1),
        (FEBRUARY_1 + 10, 1, 700_000, 0, 100_000, 1, 0),
    ]
    customers = loaded.rows(customer_totals(loaded.tables).order_by("customer_id"))
    assert [row["cost"] for row in customers] == [650_000, 0]
    assert loaded.rows(order_lines(loaded.tables).count().name("lines").as_table()) == [{"lines": 5}]


FOREIGN = Base(
    (
        Line("a", "1", moment("2024-01-01 00:00"), 100, 99, "USD"),
        Line("a", "2", moment("2024-01-02 23:59"), 100, None, "USD"),
        Line("a", "3", moment("2024-01-09 12:00"), -100, -99, "USD"),
        Line("a", "4", moment("2024-01-09 12:00"), 7, 1, "EUR"),
        Line("a", "5", moment("2024-01-09 12:00"), 5, 1, None),
        Line("a", "6", moment("2023-12-31 23:59"), 1_000_000, 1, "USD"),
    ),
    (
        Rate("USD", dt.date(2024, 1, 1), 0.5),
        Rate("USD", dt.date(2024, 1, 2), 0.995),
        Rate("USD", dt.date(2024, 1, 9), 0.145),
    ),
)


def test_an_amount_is_converted_at_the_rate_of_its_day_half_away_from_zero(engine: Engine) -> None:
    loaded = load(engine, FOREIGN)
    rows = loaded.rows(order_lines(loaded.tables).order_by("order_id"))
    # 100 * 0.5; 100 * 0.995; -100 * 0.145 is -14.5; the last one has no rate yet and is left out.
    assert [row["amount"] for row in rows] == [50, 100, -15, 7, 5]
    assert [row["cost"] for row in rows] == [50, None, -14, 1, 1]


@pytest.mark.parametrize(("scale", "expected"), [(10_000, [421_505, -421_505]), (1, [42, -42])])
def test_a_base_without_fractions_takes_foreign_money_in_its_own_scale(
    engine: Engine, scale: int, expected: list[int]
) -> None:
    """A ten-thousandth of a dollar at 421,505 rials is 42.1505 rials."""
    lines = [Line("a", str(n), moment("2024-01-01"), n, None, "USD") for n in (1, -1)]
    base = Base(tuple(lines), (Rate("USD", dt.date(2020, 1, 1), 421_505.0),), money_scale=scale)
    loaded = load(engine, base)
    rows = loaded.rows(order_lines(loaded.tables).order_by(order_lines(loaded.tables).amount.desc()))
    assert [row["amount"] for row in rows] == expected
