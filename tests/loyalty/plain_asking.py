"""A company's files put onto an engine, and asked as the product asks a base."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pandas as pd
import pyarrow as pa

from crm_core.tables import Build, Estimate, Tables
from tests.engines import Engine
from tests.loyalty.plain_files import Files
from tests.oracle.loading import Loaded, materialise, open_on


@dataclass
class Asked:
    """Asks of tables, and remembers what it was told."""

    loaded: Loaded
    tables: Tables
    known: dict[Any, pd.DataFrame] = field(default_factory=dict)

    def __call__(self, build: Build, *, as_of: dt.date, **options: Any) -> pd.DataFrame:
        key = (build.__name__, as_of, tuple(sorted(options.items())))
        if key not in self.known:
            if isinstance(build, Estimate):
                self.known[key] = build(self, as_of=as_of, **options)
            else:
                rows = self.loaded.answer(build(self.tables, as_of=as_of, **options))
                self.known[key] = rows.to_pandas()
        return self.known[key].copy()


def put(engine: Engine, files: Files, *, derived: bool = False) -> Asked:
    """A company's files as the tables of an engine, and with the derived ones where that is wanted."""
    moments = {"ordered_at", "due_at", "paid_at", "contacted_at"}
    tables = {
        "orders": files.orders,
        "payments": files.payments,
        "customers": files.customers,
        "contacts": files.contacts,
        "rates": files.rates,
    }

    def column(name: str, texts: Sequence[str]) -> pa.Array:
        values: list[Any] = [text or None for text in texts]
        if name in moments:
            return pa.array([v and dt.datetime.fromisoformat(v) for v in values], pa.timestamp("us"))
        if name in ("amount", "cost"):
            whole = [None if v is None else round(Fraction(v) * 10_000) for v in values]
            return pa.array(whole, pa.int64())
        if name == "rate":
            return pa.array([float(v) for v in values], pa.float64())
        if name == "valid_from":
            return pa.array([dt.date.fromisoformat(v) for v in values], pa.date32())
        return pa.array(values, pa.string())

    for name, rows in tables.items():
        engine.connection.drop_table(name, force=True)
        if rows:
            columns = {one: column(one, [row[one] for row in rows]) for one in rows[0]}
            engine.load({name: pa.table(columns)})
    loaded = materialise(open_on(engine)) if derived else open_on(engine)
    return Asked(loaded, loaded.tables)
