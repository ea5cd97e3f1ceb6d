"""SQLite refused what was nested too deeply: "parser stack overflow".

Segments, classes and the lifecycle of a base with rates and without order ids failed there, some of them only
when the reader had chosen regions as well.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from crm_core.tables import Selection
from tests.conftest import OpenEngine
from tests.oracle.history import Base, History, Line, Rate
from tests.oracle.loading import load, moment
from tests.oracle.questions import check, everything

BASE = Base(
    (
        Line("a", None, moment("2023-12-01"), 500, 5, "USD", "web", "tea"),
        Line("a", None, moment("2024-01-01"), 900, 5, None, "web", "tea"),
    ),
    (Rate("USD", dt.date(2020, 1, 1), 1.5),),
    {"a": "north"},
)
AS_OF = dt.date(2023, 12, 31)


def test_every_question_can_be_asked_from_the_stored_lines(open_engine_named: OpenEngine) -> None:
    with open_engine_named("sqlite") as engine:
        loaded = load(engine, BASE)
        chosen = Selection(channels=("web",), categories=("tea",), regions=("north",))
        narrowed = replace(loaded, tables=loaded.tables.select(chosen))
        history = History(BASE, AS_OF)
        questions = everything(history, history, ("a",), ("month",), ("jalali",), (7,))
        check(loaded, questions)
        check(narrowed, questions)
