"""What expressions over an opened base cannot do, and what happens when they ask for too much."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir
import pytest

from crm_core.base import CrmError
from crm_core.engine.connection import Connection, Limits, connect
from crm_core.engine.derived import build, open_or_build, open_tables
from crm_core.engine.versions import BaseDirectory, Manifest
from crm_core.tables import Tables, derivation
from crm_core.workspace.catalogue import DERIVATIONS
from tests.engine.bases import LIMITS, bring, ids, rows_of, some_customers, some_lines, some_rates

Opened = tuple[Connection, Tables]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[BaseDirectory, Manifest]:
    chance = random.Random(1)
    base = BaseDirectory(tmp_path_factory.mktemp("lockdown") / "base")
    manifest, _ = bring(
        base,
        "first",
        orders=some_lines(chance, 20_000, customers=[*ids("c", 900), None], orders=ids("o", 4_000)),
        rates=some_rates(chance),
        customers=some_customers(chance, ids("c", 900)),
    )
    build(base, manifest, DERIVATIONS, LIMITS)
    return base, manifest


@pytest.fixture
def opened(base: tuple[BaseDirectory, Manifest]) -> Iterator[Opened]:
    connection, tables = open_or_build(*base, DERIVATIONS, LIMITS)
    yield connection, tables
    connection.close()


READING = """
SELECT * FROM read_csv('{secret}')
SELECT * FROM read_text('{secret}')
SELECT * FROM read_blob('{secret}')
SELECT * FROM read_json('{secret}')
SELECT * FROM read_ndjson_objects('{secret}')
SELECT * FROM '{secret}'
SELECT * FROM '{part}'
SELECT * FROM read_parquet('{part}')
SELECT * FROM parquet_metadata('{part}')
SELECT * FROM parquet_schema('{part}')
SELECT * FROM sniff_csv('{secret}')
SELECT * FROM glob('{directory}/*')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM read_csv('/dev/stdin')
COPY memory.main.held FROM '{secret}'
IMPORT DATABASE '{directory}'
ATTACH '{derived}' AS again
ATTACH '{copy}' AS other
ATTACH '{copy}' AS other (READ_ONLY)
ATTACH '{secret}' AS sqlite (TYPE sqlite)
SELECT getenv('HOME')
SELECT * FROM duckdb_secrets(redact = false)
"""

WRITING = """
COPY (SELECT 1) TO '{out}'
COPY (SELECT 1) TO '{out}' (FORMAT parquet)
COPY memory.main.held TO '{out}' (FORMAT csv)
COPY (SELECT 1) TO '{part}' (FORMAT parquet)
EXPORT DATABASE '{out}'
EXPORT DATABASE '{out}' (FORMAT parquet)
ATTACH '{out}' AS new
ATTACH '{out}' (TYPE sqlite)
CREATE TABLE base.main.mine (i INTEGER)
DROP TABLE base.main.orders
DELETE FROM base.main.orders
UPDATE base.main.orders SET amount = 0
INSERT INTO base.main.orders SELECT * FROM base.main.orders
CREATE VIEW base.main.mine AS SELECT 1
PRAGMA enable_profiling = 'json'
SET profiling_output = '{out}'
PRAGMA profiling_output = '{out}'
CALL enable_logging(storage = 'file', storage_config = {{'path': '{out}'}})
SET log_query_path = '{out}'
CREATE PERSISTENT SECRET mine (TYPE http, BEARER_TOKEN 'x')
"""

NETWORK = """
SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')
SELECT * FROM read_parquet('https://127.0.0.1:9/x.parquet')
SELECT * FROM 'http://127.0.0.1:9/x.csv'
SELECT * FROM read_text('s3://bucket/key')
COPY (SELECT 1) TO 'http://127.0.0.1:9/x.csv'
ATTACH 'http://127.0.0.1:9/x.duckdb' AS far
ATTACH 'postgres://127.0.0.1:9/x' AS far (TYPE postgres)
ATTACH 'ducklake:{out}' AS far
INSTALL httpfs
INSTALL spatial FROM community
INSTALL '{secret}'
FORCE INSTALL json FROM 'http://127.0.0.1:9'
LOAD httpfs
LOAD '{secret}'
UPDATE EXTENSIONS
"""

SETTINGS = """
SET enable_external_access = true
SET GLOBAL enable_external_access = true
RESET enable_external_access
PRAGMA enable_external_access = true
SET lock_configuration = false
RESET lock_configuration
SET allowed_configs = ['memory_limit']
SET allowed_directories = ['/']
SET allowed_paths = ['{secret}']
SET memory_limit = '100GB'
SET max_memory = '100GB'
RESET memory_limit
PRAGMA memory_limit = '100GB'
SET temp_directory = '{directory}'
SET threads = 64
SET custom_extension_repository = 'http://127.0.0.1:9'
SET extension_directory = '{directory}'
SET home_directory = '{directory}'
SET secret_directory = '{directory}'
SET allow_unsigned_extensions = true
SET allow_community_extensions = true
SET autoinstall_known_extensions = true
SET http_proxy = '127.0.0.1:9'
SET default_secret_storage = 'local_file'
SET file_search_path = '{directory}'
"""


def attacks(statements: str) -> list[str]:
    return statements.strip().splitlines()


@pytest.mark.parametrize(
    "statement", [*attacks(READING), *attacks(WRITING), *attacks(NETWORK), *attacks(SETTINGS)]
)
def test_nothing_outside_of_the_base_can_be_reached(
    statement: str, base: tuple[BaseDirectory, Manifest], opened: Opened, tmp_path: Path
) -> None:
    directory, manifest = base
    connection, _ = opened
    secret = tmp_path / "secret.csv"
    secret.write_text("secret\n42\n")
    derived = next(directory.derived.glob("*.duckdb"))
    part = directory.part_path(manifest.parts[0])
    before = (derived.read_bytes(), part.read_bytes())
    connection.hold("place", "held", connection.statement(ibis.literal("a").name("a").as_table()))
    copy = Path(shutil.copy(derived, tmp_path / "other.duckdb"))
    attack = statement.format(
        secret=secret, part=part, derived=derived, copy=copy, directory=tmp_path, out=tmp_path / "out"
    )
    with pytest.raises(duckdb.Error):
        connection.backend.raw_sql(attack).fetchall()
    assert {path.name for path in tmp_path.iterdir()} == {"other.duckdb", "secret.csv"}
    assert (derived.read_bytes(), part.read_bytes()) == before
    assert connection.run(ibis.literal(1).name("one").as_table()).to_pylist() == [{"one": 1}]


def test_the_variables_of_the_program_are_no_tables(opened: Opened) -> None:
    connection, _ = opened
    hidden = ibis.memtable({"a": [1]}).to_pyarrow()
    assert hidden.num_rows == 1
    with pytest.raises(duckdb.CatalogException):
        connection.backend.raw_sql("SELECT * FROM hidden")


def test_every_thread_has_the_same_settings(opened: Opened) -> None:
    connection, _ = opened
    names = ("enable_external_access", "lock_configuration", "temp_directory", "memory_limit", "threads")
    asked = ", ".join(f"current_setting('{name}')" for name in names)

    def settings(_: int) -> object:
        return connection.backend.raw_sql(f"SELECT {asked}").fetchall()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(settings, range(8)))
    assert found == [[(False, True, "", "953.6 MiB", LIMITS.threads)]] * 8


def test_a_path_with_a_quote_in_it_is_only_a_path(tmp_path: Path) -> None:
    base = BaseDirectory(tmp_path / "it's; DROP")
    manifest, _ = bring(base, "one", orders=some_lines(random.Random(1), 9, customers=["c"], orders=["o"]))
    connection, tables = open_or_build(base, manifest, (), LIMITS)
    assert connection.run(tables.orders).num_rows == 9
    connection.close()


def test_too_large_a_question_is_refused_and_the_connection_lives_on(
    base: tuple[BaseDirectory, Manifest],
) -> None:
    directory, manifest = base
    path = build(directory, manifest, DERIVATIONS, LIMITS)
    connection, tables = open_tables(path, manifest, DERIVATIONS, Limits("60MB", 2))
    lines, other = tables.orders, tables.orders.view()
    pairs = lines.cross_join(other).select(one=lines.product_id, two=other.order_id, when=lines.ordered_at)
    greedy = pairs.group_by("one", "two", "when").agg(n=pairs.count()).order_by("n")
    for _ in range(3):
        with pytest.raises(CrmError, match=r"engine\.out_of_memory"):
            connection.run(greedy)
        with pytest.raises(CrmError, match=r"engine\.out_of_memory"):
            connection.hold("place", "greedy", connection.statement(greedy))
        left = connection.backend.raw_sql(
            "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'memory'"
        )
        assert left.fetchall() == [(0,)]
        assert connection.run(tables.orders.count().as_table()).num_rows == 1
    connection.close()


def test_sixteen_threads_get_their_own_answers(opened: Opened) -> None:
    connection, tables = opened
    questions = [
        *(
            tables.orders.filter(tables.orders.customer_id == one).order_by("ordered_at")
            for one in ids("c", 40)
        ),
        *(tables.derived[derivation.name] for derivation in DERIVATIONS),
    ]
    alone = [rows_of(connection.run(question)) for question in questions]
    order = [number % len(questions) for number in range(4 * len(questions))]
    random.Random(2).shuffle(order)
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda number: rows_of(connection.run(questions[number])), order))
    for number, rows in zip(order, found, strict=True):
        assert rows == alone[number]


def test_what_is_held_can_be_read_by_every_thread_and_released(opened: Opened) -> None:
    connection, tables = opened
    sold = tables.orders.filter(tables.orders.amount > 0)
    connection.hold("place", "kept", connection.statement(sold))
    expected = rows_of(connection.run(sold))
    held = connection.statement(ibis.table(sold.schema(), name="kept"))
    assert held.reads == {"kept"}

    def read(_: int) -> bool:
        return rows_of(connection.run_in("place", held)) == expected

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(read, range(8)))
        pool.submit(connection.release, "place").result()
    with pytest.raises(duckdb.CatalogException):
        connection.run_in("place", held)
    connection.release("place")


def test_tables_of_the_same_name_are_held_in_many_places_at_once(opened: Opened) -> None:
    connection, tables = opened
    whole = tables.orders
    for least in range(6):
        lines = whole.filter(whole.amount > 100 * least)
        connection.hold(f"place_{least}", "lines", connection.statement(lines))
    counted = connection.statement(ibis.table(whole.schema(), name="lines").count().name("n").as_table())
    expected = [
        connection.run(whole.filter(whole.amount > 100 * least).count().name("n").as_table())
        for least in range(6)
    ]
    with ThreadPoolExecutor(6) as pool:
        found = pool.map(lambda n: connection.run_in(f"place_{n % 6}", counted), range(60))
        assert list(found) == expected * 10
    with pytest.raises(duckdb.CatalogException):
        connection.run(ibis.table(whole.schema(), name="lines"))


def test_an_engine_of_somebody_else_is_not_called_a_damaged_base(tmp_path: Path) -> None:
    """Only a file that can be built again is reported as damaged; other errors keep their names."""
    url = f"duckdb://{tmp_path / 'theirs.duckdb'}"
    connection = connect(url)
    with pytest.raises(duckdb.CatalogException):
        connection.run(ibis.table({"a": "int64"}, name="missing"))


def test_derivations_of_other_grains_are_read_where_they_lie(tmp_path: Path) -> None:
    base = BaseDirectory(tmp_path / "base")
    manifest, _ = bring(base, "one", orders=some_lines(random.Random(1), 9, customers=["c"], orders=["o"]))

    @derivation("base")
    def channels(tables: Tables) -> ir.Table:
        return tables.orders.select("channel").distinct()

    connection, tables = open_or_build(base, manifest, (channels,), LIMITS)
    assert connection.run(tables.derived["channels"]).num_rows == 3
    connection.close()
