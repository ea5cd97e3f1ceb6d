"""What readers have narrowed a base down to, derived once more in the engine's memory while it is wanted."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final, cast

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from crm_core.customers.metrics import divided_lines, order_lines, order_totals
from crm_core.engine.connection import Connection, Statement, ToldDay
from crm_core.periods import date_of, day_of
from crm_core.tables import Selection, Tables
from crm_core.workspace.catalogue import DERIVATIONS, TOLD_THEIR_DAY

NARROWED_KEPT: Final = 6
"""How many selections stay in the engine's memory when nobody is asking about them."""
STATEMENTS_KEPT: Final = 1_000

_HELD: Final = MappingProxyType(
    {
        f"narrowed_{one.name}": one
        for one in DERIVATIONS
        if one not in (order_lines, order_totals, divided_lines)
    }
)
"""Lines and orders are many, and what is made of them is asked for: they are not held."""

_KEPT: Final = MappingProxyType({f"kept_{column}": column for column in ("channel", "category", "region")})
"""Where the values that are kept of a column lie."""

_TOLD: Final = cast(dt.date, ToldDay())

Build = Callable[..., ir.Table]
Options = tuple[tuple[str, object], ...]


@dataclass(frozen=True)
class _Shape:
    """All that a statement about a cut depends on: by what it selects, not which values, and its last day.

    Args:
        columns: By what it selects.
        last_day: Number of its last day; None for any day before that of the base.
    """

    columns: tuple[str, ...]
    last_day: int | None


@dataclass
class _Cut:
    """One cut, and where in the engine's memory its tables are held."""

    place: str
    selection: Selection
    last_day: int
    ended: bool
    users: int = 0
    held: set[str] = field(default_factory=set)
    holding: threading.RLock = field(default_factory=threading.RLock)

    def shape(self, build: object) -> _Shape:
        """The shape in which something is asked of it."""
        told = self.ended and build in TOLD_THEIR_DAY
        return _Shape(tuple(self.selection.values), None if told else self.last_day)


class Narrowing:
    """The tables of one engine as readers have them: a selection of the lines, an earlier day.

    The second question about a selection finds its derived tables in the engine's memory and does not read
    every line again. Statements are compiled once for all selections of the same shape.

    Args:
        connection: Where the tables lie.
        tables: The canonical and the derived tables.
        holds: Whether the engine may hold derived tables in memory; else every question reads the lines.
    """

    def __init__(self, connection: Connection, tables: Tables, *, holds: bool) -> None:
        self.connection = connection
        self.tables = tables
        self._holds = holds
        self._lock = threading.Lock()
        self._cuts: OrderedDict[tuple[Selection, int], _Cut] = OrderedDict()
        self._numbered = 0
        self._statement = lru_cache(STATEMENTS_KEPT)(self._compiled)
        self._of_shape = lru_cache(STATEMENTS_KEPT)(self._shaped)

    def run(self, build: Build, selection: Selection, as_of: dt.date, options: Options = ()) -> pa.Table:
        """The rows of a metric over the tables as a reader has narrowed them down.

        Raises:
            NotProvided: The selection is by something that the base does not know.
            CrmError: The engine ran out of the memory that it may use.
            BaseDamaged: The derived tables are damaged.
        """
        last_day = min(day_of(as_of), self.tables.last_day)
        whole = not selection and last_day == self.tables.last_day
        if whole or not self._holds:
            tables = self.tables.select(selection).until(as_of)
            return self.connection.run(build(tables, as_of=as_of, **dict(options)))
        with self._cut_to(selection, last_day) as cut:
            shape = cut.shape(build)
            statement = self._statement(shape, build, _TOLD if shape.last_day is None else as_of, options)
            self._hold(cut, statement.reads)
            return self.connection.run_in(cut.place, statement, date_of(last_day))

    def free(self) -> None:
        """Drop all that nobody is reading, to give the engine its memory back."""
        self._drop_unused(0)

    @contextmanager
    def _cut_to(self, selection: Selection, last_day: int) -> Iterator[_Cut]:
        """A cut that stays in memory at least as long as it is used."""
        cut = self._taken(selection, last_day)
        try:
            yield cut
        finally:
            with self._lock:
                cut.users -= 1
            self._drop_unused(NARROWED_KEPT)

    def _taken(self, selection: Selection, last_day: int) -> _Cut:
        with self._lock:
            cut = self._cuts.get((selection, last_day))
            if cut is None:
                self._numbered += 1
                ended = last_day < self.tables.last_day
                cut = _Cut(f"narrowed_{self._numbered}", selection, last_day, ended)
                self._cuts[selection, last_day] = cut
            self._cuts.move_to_end((selection, last_day))
            cut.users += 1
            return cut

    def _drop_unused(self, kept: int) -> None:
        """Drop what has not been asked for longest, until no more than `kept` are left or all are in use."""
        with self._lock:
            unused = [key for key, one in self._cuts.items() if not one.users]
            dropped = [self._cuts.pop(key) for key in unused[: max(len(self._cuts) - kept, 0)]]
        for one in dropped:
            self.connection.release(one.place)

    def _hold(self, cut: _Cut, names: Iterable[str]) -> None:
        """See that some tables are held, and before each of them those that it reads."""
        for name in names:
            with cut.holding:
                if name not in cut.held:
                    statement = self._filling(cut, name)
                    self._hold(cut, statement.reads)
                    self.connection.hold(cut.place, name, statement, date_of(cut.last_day))
                    cut.held.add(name)

    def _filling(self, cut: _Cut, name: str) -> Statement:
        """What fills a table of a cut: values that are kept, or a derived table."""
        if name in _HELD:
            return self._statement(cut.shape(_HELD[name]), _HELD[name].expression)
        values = cut.selection.values[_KEPT[name]]
        return self.connection.statement(ibis.array(values).unnest().name("value").as_table())

    def _compiled(
        self, shape: _Shape, build: Build, as_of: dt.date | None = None, options: Options = ()
    ) -> Statement:
        asked = {} if as_of is None else {"as_of": as_of, **dict(options)}
        return self.connection.statement(build(self._of_shape(shape), **asked))

    def _shaped(self, shape: _Shape) -> Tables:
        """The tables of any cut of a shape: what is held of it lies wherever a statement will be run."""
        values = {
            column: ibis.table({"value": "string"}, name=name).value
            for name, column in _KEPT.items()
            if column in shape.columns
        }
        derived = {
            one.name: ibis.table(self.tables.derived[one.name].schema(), name=name)
            for name, one in _HELD.items()
        }
        last = _TOLD if shape.last_day is None else date_of(shape.last_day)
        return replace(self.tables.keep(values).until(last), derived=derived)
