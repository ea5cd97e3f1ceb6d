"""Mappings: what YAML may say, and that the same mapping is the same text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.base import InputError
from crm_core.sources.mapping import Mapping, SourceOptions, TableMapping, load_mapping

DESIGN = """
source: {encoding: utf-8, delimiter: ",", calendar: gregorian, day_order: ymd, decimal: "."}
orders:
  columns: {order_id: Invoice, customer_id: CustomerID, ordered_at: InvoiceDate, amount: Quantity * Price,
            quantity: Quantity, product_id: StockCode, product: Description}
  currency: GBP
customers:
  columns: {customer_id: CustomerID, country: Country}
"""
COLUMNS = ["Invoice", "StockCode", "Description", "Quantity", "InvoiceDate", "Price", "CustomerID", "Country"]


def refusal(text: str) -> InputError:
    with pytest.raises(InputError) as refused:
        load_mapping(text)
    return refused.value


def test_the_mapping_of_the_design() -> None:
    mapping = load_mapping(DESIGN)
    assert mapping.source == SourceOptions("utf-8", ",", "gregorian", "ymd", ".")
    assert mapping.tables["orders"].columns["amount"] == "Quantity * Price"
    assert mapping.tables["orders"].constants == {"currency": "GBP"}
    assert mapping.tables["customers"].columns == {"customer_id": "CustomerID", "country": "Country"}
    mapping.validate(COLUMNS)


def test_the_text_does_not_depend_on_the_order_of_what_is_written() -> None:
    turned = """
customers: {columns: {country: Country, customer_id: CustomerID}}
orders:
  currency: GBP
  columns: {product: Description, product_id: StockCode, quantity: Quantity, amount: Quantity * Price,
            ordered_at: InvoiceDate, customer_id: CustomerID, order_id: Invoice}
source: {decimal: ".", day_order: ymd, calendar: gregorian, delimiter: ",", encoding: utf-8}
"""
    assert load_mapping(turned).to_yaml() == load_mapping(DESIGN).to_yaml()


@given(
    st.dictionaries(
        st.sampled_from(["customer_id", "name", "city", "valid_at"]), st.text(min_size=1), max_size=4
    ),
    st.sampled_from([None, ",", ";", "\t", "|"]),
    st.sampled_from([None, "Asia/Tehran", "Asia/Bangkok"]),
)
def test_a_mapping_survives_its_text(
    columns: dict[str, str], delimiter: str | None, zone: str | None
) -> None:
    columns = {name: text for name, text in columns.items() if text.strip() and text.isprintable()}
    source = SourceOptions(delimiter=delimiter, time_zone=zone)
    mapping = Mapping(source, {"customers": TableMapping(columns, {"country": "no"})})
    assert load_mapping(mapping.to_yaml()) == mapping


def test_scalars_are_texts_whatever_yaml_makes_of_them() -> None:
    mapping = load_mapping(
        "customers: {columns: {customer_id: No, name: 2010-12-01, city: 0123, phone: 1_000}}"
    )
    assert mapping.tables["customers"].columns == {
        "customer_id": "No",
        "name": "2010-12-01",
        "city": "0123",
        "phone": "1_000",
    }


@pytest.mark.parametrize(
    "text",
    [
        "orders: [",
        "- a\n- b",
        "just text",
        "",
        "orders: {columns: [a]}",
        "orders: text",
        "source: text",
        "a: &x [1]\nb: *x",
        "a: &a [1,1]\nb: &b [*a,*a]\nc: &c [*b,*b]",
        "orders: {columns: {amount: a}}\norders: {columns: {amount: b}}",
        "orders: {columns: {amount: a, amount: b}}",
        "orders: !!python/object/apply:os.getcwd []",
        "[" * 5_000,
        "x" * 70_000,
        "orders: {columns: {? [a] : b}}",
    ],
)
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert refusal(text).key in ("import.mapping_unreadable", "import.mapping_unknown_table")


def test_the_line_of_a_fault_is_told() -> None:
    assert refusal("orders:\n  columns: {\n  - :\n").values["line"] in (3, 4)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("order: {columns: {amount: a}}", "import.mapping_unknown_table"),
        ("orders: {columns: {amonut: a}}", "import.mapping_unknown_column"),
        ("orders: {curency: GBP}", "import.mapping_unknown_column"),
        ("orders: {columns: {amount: }}", "import.mapping_bad_column"),
        ("orders: {columns: {amount: [a, b]}}", "import.mapping_bad_column"),
        ("orders: {columns: {currency: C}, currency: GBP}", "import.mapping_bad_column"),
        ("source: {delimitter: ','}", "import.mapping_unknown_option"),
        ("source: {delimiter: x}", "import.mapping_bad_option"),
        ("source: {calendar: lunar}", "import.mapping_bad_option"),
        ("source: {day_order: ydm}", "import.mapping_bad_option"),
        ("source: {decimal: ';'}", "import.mapping_bad_option"),
        ("source: {time_zone: Asia/Atlantis}", "import.mapping_bad_option"),
        ("source: {time_zone: ../../etc/passwd}", "import.mapping_bad_option"),
        ("source: {encoding: [a]}", "import.mapping_bad_option"),
    ],
)
def test_a_wrong_name_is_told(text: str, key: str) -> None:
    assert refusal(text).key == key


def test_a_tab_may_be_written_as_a_word() -> None:
    for written in ("tab", '"\\t"', "'\\t'"):
        assert load_mapping(f"source: {{delimiter: {written}}}").source.delimiter == "\t"


def test_a_required_column_that_nothing_fills_is_told() -> None:
    mapping = load_mapping("orders: {columns: {customer_id: CustomerID, amount: Price}}")
    assert mapping.missing() == (("orders", "ordered_at"),)
    with pytest.raises(InputError) as refused:
        mapping.validate(COLUMNS)
    assert refused.value.key == "import.required_unmapped"
    assert refused.value.values == {"table": "orders", "column": "ordered_at"}


def test_a_mapping_of_nothing_is_told() -> None:
    with pytest.raises(InputError, match=r"import\.mapping_empty"):
        Mapping().validate(COLUMNS)


def test_a_missing_source_column_is_told() -> None:
    with pytest.raises(InputError) as refused:
        load_mapping(DESIGN).validate([name for name in COLUMNS if name != "Price"])
    assert refused.value.key == "import.column_missing"
    assert refused.value.values["column"] == "Price"


def test_columns_are_found_as_people_write_them() -> None:
    load_mapping(DESIGN).validate([name.upper().replace("CUSTOMERID", "Customer ID") for name in COLUMNS])
