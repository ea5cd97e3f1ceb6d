"""Whoever returned all that they bought is no customer any more, and was one on the day before the return."""

from __future__ import annotations

import datetime as dt

from crm_core.segments.metrics import segment_moves
from tests.engines import Engine
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, moment

SINCE, AS_OF = dt.date(2024, 1, 31), dt.date(2024, 12, 31)
BASE = Base(
    (
        Line("stays", "1", moment("2024-01-05 00:00"), 100),
        Line("gives back", "2", moment("2024-01-06 00:00"), 70),
        Line("gives back", "2", moment("2024-05-06 00:00"), -70),
        Line("comes", "3", moment("2024-06-05 00:00"), 30),
    )
)


def test_customers_at_the_earlier_day_are_counted_whatever_became_of_them(engine: Engine) -> None:
    loaded = load(engine, BASE)
    moved = loaded.rows(segment_moves(loaded.tables, as_of=AS_OF, since=SINCE))
    told = [(row["segment_before"], row["segment"], row["customers"], row["revenue"]) for row in moved]
    assert [count for before, _, count, _ in told if before is not None] == [1, 1]
    assert [(count, revenue) for _, now, count, revenue in told if now is None] == [(1, 0)]
    assert {revenue for *_, revenue in told} == {0, 30, 100}
