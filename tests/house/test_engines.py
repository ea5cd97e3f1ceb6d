"""The engines that tests run on hold what was loaded, and differ where real ones differ."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pyarrow as pa
import pytest
from ibis.common.exceptions import TableNotFound

from tests.engines import Engine

MORNING = dt.datetime(2011, 12, 9, 0, 0, 0)
NOON = dt.datetime(2011, 12, 9, 12, 50, 0)
ROWS = pa.table(
    {
        "customer_id": pa.array(["00123", None, "", 'a "quoted", name\nin two lines', "مشتری \\N"]),
        "ordered_at": pa.array([NOON, MORNING, None, NOON + dt.timedelta(microseconds=5), NOON]),
        "day": pa.array([dt.date(2011, 12, 9), None, dt.date(1899, 1, 1), dt.date(2089, 1, 1), None]),
        "amount": pa.array([2**53 + 1, -5, 3, 0, 7], pa.int64()),
        "quantity": pa.array([10_000, None, 0, 1, 5_000], pa.int64()),
        "rate": pa.array([0.1, None, 1e-300, -2.5, 3.0]),
        "potential": pa.array([True, None, False, True, False]),
        "number": pa.array([1, 2, 3, 4, 5]),
    }
)


def test_rows_come_back_as_they_went_in(engine: Engine) -> None:
    table = engine.load({"orders": ROWS})["orders"]
    assert table.order_by("number").to_pyarrow().cast(ROWS.schema).to_pylist() == ROWS.to_pylist()


def test_moments_compare_as_moments(engine: Engine) -> None:
    table = engine.load({"orders": ROWS})["orders"]
    assert table.filter(table.ordered_at <= NOON).number.sum().execute() == 1 + 2 + 5
    assert table.filter(table.ordered_at < NOON).number.sum().execute() == 2


def test_frames_load_without_their_index_and_replace_what_was_there(engine: Engine) -> None:
    engine.load({"orders": ROWS})
    frame = pd.DataFrame({"customer_id": ["b", "a"]}, index=[7, 8])
    table = engine.load({"orders": frame})["orders"]
    assert table.columns == ("customer_id",)
    assert sorted(table.execute()["customer_id"]) == ["a", "b"]


def test_each_engine_begins_empty(engine: Engine) -> None:
    with pytest.raises(TableNotFound):
        engine.connection.table("orders")


def test_one_postgres_orders_text_as_people_do(collated_engine: Engine, engine: Engine) -> None:
    words = pa.table({"word": ["B", "a", "C"]})
    ordered = [
        each.load({"words": words})["words"].order_by("word").execute()["word"].tolist()
        for each in (collated_engine, engine)
    ]
    assert ordered == [["a", "B", "C"], ["B", "C", "a"]]
