"""Converted amounts were a unit short where the decimals make a half and the doubles do not.

100 at a rate of 0.145 is 14.5 and becomes 15; as doubles it is 14.499999999999998, which became 14. With
rates of four digits it met one line of 700.
"""

from __future__ import annotations

import datetime as dt
import random

from crm_core.customers.metrics import order_lines
from tests.engines import Engine
from tests.oracle.history import Base, History, Line, Rate
from tests.oracle.loading import load, moment

DAYS = 400
FIRST = moment("2024-01-01 12:00")


def test_halves_are_those_of_the_written_rate(engine: Engine) -> None:
    draw = random.Random(5)
    days = [FIRST + dt.timedelta(day) for day in range(DAYS)]
    rates = tuple(Rate("USD", day.date(), draw.randrange(1, 30_000) / 10_000) for day in days)
    lines = tuple(
        Line("a", f"{number}", day, draw.choice((100, 300, -500, 700, 900, 12_300, -99_900)), 500, "USD")
        for number, day in enumerate(days * 3)
    )
    base = Base(lines, (Rate("USD", dt.date(2023, 1, 1), 0.145), *rates))
    as_of = days[-1].date()
    loaded = load(engine, base)
    found = loaded.rows(order_lines(loaded.tables).select("order_id", "amount", "cost"))
    wanted = {sale.order: (sale.amount, sale.cost) for sale in History(base, as_of).sales}
    assert {row["order_id"]: (row["amount"], row["cost"]) for row in found} == wanted


def test_the_example(engine: Engine) -> None:
    lines = (Line("a", "1", FIRST, 100, None, "USD"), Line("a", "2", FIRST, -100, None, "USD"))
    loaded = load(engine, Base(lines, (Rate("USD", dt.date(2023, 1, 1), 0.145),)))
    rows = loaded.rows(order_lines(loaded.tables).order_by("order_id"))
    assert [row["amount"] for row in rows] == [15, -15]
