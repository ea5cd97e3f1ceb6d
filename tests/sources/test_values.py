"""Texts, flags and currencies, and the cells of the rejects file."""

from __future__ import annotations

import pyarrow as pa
import pytest

from crm_core.sources import values
from crm_core.sources.columns import coded
from crm_core.sources.rejects import safe
from crm_core.sources.states import BAD, MISSING, NULL_IDS, NULL_TEXTS, OK


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        *((word, True) for word in ("true", "TRUE", "Yes", "y", "1", "۱", "๑", "on", "بله", " yes ", "ใช่")),
        *((word, False) for word in ("false", "No", "n", "0", "۰", "off", "خیر", "ไม่ใช่")),
    ],
)
def test_yes_and_no(text: str, flag: bool) -> None:
    parsed = values.parse_flag(coded(pa.array([text])))
    assert parsed.array.to_pylist() == [flag]
    assert parsed.states.tolist() == [OK]


@pytest.mark.parametrize(("text", "state"), [("", MISSING), ("NULL", MISSING), ("perhaps", BAD), ("2", BAD)])
def test_neither_yes_nor_no(text: str, state: int) -> None:
    parsed = values.parse_flag(coded(pa.array([text, "yes"])))
    assert parsed.array.to_pylist() == [None, True]
    assert parsed.states.tolist() == [state, OK]


def test_texts_lose_what_stands_around_them_and_nothing_inside() -> None:
    column = coded(pa.array([" a b ", "a b", "\u200fي‌ك\u200f", "\t", "Null", "=1+1", "\ufeffx"]))
    parsed = values.parse_text(column, NULL_TEXTS)
    assert parsed.array.to_pylist() == ["a b", "a b", "ي‌ك", None, "Null", "=1+1", "x"]
    assert len(set(parsed.array.dictionary.to_pylist())) == len(parsed.array.dictionary)


def test_words_for_nothing_are_nothing_in_ids_only() -> None:
    words = ["NULL", "nan", "None", "n/a", "\\N", "NA", "0"]
    column = coded(pa.array(words))
    assert values.parse_text(column, NULL_IDS).array.to_pylist() == [None] * 5 + ["NA", "0"]
    assert values.parse_text(column, NULL_TEXTS).array.to_pylist() == [*words[:4], None, "NA", "0"]


def test_currencies_are_codes_in_capitals() -> None:
    parsed = values.parse_currency(coded(pa.array(["gbp", " THB ", "", "£", "EURO", None])))
    assert parsed.array.to_pylist() == ["GBP", "THB", None, None, None, None]
    assert parsed.states.tolist() == [OK, OK, MISSING, BAD, BAD, MISSING]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "  =1", "＝1", "|a", "%a"])
def test_what_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert safe(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "1+1", "مشتری", "'=1"])
def test_other_cells_stay_as_they_are(text: str) -> None:
    assert safe(text) == text
