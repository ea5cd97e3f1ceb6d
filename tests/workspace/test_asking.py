"""Answers: computed once, forgotten in time, the same from memory as from the lines."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache
from itertools import product
from operator import attrgetter
from pathlib import Path

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pytest

from crm_core.base import BaseDamaged, CrmError, NotProvided
from crm_core.churn.metrics import churn_features
from crm_core.customers.metrics import customer_summary, customer_totals, sales_days
from crm_core.engine.canonical import tables
from crm_core.engine.connection import Connection, Limits, Statement, connect
from crm_core.engine.derived import build, derived_path, open_or_build, open_tables
from crm_core.engine.versions import BaseDirectory, Manifest
from crm_core.periods import date_of, day_of, months_before
from crm_core.segments.metrics import abc, rfm, segment_moves
from crm_core.tables import Ask, Derivation, Estimate, Selection, Tables
from crm_core.workspace import asking, narrowing
from crm_core.workspace.asking import Answers, Asking, Packed, _bytes_of
from crm_core.workspace.catalogue import DERIVATIONS, TOLD_THEIR_DAY
from crm_core.workspace.wanted import Unwanted, as_long_as
from tests.engine.bases import LIMITS, bring, ids, rows_of, some_customers, some_lines, some_rates

AS_OF = dt.date(2024, 2, 5)
EVERYTHING = Selection()
SELECTIONS = (
    EVERYTHING,
    Selection(channels=("web",)),
    Selection(channels=("web", "shop"), categories=("tea",)),
    Selection(regions=("north",)),
    Selection(channels=("phone",), regions=("south",)),
    Selection(channels=("no such channel",)),
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance = random.Random(1)
    base = BaseDirectory(tmp_path_factory.mktemp("asking") / "base")
    manifest, _ = bring(
        base,
        "first",
        orders=some_lines(chance, 2_000, customers=[*ids("c", 150), None], orders=ids("o", 600)),
        rates=some_rates(chance),
        customers=some_customers(chance, ids("c", 150)),
    )
    build(base, manifest, DERIVATIONS, LIMITS)
    return base.path


def opened(path: Path, limits: Limits = LIMITS) -> tuple[BaseDirectory, Manifest, Connection, Tables]:
    base = BaseDirectory(path)
    manifest = base.current()
    assert manifest is not None
    return base, manifest, *open_or_build(base, manifest, DERIVATIONS, limits)


@pytest.fixture
def answers(template: Path) -> Iterator[Answers]:
    *_, connection, found = opened(template)
    yield Answers(connection, found, narrows=True)
    connection.close()


def raw(answers: Answers, selection: Selection, as_of: dt.date) -> Tables:
    """The tables without anything derived, so that every question reads the lines."""
    return replace(answers.tables, derived={}).select(selection).until(as_of)


def held(answers: Answers) -> set[tuple[str, str]]:
    """What lies in the engine's memory: in which place, and under which name."""
    found = answers.connection.backend.raw_sql(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'memory'"
    )
    return set(found.fetchall())


def selections_held(answers: Answers) -> set[str]:
    return {place for place, _ in held(answers)}


class Counted:
    """A metric that counts how often it is built, and may take its time or fail."""

    def __init__(self, *, seconds: float = 0, error: BaseException | None = None, few: bool = False) -> None:
        self.count = 0
        self._few = few
        self.error = error
        self._seconds = seconds
        self._lock = threading.Lock()

    def __call__(self, tables: Tables, *, as_of: dt.date, **options: object) -> ir.Table:
        with self._lock:
            self.count += 1
        time.sleep(self._seconds)
        if self.error is not None:
            raise self.error
        found = customer_summary(tables, as_of=as_of)
        return found.agg(customers=found.count()) if self._few else found


def at_once(work: Callable[[], object], threads: int = 16) -> list[object]:
    """What some work gives, begun by many threads at the same moment; an error in place of a result."""
    start = threading.Barrier(threads)

    def one(_: int) -> object:
        start.wait()
        try:
            return work()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is what the thread was given
            return error

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(one, range(threads)))


