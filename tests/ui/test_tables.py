"""Values as they are read in a table."""

from __future__ import annotations

import datetime as dt
import re

import pandas as pd
import pytest

from crm_core.i18n import language
from crm_core.ui.tables import Column, Kind, Sorting, html, written


@pytest.mark.parametrize(
    ("code", "value", "kind", "expected"),
    [
        ("en", 1234.5, "money", "£1,235"),
        ("en", 0.123, "share", "12.3%"),
        ("en", 0.1, "change", "+10%"),
        ("en", 1234567, "count", "1,234,567"),
        ("en", 2.345, "ratio", "2.35"),
        ("en", dt.datetime(2024, 3, 20, 23, 59), "date", "20 Mar 2024"),
        ("fa", pd.Timestamp("2024-03-20 10:00"), "date", "۱ فروردین ۱۴۰۳"),
        ("th", dt.date(2024, 3, 20), "date", "20 มี.ค. 2567"),
        ("en", 2024 * 12 + 2, "month", "Mar 2024"),
        ("fa", 1403 * 12, "month", "فروردین ۱۴۰۳"),
        ("en", True, "flag", "yes"),
        ("en", "00042", "text", "00042"),
        ("en", None, "text", "–"),
        ("en", float("nan"), "money", "–"),
        ("en", pd.NaT, "date", "–"),
    ],
)
def test_a_value_is_written_for_its_reader(code: str, value: object, kind: Kind, expected: str) -> None:
    shown = written(language(code), value, kind, "GBP")
    assert re.sub("[\u2066-\u2069]", "", shown) == expected


def test_rows_after_the_leading_ones_can_be_asked_for_on_a_narrow_screen() -> None:
    columns, rows = [Column("Customer", "id")], [["a"], ["b"], ["c"]]
    folded = html(columns, rows, leading=2, everything="Show all 3")
    assert re.findall(r"<tr([^>]*)><td", folded) == ["", "", ' class="mo-minor"']
    assert "<summary>Show all 3</summary>" in folded
    whole = html(columns, rows, leading=3, everything="Show all 3")
    assert "mo-minor" not in whole
    assert "<details" not in whole


def test_a_long_table_may_fold_on_every_screen() -> None:
    rows = [[str(number)] for number in range(5)]
    folded = html([Column("Order")], rows, leading=2, folds=True, everything="Show all")
    assert folded.count('class="mo-minor"') == 3
    assert 'class="mo-scroll mo-folds"' in folded
    assert "Show all" in folded
    assert "mo-folds" not in html([Column("Order")], rows, leading=2, everything="Show all")


def test_a_cell_of_several_parts_is_one_to_a_narrow_screen() -> None:
    shown = html([Column("Customer", "id"), Column("Reasons")], [["a", "won through \u2068Store\u2069"]])
    assert "<span>won through <bdi>Store</bdi></span></td>" in shown


def test_only_what_sorts_stands_after_the_words_that_say_so() -> None:
    columns, rows = [Column("Customer", "id"), Column("Reasons")], [["a", "silent"]]
    sorted_by = html(columns, rows, sortings={0: Sorting("?sort=a", "ascending")}, sort_by="Sort by:")
    assert '<tr data-label="Sort by:">' in sorted_by
    assert sorted_by.count("aria-sort") == 1
    assert "Sort by:" not in html(columns, rows, sort_by="Sort by:")
