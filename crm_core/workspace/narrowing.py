"""What readers have narrowed a base down to, derived once more in the engine's memory while it is wanted."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

import ibis.expr.types as ir

from crm_core.customers.metrics import divided_lines, order_lines, order_totals
from crm_core.engine.connection import Connection
from crm_core.periods import day_of
from crm_core.tables import Selection, Tables
from crm_core.workspace.catalogue import DERIVATIONS

NARROWED_KEPT: Final = 6
"""How many selections stay in the engine's memory when nobody is asking about them."""

_HELD: Final = {one.name: one for one in DERIVATIONS if one not in (order_lines, order_totals, divided_lines)}
"""Lines and orders are many, and what is made of them is asked for: they are not kept."""


class _Held(Mapping[str, ir.Table]):
    """The derived tables of a cut, each in the engine's memory from the moment in which somebody wants it.

    Args:
        connection: Whose memory.
        name: What their names there begin with.
        cut: The narrowed tables.
    """

    def __init__(self, connection: Connection, name: str, cut: Tables) -> None:
        self.users = 0
        self.tables = replace(cut, derived=self)
        self._connection = connection
        self._name = name
        self._held: dict[str, ir.Table] = {}
        self._holding = threading.RLock()

    def __getitem__(self, name: str) -> ir.Table:
        derivation = _HELD[name]
        with self._holding:
            if name not in self._held:
                expression = derivation.expression(self.tables)
                self._held[name] = self._connection.hold(f"{self._name}_{name}", expression)
            return self._held[name]

    def __contains__(self, name: object) -> bool:
        return name in _HELD

    def __iter__(self) -> Iterator[str]:
        return iter(_HELD)

    def __len__(self) -> int:
        return len(_HELD)

    def release(self) -> None:
        """Let go of all of them."""
        for name in self._held:
            self._connection.release(f"{self._name}_{name}")


class Narrowing:
    """The tables of one engine as readers have them: a selection of the lines, an earlier day.

    The second question about a selection finds its derived tables in the engine's memory and does not read
    every line again.

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
        self._narrowed: OrderedDict[tuple[Selection, int], _Held] = OrderedDict()
        self._numbered = 0

    @contextmanager
    def to(self, selection: Selection, as_of: dt.date) -> Iterator[Tables]:
        """The tables narrowed down, which stay in memory at least as long as they are used.

        Raises:
            NotProvided: The selection is by something that the base does not know.
        """
        tables = self.tables.select(selection).until(as_of)
        if tables is self.tables or not self._holds:
            yield tables
            return
        held = self._taken((selection, min(day_of(as_of), self.tables.last_day)), tables)
        try:
            yield held.tables
        finally:
            with self._lock:
                held.users -= 1
            self._drop_unused(NARROWED_KEPT)

    def free(self) -> None:
        """Drop all that nobody is reading, to give the engine its memory back."""
        self._drop_unused(0)

    def _taken(self, key: tuple[Selection, int], cut: Tables) -> _Held:
        with self._lock:
            held = self._narrowed.get(key)
            if held is None:
                self._numbered += 1
                held = self._narrowed[key] = _Held(self.connection, f"narrowed_{self._numbered}", cut)
            self._narrowed.move_to_end(key)
            held.users += 1
            return held

    def _drop_unused(self, kept: int) -> None:
        """Drop what has not been asked for longest, until no more than `kept` are left or all are in use."""
        with self._lock:
            unused = [key for key, one in self._narrowed.items() if not one.users]
            dropped = [self._narrowed.pop(key) for key in unused[: max(len(self._narrowed) - kept, 0)]]
        for one in dropped:
            one.release()
