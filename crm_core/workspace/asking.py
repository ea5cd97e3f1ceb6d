"""Answers of metrics over one version of a base: each computed once, and kept as long as it is wanted."""

from __future__ import annotations

import datetime as dt
import inspect
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias, cast

import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from crm_core.base import BaseDamaged, CrmError
from crm_core.engine.connection import Connection
from crm_core.tables import Build, Estimate, Selection, Tables
from crm_core.workspace.catalogue import handed_in
from crm_core.workspace.child import Child
from crm_core.workspace.lasting import LastingAnswers, question_of
from crm_core.workspace.narrowing import Narrowing, Options
from crm_core.workspace.wanted import awaited, check_wanted

ANSWERS_KEPT_BYTES: Final = 256 * 2**20
_LARGE_BYTES: Final = 2**20
_ENTRY_BYTES: Final = 2_048
"""What an answer takes beside its rows, so that empty ones are not kept without end either."""


class Packed:
    """Rows in a fifth of their room or less: to unpack them is far cheaper than to ask for them again."""

    def __init__(self, rows: pa.Table) -> None:
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="zstd")
        with pa.ipc.new_stream(sink, rows.schema, options=options) as stream:
            stream.write_table(rows)
        self._packed = sink.getvalue()

    @property
    def bytes(self) -> int:
        """The room that they take."""
        return int(self._packed.size)

    def rows(self) -> pa.Table:
        """The rows as they were."""
        return pa.ipc.open_stream(self._packed).read_all()


Kept: TypeAlias = pa.Table | Packed
Reopen = Callable[[Connection], tuple[Connection, Tables]]


class Answers:
    """Runs metrics over the tables of one version, and remembers what they gave.

    Args:
        connection: Where the tables lie.
        tables: The canonical and the derived tables.
        narrows: Whether the engine may hold derived tables in memory; else every question reads the lines.
        reopen: Given a connection whose file turned out to be damaged, a sound one and its tables.
        child: Works out the estimates; without it they are worked out here.
        lasting: Where answers are kept that outlast this process; without it none do.
    """

    def __init__(
        self,
        connection: Connection,
        tables: Tables,
        *,
        narrows: bool,
        reopen: Reopen | None = None,
        child: Child | None = None,
        lasting: LastingAnswers | None = None,
    ) -> None:
        self._child = child
        self._lasting = lasting
        self._narrows = narrows
        self._reopen = reopen
        self._narrowing = Narrowing(connection, tables, holds=narrows)
        self._reopening = threading.Lock()
        self._lock = threading.Lock()
        self._known: OrderedDict[object, Future[Kept]] = OrderedDict()
        self._known_bytes = 0

    def retire(self) -> None:
        """Let what works beside this process end once nobody asks any more."""
        if self._child is not None:
            self._child.retire()

    def close(self) -> None:
        """End the engine, and the process that works out estimates."""
        if self._child is not None:
            self._child.close()
        self.connection.close()

    @property
    def connection(self) -> Connection:
        """Where the tables lie."""
        return self._narrowing.connection

    @property
    def tables(self) -> Tables:
        """The canonical and the derived tables."""
        return self._narrowing.tables

    def ask(self, build: Build, selection: Selection, as_of: dt.date, options: dict[str, object]) -> pa.Table:
        """The rows of a metric, from memory when the same was asked before.

        Raises:
            NotProvided: The base does not have what the metric needs.
            CrmError: The engine ran out of the memory that it may use.
            BaseDamaged: The derived tables are damaged and could not be built again.
        """
        # Whatever is as usual is the same question, said or not.
        given = tuple(sorted({**_usual(build), **options}.items()))
        key = (build, selection, as_of, given)
        while True:
            with self._lock:
                answer = self._known.get(key)
                first = answer is None
                if answer is None:
                    answer = self._known[key] = Future()
                self._known.move_to_end(key)
            if first:
                return self._answered(key, answer, build, selection, as_of, given)
            try:
                return _unpacked(awaited(answer))
            except CancelledError:
                # Whoever was computing it was stopped: that is no answer for anybody else.
                continue

    def read(self, build: Callable[[Tables], ir.Table]) -> pa.Table:
        """The rows of an expression over the tables, not narrowed and not remembered.

        Raises:
            As `ask`.
        """
        return self._reading(lambda narrowing: narrowing.connection.run(build(narrowing.tables)))

    def _answered(
        self,
        key: object,
        answer: Future[Kept],
        build: Build,
        selection: Selection,
        as_of: dt.date,
        given: Options,
    ) -> pa.Table:
        try:
            check_wanted()
            rows = self._rows(build, selection, as_of, given)
        except BaseException as error:
            with self._lock:
                del self._known[key]
            if isinstance(error, Exception):
                answer.set_exception(error)
            else:
                answer.cancel()
            raise
        self._remember(key, answer, rows)
        return rows

    def _rows(self, build: Build, selection: Selection, as_of: dt.date, given: Options) -> pa.Table:
        if isinstance(build, Estimate):
            return self._estimated(build, selection, as_of, given)
        return self._reading(lambda narrowing: _run(narrowing, build, selection, as_of, given))

    def _estimated(self, build: Estimate, selection: Selection, as_of: dt.date, given: Options) -> pa.Table:
        """The rows of an estimate, from the disk where they outlasted whoever worked them out."""
        lasting = self._lasting if build.lasting else None
        question = None if lasting is None else question_of(build, selection, as_of, given)
        if lasting is not None and question is not None:
            kept = lasting.read(question)
            if kept is not None:
                return kept
        if self._child is not None:
            # It keeps what lasts itself.
            return self._child.ask(build, selection, as_of, dict(given))
        found = build(Asking(self, selection), as_of=as_of, **dict(given))
        rows = pa.Table.from_pandas(found, preserve_index=False)
        if lasting is not None and question is not None:
            lasting.write(question, rows)
        return rows

    def _reading(self, work: Callable[[Narrowing], pa.Table]) -> pa.Table:
        """What some work gives, begun anew on sound tables when the ones that it read were damaged."""
        narrowing = self._narrowing
        try:
            return work(narrowing)
        except BaseDamaged:
            if self._reopen is None:
                raise
        return work(self._reopened(narrowing, self._reopen))

    def _reopened(self, damaged: Narrowing, reopen: Reopen) -> Narrowing:
        """Sound tables in place of damaged ones; those who are still reading them are not disturbed."""
        with self._reopening:
            if self._narrowing is damaged:
                connection, tables = reopen(damaged.connection)
                self._narrowing = Narrowing(connection, tables, holds=self._narrows)
            return self._narrowing

    def _remember(self, key: object, answer: Future[Kept], rows: pa.Table) -> None:
        """Hand an answer out and keep it, packed or at the cost of others where there is too little room."""
        with self._lock:
            # Before anything else, which may fail: others wait for it.
            answer.set_result(rows)
            fits = _bytes_of(rows) <= ANSWERS_KEPT_BYTES
            if fits:
                self._known_bytes += _bytes_of(rows)
            else:
                del self._known[key]
        if not fits and not self._keeps_packed(key, rows):
            return
        while (large := self._to_be_packed()) is not None:
            self._pack(*large)
        self._drop()

    def _keeps_packed(self, key: object, rows: pa.Table) -> bool:
        """Keep what is too large as it is, where it is not so once it is packed; whether it is kept."""
        packed = _packed(rows)
        if packed is None or _bytes_of(packed.result()) > ANSWERS_KEPT_BYTES:
            return False
        with self._lock:
            if key in self._known:
                return False
            self._known[key] = packed
            self._known_bytes += _bytes_of(packed.result())
        return True

    def _pack(self, key: object, loose: Future[Kept]) -> None:
        """Put a packed answer in the place of one; forget it where there is no memory to pack it."""
        packed = _packed(loose.result())
        with self._lock:
            if self._known.get(key) is not loose:
                return
            self._known_bytes -= _bytes_of(loose.result())
            if packed is None:
                del self._known[key]
            else:
                # In its place among the others: it has not been asked for by being packed.
                self._known[key] = packed
                self._known_bytes += _bytes_of(packed.result())

    def _to_be_packed(self) -> tuple[object, Future[Kept]] | None:
        """The large answer that has not been asked for longest, where there is too little room."""
        with self._lock:
            if self._known_bytes <= ANSWERS_KEPT_BYTES:
                return None
            loose = (
                (key, one)
                for key, one in self._known.items()
                if one.done() and not isinstance(one.result(), Packed) and _is_large(one.result())
            )
            return next(loose, None)

    def _drop(self) -> None:
        """Forget what has not been asked for longest, until the others find room.

        Large ones go first: a row for each customer is soon made again of a few parameters, these are not.
        """
        with self._lock:
            if self._known_bytes <= ANSWERS_KEPT_BYTES:
                return
            done = [(key, one.result()) for key, one in self._known.items() if one.done()]
            for key, kept in sorted(done, key=lambda one: not _is_large(one[1])):
                if self._known_bytes <= ANSWERS_KEPT_BYTES:
                    break
                del self._known[key]
                self._known_bytes -= _bytes_of(kept)


