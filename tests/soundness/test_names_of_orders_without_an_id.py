"""The names given to orders without an id changed with what others bought, and with what came later."""

from __future__ import annotations

import datetime as dt

from crm_core.customers.metrics import orders_of_customer
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

AS_OF = dt.date(2024, 1, 31)
OWN = (
    Line("b", None, moment("2024-01-05"), 100, 60),
    Line("b", None, moment("2024-01-05"), 100, 50),
    Line("b", None, moment("2024-01-07"), 10, 5),
)
OTHERS = (Line("a", None, moment("2024-01-06"), 5, 1), Line(None, None, moment("2024-01-01"), 5, 1))
LATER = (Line("b", None, moment("2024-02-01"), 100, 50), Line("a", None, moment("2024-02-01"), 1, 1))


def test_an_order_keeps_its_name(engine: Engine) -> None:
    answers = []
    for lines in (OWN, (*OTHERS, *OWN), (*LATER, *OTHERS, *reversed(OWN))):
        loaded = load(engine, Base(lines))
        answers.append(loaded.rows(orders_of_customer(loaded.tables, as_of=AS_OF, customer_id="b")))
    assert answers[0] == answers[1] == answers[2]
    assert len({row["order_id"] for row in answers[0]}) == 3
