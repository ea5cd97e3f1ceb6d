"""Spells, the ladder and silences equal the oracle on random bases, on every engine, narrowed or not."""

from __future__ import annotations

import datetime as dt
from functools import partial

import ibis.expr.types as ir
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.customers.metrics import purchase_days
from crm_core.retention import metrics
from crm_core.tables import Selection, Tables
from tests.engines import Engine
from tests.oracle import spells
from tests.oracle.bases import CATEGORIES, REGIONS, TIMES, TIMES_OF_ENGINE, bases, days_within
from tests.oracle.history import Base, History, Line
from tests.oracle.loading import Loaded, as_arrow, load, materialise, open_on
from tests.oracle.questions import Question, check

SOME = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def by_region(tables: Tables) -> ir.Table:
    """A grouping for the tests: where customers live."""
    customers = tables.need("customers")
    return customers.select("customer_id", group=customers.region)


def questions(history: History) -> list[Question]:
    """All that is asked of a base."""
    today = history.as_of
    spell = ("duration_days", "observed")
    found = [
        Question(
            f"purchase_spells {purchase}",
            partial(metrics.purchase_spells, purchase=purchase, as_of=today),
            partial(spells.purchase_spells, history, purchase),
            spell,
        )
        for purchase in (1, 2, None)
    ]
    found += [
        Question(
            "ladder_spells",
            partial(metrics.ladder_spells, rungs=3, as_of=today),
            partial(spells.ladder_spells, history, 3),
            ("purchase", *spell),
        ),
        Question(
            "customers_on_rung",
            partial(metrics.customers_on_rung, purchase=2, as_of=today),
            partial(spells.customers_on_rung, history, 2),
            ("customer_id",),
        ),
    ]
    if history.base.regions:
        regions = dict(history.base.regions)
        found += [
            Question(
                "purchase_spells by region",
                partial(metrics.purchase_spells, group=by_region, as_of=today),
                partial(spells.purchase_spells, history, 1, regions),
                ("group", *spell),
            ),
            Question(
                "ladder_spells by region",
                partial(metrics.ladder_spells, group=by_region, as_of=today),
                partial(spells.ladder_spells, history, 5, regions),
                ("group", "purchase", *spell),
            ),
        ]
    found += [
        Question(
            "category_gaps",
            partial(metrics.category_gaps, as_of=today),
            partial(spells.category_gaps, history),
            ("category", "gap_days"),
        ),
        Question(
            "category_silences",
            partial(metrics.category_silences, as_of=today),
            partial(spells.category_silences, history),
            ("category", "silence_days"),
        ),
    ]
    found += [
        Question(
            f"overdue_customers {after} {until}",
            partial(metrics.overdue_customers, category="tea", longer_than=after, up_to=until, as_of=today),
            partial(spells.overdue_customers, history, "tea", after, until),
            ("customer_id",),
        )
        for after, until in ((0, 30), (7, None))
    ]
    return found


@SOME
@given(st.data())
def test_spells_equal_the_oracle(kept_engine: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(times=TIMES_OF_ENGINE.get(kept_engine.name, TIMES)), label="base")
    as_of = data.draw(days_within(base), label="as of")
    check(load(kept_engine, base), questions(History(base, as_of)))


@SOME
@given(st.data())
def test_derived_tables_give_the_same(kept_duckdb: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(), label="base")
    as_of = data.draw(days_within(base), label="as of")
    loaded = materialise(load(kept_duckdb, base))
    check(_with_own(loaded), questions(History(base, as_of)))


@SOME
@given(st.data())
def test_a_selection_is_a_base_of_its_own(kept_duckdb: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(), label="base")
    as_of = data.draw(days_within(base), label="as of")
    kept = data.draw(
        st.sampled_from(
            [
                Selection(categories=CATEGORIES[:1]),
                *([Selection(regions=REGIONS[:1])] if base.regions else []),
            ]
        )
    )
    loaded = _with_own(materialise(load(kept_duckdb, base)))
    part = base.only(categories=kept.categories, regions=kept.regions)
    wanted = [one for one in questions(_history(base, part, as_of)) if "region" not in one.name]
    check(Loaded(loaded.connection, loaded.tables.select(kept)), wanted)


def _history(base: Base, part: Base, as_of: dt.date) -> History:
    """What happened in a part of a base; a part may be empty, which the oracle's own history is not."""
    history = History(base, as_of)
    if part.lines:
        return History(part, as_of)
    history.sales, history.customers = [], {}
    return history


def _with_own(loaded: Loaded) -> Loaded:
    """With the room's own derived tables filled as well."""
    derived = dict(loaded.tables.derived)
    for one in (metrics.numbered_purchase_days, metrics.category_days):
        derived[one.name] = loaded.connection.backend.create_table(
            f"derived_{one.name}", one(loaded.tables), overwrite=True
        )
    return Loaded(loaded.connection, Tables(**{**vars(loaded.tables), "derived": derived}))


@SOME
@given(st.data())
def test_days_in_a_category_are_purchase_days_of_its_lines(kept_duckdb: Engine, data: st.DataObject) -> None:
    base = data.draw(bases(), label="base")
    loaded = load(kept_duckdb, base)
    days = metrics.category_days(loaded.tables)
    narrow = loaded.tables.select(Selection(categories=("tea",)))
    columns = ("customer_id", "day", "next_purchase_day")
    found = loaded.rows(days.filter(days.category == "tea").select(*columns).order_by(columns))
    assert found == loaded.rows(purchase_days(narrow).select(*columns).order_by(columns))


DAYS = st.integers(0, 40).map(lambda day: dt.date(2024, 1, 1) + dt.timedelta(day))


@SOME
@given(contracts=st.lists(st.tuples(st.sampled_from("ab"), DAYS, st.none() | DAYS), max_size=8), as_of=DAYS)
def test_stays_under_contract_equal_the_oracle(
    any_engine: Engine, contracts: list[tuple[str, dt.date, dt.date | None]], as_of: dt.date
) -> None:
    moments = [
        (
            who,
            dt.datetime.combine(begun, dt.time(23, 59)),
            None if end is None else dt.datetime(*end.timetuple()[:3]),
        )
        for who, begun, end in contracts
    ]
    schema = pa.schema(
        [("customer_id", pa.string()), ("started_at", pa.timestamp("us")), ("ended_at", pa.timestamp("us"))]
    )
    columns = list(zip(*moments, strict=True)) or [(), (), ()]
    stored = pa.table([pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)], schema=schema)
    any_engine.load({**as_arrow(ORDERS), "contracts": stored})
    question = Question(
        "contract_spells",
        partial(metrics.contract_spells, as_of=as_of),
        partial(spells.contract_spells, contracts, as_of),
        ("duration_days", "observed"),
    )
    check(open_on(any_engine), [question])


ORDERS = Base((Line("a", "1", dt.datetime(2024, 1, 1), 100),), currency="")
