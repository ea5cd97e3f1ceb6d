"""Any table as texts, read beside this process."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_core.base import InputError
from crm_core.sources.child import read_plain_in_child
from crm_core.sources.limits import Limits
from crm_core.sources.plain import plain_numbers, read_plain


def test_texts_without_blanks_and_null_for_nothing(tmp_path: Path) -> None:
    path, target = tmp_path / "a.csv", tmp_path / "rows.parquet"
    path.write_text("id;amount;note\n007; 1,5 ;N/A\n008;;-\n009;2\n")
    assert read_plain_in_child(path, target) == 1
    assert pq.read_table(target).to_pylist() == [
        {"id": "007", "amount": "1,5", "note": None},
        {"id": "008", "amount": None, "note": None},
    ]


def test_limits_hold(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,amount\n1,2\n")
    with pytest.raises(InputError) as refused:
        read_plain(path, tmp_path / "rows.parquet", Limits(file_bytes=3))
    assert refused.value.key == "import.too_large"
    with pytest.raises(InputError) as refused:
        read_plain_in_child(tmp_path / "none.csv", tmp_path / "rows.parquet")
    assert refused.value.key == "import.file_not_found"


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,plan,plan\n1,a,b\n")
    with pytest.raises(InputError) as refused:
        read_plain_in_child(path, tmp_path / "rows.parquet")
    assert refused.value.key == "import.duplicate_columns"
    assert refused.value.values["columns"] == "plan"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.5", "-2", "1e3"], [1.5, -2, 1000]),
        (["1,5", "-2", "1.000,25"], [1.5, -2, 1000.25]),
        (["1,000", "12", "1,234,567.5"], [1000, 12, 1234567.5]),
        (["۱٫۵", "−۲", "۱٬۰۰۰"], [1.5, -2, 1000]),
        (["๑.๕", "-๒", "๑,๐๐๐"], [1.5, -2, 1000]),
        (["12 %", "۵٪", "%7"], [0.12, 0.05, 0.07]),
        ([None, None, "3"], [np.nan, np.nan, 3]),
    ],
)
def test_numbers_are_read_as_people_write_them(texts: list[str | None], expected: list[float]) -> None:
    (found,) = plain_numbers(pa.table({"x": pa.array(texts, pa.string())})).values()
    np.testing.assert_allclose(found.values, expected)
    assert not found.others


def test_a_mark_that_may_be_both_is_read_as_in_the_other_columns() -> None:
    table = pa.table({"x": ["1.234", "999"], "y": ["1,5", "2,25"], "z": ["a", "1.5"]})
    assert plain_numbers(table)["x"].values.tolist() == [1234, 999]
    assert plain_numbers(table.drop_columns("y"))["x"].values.tolist() == [1.234, 999]


def test_what_the_file_knows_as_numbers_has_a_point(tmp_path: Path) -> None:
    path, target = tmp_path / "a.parquet", tmp_path / "rows.parquet"
    pq.write_table(pa.table({"x": [1.234, 2.5e-3], "y": ["1,5", "2,5"], "z": [1.125, 2.375]}), path)
    read_plain(path, target, Limits())
    found = plain_numbers(pq.read_table(target))
    assert found["x"].values.tolist() == [1.234, 0.0025]
    assert found["z"].values.tolist() == [1.125, 2.375]


@pytest.mark.parametrize(("strange", "others"), [(1, 1), (5, 5), (6, None)])
def test_a_few_cells_that_are_no_numbers_count_as_missing(strange: int, others: int | None) -> None:
    texts = [str(number) for number in range(100 - strange)] + ["unknown"] * strange + [None] * 10
    found = plain_numbers(pa.table({"x": texts}))
    assert (found["x"].others if "x" in found else None) == others
