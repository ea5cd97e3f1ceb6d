"""Connections to engines, and the canonical tables that lie on them."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import duckdb
import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from ibis.backends.sql import SQLBackend
from ibis.backends.sql.compilers import SQLiteCompiler
from ibis.common.exceptions import TableNotFound
from sqlglot.optimizer.eliminate_subqueries import eliminate_subqueries

from crm_core.base import BaseDamaged, CrmError, InputError
from crm_core.expressions import rounded
from crm_core.periods import day_of
from crm_core.schemas import DATATYPES, MONEY_SCALE, QUANTITY_SCALE, SCHEMAS, ColumnType
from crm_core.tables import Tables

DERIVED_CATALOG: Final = "base"
_MEMORY: Final = "memory"
_MAIN: Final = "main"
_STILL_SET_BY_IBIS: Final = "['timezone', 'python_enable_replacements']"


@dataclass(frozen=True)
class Limits:
    """What the embedded engine may use of the machine."""

    memory: str = "4GB"
    threads: int = 2

    @classmethod
    def from_environment(cls) -> Limits:
        """Limits by `MOSHTARI_MEMORY` (`4GB`) and `MOSHTARI_THREADS`, else half the memory and all cores."""
        half = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2
        threads = os.environ.get("MOSHTARI_THREADS", str(os.cpu_count() or 1))
        if not threads.isascii() or not threads.isdigit() or int(threads) < 1:
            raise InputError("engine.bad_threads", value=threads)
        return cls(memory=os.environ.get("MOSHTARI_MEMORY", f"{half // 2**20}MB"), threads=int(threads))


@dataclass(frozen=True)
class Statement:
    """An expression in the words of the embedded engine: compiled once, run in many places.

    Args:
        sql: The query.
        schema: Columns of its rows.
        reads: Names of the tables that lie nowhere for good: they are those of the place where it is run.
    """

    sql: str
    schema: pa.Schema
    reads: frozenset[str]


class Connection:
    """One engine for many threads: each thread runs its expressions through a connection of its own.

    Args:
        cursor: Gives a fresh Ibis backend; called once a thread.
        close: Ends the engine.
        file: The file of derived tables on which it lies, if it does; it can be built again.
    """

    def __init__(
        self, cursor: Callable[[], SQLBackend], close: Callable[[], None], file: Path | None = None
    ) -> None:
        self._cursor = cursor
        self._close = close
        self._file = file
        self._identity = None if file is None else _identity(file)
        self._of_thread = threading.local()

    @property
    def backend(self) -> SQLBackend:
        """The Ibis backend of the calling thread."""
        backend: SQLBackend | None = getattr(self._of_thread, "backend", None)
        if backend is None:
            backend = self._of_thread.backend = self._cursor()
        return backend

    def run(self, expression: ir.Table) -> pa.Table:
        """Every row of an expression.

        Raises:
            CrmError: The engine ran out of the memory that it may use.
            BaseDamaged: The file of derived tables is not what was written.
        """
        with self._named_errors():
            return self.backend.to_pyarrow(expression)

    def statement(self, expression: ir.Table) -> Statement:
        """Compile an expression, of which tables without a backend are found wherever it will be run."""
        reads = frozenset(table.name for table in expression.op().find(ops.UnboundTable))
        return Statement(self.backend.compile(expression), expression.schema().to_pyarrow(), reads)

    def run_in(self, place: str, statement: Statement) -> pa.Table:
        """Every row of a statement, run where some tables are held.

        Raises:
            As `run`.
        """
        with self._named_errors(), self._in(place if statement.reads else _MAIN) as cursor:
            return cursor.sql(statement.sql).to_arrow_table().cast(statement.schema)

    def hold(self, place: str, name: str, statement: Statement) -> None:
        """Keep the rows of a statement in the memory of the embedded engine, all of them or none.

        Args:
            place: Where; it comes into being with the first table that is held in it.
            name: Under which name; nothing may be held under it there.
            statement: What to keep.

        Raises:
            As `run`.
        """
        with self._named_errors():
            self._duckdb.execute(f'CREATE SCHEMA IF NOT EXISTS {_MEMORY}."{place}"')
        with self._named_errors(), self._in(place) as cursor:
            cursor.execute(f'CREATE TABLE {_MEMORY}."{place}"."{name}" AS {statement.sql}')

    def release(self, place: str) -> None:
        """Let go of all that is held in a place."""
        with self._named_errors():
            self._duckdb.execute(f'DROP SCHEMA IF EXISTS {_MEMORY}."{place}" CASCADE')

    @property
    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        return cast(duckdb.DuckDBPyConnection, cast(Any, self.backend).con)

    @contextmanager
    def _in(self, place: str) -> Iterator[duckdb.DuckDBPyConnection]:
        """The thread's connection while names without a schema are those of a place."""
        cursor = self._duckdb
        cursor.execute(f'USE {_MEMORY}."{place}"')
        try:
            yield cursor
        finally:
            cursor.execute(f"USE {_MEMORY}.{_MAIN}")

    def lies_on(self, path: Path) -> bool:
        """Whether this is the file that was opened, and not another one that has taken its name since."""
        return self._identity is not None and self._identity == _identity(path)

    def close(self) -> None:
        """End the engine; expressions of it can no longer be run."""
        self._close()

    @contextmanager
    def _named_errors(self) -> Iterator[None]:
        """What the engine says about its memory and its file, in our words."""
        try:
            yield
        except duckdb.OutOfMemoryException as error:
            raise CrmError("engine.out_of_memory") from error
        except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
            raise InputError("engine.numbers_too_large") from error
        except duckdb.Error as error:
            if self._file is None or not _tells_of_damage(error):
                raise
            raise BaseDamaged("base.damaged", part=f"{self._file.parent.name}/{self._file.name}") from error


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _tells_of_damage(error: duckdb.Error) -> bool:
    unreadable = (duckdb.IOException, duckdb.SerializationException)
    broken_by_it = (duckdb.InternalException, duckdb.FatalException)
    # A wrong sum of a block comes as an error of no particular kind.
    return isinstance(error, unreadable + broken_by_it) or "corrupt" in str(error).lower()


