"""Members and what they did equal the oracle on random bases and programmes, on every engine."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import partial
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.base import InputError, NotProvided
from crm_core.loyalty.metrics import Looked, loyalty_entries, loyalty_indicators, loyalty_members
from crm_core.loyalty.rules import INDICATORS, Caps, Earning, Members, Programme, Rule
from tests.churn.around import drawn_around, load_around
from tests.engines import Engine
from tests.oracle import loyalty_entries as expected
from tests.oracle.bases import CATEGORIES, CHANNELS
from tests.oracle.churn import Around
from tests.oracle.history import Base, Line
from tests.oracle.loading import load, materialise, moment
from tests.oracle.questions import Question, check

SOME = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
EARNINGS: tuple[Earning, ...] = get_args(Earning)
UNITS = (0.0001, 0.01, 1.0, 2.5, 100.0)


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    earning = draw(st.sampled_from(EARNINGS))
    points = draw(st.integers(1, 9))
    if earning == "punctual":
        unit = draw(st.sampled_from((0.0, *UNITS)))
        return Rule(earning, points, unit=unit, days_early=draw(st.integers(-40, 40)))
    if earning == "repeat":
        return Rule(earning, points, number=draw(st.integers(1, 3)))
    if earning in ("referral", "joining", "variety"):
        return Rule(earning, points)
    return Rule(
        earning,
        points,
        unit=draw(st.sampled_from(UNITS)) if earning == "amount" else 0.0,
        channels=tuple(draw(st.sets(st.sampled_from(CHANNELS), max_size=2))),
        categories=tuple(draw(st.sets(st.sampled_from(CATEGORIES), max_size=1))),
        at_least=draw(st.sampled_from((0.0, 0.01, 5.0))),
    )


@st.composite
def programmes(draw: st.DrawFn, around: Around) -> Programme:
    kinds = tuple(draw(st.sets(st.sampled_from(("person", "company")), max_size=2)))
    found = draw(st.lists(rules(), max_size=4, unique_by=lambda rule: (rule.earning, rule.days_early)))
    if not around.customers:
        kinds, found = (), [rule for rule in found if rule.earning != "referral"]
    who = draw(st.sampled_from((Members("everybody"), Members("joined", "spring"))))
    return Programme(
        name="drawn",
        members=Members(who.who, who.campaign, kinds),
        earn=tuple(found),
        caps=Caps(purchase=draw(st.sampled_from((0, 3, 50)))),
    )


def _questions(base: Base, around: Around, as_of: dt.date, programme: Programme, days: int) -> list[Question]:
    begin = as_of - dt.timedelta(days)
    return [
        Question(
            f"members of {programme}",
            partial(loyalty_members, as_of=as_of, members=programme.members, begin=begin),
            partial(expected.members, base, around, as_of, programme, begin),
            ("customer_id",),
        ),
        Question(
            f"entries of {programme}",
            partial(
                loyalty_entries,
                as_of=as_of,
                members=programme.members,
                earn=programme.earn,
                begin=begin,
                purchase_cap=programme.caps.purchase,
                history_days=7,
            ),
            partial(expected.entries, base, around, as_of, programme, begin, 7),
            ("day", "place"),
        ),
    ]


def _drawn(data: st.DataObject, engine: Engine) -> tuple[Base, Around, list[Question]]:
    base, around, as_of = drawn_around(data, engine)
    programme = data.draw(programmes(around), label="programme")
    told = tuple(rule for rule in programme.earn if (rule.unit * base.money_scale).is_integer())
    programme = replace(programme, earn=told)
    days = data.draw(st.sampled_from((0, 5, 90, 1_000)), label="days")
    return base, around, _questions(base, around, as_of, programme, days)


@SOME
@given(st.data())
def test_members_and_entries_equal_the_oracle(any_engine: Engine, data: st.DataObject) -> None:
    base, around, questions = _drawn(data, any_engine)
    check(load_around(any_engine, base, around), questions)


@SOME
@given(st.data())
def test_they_are_the_same_of_derived_tables(kept_duckdb: Engine, data: st.DataObject) -> None:
    base, around, questions = _drawn(data, kept_duckdb)
    check(materialise(load_around(kept_duckdb, base, around)), questions)


@st.composite
def looks(draw: st.DrawFn, around: Around) -> Looked:
    known = [name for name in INDICATORS if name != "referrals" or around.customers]
    name = draw(st.sampled_from(known))
    channels = tuple(draw(st.sets(st.sampled_from(CHANNELS), min_size=1))) if name == "channel_share" else ()
    return Looked(name, channels, draw(st.sampled_from((0, 1, 7, 90))))


@SOME
@given(st.data())
def test_indicators_equal_the_oracle(any_engine: Engine, data: st.DataObject) -> None:
    base, around, as_of = drawn_around(data, any_engine)
    looked = tuple(data.draw(st.lists(looks(around), min_size=1, max_size=4), label="looked"))
    kinds = tuple(sorted(data.draw(st.sets(st.sampled_from(("person", "company"))), label="kinds")))
    if not around.customers:
        kinds = ()
    question = Question(
        f"indicators {looked}",
        partial(loyalty_indicators, as_of=as_of, looked=looked, kinds=kinds),
        partial(expected.indicators, base, around, as_of, looked, kinds),
        ("customer_id",),
    )
    check(load_around(any_engine, base, around), [question])


@pytest.mark.parametrize(
    "programme",
    [
        Programme("p", Members("joined", "club")),
        Programme("p", Members("everybody", kinds=("company",))),
        Programme("p", Members("everybody"), (Rule("punctual", 1),)),
        Programme("p", Members("everybody"), (Rule("referral", 1),)),
    ],
)
def test_what_a_rule_is_about_must_be_there(kept_duckdb: Engine, programme: Programme) -> None:
    base = load(kept_duckdb, Base((Line("a", None, moment("2024-01-01 10:00"), 10_000),)))
    day = dt.date(2024, 1, 1)
    orders = replace(base.tables, others={})
    with pytest.raises(NotProvided):
        base.rows(
            loyalty_entries(orders, as_of=day, members=programme.members, earn=programme.earn, begin=day)
        )


@pytest.mark.parametrize("unit", [0.4, 1.5, 0.0001])
def test_a_unit_that_money_cannot_have_is_told(kept_duckdb: Engine, unit: float) -> None:
    base = load(kept_duckdb, Base((Line("a", None, moment("2024-01-01 10:00"), 3),)))
    day, whole = dt.date(2024, 1, 1), replace(base.tables, money_scale=1)
    with pytest.raises(InputError) as found:
        loyalty_entries(
            whole, as_of=day, members=Members("everybody"), earn=(Rule("amount", 1, unit=unit),), begin=day
        )
    assert (found.value.key, found.value.values["least"]) == ("loyalty.programme.unit_too_fine", 1)
