"""Connections to engines: the embedded one, locked down, and those that a company already has."""

from __future__ import annotations

import datetime as dt
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
from sqlglot.optimizer.eliminate_subqueries import eliminate_subqueries

from crm_core.base import BaseDamaged, CrmError, InputError

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


_VARIABLE: Final = "told_day"


@ibis.udf.scalar.builtin(name="getvariable")  # type: ignore[untyped-decorator]  # Ibis is not annotated
def _variable(name: str) -> int:  # type: ignore[empty-body]  # the engine has it
    """What a connection has been told."""


class ToldDay:
    """Stands for a date in statements of the embedded engine that are told it when they are run.

    It has a number and nothing else: who asks more of it does not get a wrong answer but none.
    """

    def toordinal(self) -> ir.IntegerScalar:
        """As that of a date."""
        # Ibis names what is made of a function by its arguments, which must have names for that.
        return _variable(ibis.literal(_VARIABLE).name(_VARIABLE)).name(_VARIABLE)


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

    def run_in(self, place: str, statement: Statement, day: dt.date | None = None) -> pa.Table:
        """Every row of a statement, run where some tables are held.

        Args:
            place: Where.
            statement: What to run.
            day: The day that it is told, where it does not say one itself.

        Raises:
            As `run`.
        """
        with self._named_errors(), self._in(place if statement.reads else _MAIN, day) as cursor:
            return cursor.sql(statement.sql).to_arrow_table().cast(statement.schema)

    def hold(self, place: str, name: str, statement: Statement, day: dt.date | None = None) -> None:
        """Keep the rows of a statement in the memory of the embedded engine, all of them or none.

        Args:
            place: Where; it comes into being with the first table that is held in it.
            name: Under which name; nothing may be held under it there.
            statement: What to keep.
            day: The day that it is told, where it does not say one itself.

        Raises:
            As `run`.
        """
        with self._named_errors():
            self._duckdb.execute(f'CREATE SCHEMA IF NOT EXISTS {_MEMORY}."{place}"')
        with self._named_errors(), self._in(place, day) as cursor:
            cursor.execute(f'CREATE TABLE {_MEMORY}."{place}"."{name}" AS {statement.sql}')

    def release(self, place: str) -> None:
        """Let go of all that is held in a place."""
        with self._named_errors():
            self._duckdb.execute(f'DROP SCHEMA IF EXISTS {_MEMORY}."{place}" CASCADE')

    @property
    def _duckdb(self) -> duckdb.DuckDBPyConnection:
        return cast(duckdb.DuckDBPyConnection, cast(Any, self.backend).con)

    @contextmanager
    def _in(self, place: str, day: dt.date | None) -> Iterator[duckdb.DuckDBPyConnection]:
        """The thread's connection while names without a schema are those of a place."""
        cursor = self._duckdb
        if day is not None:
            cursor.execute(f"SET VARIABLE {_VARIABLE} = {day.toordinal()}::BIGINT")
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