def _packed(rows: Kept) -> Future[Kept] | None:
    """An answer, packed; None where there is no memory for it."""
    packed: Future[Kept] = Future()
    try:
        packed.set_result(Packed(rows))
    except MemoryError:
        return None
    return packed


def _run(
    narrowing: Narrowing, build: Build, selection: Selection, as_of: dt.date, given: Options
) -> pa.Table:
    try:
        return narrowing.run(build, selection, as_of, given)
    except CrmError as error:
        if error.key != "engine.out_of_memory":
            raise
    # What nobody is reading just now may be all that is in the way.
    narrowing.free()
    return narrowing.run(build, selection, as_of, given)


@lru_cache(maxsize=1_000)
def _usual(build: Build) -> Mapping[str, object]:
    """The options of a metric that need not be told, as they are unless told."""
    parameters = inspect.signature(build).parameters.values()
    return {
        one.name: one.default
        for one in parameters
        if one.kind is one.KEYWORD_ONLY and one.default is not one.empty and one.name != "as_of"
    }


def _bytes_of(kept: Kept) -> int:
    return int(kept.bytes if isinstance(kept, Packed) else kept.get_total_buffer_size()) + _ENTRY_BYTES


def _is_large(kept: Kept) -> bool:
    return isinstance(kept, Packed) or _bytes_of(kept) >= _LARGE_BYTES


def _unpacked(kept: Kept) -> pa.Table:
    return kept.rows() if isinstance(kept, Packed) else kept


@dataclass(frozen=True)
class Asking:
    """`crm_core.tables.Ask` for one reader: answers narrowed down to the reader's selection."""

    answers: Answers
    selection: Selection = field(default_factory=Selection)

    @property
    def tables(self) -> Tables:
        """The base's tables, not narrowed."""
        return self.answers.tables

    def __call__(self, build: Build, *, as_of: dt.date, **options: object) -> pd.DataFrame:
        """The rows of a metric as a frame of the caller's own."""
        return cast(pd.DataFrame, self.rows(build, as_of=as_of, **options).to_pandas())

    def rows(self, build: Build, *, as_of: dt.date, **options: object) -> pa.Table:
        """The rows of a metric as they are kept; what other rooms have to tell it is handed in."""
        return self.answers.ask(build, self.selection, as_of, {**handed_in(build), **options})
