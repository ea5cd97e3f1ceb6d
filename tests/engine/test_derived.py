"""The derived tables: equal to the expressions that fill them, whether built at once or bit by bit."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import random
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import ibis.expr.types as ir
import pytest
from ibis.backends.duckdb import Backend

from crm_core.base import BaseDamaged, Cancelled, CrmError
from crm_core.customers.metrics import order_lines, order_totals
from crm_core.engine import derived
from crm_core.engine.connection import Connection, Limits
from crm_core.engine.derived import build, derived_path, open_or_build, open_tables
from crm_core.engine.filling import fill
from crm_core.engine.versions import BaseDirectory, Manifest
from crm_core.tables import Tables, derivation
from crm_core.workspace.catalogue import DERIVATIONS
from tests.engine.bases import (
    LIMITS,
    Row,
    bring,
    bring_tables,
    ids,
    rows_of,
    some_customers,
    some_lines,
    some_rates,
)
from tests.engine.processes import Processes, open_derived, processes

NAMES = tuple(derivation.name for derivation in DERIVATIONS)
CUSTOMERS = [*ids("c", 40), None]
ORDERS = ids("o", 120)


@pytest.fixture(scope="module")
def forked() -> Iterator[Processes]:
    with processes() as started:
        yield started


def new_base(directory: Path, seed: int = 1, lines: int = 300) -> BaseDirectory:
    """A base of one import: lines in four currencies, rates for one of them, customers."""
    chance = random.Random(seed)
    base = BaseDirectory(directory / "base")
    bring(
        base,
        "first",
        orders=some_lines(chance, lines, customers=CUSTOMERS, orders=ORDERS),
        rates=some_rates(chance),
        customers=some_customers(chance, ids("c", 30)),
    )
    return base


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("template")
    base = new_base(directory)
    build(base, current(base), DERIVATIONS, LIMITS)
    return base.path


@pytest.fixture
def built(template: Path, tmp_path: Path) -> BaseDirectory:
    """A base of its own whose derived tables lie ready."""
    return BaseDirectory(Path(shutil.copytree(template, tmp_path / "base")))


@pytest.fixture
def base(built: BaseDirectory) -> BaseDirectory:
    """The same without derived tables."""
    shutil.rmtree(built.derived)
    return built


def current(base: BaseDirectory) -> Manifest:
    manifest = base.current()
    assert manifest is not None
    return manifest


def path_of(base: BaseDirectory) -> Path:
    return derived_path(base, current(base).version, DERIVATIONS)


def content(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table of a file, rows as a sorted multiset, but for what it was made of."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
        return {
            name: rows_of(connection.sql(f"FROM {name}").to_arrow_table())
            for name in names
            if name != "made_of"
        }


def rebuilt(base: BaseDirectory) -> dict[str, list[tuple[Any, ...]]]:
    """The tables as they come out of the parts alone."""
    shutil.rmtree(base.derived)
    return content(build(base, current(base), DERIVATIONS, LIMITS))


@contextlib.contextmanager
def opened(base: BaseDirectory) -> Iterator[tuple[Connection, Tables]]:
    connection, tables = open_or_build(base, current(base), DERIVATIONS, LIMITS)
    try:
        yield connection, tables
    finally:
        connection.close()


def left_in(base: BaseDirectory) -> set[str]:
    return {path.name for path in base.derived.iterdir()}


def test_the_file_holds_what_the_expressions_give(tmp_path: Path) -> None:
    with opened(new_base(tmp_path)) as (connection, tables):
        assert set(tables.derived) == set(NAMES)
        raw = replace(tables, derived={})
        for one in DERIVATIONS:
            stored = connection.run(tables.derived[one.name])
            given = connection.run(one(raw))
            assert stored.num_rows > 0
            assert rows_of(stored) == rows_of(given), one.name


def test_the_canonical_tables_are_the_parts(tmp_path: Path) -> None:
    chance = random.Random(4)
    first = some_lines(chance, 50, customers=CUSTOMERS, orders=ORDERS)
    second = some_lines(chance, 50, customers=CUSTOMERS, orders=ORDERS)
    base = BaseDirectory(tmp_path / "base")
    bring(base, "first", orders=first)
    bring(base, "second", orders=second)
    with opened(base) as (connection, tables):
        stored = connection.run(tables.orders).to_pylist()
    assert [row["customer_id"] for row in stored if row["customer_id"]] == sorted(
        row["customer_id"] for row in (*first, *second) if row["customer_id"]
    )
    brought = [{column: row.get(column) for column in stored[0]} for row in (*first, *second)]
    assert sorted(map(repr, stored)) == sorted(map(repr, brought))


def test_what_is_known_of_a_customer_later_wins(tmp_path: Path) -> None:
    def at(day: int) -> dt.datetime:
        return dt.datetime(2024, 1, day)

    base = BaseDirectory(tmp_path / "base")
    orders = some_lines(random.Random(1), 5, customers=["a"], orders=["o"])
    rows: list[list[Row]] = [
        [
            {
                "customer_id": "a",
                "valid_at": at(9),
                "name": "older name",
                "city": "Yazd",
                "name_valid_at": at(1),
            },
            {"customer_id": "b", "valid_at": at(3), "name": "only", "potential": True},
        ],
        [{"customer_id": "a", "valid_at": at(5), "name": "newer name", "region": "north"}],
        [{"customer_id": "a", "valid_at": at(9), "city": "Qom", "name": None}],
    ]
    for order in itertools.permutations(range(3)):
        base = BaseDirectory(tmp_path / f"base-{order}")
        for place, number in enumerate(order):
            tables = {"customers": rows[number], **({} if place else {"orders": orders})}
            bring_tables(base, f"import-{number}", tables)
        connection, found_tables = open_or_build(base, current(base), (), LIMITS)
        found = connection.run(found_tables.need("customers").order_by("customer_id")).to_pylist()
        connection.close()
        kept = [{name: value for name, value in row.items() if value is not None} for row in found]
        assert kept == [
            {"customer_id": "a", "name": "newer name", "city": "Yazd", "region": "north"},
            {"customer_id": "b", "name": "only", "potential": True},
        ]


def test_of_two_rates_for_a_day_the_one_brought_later_wins(tmp_path: Path) -> None:
    base = BaseDirectory(tmp_path / "base")
    day = dt.date(2023, 1, 1)
    orders = some_lines(random.Random(1), 20, customers=["a"], orders=["o"], currencies=["USD"])
    bring(base, "first", orders=orders, rates=[{"currency": "USD", "valid_from": day, "rate": 0.9}])
    build(base, current(base), DERIVATIONS, LIMITS)
    bring(
        base,
        "second",
        rates=[
            {"currency": "USD", "valid_from": day, "rate": 0.5},
            {"currency": "THB", "valid_from": day, "rate": 0.03},
        ],
    )
    with opened(base) as (connection, tables):
        rates = connection.run(tables.need("rates").order_by("currency")).to_pylist()
        lines = connection.run(tables.derived["order_lines"])["amount"].to_pylist()
    assert [(row["currency"], row["rate"]) for row in rates] == [("THB", 0.03), ("USD", 0.5)]
    half = [abs(row["amount"]) // 2 + abs(row["amount"]) % 2 for row in orders]
    assert sorted(map(abs, lines)) == sorted(half), "every line is converted anew"


def later_imports(chance: random.Random) -> Iterator[dict[str, Sequence[Row]]]:
    """Imports that come after the first one: each touches something else."""
    known, unknown = ids("c", 8), ids("n", 6)
    new_orders = ids("p", 40)
    later, earlier = (380, 460), (-300, 0)
    yield {"orders": some_lines(chance, 30, customers=known, orders=new_orders, days=later)}
    yield {"orders": some_lines(chance, 30, customers=[*unknown, None], orders=ORDERS)}
    yield {"orders": some_lines(chance, 25, customers=CUSTOMERS, orders=ORDERS, days=earlier)}
    yield {"orders": some_lines(chance, 10, customers=[None], orders=new_orders, days=later)}
    yield {"orders": some_lines(chance, 20, customers=known, orders=ORDERS, currencies=["USD", "THB"])}
    yield {
        "orders": some_lines(chance, 15, customers=[*known, *unknown], orders=new_orders),
        "customers": some_customers(chance, [*known, *unknown]),
    }
    yield {"customers": some_customers(chance, ids("c", 35))}


def appended(base: BaseDirectory, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Brings later imports in some order and builds after some of them, never from the parts."""
    chance = random.Random(seed)
    imports = list(later_imports(chance))
    chance.shuffle(imports)
    with monkeypatch.context() as patched:
        patched.setattr(derived, "fill", None)
        for number, tables in enumerate(imports):
            bring_tables(base, f"later-{number}", tables)
            if chance.random() < 0.5 or number == len(imports) - 1:
                build(base, current(base), DERIVATIONS, LIMITS)


