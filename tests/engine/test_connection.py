"""The canonical tables as they are found on an engine that somebody else has filled."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pyarrow as pa
import pytest

from crm_core.base import InputError
from crm_core.customers.metrics import customer_summary, order_lines
from crm_core.engine.canonical import tables
from crm_core.engine.connection import Connection, connect
from crm_core.schemas import SCHEMAS
from tests.engines import Engine

NOON = dt.datetime(2024, 2, 29, 12)
DAY = dt.timedelta(1)
SMALL = {"customer_id": ["a", "b", None], "ordered_at": [NOON - DAY, NOON, NOON], "amount": [1, 2, 3]}


def _opened(engine: Engine, orders: dict[str, object], **others: dict[str, object]) -> Connection:
    engine.load({"orders": pa.table(orders), **{name: pa.table(rows) for name, rows in others.items()}})
    return connect(engine.url)


def test_three_columns_are_a_base(engine: Engine) -> None:
    connection = _opened(engine, SMALL)
    found = tables(connection)
    assert found.provided == {"orders.customer_id", "orders.ordered_at", "orders.amount"}
    assert found.orders.columns == tuple(SCHEMAS["orders"].columns)
    assert (found.first_day, found.last_day) == (19_781, 19_782)
    assert found.currency == ""
    rows = connection.run(found.orders.order_by("amount")).to_pylist()
    assert [row["amount"] for row in rows] == [1, 2, 3]
    assert {row["cost"] for row in rows} == {None}


def test_money_with_a_fraction_becomes_ten_thousandths(engine: Engine) -> None:
    amounts = ["0.07", "1.005", "-1.005", "-19.99", "1234567.89"]
    orders = {
        "customer_id": ["a"] * 5,
        "ordered_at": [NOON + n * DAY for n in range(5)],
        "amount": [float(text) for text in amounts],
        "quantity": [1.5] * 5,
    }
    connection = _opened(engine, orders)
    rows = connection.run(tables(connection).orders.order_by("ordered_at")).to_pylist()
    assert [row["amount"] for row in rows] == [int(Decimal(text) * 10_000) for text in amounts]
    assert {row["quantity"] for row in rows} == {15_000}


def test_a_number_is_no_customer_but_its_digits_are(engine: Engine) -> None:
    connection = _opened(engine, {**SMALL, "customer_id": [7, 42, None]})
    rows = connection.run(customer_summary(tables(connection), as_of=NOON.date())).to_pylist()
    assert sorted(row["customer_id"] for row in rows) == ["42", "7"]


def test_what_is_missing_is_said(engine: Engine) -> None:
    with pytest.raises(InputError) as nothing:
        tables(connect(engine.url))
    assert nothing.value.key == "engine.no_orders"
    incomplete = {name: values for name, values in SMALL.items() if name != "amount"}
    with pytest.raises(InputError) as missing:
        tables(_opened(engine, incomplete))
    assert missing.value.key == "engine.column_missing"
    assert missing.value.values == {"table": "orders", "column": "amount"}
    empty = pa.table(SMALL).slice(0, 0)
    engine.load({"orders": empty})
    with pytest.raises(InputError) as nobody:
        tables(connect(engine.url))
    assert nobody.value.key == "engine.no_orders"


def test_the_currency_without_rates_is_the_base_s_own(engine: Engine) -> None:
    rates = {"currency": ["USD"], "valid_from": [NOON.date()], "rate": [0.5]}
    connection = _opened(engine, {**SMALL, "currency": ["EUR", "USD", None]}, rates=rates)
    found = tables(connection)
    assert found.currency == "EUR"
    rows = connection.run(order_lines(found)).to_pylist()
    assert sorted(row["amount"] for row in rows) == [1, 1, 3]
    with pytest.raises(InputError) as two:
        tables(_opened(engine, {**SMALL, "currency": ["EUR", "GBP", "USD"]}, rates=rates))
    assert two.value.values == {"currencies": "EUR, GBP"}


def test_lines_without_an_order_id_are_orders_of_their_own(engine: Engine) -> None:
    orders = {
        "customer_id": ["a"] * 4 + [None] * 2,
        "order_id": ["1", "1", None, None, None, None],
        "ordered_at": [NOON] * 6,
        "amount": [5] * 6,
    }
    connection = _opened(engine, orders)
    (row,) = connection.run(customer_summary(tables(connection), as_of=NOON.date())).to_pylist()
    assert (row["order_count"], row["revenue"]) == (3, 20)


def test_each_thread_has_a_connection_of_its_own(engine: Engine) -> None:
    connection = _opened(engine, SMALL)
    summary = customer_summary(tables(connection), as_of=NOON.date()).order_by("customer_id")
    answers: list[object] = []
    backends: list[object] = []

    def ask() -> None:
        backends.append(connection.backend)
        answers.append([row["revenue"] for row in connection.run(summary).to_pylist()])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [[1, 2]] * 4
    assert len({id(backend) for backend in backends}) == 4


def test_an_engine_that_does_not_answer_keeps_its_password() -> None:
    with pytest.raises(InputError) as refused:
        connect("postgres://somebody:hush@127.0.0.1:1/nothing")
    assert refused.value.key == "engine.cannot_connect"
    assert "hush" not in str(refused.value)
    with pytest.raises(InputError):
        connect("oddity://somewhere")
