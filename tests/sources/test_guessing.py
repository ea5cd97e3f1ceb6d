"""What columns probably mean, in three languages, and how dates and numbers are probably written."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.base import InputError
from crm_core.sources.guessing import guess, guess_mapping, recognise
from crm_core.sources.mapping import Mapping, SourceOptions, TableMapping
from crm_core.sources.previewing import read_header
from tests.sources.files import ORDERS, staged, values, write


def test_online_retail_by_its_own_names(shared_data: Path) -> None:
    preview = read_header(shared_data / "online_retail_ii.csv.gz")
    assert preview.missing == ()
    assert preview.unclear == ()
    mapping = guess_mapping(preview.columns, preview.rows)
    assert mapping.tables["orders"].columns == {
        "order_id": "Invoice",
        "customer_id": "CustomerID",
        "ordered_at": "InvoiceDate",
        "amount": "Quantity * Price",
        "quantity": "Quantity",
        "product_id": "StockCode",
        "product": "Description",
    }
    assert mapping.tables["customers"].columns == {"customer_id": "CustomerID", "country": "Country"}


def test_the_other_public_files(shared_data: Path) -> None:
    cdnow = read_header(shared_data / "cdnow.csv")
    assert guess_mapping(cdnow.columns, cdnow.rows).tables["orders"].columns == {
        "customer_id": "customer_id",
        "ordered_at": "date",
        "amount": "amount",
        "quantity": "quantity",
    }
    telco = read_header(shared_data / "telco_churn.csv")
    assert "customer_id" in guess_mapping(telco.columns, telco.rows).tables["customers"].columns
    assert "orders" not in guess_mapping(telco.columns, telco.rows).tables


def test_persian_headers() -> None:
    columns = ["شماره فاکتور", "كد مشتري", "تاریخ خرید", "تعداد", "قيمت واحد", "نام کالا", "شهر", "نام مشتری"]
    sample = [["۱۰۱", "۵", "۱۴۰۲/۰۵/۱۲", "۲", "۱۲٬۵۰۰", "چای", "یزد", "زهرا"]]
    mapping = guess_mapping(columns, sample)
    assert mapping.tables["orders"].columns == {
        "order_id": "شماره فاکتور",
        "customer_id": "كد مشتري",
        "ordered_at": "تاریخ خرید",
        "amount": "`تعداد` * `قيمت واحد`",
        "quantity": "تعداد",
        "product": "نام کالا",
    }
    assert mapping.tables["customers"].columns == {
        "customer_id": "كد مشتري",
        "name": "نام مشتری",
        "city": "شهر",
    }
    assert mapping.source.calendar == "jalali"
    mapping.validate(columns)


def test_thai_headers() -> None:
    columns = ["เลขที่ใบเสร็จ", "รหัสลูกค้า", "วันที่ซื้อ", "ยอดรวม", "จังหวัด"]
    mapping = guess_mapping(columns, [["๑", "๗", "31/12/2566", "๑,๒๕๐.๕๐", "เชียงใหม่"]])
    assert mapping.tables["orders"].columns == {
        "order_id": "เลขที่ใบเสร็จ",
        "customer_id": "รหัสลูกค้า",
        "ordered_at": "วันที่ซื้อ",
        "amount": "ยอดรวม",
    }
    assert mapping.tables["customers"].columns["region"] == "จังหวัด"
    assert (mapping.source.calendar, mapping.source.day_order, mapping.source.decimal) == (
        "buddhist",
        "dmy",
        ".",
    )


def test_names_that_an_expression_must_quote() -> None:
    columns = ["customer", "date", "Unit-Price (net)", "Unit-Price", "Qty."]
    mapping = guess_mapping(columns, [["a", "2020-01-02", "1", "2", "3"]])
    assert mapping.tables["orders"].columns["amount"] == "`Qty.` * `Unit-Price`"
    mapping.validate(columns)


def test_a_total_goes_before_price_times_quantity() -> None:
    mapping = guess_mapping(
        ["customer", "date", "price", "qty", "total"], [["a", "2020-01-02", "2", "3", "6"]]
    )
    assert mapping.tables["orders"].columns["amount"] == "total"


@pytest.mark.parametrize(
    ("columns", "table"),
    [
        (["customer_id", "channel", "allowed", "changed_at"], "consents"),
        (["customer_id", "contacted_at", "channel"], "contacts"),
        (["customer_id", "due_date", "amount", "paid_at"], "payments"),
        (["customer_id", "opened_at", "topic"], "complaints"),
        (["customer_id", "answered_at", "question", "score"], "surveys"),
        (["customer_id", "start_date", "end_date", "plan", "monthly_amount"], "contracts"),
        (["currency", "valid_from", "rate"], "rates"),
        (["email", "name", "city"], "customers"),
    ],
)
def test_the_other_tables_are_told_by_their_columns(columns: list[str], table: str) -> None:
    assert table in guess_mapping(columns, []).tables
    assert table in guess_mapping(columns, [], table).tables


def test_values_that_do_not_fit_lower_the_confidence() -> None:
    columns = ["customer", "date", "amount"]
    good = guess(columns, [["a", "2020-01-02", "3"]]).confidence
    bad = guess(columns, [["a", "red", "green"]]).confidence
    assert good["orders.ordered_at"] > bad["orders.ordered_at"]
    assert good["orders.amount"] > bad["orders.amount"]


def test_nothing_known_leaves_everything_open() -> None:
    mapping = guess_mapping(["x", "y"], [["1", "2"]])
    assert mapping.tables == {}


def options(dates: list[str], figures: list[str], delimiter: str = ",") -> tuple[str | None, ...]:
    columns = {"ordered_at": "date", "amount": "amount"}
    mapping = Mapping(SourceOptions(delimiter=delimiter), {"orders": TableMapping(columns)})
    rows = [(date, "") for date in dates] + [("", figure) for figure in figures]
    found = recognise(mapping, ["date", "amount"], rows)
    return found.calendar, found.day_order, found.decimal


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["2020-01-02"], ("gregorian", "ymd")),
        (["1402/05/12"], ("jalali", "ymd")),
        (["۱۴۰۲/۰۵/۱۲ ۱۰:۰۰"], ("jalali", "ymd")),
        (["2566-05-12"], ("buddhist", "ymd")),
        (["13/02/2020"], ("gregorian", "dmy")),
        (["02/13/2020 8:26"], ("gregorian", "mdy")),
        (["02/03/2020", "25/03/2020"], ("gregorian", "dmy")),
        (["02/03/2020"], ("gregorian", None)),
        (["05/06/2566"], ("buddhist", "dmy")),
        (["05/06/1402"], ("jalali", "dmy")),
        (["9 Dec 2011"], ("gregorian", "ymd")),
        (["", "n/a"], ("gregorian", "ymd")),
    ],
)
def test_calendar_and_order_of_dates(dates: list[str], expected: tuple[str, str | None]) -> None:
    assert options(dates, [])[:2] == expected


@pytest.mark.parametrize(
    ("figures", "delimiter", "expected"),
    [
        (["12.50", "1,234.50"], ",", "."),
        (["12,50"], ";", ","),
        (["1.234,50"], ";", ","),
        (["1.234.567"], ";", ","),
        (["1,234,567"], ";", "."),
        (["0,250"], ";", ","),
        (["1,234"], ",", "."),
        (["1,234"], ";", None),
        (["1.234"], ";", None),
        (["1.234"], ",", None),
        (["1.234"], "\t", None),
        (["1.234", "1500"], ",", "."),
        (["12"], ";", "."),
        ([], ";", "."),
    ],
)
def test_the_decimal_separator(figures: list[str], delimiter: str, expected: str | None) -> None:
    assert options([], figures, delimiter)[2] == expected


HEAD = "order,customer,date,amount\n"


def test_where_the_first_rows_do_not_say_the_whole_file_is_asked(tmp_path: Path) -> None:
    early = "".join(f"{n},c{n},0{n % 9 + 1}/0{n % 7 + 1}/2020,1\n" for n in range(70_000))
    path = write(tmp_path, HEAD + early + "x,y,02/13/2020,1\n")
    result = staged(path)
    assert "day_order: mdy" in result.mapping
    assert result.rejected == {}


def test_where_nothing_says_it_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + "1,a,01/02/2020,3\n")
    with pytest.raises(InputError, match=r"import\.day_order_unclear"):
        staged(path)
    result = staged(path, "source: {day_order: dmy}\n" + ORDERS)
    assert values(result, "ordered_at")[0].isoformat() == "2020-02-01T00:00:00"
    assert read_header(path).unclear == ("day_order",)


def test_a_comma_that_could_be_both_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "order;customer;date;amount\n1;a;2020-02-01;1,234\n")
    with pytest.raises(InputError, match=r"import\.decimal_unclear"):
        staged(path)
    assert values(staged(path, "source: {decimal: ','}\n" + ORDERS), "amount") == [12_340]
    assert values(staged(path, "source: {decimal: '.'}\n" + ORDERS, into="b"), "amount") == [12_340_000]


def test_what_was_recognised_stands_in_the_mapping_that_is_kept(tmp_path: Path) -> None:
    path = write(tmp_path, "order;customer;date;amount\n۱;الف;۱۴۰۲/۰۵/۱۲;۱۲٫۵\n")
    mapping = staged(path).mapping
    for line in ("encoding: utf-8", "delimiter: ;", "calendar: jalali", "day_order: ymd", "decimal: ."):
        assert f"  {line}\n" in mapping
