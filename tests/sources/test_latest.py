"""One row a customer: the value that was known last, however the rows came together."""

from __future__ import annotations

import datetime
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crm_core.sources.latest import latest_values, with_moments

Row = tuple[str, int, str | None, int | None]
rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "ب"]),
        st.integers(-5, 5),
        st.none() | st.sampled_from(["x", "y", "é", "z"]),
        st.none() | st.integers(-2, 2),
    ),
    min_size=1,
    max_size=30,
)
EPOCH = datetime.datetime(1970, 1, 1)


def table(found: list[Row]) -> Any:
    batch = pa.RecordBatch.from_arrays(
        [
            pa.array([row[0] for row in found]).dictionary_encode(),
            pa.array([row[2] for row in found], pa.string()).dictionary_encode(),
            pa.array([row[3] for row in found], pa.int32()).cast(pa.date32()),
            pa.array([row[1] * 1_000_000 for row in found]).cast(pa.timestamp("us")),
        ],
        names=["customer_id", "city", "birth_date", "valid_at"],
    )
    return pa.Table.from_batches([with_moments(batch)])


def reduced(found: Any) -> dict[str, dict[str, Any]]:
    result = latest_values(found).to_pylist()
    assert len({row["customer_id"] for row in result}) == len(result)
    return {row["customer_id"]: row for row in result}


def slow(found: list[Row]) -> dict[str, dict[str, Any]]:
    customers: dict[str, dict[str, Any]] = {}
    for who in {row[0] for row in found}:
        mine = [row for row in found if row[0] == who]
        city = max(((row[1], row[2].encode()) for row in mine if row[2] is not None), default=None)
        birth = max(((row[1], row[3]) for row in mine if row[3] is not None), default=None)
        customers[who] = {
            "customer_id": who,
            "valid_at": EPOCH + datetime.timedelta(seconds=max(row[1] for row in mine)),
            "city": city and city[1].decode(),
            "city_valid_at": city and EPOCH + datetime.timedelta(seconds=city[0]),
            "birth_date": birth and EPOCH.date() + datetime.timedelta(days=birth[1]),
            "birth_date_valid_at": birth and EPOCH + datetime.timedelta(seconds=birth[0]),
        }
    return customers


@given(rows)
def test_the_latest_value_of_each_column_wins_and_the_greater_of_two_at_once(found: list[Row]) -> None:
    assert reduced(table(found)) == slow(found)


@given(rows, st.randoms(), st.integers(0, 30))
def test_neither_the_order_of_rows_nor_their_division_matters(
    found: list[Row], random: Any, cut: int
) -> None:
    expected = reduced(table(found))
    mixed = list(found)
    random.shuffle(mixed)
    parts = [part for part in (mixed[:cut], mixed[cut:]) if part]
    once = [latest_values(table(part)) for part in parts]
    together = pa.concat_tables(once).unify_dictionaries().combine_chunks()
    assert reduced(together) == expected


def test_moments_too_far_apart_for_one_number() -> None:
    far: list[Row] = [("a", -6_000_000_000, f"v{place}", None) for place in range(2_000)]
    far.append(("a", 6_000_000_000, "w", None))
    assert reduced(table(far))["a"]["city"] == "w"
