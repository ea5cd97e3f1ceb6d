"""Parquet files: typed ones, wide ones, bombs."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_core.base import InputError
from crm_core.sources.limits import Limits
from crm_core.sources.previewing import read_header
from tests.sources.files import ORDERS, rows, staged, values

MOMENTS = [datetime.datetime(2020, 1, 2, 3, 4, 5), datetime.datetime(2020, 1, 3)]


def file(tmp_path: Path, **columns: Any) -> Path:
    """A Parquet file of orders; `columns` goes before what they usually are."""
    usual = {
        "order": pa.array(["1", "2"]),
        "customer": pa.array(["a", None]),
        "date": pa.array(MOMENTS, pa.timestamp("us")),
        "amount": pa.array([3.25, -0.1]),
    }
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({**usual, **columns}), path)
    return path


def test_typed_columns_keep_what_they_are(tmp_path: Path) -> None:
    result = staged(file(tmp_path))
    assert (result.read, result.accepted, result.guests) == (2, 2, 1)
    assert [(row["ordered_at"], row["amount"], row["customer_id"]) for row in rows(result)] == [
        (MOMENTS[0], 32_500, "a"),
        (MOMENTS[1], -1_000, None),
    ]


@pytest.mark.parametrize(
    "amounts",
    [
        pa.array([3, 4], pa.int8()),
        pa.array([3, 4], pa.uint64()),
        pa.array([Decimal("3.00"), Decimal("4.00")]),
        pa.array([3.0, 4.0], pa.float32()),
        pa.array(["3", "4.0"]),
        pa.array(["3", "4.0"], pa.large_string()),
        pa.array(["3", "4.0"]).dictionary_encode(),
        pa.array([b"3", b"4.0"], pa.binary()),
    ],
    ids=lambda amounts: str(amounts.type),
)
def test_numbers_of_every_kind(tmp_path: Path, amounts: Any) -> None:
    assert sorted(values(staged(file(tmp_path, amount=amounts)), "amount")) == [30_000, 40_000]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "Asia/Tehran", "UTC"])
def test_moments_of_every_kind(tmp_path: Path, unit: str, zone: str | None) -> None:
    result = staged(file(tmp_path, date=pa.array(MOMENTS, pa.timestamp(unit, zone))), zone="Asia/Bangkok")
    later = datetime.timedelta(hours=7) if zone else datetime.timedelta()
    assert sorted(values(result, "ordered_at")) == [moment + later for moment in MOMENTS]


def test_a_moment_with_a_zone_needs_the_base_s_own(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"import\.time_zone_missing"):
        staged(file(tmp_path, date=pa.array(MOMENTS, pa.timestamp("us", "UTC"))))


def test_days_and_texts_as_dates(tmp_path: Path) -> None:
    days = [moment.date() for moment in MOMENTS]
    assert values(staged(file(tmp_path, date=pa.array(days, pa.date32()))), "ordered_at")[0].date() == days[0]
    jalali = "source: {calendar: jalali}\n" + ORDERS
    texts = file(tmp_path, date=pa.array(["1398/10/12", "۱۳۹۸/۱۰/۱۳"]))
    assert [moment.date() for moment in values(staged(texts, jalali, into="other"), "ordered_at")] == days


def test_options_are_about_texts_and_leave_typed_columns_alone(tmp_path: Path) -> None:
    path = file(tmp_path, quantity=pa.array(["1,5", "2,0"]))
    mapping = "source: {calendar: jalali, decimal: ','}\n" + ORDERS.replace(
        "amount: amount", "amount: amount, quantity: quantity"
    )
    result = staged(path, mapping)
    assert values(result, "quantity") == [15_000, 20_000]
    assert values(result, "amount") == [32_500, -1_000]


def test_columns_without_plain_values_are_not_there(tmp_path: Path) -> None:
    path = file(
        tmp_path,
        nested=pa.array([[1], [2]]),
        blob=pa.array([b"\xff", b"\xfe"], pa.binary()),
    )
    assert read_header(path).columns == ("order", "customer", "date", "amount")
    assert staged(path).accepted == 2


def test_rows_are_numbered_from_one(tmp_path: Path) -> None:
    result = staged(file(tmp_path, amount=pa.array(["3", "x"])))
    assert result.rejects is not None
    assert result.rejects.read_text().splitlines()[1].startswith("2,reject.bad_number,orders.amount,")


def test_damage(tmp_path: Path) -> None:
    path = file(tmp_path)
    whole = path.read_bytes()
    for damaged in (whole[:-10], b"PAR1", b"PAR1" + whole[200:], whole[:40] + b"\xff" * 60 + whole[100:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError) as refusal:
            staged(path)
        assert refusal.value.key in (
            "import.parquet_unreadable",
            "import.all_rejected",
            "import.column_missing",
        )
        assert not (tmp_path / "staging").exists()


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["a", "a"])
    pq.write_table(table, tmp_path / "orders.parquet")
    with pytest.raises(InputError, match=r"import\.duplicate_columns"):
        staged(tmp_path / "orders.parquet")


def test_nothing_in_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pq.write_table(pa.table({"order": pa.array([], pa.string())}), path)
    with pytest.raises(InputError, match=r"import\.header_only"):
        staged(path)


def test_more_cells_than_the_limit_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    one = pa.table({"order": pa.array(["x"] * 1_000_000).dictionary_encode()})
    with pq.ParquetWriter(path, one.schema) as writer:
        for _ in range(20):
            writer.write_table(one)
    assert path.stat().st_size < 1 << 16
    with pytest.raises(InputError) as refusal:
        staged(path, limits=Limits(cells=10_000_000))
    assert refusal.value.key == "import.too_many_cells"
    assert refusal.value.values["rows"] == 20_000_000


def test_a_long_value_repeated_is_held_once(tmp_path: Path) -> None:
    """65,536 times 8 MB would be 512 GB, and as often 8 KB half a one."""
    path = tmp_path / "bomb.parquet"
    for length in (8 << 20, 8 << 10):
        value = pa.array(["x" * length])
        column = pa.DictionaryArray.from_arrays(pa.array([0] * 65_536, pa.int32()), value)
        pq.write_table(pa.table({"customer": column}), path, compression="zstd")
        assert path.stat().st_size < 1 << 16
        assert len(read_header(path).rows[0][0]) == 1_000
        with pytest.raises(InputError, match=r"import\.too_large"):
            staged(path, "customers: {columns: {customer_id: customer}}")


def test_nul_characters(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"import\.nul_bytes"):
        staged(file(tmp_path, customer=pa.array(["a\0b", "c"])))
