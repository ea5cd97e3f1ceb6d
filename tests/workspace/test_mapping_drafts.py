"""A mapping in the making: the fields of a form and the text say the same."""

from __future__ import annotations

from crm_core.sources.mapping import SourceOptions
from crm_core.workspace.bringing import Mapping, load_mapping
from crm_core.workspace.mapping_drafts import MappingDraft, column_of

COLUMNS = ("Kd", "Unit price", "Stk", "Ort", "a `tick`")
EMPTY = MappingDraft("orders", Mapping())


def test_a_draft_begins_with_nothing() -> None:
    assert EMPTY.required == ("customer_id", "ordered_at", "amount")
    assert EMPTY.source_of("orders", "customer_id") == ""
    assert EMPTY.with_source("orders", "product", "").mapping == Mapping()


def test_a_price_waits_for_its_quantity_and_follows_it() -> None:
    waiting = EMPTY.by_price("Unit price")
    assert waiting.source_of("orders", "amount") == ""
    whole = waiting.with_source("orders", "quantity", "Stk")
    assert whole.source_of("orders", "amount") == "Stk * `Unit price`"
    assert ("orders", "quantity") not in whole.optional
    assert MappingDraft.of("orders", whole.mapping, COLUMNS) == whole
    other = whole.with_source("orders", "quantity", "Ort")
    assert other.source_of("orders", "amount") == "Ort * `Unit price`"
    column = other.with_source("orders", "amount", "Stk")
    assert (column.priced, column.price) == (False, "")
    assert column.source_of("orders", "amount") == "Stk"


def test_a_name_with_a_backtick_can_be_a_price() -> None:
    draft = EMPTY.with_source("orders", "quantity", "Stk").by_price("a `tick`")
    assert draft.source_of("orders", "amount") == 'Stk * "a `tick`"'
    draft.with_source("orders", "customer_id", "Kd").with_source(
        "orders", "ordered_at", "Ort"
    ).mapping.validate(COLUMNS)


def test_customers_come_out_of_orders_only_where_something_is_said_of_them() -> None:
    orders = EMPTY.with_source("orders", "customer_id", "Kd")
    assert set(orders.mapping.tables) == {"orders"}
    both = orders.with_source("customers", "city", "Ort")
    assert both.mapping.tables["customers"].columns == {"customer_id": "Kd", "city": "Ort"}
    moved = both.with_source("orders", "customer_id", "Stk")
    assert moved.mapping.tables["customers"].columns["customer_id"] == "Stk"
    assert moved.with_source("customers", "city", "").mapping.tables.keys() == {"orders"}


def test_what_was_recognised_anyway_is_not_stated_by_the_text() -> None:
    recognised = SourceOptions(encoding="utf-8", delimiter=";", calendar="gregorian", decimal=",")
    text = "source: {encoding: utf-8, delimiter: ';', decimal: '.'}\norders: {columns: {customer_id: Kd}}"
    draft = EMPTY.with_mapping(load_mapping(text), recognised, COLUMNS)
    assert draft.mapping.source == SourceOptions(decimal=".")
    stated = EMPTY.with_option("day_order", "dmy")
    kept = stated.with_mapping(
        load_mapping("source: {day_order: dmy}"), SourceOptions(day_order="dmy"), COLUMNS
    )
    assert kept.mapping.source.day_order == "dmy"
    assert kept.with_option("day_order", None).mapping.source.day_order is None


def test_a_text_for_another_table_is_a_draft_of_that_table() -> None:
    mapping = load_mapping("payments: {columns: {customer_id: Kd}}")
    draft = EMPTY.with_mapping(mapping, SourceOptions(), COLUMNS)
    assert draft.table == "payments"
    assert all(table == "payments" for table, _ in draft.optional)


def test_a_calculation_is_no_column() -> None:
    assert column_of("`Unit price`", COLUMNS) == "Unit price"
    assert column_of("unit_price", COLUMNS) == "Unit price"
    assert column_of("Stk * 2", COLUMNS) == "Stk * 2"
