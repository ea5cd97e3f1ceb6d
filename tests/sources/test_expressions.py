"""The language of mappings: what it reads, what it refuses."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.base import InputError
from crm_core.sources.expressions import (
    Column,
    Negation,
    Number,
    Operation,
    Text,
    columns_of,
    parse,
    require_kind,
)
from crm_core.sources.headers import SourceColumns

COLUMNS = SourceColumns(
    ["Quantity", "Price", "Unit Price", "مبلغ کل", "วันที่", "Total-Amount", "a.b", "نام‌مشتری", "2nd"]
)


def test_a_column_by_its_own_name_is_that_column_whatever_characters_it_has() -> None:
    for name in COLUMNS.names:
        assert parse(name, "amount", COLUMNS) == Column(name)


def test_product_binds_closer_than_sum_and_sums_run_from_the_left() -> None:
    tree = parse("Quantity - Price * 2 - 1.5", "amount", COLUMNS)
    product = Operation("*", Column("Price"), Number("2"))
    assert tree == Operation("-", Operation("-", Column("Quantity"), product), Number("1.5"))


def test_parentheses_and_signs() -> None:
    assert parse("-(Quantity / Price)", "amount", COLUMNS) == Negation(
        Operation("/", Column("Quantity"), Column("Price"))
    )
    assert parse("- - +Quantity", "amount", COLUMNS) == Column("Quantity")


@pytest.mark.parametrize(
    "quoted", ["`Unit Price` * Quantity", '"Unit Price" * Quantity', "Unit_Price*Quantity"]
)
def test_names_with_spaces_are_quoted_or_written_as_one_word(quoted: str) -> None:
    assert parse(quoted, "amount", COLUMNS) == Operation("*", Column("Unit Price"), Column("Quantity"))


def test_names_in_persian_and_thai_need_no_quotes_but_for_spaces() -> None:
    assert parse("วันที่ || ' ' || نام‌مشتری", "name", COLUMNS) == Operation(
        "||", Operation("||", Column("วันที่"), Text(" ")), Column("نام‌مشتری")
    )


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "   ",
        "Quantity *",
        "* Quantity",
        "Quantity Price",
        "(Quantity",
        "Quantity)",
        "Quantity ** 2",
        "Quantity % 2",
        "Quantity // 2",
        "'open",
        "`open",
        "Quantity; Price",
        "Quantity = Price",
        "1e9",
        "0x10",
        "Quantity[0]",
        "()",
        "9" * 19,
        "(" * 60 + "Quantity" + ")" * 60,
        "Quantity" + "+Quantity" * 100,
    ],
)
def test_what_is_no_expression_is_refused_with_its_text(expression: str) -> None:
    with pytest.raises(InputError) as refusal:
        parse(expression, "amount", COLUMNS)
    assert refusal.value.key == "import.expression_unreadable"
    assert refusal.value.values == {"column": "amount", "expression": expression}


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os').system('true')",
        "open('x')",
        "Price if Quantity else 1",
        "lambda: Price",
        "Price.real",
    ],
)
def test_nothing_of_python_gets_through(expression: str) -> None:
    with pytest.raises(InputError):
        parse(expression, "amount", COLUMNS)


def test_a_missing_column_is_named_with_those_that_are_there() -> None:
    with pytest.raises(InputError) as refusal:
        parse("Quantity * Cost", "amount", COLUMNS)
    assert refusal.value.key == "import.column_missing"
    assert refusal.value.values["column"] == "Cost"
    assert "Unit Price" in str(refusal.value.values["columns"])


@pytest.mark.parametrize("expression", ["'a' + Quantity", "Quantity || Price", "-'a'"])
def test_texts_are_no_numbers(expression: str) -> None:
    tree = parse(expression, "amount", COLUMNS)
    with pytest.raises(InputError, match=r"import\.expression_kind"):
        require_kind(tree, expression, "amount", numeric=True)


@pytest.mark.parametrize(
    "expression", ["Quantity * Price", "-Quantity", "Quantity - Price", "Quantity + -Price"]
)
def test_numbers_are_no_texts(expression: str) -> None:
    tree = parse(expression, "name", COLUMNS)
    with pytest.raises(InputError, match=r"import\.expression_kind"):
        require_kind(tree, expression, "name", numeric=False)


def test_columns_come_in_the_order_in_which_they_stand() -> None:
    tree = parse("Price * (Quantity + 1) / Price", "amount", COLUMNS)
    assert list(columns_of(tree)) == ["Price", "Quantity", "Price"]


@given(st.text(alphabet="QP()+-*/|'\"`. 1a_", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        parse(text, "amount", COLUMNS)
