"""A product that was given away, by a discount brought in below 0, made every page on who leaves fail.

Its price rose from nothing: infinitely often, which is no whole number on any engine. And an id that stands
for something else by now may cost a million times as much.
"""

from __future__ import annotations

import datetime as dt

import pytest

from crm_core.churn.metrics import churn_features
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment


def sold(day: str, product: str, amount: int, discount: int = 0) -> Line:
    return Line(
        "a", None, moment(day), amount, product_id=product, quantity=10_000, discount=discount, category="tea"
    )


BASE = Base(
    (
        sold("2023-09-01", "given away", 500, -500),
        sold("2023-09-01", "something else", 1),
        sold("2024-02-01", "given away", 500),
        sold("2024-02-01", "something else", 9_000_000_000_000),
    )
)


def test_prices_rise_tenfold_at_the_most(engine: Engine) -> None:
    loaded = load(engine, BASE)
    (row,) = loaded.rows(churn_features(loaded.tables, as_of=dt.date(2024, 2, 29)))
    assert row["price_change_180"] == pytest.approx(9.0)