def test_the_same_question_of_many_threads_is_computed_once(answers: Answers) -> None:
    metric = Counted(seconds=0.05)
    found = at_once(lambda: answers.ask(metric, EVERYTHING, AS_OF, {}))
    assert metric.count == 1
    assert all(one is found[0] for one in found)
    assert answers.ask(metric, EVERYTHING, AS_OF, {}) is found[0]
    answers.ask(metric, EVERYTHING, AS_OF, {"option": 1})
    answers.ask(metric, EVERYTHING, AS_OF - dt.timedelta(1), {})
    answers.ask(metric, SELECTIONS[1], AS_OF, {})
    assert metric.count == 4, "another option, day or selection is another question"
    answers.ask(metric, EVERYTHING, AS_OF, {"b": 1, "a": 2})
    answers.ask(metric, EVERYTHING, AS_OF, {"a": 2, "b": 1})
    assert metric.count == 5, "the order of options is none"


@pytest.mark.parametrize("selection", [EVERYTHING, SELECTIONS[1]])
def test_an_error_is_given_to_all_who_asked_and_not_remembered(
    answers: Answers, selection: Selection
) -> None:
    metric = Counted(seconds=0.05, error=NotProvided("base.table_not_provided", table="contacts"))
    assert all(one is metric.error for one in at_once(lambda: answers.ask(metric, selection, AS_OF, {}), 6))
    asked = metric.count
    metric.error = None
    assert answers.ask(metric, selection, AS_OF, {}).num_rows > 0
    assert metric.count == asked + 1


def test_one_who_is_stopped_does_not_stop_the_others(answers: Answers) -> None:
    begun = threading.Event()

    def metric(tables: Tables, *, as_of: dt.date) -> ir.Table:
        if not begun.is_set():
            begun.set()
            time.sleep(0.2)
            raise KeyboardInterrupt
        return customer_summary(tables, as_of=as_of)

    with ThreadPoolExecutor(4) as pool:
        stopped = pool.submit(answers.ask, metric, EVERYTHING, AS_OF, {})
        begun.wait()
        others = [pool.submit(answers.ask, metric, EVERYTHING, AS_OF, {}) for _ in range(3)]
        assert isinstance(stopped.exception(), KeyboardInterrupt)
        assert all(other.result() is others[0].result() for other in others)


def test_what_nobody_waits_for_ends_with_its_next_question_and_can_be_asked_again(answers: Answers) -> None:
    begun, wanted = threading.Event(), threading.Event()
    wanted.set()

    @Estimate
    def slow(ask: Ask, *, as_of: dt.date) -> pd.DataFrame:
        begun.set()
        while wanted.is_set() and threading.current_thread().name.startswith("stopped"):
            time.sleep(0.01)
        return ask(customer_summary, as_of=as_of)

    def stopped() -> pa.Table:
        with as_long_as(wanted.is_set):
            return answers.ask(slow, EVERYTHING, AS_OF, {})

    with ThreadPoolExecutor(1, thread_name_prefix="stopped") as one, ThreadPoolExecutor(1) as another:
        first = one.submit(stopped)
        assert begun.wait(30)
        second = another.submit(answers.ask, slow, EVERYTHING, AS_OF, {})
        wanted.clear()
        assert isinstance(first.exception(30), Unwanted)
        assert second.result(30).num_rows == answers.ask(customer_summary, EVERYTHING, AS_OF, {}).num_rows