def open_derived(path: Path, limits: Limits) -> Connection:
    """The derived tables of a base, read-only: no expression can reach a file, the network or the settings.

    Raises:
        duckdb.Error: The file is damaged or missing.
    """
    root = duckdb.connect(":memory:", config={"memory_limit": limits.memory, "threads": limits.threads})
    try:
        root.execute("SET temp_directory = ''")
        root.execute(f"ATTACH '{_quoted(path)}' AS {DERIVED_CATALOG} (READ_ONLY)")
        root.execute(f"SET allowed_configs = {_STILL_SET_BY_IBIS}")
        root.execute("SET enable_external_access = false")
        root.execute("SET lock_configuration = true")
    except duckdb.Error:
        root.close()
        raise
    return Connection(lambda: ibis.duckdb.from_connection(root.cursor()), root.close, path)


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")


def connect(url: str) -> Connection:
    """An engine on which the canonical tables already live, by its Ibis URL.

    Raises:
        InputError: No engine answers there, or its kind is not known.
    """
    try:
        ibis.connect(url)
    except Exception as error:  # every driver has errors of its own, and none may show the URL's password
        raise InputError("engine.cannot_connect", engine=url.split(":", 1)[0]) from error
    return Connection(lambda: ready(ibis.connect(url)), lambda: None)


def ready(backend: Any) -> SQLBackend:
    """An Ibis backend on which every metric runs: SQLite gives up where a query is nested too deeply."""
    if backend.name == "sqlite":
        backend.compiler = _UnnestedSQLite()
    return cast(SQLBackend, backend)


class _UnnestedSQLite(SQLiteCompiler):  # type: ignore[misc]  # Ibis is not annotated
    """SQLite's dialect with one common table expression after the other instead of queries within queries."""

    def to_sqlglot(self, *args: Any, **options: Any) -> Any:
        return eliminate_subqueries(super().to_sqlglot(*args, **options))


