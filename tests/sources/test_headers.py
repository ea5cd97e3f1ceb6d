"""Names of columns in three languages."""

from __future__ import annotations

import pytest

from crm_core.base import InputError
from crm_core.schemas import SCHEMAS
from crm_core.sources.headers import WORDS, SourceColumns, normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Customer ID", "customer_id"),
        ("CUSTOMER-ID", "CustomerID"),
        ("كد مشتري", "کد مشتری"),
        ("نام‌مشتری", "نام مشتری"),
        ("\ufeffInvoice", "invoice"),
        ("\u200fتاریخ\u200f", "تاریخ"),
        ("Ｐrice", "price"),
        ("شرح کــالا", "شرح کالا"),
        ("วันที่ สั่งซื้อ", "วันที่สั่งซื้อ"),
    ],
)
def test_what_people_vary_makes_no_difference(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_different_names_stay_different() -> None:
    names = ["Price", "Prices", "قیمت", "قیمت کل", "ราคา", "ราคารวม", "Amount1", "Amount2"]
    assert len({normalise(name) for name in names}) == len(names)


def test_an_exact_name_goes_before_one_that_is_alike() -> None:
    columns = SourceColumns(["customer_id", "Customer ID"])
    assert columns.find("Customer ID") == "Customer ID"
    assert columns.find("customer_id") == "customer_id"
    assert columns.find("CUSTOMERID") is None, "two are alike: neither is meant for certain"


def test_two_columns_of_one_name_are_refused_by_name() -> None:
    with pytest.raises(InputError) as refusal:
        SourceColumns(["a", "b", "a", "c", "b"])
    assert refusal.value.key == "import.duplicate_columns"
    assert refusal.value.values == {"columns": "a, b"}


def test_every_canonical_column_has_names_in_all_three_languages() -> None:
    for table, schema in SCHEMAS.items():
        assert set(WORDS[table]) == set(schema.columns)
        for column, words in WORDS[table].items():
            text = "".join(words)
            assert any("a" <= letter <= "z" for letter in text), (table, column)
            assert any("\u0600" <= letter <= "\u06ff" for letter in text), (table, column)
            assert any("\u0e00" <= letter <= "\u0e7f" for letter in text), (table, column)