def test_answers_stay_under_their_limit(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    one = answers.ask(customer_summary, EVERYTHING, AS_OF, {}).get_total_buffer_size()
    limit = int(5.5 * (one + 2_048))
    monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", limit)
    metric = Counted()

    def kept() -> int:
        known = [answer.result() for answer in answers._known.values()]
        size = sum(_bytes_of(one) for one in known)
        assert size == answers._known_bytes
        return size

    for number in range(12):
        answers.ask(metric, EVERYTHING, AS_OF, {"number": number})
        assert kept() <= limit
    assert metric.count == 12
    answers.ask(metric, EVERYTHING, AS_OF, {"number": 11})
    answers.ask(metric, EVERYTHING, AS_OF, {"number": 8})
    assert metric.count == 12, "those asked for last are still known"
    answers.ask(metric, EVERYTHING, AS_OF, {"number": 12})
    answers.ask(metric, EVERYTHING, AS_OF, {"number": 8})
    assert metric.count == 13, "to be asked for again is to be kept"
    answers.ask(metric, EVERYTHING, AS_OF, {"number": 0})
    assert metric.count == 14, "those not asked for longest are forgotten"
    before = len(answers._known)
    monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", one // 2)
    assert answers.ask(metric, EVERYTHING, AS_OF, {"number": "too large"}).num_rows > 0
    assert len(answers._known) == before, "what is too large is not kept, and costs no other its place"
    with ThreadPoolExecutor(8) as pool:
        monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", limit)
        list(pool.map(lambda n: answers.ask(metric, EVERYTHING, AS_OF, {"number": n % 9}), range(200)))
    assert kept() <= limit


def test_nobody_waits_for_what_cannot_be_packed(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(Packed):
        def __init__(self, rows: pa.Table) -> None:
            raise MemoryError

    monkeypatch.setattr(asking, "Packed", Full)
    metric = Counted()
    for limit in (0, 1):
        monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", limit)
        assert answers.ask(metric, EVERYTHING, AS_OF, {"number": limit}).num_rows > 0
        assert not answers._known
        assert answers._known_bytes == 0


def test_large_answers_go_before_small_ones(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    large = answers.ask(customer_summary, EVERYTHING, AS_OF, {}).get_total_buffer_size() + 2_048
    monkeypatch.setattr(asking, "_LARGE_BYTES", large)
    monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", 3 * large)
    small, metric = Counted(few=True), Counted()
    answers.ask(small, EVERYTHING, AS_OF, {"number": 1})
    for number in range(6):
        answers.ask(metric, EVERYTHING, AS_OF, {"number": number})
    answers.ask(small, EVERYTHING, AS_OF, {"number": 1})
    assert small.count == 1


@pytest.mark.parametrize("metric", [customer_summary, rfm, abc])
def test_narrowed_answers_are_those_from_the_lines(answers: Answers, metric: Callable[..., ir.Table]) -> None:
    summer, before_all, after_all = dt.date(2023, 8, 1), dt.date(2022, 1, 1), dt.date(2030, 1, 1)
    days = (summer, after_all, AS_OF, summer, AS_OF, AS_OF)
    for selection, as_of in (*zip(SELECTIONS, days, strict=True), (EVERYTHING, before_all)):
        expected = metric(raw(answers, selection, as_of), as_of=as_of)
        found = answers.ask(metric, selection, as_of, {})
        assert rows_of(found) == rows_of(answers.connection.run(expected)), (selection, as_of)


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[ir.Table]:
    """The statements that are compiled while a test runs."""
    compiled: list[ir.Table] = []
    statement = Connection.statement

    def counted(self: Connection, expression: ir.Table) -> Statement:
        compiled.append(expression)
        return statement(self, expression)

    monkeypatch.setattr(Connection, "statement", counted)
    return compiled


@pytest.mark.parametrize(
    "metric",
    sorted((one for one in TOLD_THEIR_DAY if not isinstance(one, Derivation)), key=attrgetter("__name__")),
)
def test_one_statement_serves_every_day(
    answers: Answers, compiled: list[ir.Table], metric: Callable[..., ir.Table]
) -> None:
    days = (*(AS_OF - dt.timedelta(days=back) for back in (1, 200, 40)), dt.date(2021, 1, 1))
    options: dict[str, object] = {"most_customers": 40} if metric is churn_features else {}
    for selection in SELECTIONS[:2]:
        for day in days:
            expected = metric(raw(answers, selection, day), as_of=day, **options)
            found = answers.ask(metric, selection, day, options)
            assert rows_of(found) == rows_of(answers.connection.run(expected)), (selection, day)
            assert found.schema == expected.schema().to_pyarrow()
            if day is days[0]:
                compiled.clear()
        kept = {f"kept_{name}" for name in selection.values}
        assert len(compiled) == len(kept) * (len(days) - 1), "what is kept is other for every cut"


def test_large_answers_are_packed_before_any_is_forgotten(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = answers.ask(customer_summary, EVERYTHING, AS_OF, {})
    monkeypatch.setattr(asking, "_LARGE_BYTES", 1)
    monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", int(4.2 * rows.get_total_buffer_size()))
    metric = Counted()
    first = answers.ask(metric, EVERYTHING, AS_OF, {"number": 0})
    for number in range(1, 4):
        answers.ask(metric, EVERYTHING, AS_OF, {"number": number})
    assert answers.ask(metric, EVERYTHING, AS_OF, {"number": 0}) == first
    assert metric.count == 4
    packed = [isinstance(one.result(), Packed) for one in answers._known.values()]
    assert any(packed)
    assert not all(packed), "those asked for last lie ready"
    monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", rows.get_total_buffer_size() - 1)
    large = answers.ask(metric, EVERYTHING, AS_OF, {"number": 4})
    assert answers.ask(metric, EVERYTHING, AS_OF, {"number": 4}) == large
    assert metric.count == 5, "what finds no room as it is may find it packed"


def test_every_narrowed_table_is_the_one_from_the_lines(answers: Answers) -> None:
    earlier = (dt.date(2023, 6, 30), dt.date(2022, 12, 1), dt.date(2021, 1, 1))
    for selection, as_of in product(SELECTIONS, (AS_OF, *earlier)):
        for derivation in DERIVATIONS:
            stored = answers.ask(as_metric(derivation), selection, as_of, {})
            given = answers.connection.run(derivation(raw(answers, selection, as_of)))
            assert rows_of(stored) == rows_of(given), (derivation.name, selection, as_of)


@cache
def as_metric(derivation: Derivation) -> Callable[..., ir.Table]:
    return lambda tables, *, as_of: derivation(tables.until(as_of))


def test_days_after_the_last_one_need_no_tables_of_their_own(answers: Answers) -> None:
    last = date_of(answers.tables.last_day)
    for as_of in (last, last + dt.timedelta(30)):
        answers.ask(customer_summary, EVERYTHING, as_of, {})
    assert not held(answers)
    for as_of in (last, last + dt.timedelta(30)):
        answers.ask(customer_summary, SELECTIONS[1], as_of, {})
    assert len(selections_held(answers)) == 1


def test_unused_selections_are_dropped(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "NARROWED_KEPT", 2)
    for number in range(5):
        answers.ask(customer_summary, EVERYTHING, AS_OF - dt.timedelta(number + 1), {})
        assert len(selections_held(answers)) <= 2
    assert selections_held(answers) == {"narrowed_4", "narrowed_5"}
    answers.ask(rfm, EVERYTHING, AS_OF - dt.timedelta(4), {})
    answers.ask(rfm, EVERYTHING, AS_OF - dt.timedelta(9), {})
    assert selections_held(answers) == {"narrowed_4", "narrowed_6"}, (
        "the one not asked for longest goes first"
    )


def test_a_selection_in_use_is_not_dropped(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrowing, "NARROWED_KEPT", 0)
    totals = as_metric(customer_totals)
    with answers._narrowing._cut_to(SELECTIONS[1], day_of(AS_OF)):
        answers.ask(customer_summary, SELECTIONS[2], AS_OF, {})
        answers.ask(customer_summary, SELECTIONS[1], AS_OF, {})
        answers._narrowing.free()
        assert selections_held(answers) == {"narrowed_1"}
        assert answers.ask(totals, SELECTIONS[1], AS_OF, {}).num_rows > 0
    assert not held(answers)


def test_many_readers_with_many_selections(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are filled, read and dropped all the time, and every answer is right."""
    monkeypatch.setattr(narrowing, "NARROWED_KEPT", 1)
    monkeypatch.setattr(asking, "ANSWERS_KEPT_BYTES", 0)
    questions = [
        (metric, selection, as_of)
        for metric in (customer_summary, rfm)
        for selection in SELECTIONS[:3]
        for as_of in (AS_OF, dt.date(2023, 9, 1))
    ]
    expected = [
        rows_of(answers.connection.run(metric(raw(answers, selection, as_of), as_of=as_of)))
        for metric, selection, as_of in questions
    ]
    numbers = list(range(len(questions))) * 3
    random.Random(3).shuffle(numbers)

    def ask(number: int) -> bool:
        metric, selection, as_of = questions[number]
        return rows_of(answers.ask(metric, selection, as_of, {})) == expected[number]

    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(ask, numbers))
    assert len(selections_held(answers)) <= 1
    assert all(not one.users for one in answers._narrowing._cuts.values())


@pytest.mark.parametrize("error", [CrmError("engine.out_of_memory"), KeyboardInterrupt(), ValueError()])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_holding_that_fails_leaves_nothing_of_itself_behind(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, error: BaseException, at: int
) -> None:
    hold = Connection.hold
    names: list[tuple[str, str]] = []

    def fail(
        self: Connection, place: str, name: str, statement: Statement, day: dt.date | None = None
    ) -> None:
        names.append((place, name))
        if len(names) % (at + 1) == 0:
            raise error
        hold(self, place, name, statement, day)

    since = date_of(months_before(day_of(AS_OF), 12))
    with monkeypatch.context() as patched:
        patched.setattr(Connection, "hold", fail)
        with pytest.raises(type(error)):
            answers.ask(segment_moves, SELECTIONS[1], AS_OF, {"since": since})
    assert names[at] not in held(answers)
    assert all(not one.users for one in answers._narrowing._cuts.values())
    expected = segment_moves(raw(answers, SELECTIONS[1], AS_OF), as_of=AS_OF, since=since)
    found = answers.ask(segment_moves, SELECTIONS[1], AS_OF, {"since": since})
    assert rows_of(found) == rows_of(answers.connection.run(expected))


def test_only_what_a_question_wants_is_held(answers: Answers) -> None:
    answers.ask(customer_summary, SELECTIONS[1], AS_OF, {})
    assert {name for _, name in held(answers)} == {"kept_channel", "narrowed_customer_totals"}


def test_statements_are_compiled_once_for_all_selections_of_a_shape(
    answers: Answers, compiled: list[ir.Table]
) -> None:
    for number, channel in enumerate(("web", "shop", "it's; DROP TABLE kept_channel; --", "")):
        selection = Selection(channels=(channel,))
        expected = rfm(raw(answers, selection, AS_OF), as_of=AS_OF)
        found = answers.ask(rfm, selection, AS_OF, {})
        assert rows_of(found) == rows_of(answers.connection.run(expected)), channel
        assert len(compiled) == 4 + number, "after the first one only the values are new"


def test_a_selection_by_what_the_base_does_not_know(tmp_path: Path) -> None:
    base = BaseDirectory(tmp_path / "base")
    bring(base, "one", orders=some_lines(random.Random(1), 9, customers=["c"], orders=["o"]))
    *_, connection, found = opened(base.path)
    answers = Answers(connection, found, narrows=True)
    with pytest.raises(NotProvided):
        answers.ask(customer_summary, Selection(regions=("north",)), AS_OF, {})
    assert not answers._known
    connection.close()


def test_memory_that_nobody_uses_is_given_back_before_a_question_is_refused(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        answers.ask(customer_summary, EVERYTHING, AS_OF - dt.timedelta(number + 1), {})
    run = Connection.run
    refused: list[int] = []

    def scarce(self: Connection, expression: ir.Table) -> pa.Table:
        if selections_held(answers):
            refused.append(1)
            raise CrmError("engine.out_of_memory")
        return run(self, expression)

    monkeypatch.setattr(Connection, "run", scarce)
    assert answers.ask(rfm, EVERYTHING, date_of(answers.tables.last_day), {}).num_rows > 0
    assert refused == [1]
    assert not held(answers)


def test_too_small_a_memory_refuses_and_answers_the_next_question(tmp_path: Path) -> None:
    chance = random.Random(1)
    base = BaseDirectory(tmp_path / "base")
    lines = some_lines(chance, 60_000, customers=ids("c", 20_000), orders=ids("o", 50_000))
    manifest, _ = bring(base, "first", orders=lines, rates=some_rates(chance))
    path = build(base, manifest, DERIVATIONS, LIMITS)
    connection, found = open_tables(path, manifest, DERIVATIONS, Limits("7MB", 2))
    answers = Answers(connection, found, narrows=True)
    with pytest.raises(CrmError, match=r"engine\.out_of_memory"):
        answers.ask(customer_summary, SELECTIONS[1], AS_OF, {})
    assert {name for _, name in held(answers)} <= {"kept_channel"}

    def days(tables: Tables, *, as_of: dt.date) -> ir.Table:
        return sales_days(tables)

    assert answers.ask(days, EVERYTHING, date_of(found.last_day), {}).num_rows > 300
    connection.close()


def test_frames_are_the_callers_own(answers: Answers) -> None:
    def numbers(tables: Tables, *, as_of: dt.date) -> ir.Table:
        return customer_totals(tables).order_by("customer_id").select("revenue")

    ask = Asking(answers)
    for metric in (customer_summary, rfm, abc, numbers):
        frame = ask(metric, as_of=AS_OF)
        before = frame.copy(deep=True)
        for column in frame.columns:
            frame.loc[:, column] = frame[column].iloc[0]
            frame[column] = frame[column].sort_values().to_numpy()
        frame.loc[frame.index[-1]] = frame.loc[frame.index[0]]
        frame["mine"] = 1
        again = ask(metric, as_of=AS_OF)
        assert again.equals(before), metric
        values = again.iloc[:, -1].to_numpy()
        if values.flags.writeable:
            values[:] = values[0]
            assert ask(metric, as_of=AS_OF).equals(before), metric


def test_asking_narrows_and_knows_the_base(answers: Answers) -> None:
    ask = Asking(answers, SELECTIONS[1])
    assert ask.tables is answers.tables
    expected = customer_summary(raw(answers, SELECTIONS[1], AS_OF), as_of=AS_OF)
    assert len(ask(customer_summary, as_of=AS_OF)) == answers.connection.run(expected).num_rows


def test_an_engine_of_somebody_else_holds_nothing(template: Path, tmp_path: Path) -> None:
    *_, connection, found = opened(template)
    orders = found.orders.filter(found.orders.currency.isnull() | found.orders.currency.isin(["EUR", "USD"]))
    theirs = connect(f"duckdb://{tmp_path / 'theirs.duckdb'}")
    theirs_rows = {"orders": orders, "customers": found.need("customers"), "rates": found.need("rates")}
    for name, rows in theirs_rows.items():
        theirs.backend.create_table(name, connection.run(rows))
    connection.close()
    there = Answers(theirs, tables(theirs), narrows=False)
    for selection in SELECTIONS[1:3]:
        expected = customer_summary(raw(there, selection, AS_OF), as_of=AS_OF)
        assert rows_of(there.ask(customer_summary, selection, AS_OF, {})) == rows_of(theirs.run(expected))
    names = theirs.backend.raw_sql("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    assert names == [("customers",), ("orders",), ("rates",)]


def damaged_base(template: Path, directory: Path) -> Path:
    """A base whose derived tables can be opened, and not be read."""
    path = Path(shutil.copytree(template, directory / "base"))
    base = BaseDirectory(path)
    manifest = base.current()
    assert manifest is not None
    file = derived_path(base, manifest.version, DERIVATIONS)
    whole = file.read_bytes()
    chance = random.Random(2)
    while True:
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(12_288, len(whole))] ^= 1
        file.write_bytes(damaged)
        try:
            connection, found = open_tables(file, manifest, DERIVATIONS, LIMITS)
        except BaseDamaged:
            continue
        try:
            connection.run(customer_totals(found))
        except BaseDamaged:
            return path
        finally:
            connection.close()


def test_damaged_tables_are_built_again_once_and_the_question_answered(
    template: Path, tmp_path: Path, answers: Answers
) -> None:
    base, manifest, connection, found = opened(damaged_base(template, tmp_path))
    built: list[float] = []

    def reopen(damaged: Connection) -> tuple[Connection, Tables]:
        assert damaged is connection
        return open_or_build(base, manifest, DERIVATIONS, LIMITS, built.append, damaged=damaged)

    mended = Answers(connection, found, narrows=True, reopen=reopen)
    expected = rows_of(answers.ask(customer_summary, EVERYTHING, AS_OF, {}))
    results = at_once(lambda: mended.ask(customer_summary, EVERYTHING, AS_OF, {}), 4)
    others = at_once(lambda: mended.read(customer_totals), 4)
    assert all(isinstance(one, pa.Table) and rows_of(one) == expected for one in results)
    assert all(isinstance(one, pa.Table) and one.num_rows for one in others)
    assert built.count(0.0) == 1
    assert mended.connection is not connection
    narrowed = mended.ask(rfm, SELECTIONS[1], AS_OF, {})
    assert rows_of(narrowed) == rows_of(answers.ask(rfm, SELECTIONS[1], AS_OF, {}))
    mended.connection.close()
    connection.close()


def test_damage_is_told_when_nothing_can_be_built(template: Path, tmp_path: Path) -> None:
    base, manifest, connection, found = opened(damaged_base(template, tmp_path))
    with pytest.raises(BaseDamaged, match="derived/"):
        Answers(connection, found, narrows=True).ask(customer_summary, EVERYTHING, AS_OF, {})
    part = base.part_path(manifest.parts[0])
    part.write_bytes(part.read_bytes()[:-1])

    def reopen(damaged: Connection) -> tuple[Connection, Tables]:
        return open_or_build(base, manifest, DERIVATIONS, LIMITS, damaged=damaged)

    answers = Answers(connection, found, narrows=True, reopen=reopen)
    with pytest.raises(BaseDamaged, match=part.name):
        answers.ask(customer_summary, EVERYTHING, AS_OF, {})
    connection.close()
