"""What readers have narrowed a base down to, derived once more in the engine's memory while it is wanted."""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from crm_core.engine.connection import Connection
from crm_core.periods import day_of
from crm_core.tables import Selection, Tables
from crm_core.workspace.catalogue import DERIVATIONS

NARROWED_KEPT: Final = 6
"""How many selections stay in the engine's memory when nobody is asking about them."""

_DERIVED: Final = tuple(derivation for derivation in DERIVATIONS if derivation.grain != "line")


@dataclass
class _Narrowed:
    """Derived tables in the engine's memory, and how many questions are reading them."""

    name: str
    users: int = 0
    tables: Tables | None = None
    filling: threading.Lock = field(default_factory=threading.Lock)


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
        self._narrowed: OrderedDict[tuple[Selection, int], _Narrowed] = OrderedDict()
        self._numbered = 0

    @contextmanager
    def to(self, selection: Selection, as_of: dt.date) -> Iterator[Tables]:
        """The tables narrowed down, which stay in memory at least as long as they are used.

        Raises:
            NotProvided: The selection is by something that the base does not know.
            CrmError: The engine ran out of the memory that it may use.
        """
        tables = self.tables.select(selection).until(as_of)
        if tables is self.tables or not self._holds:
            yield tables
            return
        key = (selection, min(day_of(as_of), self.tables.last_day))
        narrowed = self._taken(key)
        try:
            with narrowed.filling:
                if narrowed.tables is None:
                    narrowed.tables = self._filled(tables, narrowed.name)
            yield narrowed.tables
        finally:
            with self._lock:
                narrowed.users -= 1
                if narrowed.tables is None and not narrowed.users:
                    del self._narrowed[key]
            self._drop_unused(NARROWED_KEPT)

    def free(self) -> None:
        """Drop all that nobody is reading, to give the engine its memory back."""
        self._drop_unused(0)

    def _taken(self, key: tuple[Selection, int]) -> _Narrowed:
        with self._lock:
            narrowed = self._narrowed.get(key)
            if narrowed is None:
                self._numbered += 1
                narrowed = self._narrowed[key] = _Narrowed(f"narrowed_{self._numbered}")
            self._narrowed.move_to_end(key)
            narrowed.users += 1
            return narrowed

    def _filled(self, tables: Tables, name: str) -> Tables:
        held: list[str] = []
        try:
            for derivation in _DERIVED:
                stored = f"{name}_{derivation.name}"
                table = self.connection.hold(stored, derivation.build(tables))
                held.append(stored)
                tables = replace(tables, derived={**tables.derived, derivation.name: table})
        except BaseException:
            for stored in held:
                self.connection.release(stored)
            raise
        return tables

    def _drop_unused(self, kept: int) -> None:
        """Drop what has not been asked for longest, until no more than `kept` are left or all are in use."""
        with self._lock:
            unused = [key for key, one in self._narrowed.items() if not one.users]
            dropped = [self._narrowed.pop(key) for key in unused[: max(len(self._narrowed) - kept, 0)]]
        for one in dropped:
            for derivation in _DERIVED:
                self.connection.release(f"{one.name}_{derivation.name}")
