"""Customers from before a programme opened equal the oracle on random bases, on every engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.base import NotProvided
from crm_core.loyalty.metrics import loyalty_early, loyalty_early_contacts, loyalty_early_days
from crm_core.loyalty.rules import Members
from tests.churn.around import drawn_around, load_around
from tests.engines import Engine
from tests.oracle import loyalty_early as expected
from tests.oracle.churn import Around
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, materialise, moment
from tests.oracle.questions import Question, check

SOME = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
SPRING = Members("joined", "spring")
OF_EACH: tuple[tuple[Callable[..., Any], Callable[..., Any], tuple[str, ...]], ...] = (
    (loyalty_early, expected.early, ("customer_id",)),
    (loyalty_early_days, expected.days, ("place", "day")),
    (loyalty_early_contacts, expected.contacts, ("place", "day")),
)


def _drawn(data: st.DataObject, engine: Engine) -> tuple[Base, Around, list[Question]]:
    base, around, as_of = drawn_around(data, engine)
    opened = as_of - dt.timedelta(data.draw(st.sampled_from((-1, 0, 1, 7, 90)), label="opened"))
    kinds = tuple(data.draw(st.sets(st.sampled_from(("person", "company")), max_size=1)))
    most = data.draw(st.sampled_from((0, 1, 2)), label="most")
    members = replace(SPRING, kinds=kinds if around.customers else ())
    return (
        base,
        around,
        [
            Question(
                f"{metric.__name__} {members} {opened} {most}",
                partial(metric, as_of=as_of, members=members, opened=opened, most=most),
                partial(told, base, around, as_of, members, opened, most),
                order,
            )
            for metric, told, order in OF_EACH
        ],
    )


@SOME
@given(st.data())
def test_early_customers_equal_the_oracle(any_engine: Engine, data: st.DataObject) -> None:
    base, around, questions = _drawn(data, any_engine)
    check(load_around(any_engine, base, around), questions)


@SOME
@given(st.data())
def test_they_are_the_same_of_derived_tables(kept_duckdb: Engine, data: st.DataObject) -> None:
    base, around, questions = _drawn(data, kept_duckdb)
    check(materialise(load_around(kept_duckdb, base, around)), questions)


@pytest.mark.parametrize("metric", [one[0] for one in OF_EACH])
def test_who_joined_must_be_known(kept_duckdb: Engine, metric: Callable[..., Any]) -> None:
    base = load(kept_duckdb, Base((Line("a", None, moment("2024-01-01 10:00"), 10_000),)))
    day = dt.date(2024, 1, 1)
    with pytest.raises(NotProvided):
        metric(replace(base.tables, others={}), as_of=day, members=SPRING, opened=day)