@pytest.mark.parametrize(
    "seed", [1, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(3, 40))]
)
def test_appending_equals_building_anew(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base = new_base(tmp_path, seed)
    build(base, current(base), DERIVATIONS, LIMITS)
    appended(base, seed, monkeypatch)
    bit_by_bit = content(path_of(base))
    at_once = rebuilt(base)
    assert bit_by_bit.keys() == at_once.keys() >= {*NAMES, "orders", "rates", "customers"}
    for name, rows in at_once.items():
        assert bit_by_bit[name] == rows, name


def test_appending_writes_rows_of_touched_customers_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = new_base(tmp_path, lines=3_000)
    build(base, current(base), DERIVATIONS, LIMITS)
    before = content(path_of(base))
    chance = random.Random(8)
    bring(
        base, "second", orders=some_lines(chance, 7, customers=["c1", "c2", "n1", None], orders=["o1", "p1"])
    )
    inserted: dict[str, int] = {}
    insert = Backend.insert

    def counted(self: Backend, name: str, rows: ir.Table, *rest: Any, **options: Any) -> None:
        inserted[name] = int(self.to_pyarrow(rows.count().as_table())[0][0].as_py())
        insert(self, name, rows, *rest, **options)

    monkeypatch.setattr(Backend, "insert", counted)
    after = content(build(base, current(base), DERIVATIONS, LIMITS))
    touched = {"c1", "c2", "n1"}
    assert inserted["orders"] == 7
    assert inserted["order_lines"] <= 7
    for one in DERIVATIONS:
        name = one.name
        if one.grain == "customer":
            column = sorted(before_columns(base, name)).index("customer_id")
            rewritten = [row for row in after[name] if row[column] in touched]
            assert inserted[name] == len(rewritten) < len(after[name]) // 3
            kept = [row for row in after[name] if row[column] not in touched]
            assert kept == [row for row in before[name] if row[column] not in touched]


def before_columns(base: BaseDirectory, name: str) -> list[str]:
    with duckdb.connect(str(path_of(base)), read_only=True) as connection:
        return [one[0] for one in connection.execute(f"DESCRIBE {name}").fetchall()]


@pytest.mark.slow
def test_appending_is_much_faster_than_building_anew(tmp_path: Path) -> None:
    chance = random.Random(1)
    base = BaseDirectory(tmp_path / "base")
    lines = some_lines(chance, 400_000, customers=ids("c", 60_000), orders=ids("o", 150_000))
    bring(base, "first", orders=lines, rates=some_rates(chance))
    build(base, current(base), DERIVATIONS, LIMITS)
    bring(base, "second", orders=some_lines(chance, 500, customers=ids("c", 200), orders=ids("p", 300)))
    started = time.monotonic()
    build(base, current(base), DERIVATIONS, LIMITS)
    appending = time.monotonic() - started
    started = time.monotonic()
    rebuilt(base)
    assert appending < 0.7 * (time.monotonic() - started)


def test_lines_that_are_counted_otherwise_are_not_appended_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New rates, a column that no line had, an earlier version: each is built from the parts."""
    filled: list[Path] = []

    def counted(path: Path, *rest: Any) -> None:
        filled.append(path)
        fill(path, *rest)

    monkeypatch.setattr(derived, "fill", counted)
    chance = random.Random(1)
    base = BaseDirectory(tmp_path / "base")
    line: Row = {**some_lines(chance, 1, customers=["c1"], orders=["o1"])[0], "currency": "USD", "cost": 5}
    imports: list[dict[str, list[Row]]] = [
        {"orders": [line]},
        {"rates": some_rates(chance, start=dt.date(2022, 1, 1))},
        {"orders": [{**line, "discount": 500}]},
    ]
    for number, tables in enumerate(imports, 1):
        bring_tables(base, f"import-{number}", tables)
        build(base, current(base), DERIVATIONS, LIMITS)
        assert len(filled) == number
    bring(base, "import-4", orders=[{**line, "amount": 3}])
    build(base, current(base), DERIVATIONS, LIMITS)
    assert len(filled) == 3, "nothing but a line: appended"
    base.restore(1)
    build(base, current(base), DERIVATIONS, LIMITS)
    assert len(filled) == 4
    assert len(content(path_of(base))["orders"]) == 1
    base.restore(5)
    build(base, current(base), DERIVATIONS, LIMITS)
    assert len(filled) == 4, "no parts at all are new"


def test_files_of_versions_long_past_are_removed(base: BaseDirectory) -> None:
    other = (order_lines,)
    build(base, current(base), other, LIMITS)
    paths = [derived_path(base, 1, other)]
    for number in range(3):
        paths.append(build(base, current(base), DERIVATIONS, LIMITS))
        bring(base, f"{number}", orders=some_lines(random.Random(number), 3, customers=["c"], orders=["o"]))
    assert left_in(base) == {"lock", paths[2].name, paths[3].name}


@pytest.mark.parametrize("kept", [None, 0, 100, 9_000, 1_500_000, 3_000_000])
def test_a_missing_or_truncated_file_is_built_again(kept: int | None, built: BaseDirectory) -> None:
    path = path_of(built)
    good = content(path)
    whole = path.read_bytes()
    path.unlink()
    if kept is not None:
        path.write_bytes(whole[:kept])
    assert read(built) == {name: good[name] for name in NAMES}
    assert left_in(built) == {"lock", path.name}


def read(base: BaseDirectory) -> dict[str, list[tuple[Any, ...]]]:
    """The derived tables as a reader gets them who has them built again when they turn out to be damaged."""
    connection, tables = open_or_build(base, current(base), DERIVATIONS, LIMITS)
    try:
        return {name: rows_of(connection.run(tables.derived[name])) for name in NAMES}
    except BaseDamaged:
        again, tables = open_or_build(base, current(base), DERIVATIONS, LIMITS, damaged=connection)
        found = {name: rows_of(again.run(tables.derived[name])) for name in NAMES}
        again.close()
        return found
    finally:
        connection.close()


@pytest.mark.parametrize("garbage", [b"garbage", b"\x00" * 500_000, b"SQLite format 3\x00" * 4_000])
def test_garbage_is_built_again(garbage: bytes, built: BaseDirectory) -> None:
    path = path_of(built)
    path.write_bytes(garbage)
    with opened(built) as (connection, tables):
        assert connection.run(tables.orders).num_rows == 300


def test_a_flipped_byte_is_never_read_as_a_number(built: BaseDirectory) -> None:
    """Either the file gives what it did, or it says that it is damaged and is built again."""
    path = path_of(built)
    good = content(path)
    whole = path.read_bytes()
    chance = random.Random(6)
    said: set[str] = set()
    ended = {"opening": 0, "reading": 0, "unnoticed": 0}
    positions = [*range(0, 12_288, 512), *(chance.randrange(len(whole)) for _ in range(60))]
    for position in positions:
        flipped = bytearray(whole)
        flipped[position] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        try:
            connection, tables = open_tables(path, current(built), DERIVATIONS, LIMITS)
        except BaseDamaged as error:
            said.add(str(error.values["part"]))
            ended["opening"] += 1
            continue
        try:
            for name in NAMES:
                assert rows_of(connection.run(tables.derived[name])) == good[name]
            ended["unnoticed"] += 1
        except BaseDamaged as error:
            said.add(str(error.values["part"]))
            ended["reading"] += 1
            if ended["reading"] < 4:
                again, tables = open_or_build(built, current(built), DERIVATIONS, LIMITS, damaged=connection)
                for name in NAMES:
                    assert rows_of(again.run(tables.derived[name])) == good[name]
                again.close()
        finally:
            connection.close()
    assert said == {f"derived/{path.name}"}
    assert ended["opening"] > 5
    assert ended["reading"] > 5


def test_a_file_that_somebody_has_mended_is_not_built_once_more(base: BaseDirectory) -> None:
    manifest = current(base)
    damaged, _ = open_or_build(base, manifest, DERIVATIONS, LIMITS)
    shares: list[float] = []
    for expected in (True, False, False):
        connection, _ = open_or_build(base, manifest, DERIVATIONS, LIMITS, shares.append, damaged=damaged)
        connection.close()
        assert bool(shares) == expected
        shares.clear()
    damaged.close()


def test_a_damaged_earlier_file_is_not_built_upon(built: BaseDirectory) -> None:
    path = path_of(built)
    whole = path.read_bytes()
    chance = random.Random(7)
    bring(built, "second", orders=some_lines(chance, 30, customers=CUSTOMERS, orders=ORDERS))
    expected = rebuilt(built)
    for position in (chance.randrange(12_288, len(whole)) for _ in range(6)):
        damaged = bytearray(whole)
        damaged[position] ^= 4
        path.write_bytes(damaged)
        path_of(built).unlink(missing_ok=True)
        assert read(built) == {name: expected[name] for name in NAMES}


def test_a_file_of_another_program_is_not_taken(base: BaseDirectory) -> None:
    def otherwise(tables: Tables) -> ir.Table:
        totals = order_totals(tables)
        return totals.mutate(revenue=totals.revenue + 1)

    otherwise.__name__ = order_totals.name
    old = (order_lines, order_totals)
    new = (order_lines, derivation("customer")(otherwise))
    assert derived_path(base, 1, old) != derived_path(base, 1, new)
    revenues = []
    for program in (old, new):
        connection, tables = open_or_build(base, current(base), program, LIMITS)
        revenues.append(connection.run(tables.derived["order_totals"])["revenue"].to_pylist())
        connection.close()
    assert sum(revenues[1]) == sum(revenues[0]) + len(revenues[0])


def test_a_file_of_another_base_is_not_taken(tmp_path: Path) -> None:
    base = new_base(tmp_path, seed=1)
    (tmp_path / "other").mkdir()
    other = new_base(tmp_path / "other", seed=2)
    taken = build(other, current(other), DERIVATIONS, LIMITS)
    base.derived.mkdir()
    shutil.copy(taken, path_of(base))
    with pytest.raises(BaseDamaged):
        open_tables(path_of(base), current(base), DERIVATIONS, LIMITS)
    build(base, current(base), DERIVATIONS, LIMITS)
    assert content(path_of(base)) != content(taken)


def test_processes_that_open_at_once_build_once(
    forked: Processes, base: BaseDirectory, tmp_path: Path
) -> None:
    told = [tmp_path / f"told-{number}" for number in range(4)]
    started = [forked.start(open_derived, base=str(base.path), told=str(path)) for path in told]
    assert [one.wait() for one in started] == [0] * 4
    answers = [json.loads(path.read_text()) for path in told]
    assert sum(bool(answer["progress"]) for answer in answers) == 1
    assert [list(answer["lines"][0].values()) for answer in answers] == [[300]] * 4
    assert left_in(base) == {"lock", path_of(base).name}


def test_threads_that_open_at_once_build_once(base: BaseDirectory) -> None:
    builds: list[float] = []

    def lines(_: int) -> int:
        def tell(share: float) -> None:
            if share == 0:
                builds.append(share)

        connection, tables = open_or_build(base, current(base), DERIVATIONS, LIMITS, tell)
        rows = connection.run(tables.orders).to_pylist()
        connection.close()
        return len(rows)

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lines, range(6))) == [300] * 6
    assert len(builds) == 1


def test_a_build_that_is_stopped_leaves_nothing(base: BaseDirectory) -> None:
    shares: list[float] = []
    path = build(base, current(base), DERIVATIONS, LIMITS, shares.append)
    for steps in (1, len(shares) // 2, len(shares) - 3):
        path.unlink()
        told = iter(range(steps))

        def stop(share: float, told: Iterator[int] = told) -> None:
            if next(told, None) is None:
                raise Cancelled("import.cancelled")

        with pytest.raises(Cancelled):
            open_or_build(base, current(base), DERIVATIONS, LIMITS, stop)
        assert left_in(base) - {path.name} == {"lock"}
        path = build(base, current(base), DERIVATIONS, LIMITS)


def test_a_builder_that_is_killed_leaves_nothing_to_the_next(
    forked: Processes, built: BaseDirectory, tmp_path: Path
) -> None:
    expected = content(path_of(built))
    chance = random.Random(3)
    interrupted = 0
    for _ in range(8):
        shutil.rmtree(built.derived, ignore_errors=True)
        builder = forked.start(open_derived, base=str(built.path), told=str(tmp_path / "told"))
        time.sleep(chance.random() * 2)
        builder.kill()
        builder.wait()
        interrupted += bool(built.derived.exists() and left_in(built) - {"lock", path_of(built).name})
    assert content(build(built, current(built), DERIVATIONS, LIMITS)) == expected
    assert left_in(built) == {"lock", path_of(built).name}
    assert interrupted, "a kill has met a builder at work"


def test_progress_goes_from_0_to_1_and_never_back(base: BaseDirectory) -> None:
    for number in range(2):
        shares: list[float] = []
        build(base, current(base), DERIVATIONS, LIMITS, shares.append)
        assert shares[0] == 0
        assert shares[-1] == 1
        assert shares == sorted(shares)
        assert len(set(shares)) > len(DERIVATIONS)
        bring(base, f"{number}", orders=some_lines(random.Random(1), 3, customers=["c1"], orders=["o1"]))


def test_progress_does_not_go_back_when_an_earlier_file_cannot_be_built_upon(
    built: BaseDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def append(*rest: Any) -> None:
        rest[-1](0.9)
        raise duckdb.IOException("the earlier file is damaged")

    monkeypatch.setattr(derived, "append", append)
    bring(built, "second", orders=some_lines(random.Random(1), 3, customers=["c1"], orders=["o1"]))
    shares: list[float] = []
    build(built, current(built), DERIVATIONS, LIMITS, shares.append)
    assert shares == sorted(shares)
    assert max(shares[:-3]) > 0.9
    assert left_in(built) == {"lock", path_of(built).name, derived_path(built, 1, DERIVATIONS).name}


def test_nothing_is_told_when_nothing_is_built(built: BaseDirectory) -> None:
    shares: list[float] = []
    connection, _ = open_or_build(built, current(built), DERIVATIONS, LIMITS, shares.append)
    connection.close()
    assert shares == []


def test_a_damaged_part_is_named_and_nothing_is_built(base: BaseDirectory) -> None:
    part = base.part_path(current(base).parts_of("orders")[0])
    flipped = bytearray(part.read_bytes())
    flipped[200] ^= 1
    part.write_bytes(flipped)
    with pytest.raises(BaseDamaged, match=part.name):
        open_or_build(base, current(base), DERIVATIONS, LIMITS)
    assert left_in(base) == {"lock"}


def test_a_build_without_enough_memory_says_so(tmp_path: Path) -> None:
    base = new_base(tmp_path, lines=20_000)
    with pytest.raises(CrmError, match=r"engine\.out_of_memory"):
        open_or_build(base, current(base), DERIVATIONS, Limits("2MB", 1))
    assert left_in(base) == {"lock"}
    build(base, current(base), DERIVATIONS, LIMITS)
