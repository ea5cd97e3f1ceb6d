"""Sorting in bounded memory gives what sorting at once gives."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.sources import runs
from crm_core.sources.runs import SortedRuns, write_parquet

KEYS = ("customer_id", "ordered_at", "order_id")
Row = tuple[str | None, int, str, int]
SCHEMA = pa.schema(
    [
        ("customer_id", pa.string()),
        ("ordered_at", pa.timestamp("us")),
        ("order_id", pa.string()),
        ("amount", pa.int64()),
        ("brand", pa.string()),
    ]
)


def batch(rows: list[Row]) -> Any:
    return pa.RecordBatch.from_arrays(
        [
            pa.array([row[0] for row in rows], pa.string()).dictionary_encode(),
            pa.array([row[1] for row in rows], pa.int64()).cast(pa.timestamp("us")),
            pa.array([row[2] for row in rows]).dictionary_encode(),
            pa.array([row[3] for row in rows], pa.int64()),
        ],
        names=["customer_id", "ordered_at", "order_id", "amount"],
    )


def expected(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[0] is None, (row[0] or "").encode(), row[1], row[2].encode()))


def written(directory: Path, batches: list[list[Row]], run_bytes: int) -> list[Row]:
    collected = SortedRuns(directory / "runs", KEYS, run_bytes)
    for rows in batches:
        collected.append(batch(rows))
    path = directory / "part.parquet"
    count = write_parquet(collected.tables(), path, SCHEMA, KEYS)
    table = pq.read_table(path)
    assert table.schema.equals(SCHEMA)
    assert table.num_rows == count
    assert not list(directory.glob("runs/*"))
    found = table.to_pylist()
    epoch = datetime.datetime(1970, 1, 1)
    return [
        (
            row["customer_id"],
            (row["ordered_at"] - epoch) // datetime.timedelta(microseconds=1),
            row["order_id"],
            row["amount"],
        )
        for row in found
    ]


rows_strategy = st.lists(
    st.lists(
        st.tuples(
            st.none() | st.text("abßب\U0001f600", max_size=2),
            st.integers(-3, 3),
            st.sampled_from(["", "1", "10", "9", "é"]),
            st.integers(),
        ).map(lambda row: (row[0], row[1], row[2], row[3] % 1_000)),
        max_size=12,
    ),
    max_size=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows_strategy, st.sampled_from([1, 300, 2_000, 1 << 20]), st.sampled_from([1, 3, 16_384]))
def test_runs_that_were_set_aside_merge_to_the_same(
    tmp_path: Path, batches: list[list[Row]], run_bytes: int, chunk: int
) -> None:
    whole = [row for rows in batches for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "_CHUNK", chunk)
        found = written(tmp_path, batches, run_bytes)
    assert [row[:3] for row in found] == [row[:3] for row in expected(whole)]
    assert sorted(found, key=repr) == sorted(whole, key=repr)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows_strategy)
def test_rows_with_equal_keys_stay_in_the_order_in_which_they_came(
    tmp_path: Path, batches: list[list[Row]]
) -> None:
    assert written(tmp_path, batches, 1 << 20) == expected([row for rows in batches for row in rows])


def test_row_groups_are_full(tmp_path: Path) -> None:
    rows: list[Row] = [(f"c{number % 977}", number, "1", number) for number in range(300_000)]
    written(tmp_path, [rows[start : start + 10_000] for start in range(0, 300_000, 10_000)], 1_000_000)
    metadata = pq.read_metadata(tmp_path / "part.parquet")
    sizes = [metadata.row_group(place).num_rows for place in range(metadata.num_row_groups)]
    assert sizes == [122_880, 122_880, 54_240]


def test_nothing_at_all(tmp_path: Path) -> None:
    assert written(tmp_path, [], 1_000) == []
