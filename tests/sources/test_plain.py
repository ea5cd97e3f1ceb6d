"""Any table as texts, read beside this process."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from crm_core.base import InputError
from crm_core.sources.child import read_plain_in_child
from crm_core.sources.limits import Limits
from crm_core.sources.plain import read_plain


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
