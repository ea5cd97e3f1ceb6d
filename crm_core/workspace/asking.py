"""Answers of metrics over one version of a base: each computed once, whoever asks, and as long as it is wanted."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final, cast

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from crm_core.engine.connection import NARROWED_CATALOG, Connection
from crm_core.periods import day_of
from crm_core.tables import Selection, Tables
from crm_core.workspace.catalogue import DERIVATIONS

ANSWERS_KEPT_BYTES: Final = 256 * 2**20
NARROWED_KEPT: Final = 6

Build = Callable[..., ir.Table]
Narrowing = tuple[Selection, int]


class Answers:
    """Runs metrics over the tables of one version, and remembers what they gave.

    What a reader has narrowed the base down to (a selection, an earlier day) is derived once more in the
    engine's memory, so that the second question about it does not read every line again.

    Args:
        connection: Where the tables lie.
        tables: The canonical and the derived tables.
        narrows: Whether the engine may hold derived tables in memory; else every question reads the lines.
    """

    def __init__(self, connection: Connection, tables: Tables, *, narrows: bool) -> None:
        self.connection = connection
        self.tables = tables
        self._narrows = narrows
        self._lock = threading.Lock()
        self._known: OrderedDict[object, Future[pa.Table]] = OrderedDict()
        self._narrowed: OrderedDict[Narrowing, _Narrowed] = OrderedDict()
        self._numbered = 0

    def ask(self, build: Build, selection: Selection, as_of: dt.date, options: dict[str, object]) -> pa.Table:
        """The rows of a metric, from memory when the same was asked before."""
        key = (build, selection, as_of, tuple(sorted(options.items())))
        with self._lock:
            answer = self._known.get(key)
            if answer is not None:
                self._known.move_to_end(key)
            mine = answer is None
            if answer is None:
                answer = self._known[key] = Future()
        if mine:
            try:
                with self._tables(selection, as_of) as tables:
                    answer.set_result(self.connection.run(build(tables, as_of=as_of, **options)))
                self._forget_least_wanted()
            except BaseException as error:
                with self._lock:
                    self._known.pop(key, None)
                answer.set_exception(error)
        return answer.result()

    def _forget_least_wanted(self) -> None:
        with self._lock:
            sizes = [(key, answer.result().nbytes) for key, answer in self._known.items() if answer.done()]
            held = sum(size for _, size in sizes)
            for key, size in sizes[:-1]:
                if held <= ANSWERS_KEPT_BYTES:
                    break
                del self._known[key]
                held -= size

    @contextmanager
    def _tables(self, selection: Selection, as_of: dt.date) -> Iterator[Tables]:
        """The tables narrowed as asked, which stay in memory at least as long as they are used."""
        tables = self.tables.select(selection).until(as_of)
        if tables is self.tables or not self._narrows:
            yield tables
            return
        key = (selection, min(day_of(as_of), self.tables.last_day))
        with self._lock:
            narrowed = self._narrowed.get(key)
            if narrowed is None:
                self._numbered += 1
                narrowed = self._narrowed[key] = _Narrowed(f"narrowed_{self._numbered}")
            self._narrowed.move_to_end(key)
            narrowed.users += 1
        try:
            with narrowed.filling:
                if narrowed.tables is None:
                    narrowed.tables = self._fill(tables, narrowed.name)
            yield narrowed.tables
        finally:
            with self._lock:
                narrowed.users -= 1
            self._drop_least_wanted()

    def _fill(self, tables: Tables, name: str) -> Tables:
        backend = self.connection.backend
        catalog = (NARROWED_CATALOG, "main")
        for derivation in DERIVATIONS[1:]:
            stored = f"{name}_{derivation.name}"
            backend.create_table(stored, derivation.build(tables), database=catalog, overwrite=True)
            table = backend.table(stored, database=catalog)
            tables = replace(tables, derived={**tables.derived, derivation.name: table})
        return tables

    def _drop_least_wanted(self) -> None:
        with self._lock:
            unused = [key for key, one in self._narrowed.items() if not one.users]
            dropped = [self._narrowed.pop(key) for key in unused[: max(len(self._narrowed) - NARROWED_KEPT, 0)]]
        for narrowed in dropped:
            for derivation in DERIVATIONS[1:]:
                self.connection.backend.drop_table(
                    f"{narrowed.name}_{derivation.name}", database=(NARROWED_CATALOG, "main"), force=True
                )


@dataclass
class _Narrowed:
    """Derived tables in the engine's memory, and how many questions are reading them."""

    name: str
    users: int = 0
    tables: Tables | None = None
    filling: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Asking:
    """`crm_core.tables.Ask` for one reader: answers narrowed down to the reader's selection."""

    answers: Answers
    selection: Selection = Selection()

    @property
    def tables(self) -> Tables:
        """The base's tables, not narrowed."""
        return self.answers.tables

    def __call__(self, build: Build, *, as_of: dt.date, **options: object) -> pd.DataFrame:
        """The rows of a metric as a frame of the caller's own."""
        return cast(pd.DataFrame, self.answers.ask(build, self.selection, as_of, options).to_pandas())
