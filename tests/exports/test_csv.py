"""CSV for people: letters, numbers, and nothing that a spreadsheet would calculate."""

from __future__ import annotations

import csv
import datetime as dt
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.exports.csv import csv_bytes

FORMULA = "=+-@＝＋－＠"


def cells(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_a_table_comes_back_as_it_is() -> None:
    rows = [("00042", "مریم", 1.5, 3, dt.date(2024, 2, 29)), ("ก", 'O\'Hara, "Jo"', 1e7, 0, None)]
    written = cells(csv_bytes(["id", "name", "amount", "count", "day"], rows))
    assert written[0] == ["id", "name", "amount", "count", "day"]
    assert written[1] == ["00042", "مریم", "1.5", "3", "2024-02-29"]
    assert written[2] == ["ก", 'O\'Hara, "Jo"', "10000000", "0", ""]


def test_it_begins_with_the_mark_by_which_spreadsheets_know_utf_8() -> None:
    assert csv_bytes(["مبلغ"], []) == b"\xef\xbb\xbf" + "مبلغ\r\n".encode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.1 + 0.2, "0.3"),
        (-1234.5, "-1234.5"),
        (123456789.25, "123456789.25"),
        (np.float64(2.0), "2"),
        (np.int64(-7), "-7"),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (True, "1"),
        (np.bool_(False), "0"),
        (pd.Timestamp("2024-01-05 13:30"), "2024-01-05 13:30:00"),
    ],
)
def test_values_are_written_for_other_programs(value: object, written: str) -> None:
    assert cells(csv_bytes(["x", "y"], [(value, "z")]))[1] == [written, "z"]


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+66812345678", "-cmd", "@SUM(A1)", "＝1", "\t=1", " =1", "\r=1", "a;=1", "a\t+1", "a|=1"],
)
def test_no_text_becomes_a_formula(text: str) -> None:
    (written,) = cells(csv_bytes(["x"], [(text,)]))[1]
    assert "'" in written
    assert written.replace("'", "") == text


def test_a_heading_is_as_safe_as_a_cell() -> None:
    assert cells(csv_bytes(["=1+1"], [])) == [["'=1+1"]]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_spreadsheet_never_sees_a_formula_at_the_start_of_a_cell(text: str) -> None:
    data = csv_bytes(["x", "y"], [("a", text)]).decode("utf-8-sig")
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(data, newline=""), delimiter=separator):
            assert not any(cell.lstrip(" ")[:1] in FORMULA and cell.strip() for cell in row), (separator, row)


def test_something_without_a_form_is_refused() -> None:
    with pytest.raises(TypeError, match="list"):
        csv_bytes(["x"], [([1],)])
