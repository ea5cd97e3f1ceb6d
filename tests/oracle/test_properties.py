"""What must not change an answer, and how it must change where it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crm_core.tables import Selection
from tests.engines import Engine
from tests.oracle.bases import CATEGORIES, CHANNELS, REGIONS, TIMES, TIMES_OF_ENGINE, bases, days_within
from tests.oracle.history import Base, History, Row
from tests.oracle.loading import Loaded, arrow_orders, load, materialise, open_on
from tests.oracle.questions import MONEY, Question, everything, rows_of

FEW = settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
SOME = (
    "customer_summary",
    "rfm ",
    "abc ",
    "pareto",
    "segment_moves",
    "span_figures",
    "revenue_by",
    "lifecycle",
)


def _questions(base: Base, as_of: dt.date, *named: str) -> list[Question]:
    """What is asked about a base; the oracle's answers to it are not."""
    history = History(base, as_of)
    earlier = History(base, as_of - dt.timedelta(30))
    found = everything(history, earlier, sorted(history.customers)[:1], ("month",), ("jalali",), (7,))
    return [question for question in found if question.name.startswith(named or SOME)]


def _some(data: st.DataObject, questions: list[Question]) -> list[Question]:
    """A few of them: to compile one takes far longer than to answer it."""
    return [
        questions[n]
        for n in data.draw(st.sets(st.sampled_from(range(len(questions))), min_size=4, max_size=4))
    ]


def _answers(loaded: Loaded, questions: Sequence[Question]) -> dict[str, list[Row]]:
    return {question.name: rows_of(loaded, question) for question in questions}


@FEW
@given(st.data())
def test_the_order_of_rows_does_not_matter(kept_duckdb: Engine, data: st.DataObject) -> None:
    base = data.draw(bases())
    shuffled = replace(
        base,
        lines=tuple(data.draw(st.permutations(base.lines))),
        rates=tuple(data.draw(st.permutations(base.rates))),
    )
    questions = _some(data, _questions(base, data.draw(days_within(base)), *SOME, "orders_of", "listed"))
    before = _answers(load(kept_duckdb, base), questions)
    assert _answers(load(kept_duckdb, shuffled), questions) == before


@FEW
@given(st.data())
def test_rows_may_come_in_two_loads(any_engine: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(foreign=False, times=TIMES_OF_ENGINE.get(any_engine.name, TIMES)))
    assume(len(base.lines) > 1)
    at = data.draw(st.integers(1, len(base.lines) - 1))
    questions = _questions(
        base, data.draw(days_within(base)), "customer_summary", "abc value=auto", "lifecycle"
    )
    at_once = _answers(load(any_engine, base), questions)
    loaded = load(any_engine, replace(base, lines=base.lines[:at]))
    later = arrow_orders(base.lines[at:])
    columns = any_engine.connection.table("orders").columns
    any_engine.load({"later": later.select(columns)})
    any_engine.connection.insert("orders", any_engine.connection.table("later"))
    opened = open_on(any_engine)
    appended = replace(loaded, tables=replace(opened.tables, currency=base.currency))
    assert _answers(appended, questions) == at_once


@FEW
@given(st.data(), st.sampled_from((2, 7, 10_000)))
def test_scaling_all_amounts_scales_money_and_nothing_else(
    kept_duckdb: Engine, data: st.DataObject, factor: int
) -> None:
    base = data.draw(bases(foreign=False))
    lines = [
        line._replace(amount=line.amount * factor, cost=None if line.cost is None else line.cost * factor)
        for line in base.lines
    ]
    questions = _some(data, _questions(base, data.draw(days_within(base))))
    before = _answers(load(kept_duckdb, base), questions)
    scaled = {name: [_scaled(row, factor) for row in rows] for name, rows in before.items()}
    assert _answers(load(kept_duckdb, replace(base, lines=tuple(lines))), questions) == scaled


def _scaled(row: Row, factor: int) -> Row:
    return {
        name: value * factor if name in MONEY and isinstance(value, int) else value
        for name, value in row.items()
    }


@FEW
@given(st.data())
def test_what_comes_after_the_day_changes_nothing(any_engine: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(times=TIMES_OF_ENGINE.get(any_engine.name, TIMES)))
    as_of = data.draw(days_within(base))
    past = base.up_to(as_of)
    assume(past.lines)
    # A rate of the future is no less forbidden; one of each currency stays, or the base could not be opened.
    first = {
        rate.currency: rate for rate in sorted(base.rates, key=lambda rate: rate.valid_from, reverse=True)
    }
    known = tuple(one for one in base.rates if one.valid_from <= as_of or one in first.values())
    questions = _some(data, _questions(base, as_of, *SOME, "orders_of", "listed", "customers_of"))
    with_future = _answers(load(any_engine, base), questions)
    assert _answers(load(any_engine, replace(past, rates=known)), questions) == with_future


@FEW
@given(st.data())
def test_a_selection_is_the_base_without_the_other_rows(any_engine: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(times=TIMES_OF_ENGINE.get(any_engine.name, TIMES)))
    base = replace(base, regions=base.regions or {"1": REGIONS[0]})
    chosen = Selection(
        channels=data.draw(st.sampled_from(((), CHANNELS[:1], CHANNELS[1:]))),
        categories=data.draw(st.sampled_from(((), CATEGORIES[:1]))),
        regions=data.draw(st.sampled_from(((), REGIONS[:1], REGIONS))),
    )
    kept = base.only(chosen.channels, chosen.categories, chosen.regions)
    assume(kept.lines)
    questions = _some(data, _questions(base, data.draw(days_within(base))))
    loaded = load(any_engine, base)
    # The calendar that a metric lays out begins with the base, whatever is selected of it.
    begin = loaded.tables.first_day
    narrowed = _answers(replace(loaded, tables=loaded.tables.select(chosen)), questions)
    filtered = load(any_engine, kept)
    filtered = replace(filtered, tables=replace(filtered.tables, first_day=begin))
    assert _answers(filtered, questions) == narrowed


@FEW
@given(st.data())
def test_derived_tables_give_what_the_lines_give(any_engine: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(times=TIMES_OF_ENGINE.get(any_engine.name, TIMES)))
    as_of = data.draw(days_within(base))
    chosen = Selection(channels=data.draw(st.sampled_from(((), CHANNELS[:2]))))
    questions = _some(data, _questions(base, as_of, *SOME, "customers_of", "listed", "rfm_grid"))
    loaded = load(any_engine, base)
    raw = _answers(replace(loaded, tables=loaded.tables.select(chosen)), questions)
    whole = materialise(loaded)
    assert _answers(replace(whole, tables=whole.tables.select(chosen)), questions) == raw
    # As the product does for a reader who has narrowed the base down: derived once more for just these lines.
    cut = loaded.tables.select(chosen).until(as_of)
    assert _answers(materialise(replace(loaded, tables=cut)), questions) == raw
