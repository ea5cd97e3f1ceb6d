"""A metric is the same file, to the last byte, wherever the customer base lies."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from crm_core.engine.versions import BaseDirectory
from crm_core.exports.plain import FORMATS, write
from crm_core.tables import Metric
from crm_core.workspace import METRICS, Workspace, open_base
from tests.engine.bases import (
    as_arrow,
    bring_tables,
    ids,
    some_contacts,
    some_contracts,
    some_customers,
    some_lines,
    some_rates,
)
from tests.engines import Engine
from tests.needed import LEARNT, options_needed


@pytest.fixture
def both(engine: Engine, tmp_path: Path) -> Iterator[tuple[Workspace, Workspace]]:
    """The same lines in a directory of ours and on an engine of a company's own."""
    chance = random.Random(11)
    names = [*ids("c", 60), "Ünal", "پرنیان", "001", "1", "c-1", "C1"]
    tables = {
        "orders": some_lines(
            chance, 900, customers=[*names, None], orders=ids("o", 300), currencies=(None, "EUR", "USD")
        ),
        "rates": some_rates(chance),
        "customers": some_customers(chance, names),
        "contracts": some_contracts(chance, names),
        "contacts": some_contacts(chance, names),
    }
    base = BaseDirectory(tmp_path / "base")
    bring_tables(base, "one", tables)
    # A directory provides what its files filled; a column of nothing would be one more that is provided.
    engine.load({name: _filled(as_arrow(name, rows)) for name, rows in tables.items()})
    here, there = open_base(str(base.path)), open_base(engine.url)
    yield here, there
    here.close()
    there.close()


def _filled(rows: pa.Table) -> pa.Table:
    return rows.select([name for name in rows.column_names if rows[name].null_count < rows.num_rows])


def written(workspace: Workspace, metric: Metric, form: str) -> bytes:
    output = io.BytesIO()
    options = options_needed(metric, workspace.as_of)
    write(workspace.table(metric, as_of=workspace.as_of, **options), form, output)
    return output.getvalue()


def test_a_metric_is_the_same_file_on_every_engine(both: tuple[Workspace, Workspace]) -> None:
    here, there = both
    assert here.as_of == there.as_of
    # Of 60 customers nothing is learnt; tests of the room have more.
    for metric in [one for one in METRICS.values() if one not in LEARNT]:
        for form in FORMATS:
            expected = written(here, metric, form)
            assert len(expected.splitlines()) > 1
            assert written(there, metric, form) == expected, (metric.name, form)
