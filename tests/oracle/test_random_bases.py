"""Every metric equals the oracle on random bases, on every engine, to the last unit of money."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.engines import Engine
from tests.oracle.bases import TIMES, TIMES_OF_ENGINE, bases, days_within
from tests.oracle.calendars import CALENDARS, UNITS
from tests.oracle.history import Base, History
from tests.oracle.loading import load
from tests.oracle.questions import Question, check, everything

EXAMPLES = 15
ASKED = 7
"""How many of some 40 questions are put to each base: to compile one takes far longer than to answer it."""


def _asked(data: st.DataObject, engine: Engine) -> tuple[list[Question], Base]:
    base = data.draw(bases(times=TIMES_OF_ENGINE.get(engine.name, TIMES)), label="base")
    as_of = data.draw(days_within(base), label="as of")
    since = min(as_of, data.draw(days_within(base), label="since"))
    history = History(base, as_of)
    some = data.draw(st.lists(st.sampled_from(sorted(history.customers) or ["nobody"]), max_size=2))
    unit = data.draw(st.sampled_from(UNITS))
    calendar = data.draw(st.sampled_from(CALENDARS))
    found = everything(history, History(base, since), some, (unit,), (calendar,), (1, 7, 40))
    return found, base


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_metrics_equal_the_oracle(kept_engine: Engine, data: st.DataObject) -> None:
    questions, base = _asked(data, kept_engine)
    picked = data.draw(
        st.lists(st.sampled_from(range(len(questions))), min_size=ASKED, max_size=ASKED, unique=True)
    )
    check(load(kept_engine, base), [questions[number] for number in picked])


@pytest.mark.slow
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_all_metrics_equal_the_oracle(kept_engine: Engine, data: st.DataObject) -> None:
    questions, base = _asked(data, kept_engine)
    check(load(kept_engine, base), questions)
