"""Rows sorted in bounded memory: runs that fit are sorted and set aside, and merged in the end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from crm_core.sources.latest import ranks

ROW_GROUP: Final = 122_880
"""Rows of a row group: what DuckDB reads with one thread."""
_CHUNK: Final = 16_384
_LAST: Final = np.iinfo(np.int64).max

Reduce = Callable[[Any], Any]
"""From a table in one chunk to a table with fewer rows, at most one for each value of the first key."""


class SortedRuns:
    """Collects batches and writes them as one sorted Parquet file.

    Nothing is set aside as long as all rows fit into one run. Rows with equal keys keep the order in which
    they came, nothing (a guest) comes last.

    Args:
        directory: Where runs are set aside, by this table alone.
        keys: Columns to sort by: texts, moments or days.
        run_bytes: Memory for rows that are not sorted yet.
        reduce: Applied to each run and to what is merged; `keys` must then be one column.
    """

    def __init__(
        self, directory: Path, keys: tuple[str, ...], run_bytes: int, reduce: Reduce | None = None
    ) -> None:
        self._directory = directory
        self._keys = keys
        self._run_bytes = run_bytes
        self._reduce = reduce
        self._waiting: list[Any] = []
        self._waiting_bytes = 0
        self._runs: list[Path] = []

    def append(self, batch: Any) -> None:
        """Take in some rows; every batch has the same columns."""
        if not batch.num_rows:
            return
        self._waiting.append(batch)
        self._waiting_bytes += batch.nbytes
        if self._waiting_bytes >= self._run_bytes:
            self._set_aside()

    def tables(self) -> Iterator[Any]:
        """All rows in order, part by part; what was set aside is gone once it was read."""
        if not self._runs:
            if self._waiting:
                yield from self._sorted(ROW_GROUP)
            return
        if self._waiting:
            self._set_aside()
        readers = [_Run(path, self._keys) for path in self._runs]
        while live := [run for run in readers if run.fill()]:
            bound = min(run.last_key() for run in live)
            merged = pa.concat_tables([run.take_until(bound) for run in live])
            yield from self._in_order(merged, merged.num_rows)
        for path in self._runs:
            path.unlink()

    def _sorted(self, rows: int) -> Iterator[Any]:
        table = pa.Table.from_batches(self._waiting)
        self._waiting, self._waiting_bytes = [], 0
        return self._in_order(table, rows)

    def _in_order(self, table: Any, rows: int) -> Iterator[Any]:
        """The rows of a table in order, so many at a time: never is all of it there twice."""
        table = table.unify_dictionaries().combine_chunks()
        if self._reduce is not None:
            table = self._reduce(table).unify_dictionaries().combine_chunks()
        order = pa.array(order_of(table, self._keys))
        for start in range(0, len(order), rows):
            yield plain(table.take(order.slice(start, rows)))

    def _set_aside(self) -> None:
        if self._reduce is not None and self._reduced_enough(self._reduce):
            return
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / f"{len(self._runs):06d}.arrow"
        schema = plain(self._waiting[0].slice(0, 0)).schema
        options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema, options=options) as writer:
            for table in self._sorted(_CHUNK):
                writer.write_table(table)
        self._runs.append(path)

    def _reduced_enough(self, reduce: Reduce) -> bool:
        """Reduce what waits; True when it has become so small that it may go on waiting."""
        table = pa.Table.from_batches(self._waiting).unify_dictionaries().combine_chunks()
        self._waiting = reduce(table).to_batches()
        self._waiting_bytes = sum(batch.nbytes for batch in self._waiting)
        return self._waiting_bytes < self._run_bytes // 2


def plain(table: Any) -> Any:
    """The same rows with texts as they are, not as places in a dictionary."""
    schema = pa.schema([(field.name, _plain_type(field.type)) for field in table.schema])
    return table.cast(schema)


def _plain_type(kind: Any) -> Any:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


class _Run:
    """A run that was set aside, read again chunk by chunk."""

    def __init__(self, path: Path, keys: tuple[str, ...]) -> None:
        self._reader = pa.ipc.open_stream(pa.OSFile(str(path), "rb"))
        self._keys = keys
        self._chunk: Any = None
        self._start = 0

    def fill(self) -> bool:
        """Have a chunk with rows left; False when the run is used up."""
        while self._chunk is None or self._start >= self._chunk.num_rows:
            try:
                self._chunk = pa.Table.from_batches([self._reader.read_next_batch()])
            except StopIteration:
                self._reader.close()
                return False
            self._start = 0
        return True

    def _key(self, row: int) -> tuple[tuple[bool, Any], ...]:
        found = []
        for name in self._keys:
            value = self._chunk[name][row].as_py()
            # Texts are sorted by their bytes; nothing comes last.
            found.append((value is None, value.encode() if isinstance(value, str) else value))
        return tuple(found)

    def last_key(self) -> tuple[tuple[bool, Any], ...]:
        """The key of the last row at hand."""
        return self._key(self._chunk.num_rows - 1)

    def take_until(self, bound: tuple[tuple[bool, Any], ...]) -> Any:
        """The rows at hand up to a key."""
        rows = range(self._chunk.num_rows)
        end = bisect_right(rows, bound, lo=self._start, key=self._key)
        taken = self._chunk.slice(self._start, end - self._start)
        self._start = end
        return taken


def order_of(table: Any, keys: tuple[str, ...]) -> Any:
    """The rows of a table in ascending order of some of its columns; null last, equal ones as they came."""
    return np.lexsort([_places(table[name].combine_chunks()) for name in reversed(keys)])


def _places(column: Any) -> Any:
    if pa.types.is_dictionary(column.type) or pa.types.is_string(column.type):
        places, _ = ranks(column)
        return np.where(places < 0, _LAST, places)
    whole = column.view(pa.int64() if pa.types.is_timestamp(column.type) else pa.int32()).cast(pa.int64())
    return whole.fill_null(_LAST).to_numpy(zero_copy_only=False)


def write_parquet(tables: Iterator[Any], path: Path, schema: Any, keys: tuple[str, ...]) -> int:
    """Write tables as one Parquet file with columns in the schema's order, null where a table has none.

    Returns:
        The number of rows.
    """
    rows = 0
    waiting: list[Any] = []
    # Bounds of texts by which nobody looks would be a tenth of the work.
    bounded = [field.name for field in schema if not pa.types.is_string(field.type) or field.name in keys]
    with pq.ParquetWriter(
        path, schema, compression="snappy", store_schema=False, write_statistics=bounded
    ) as writer:

        def flush(*, all_rows: bool) -> None:
            nonlocal waiting
            if not waiting:
                return
            table = pa.concat_tables(waiting)
            whole = table.num_rows if all_rows else table.num_rows // ROW_GROUP * ROW_GROUP
            if whole:
                writer.write_table(table.slice(0, whole), row_group_size=ROW_GROUP)
            waiting = [table.slice(whole)] if whole < table.num_rows else []

        for table in tables:
            rows += table.num_rows
            waiting.append(_laid_out(table, schema))
            if sum(part.num_rows for part in waiting) >= ROW_GROUP:
                flush(all_rows=False)
        flush(all_rows=True)
    return rows


def _laid_out(table: Any, schema: Any) -> Any:
    columns = []
    for field in schema:
        if field.name in table.schema.names:
            columns.append(table[field.name])
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    return pa.Table.from_arrays(columns, schema=schema)