def tables(connection: Connection) -> Tables:
    """The canonical tables as they lie on an engine, in canonical types.

    Money and quantities that are stored with a fraction become whole numbers of the canonical scale. Columns
    that are missing are null. A line without an order id is an order of its own; one without a moment or an
    amount is no order line.

    Raises:
        InputError: There are no orders, a required column is missing, or it cannot be told which of several
            currencies is the base's.
    """
    backend = connection.backend
    present = {name: table for name in SCHEMAS if (table := _stored(backend, name)) is not None}
    if "orders" not in present:
        raise InputError("engine.no_orders")
    provided = frozenset(f"{name}.{column}" for name, table in present.items() for column in table.columns)
    for name, table in present.items():
        for column in sorted(SCHEMAS[name].required):
            if column not in table.columns:
                raise InputError("engine.column_missing", table=name, column=column)
    canonical = {name: canonical_table(name, table) for name, table in present.items()}
    orders = canonical.pop("orders")
    orders = orders.filter(orders.ordered_at.notnull(), orders.amount.notnull())
    bounds = orders.agg(
        first=orders.ordered_at.min(),
        last=orders.ordered_at.max(),
        lines=orders.count(),
        lines_with_id=orders.order_id.count(),
    )
    span = connection.run(bounds).to_pylist()[0]
    if span["first"] is None:
        raise InputError("engine.no_orders")
    if span["lines_with_id"] < span["lines"]:
        orders = _with_order_ids(orders)
    return Tables(
        orders=orders,
        others=canonical,
        provided=provided,
        currency=_base_currency(connection, orders, canonical.get("rates")),
        money_scale=MONEY_SCALE,
        first_day=day_of(span["first"].date()),
        last_day=day_of(span["last"].date()),
    )


def _base_currency(connection: Connection, orders: ir.Table, rates: ir.Table | None) -> str:
    """The one currency of the orders that has no rates, or none at all.

    Raises:
        InputError: There are several.
    """
    known = _currencies(connection, orders.filter(orders.currency.notnull()))
    rated = set() if rates is None else _currencies(connection, rates)
    base = sorted(known - rated)
    if len(base) > 1:
        raise InputError("engine.currency_without_rates", currencies=", ".join(base))
    return base[0] if base else ""


def _currencies(connection: Connection, rows: ir.Table) -> set[str]:
    return set(connection.run(rows.select("currency").distinct())["currency"].to_pylist())


def _stored(backend: SQLBackend, name: str) -> ir.Table | None:
    try:
        table = backend.table(name)
    except TableNotFound:
        return None
    if backend.name == "sqlite":
        # SQLite takes 23:59:59.9996 for the next day, but not when it has written the moment itself.
        moments = [column for column in table.columns if table[column].type().is_timestamp()]
        return table.mutate(**{c: table[c].cast("string").cast("timestamp") for c in moments})
    if backend.name != "postgres":
        return table
    # Text sorts by the database's collation there, and ties are broken by customer_id on every engine alike.
    ids = [column for column in table.columns if column.endswith("_id") and table[column].type().is_string()]
    collated = ", ".join(f'"{c}" COLLATE "C" AS "{c}"' if c in ids else f'"{c}"' for c in table.columns)
    # The names are those of the canonical schema, and Ibis has no other way to name a collation.
    return cast(Any, backend).sql(f'SELECT {collated} FROM "{name}"')  # noqa: S608 - no reader's text in it


def canonical_table(name: str, table: ir.Table, *kept: str) -> ir.Table:
    """A stored table with exactly the columns and types of its schema, and those that are kept besides."""
    schema = SCHEMAS[name]
    columns = {column: _canonical(table, column, kind) for column, kind in schema.columns.items()}
    columns |= {column: table[column] for column in kept}
    return table.select(**columns)


def _with_order_ids(orders: ir.Table) -> ir.Table:
    """A line without an order id is an order of its own.

    It is numbered among its customer's lines from the earliest on, so that lines which come later, or belong
    to others, do not change its name.
    """
    order = [
        orders[column] for column in ("ordered_at", "amount", "cost", "product_id", "category", "channel")
    ]
    line = ibis.row_number().over(group_by=orders.customer_id, order_by=order)
    return orders.mutate(order_id=orders.order_id.coalesce(ibis.literal("line:") + line.cast("string")))


def _canonical(table: ir.Table, column: str, kind: ColumnType) -> ir.Value:
    datatype = ibis.dtype(DATATYPES[kind])
    if column not in table.columns:
        return ibis.null(datatype)
    value: Any = table[column]
    scale = {"money": MONEY_SCALE, "quantity": QUANTITY_SCALE}.get(kind)
    if scale is not None and not value.type().is_integer():
        return rounded(value.cast("float64") * scale)
    return value if value.type() == datatype else value.cast(datatype)
