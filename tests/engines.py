"""The engines that every metric test runs on: an empty one of each kind, and a fast way to fill it."""

from __future__ import annotations

import itertools
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pytest
from ibis.backends import BaseBackend
from ibis.expr.types import Table
from psycopg import sql

from tests.servers.postgres import PostgresServer

ENGINES = ("duckdb", "sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""For fixtures and tests of their own scope: `@pytest.mark.parametrize("name", ENGINES)`."""

_database_numbers = itertools.count(1)


@dataclass(frozen=True)
class Engine:
    """A fresh database of one kind, with nothing in it.

    Attributes:
        name: `duckdb`, `sqlite` or `postgres`.
        url: what `ibis.connect` was given; opening it again sees the same tables.
        connection: the Ibis backend.
    """

    name: str
    url: str
    connection: BaseBackend

    def load(self, tables: Mapping[str, pa.Table | pd.DataFrame]) -> dict[str, Table]:
        """Create these tables with their rows and return them as Ibis tables, by name.

        Column types are those of Arrow; a pandas frame is turned into Arrow without its index.
        A name that exists already is replaced.
        """
        return {name: self._load_one(name, _as_arrow(rows)) for name, rows in tables.items()}

    def _load_one(self, name: str, rows: pa.Table) -> Table:
        if self.name == "duckdb":
            return self.connection.create_table(name, obj=rows, overwrite=True)
        table = self.connection.create_table(
            name, schema=ibis.Schema.from_pyarrow(rows.schema), overwrite=True
        )
        if self.name == "postgres":
            _copy(self.connection.con, name, rows)
        else:
            _insert(self.connection.con, name, rows)
        return table


@contextmanager
def open_engine(
    name: str, directory: Path, server: PostgresServer | None = None, icu_locale: str | None = None
) -> Iterator[Engine]:
    """An empty engine, removed at the end.

    Args:
        name: `duckdb`, `sqlite` or `postgres`.
        directory: where the file of an embedded engine is put.
        server: required for `postgres`.
        icu_locale: for `postgres`, order text as people of that locale do instead of by code point.
    """
    database = f"engine_{os.getpid()}_{next(_database_numbers)}"
    if name == "postgres":
        if server is None:
            raise ValueError("an engine on PostgreSQL needs a server")
        url = server.create_database(database, icu_locale)
    elif name in {"duckdb", "sqlite"}:
        url = f"{name}://{directory / database}.{name}"
    else:
        raise ValueError(f"there is no engine {name!r} here")
    connection = ibis.connect(url)
    try:
        yield Engine(name, url, connection)
    finally:
        connection.disconnect()
        if name == "postgres" and server is not None:
            server.drop_database(database)


def _as_arrow(rows: pa.Table | pd.DataFrame) -> pa.Table:
    return rows if isinstance(rows, pa.Table) else pa.Table.from_pandas(rows, preserve_index=False)


def _copy(connection: psycopg.Connection[Any], name: str, rows: pa.Table) -> None:
    """Fill a PostgreSQL table through COPY: in CSV an empty field is null and a quoted one is text."""
    statement = sql.SQL("COPY {} FROM STDIN (FORMAT csv)").format(sql.Identifier(name))
    options = pyarrow.csv.WriteOptions(include_header=False)
    with connection.transaction(), connection.cursor() as cursor, cursor.copy(statement) as copy:
        for batch in rows.to_batches(max_chunksize=100_000):
            buffer = BytesIO()
            pyarrow.csv.write_csv(batch, buffer, options)
            copy.write(buffer.getbuffer())
    analyse(connection, name)


def analyse(connection: psycopg.Connection[Any], name: str) -> None:
    """Have PostgreSQL look at a table now: looking at some time later changes plans under the tests."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))


def _insert(connection: sqlite3.Connection, name: str, rows: pa.Table) -> None:
    columns = [_as_sqlite(column).to_pylist() for column in rows.columns]
    places = ", ".join("?" * len(columns))
    connection.executemany(f'INSERT INTO "{name}" VALUES ({places})', zip(*columns, strict=True))
    connection.commit()


def _as_sqlite(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Moments and days as the text that SQLite itself writes (`2011-12-09 12:50:00`).

    Ibis compares with literals in that form, and as text; its own `create_table(obj=)` writes a `T` in the
    middle, so that every moment of a day comes out later than any literal of the same day.
    """
    if pa.types.is_timestamp(column.type):
        return pc.replace_substring_regex(pc.strftime(column, "%Y-%m-%d %H:%M:%S"), r"\.0+$", "")
    if pa.types.is_date(column.type):
        return pc.strftime(column, "%Y-%m-%d")
    return column
