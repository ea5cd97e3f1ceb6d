"""A file becomes parts: against a slow import, shuffled, in several currencies, and the real thing."""

from __future__ import annotations

import datetime
import gzip
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_core.base import InputError
from crm_core.sources.limits import Limits
from crm_core.sources.mapping import load_mapping
from crm_core.sources.parts import part_schema
from crm_core.sources.schemas import SCHEMAS, sort_keys
from crm_core.sources.staging import import_identity, stage, stage_batches
from tests.sources.files import ORDERS, SMALL, rows, staged, values, write
from tests.sources.oracle import import_orders

MAPPING = """
source: {calendar: gregorian, day_order: ymd, decimal: "."}
orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: quantity * price,
                   quantity: quantity}}
customers: {columns: {customer_id: customer, city: city}}
"""
HEAD = ["order", "customer", "date", "quantity", "price", "city"]

ORDER = st.sampled_from(["1", "2", "007", "x y", "é"])
CUSTOMER = st.sampled_from(["a", "b", " c ", "", "NULL", "nan", "Ünal", "مریم", "=1"])
DATE = st.one_of(
    st.datetimes(datetime.datetime(1900, 12, 30), datetime.datetime(2100, 1, 3)).map(
        lambda moment: moment.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0")
    ),
    st.sampled_from(["2020-01-02 03:04:05", "2020-01-02 03:04:06", "", "never", "2020-13-01 00:00:00"]),
)
FIGURE = st.one_of(
    st.decimals(-1_000, 1_000, places=3).map(str),
    st.integers(-100, 100).map(str),
    st.sampled_from(["", "x", "0.00005", " 7 ", "12345.678901"]),
)
CITY = st.sampled_from(["", " ", "Yazd", "Bangkok", "یزد", "a,b", 'q"q', "l\nm"])
ROW = st.one_of(
    st.tuples(ORDER, CUSTOMER, DATE, FIGURE, FIGURE, CITY),
    st.sampled_from(
        [("", "", "", "", "", ""), ("short",), ("1", "a", "2020-01-02 03:04:05", "1", "1", "c", "more")]
    ),
)


def text_of(records: list[tuple[str, ...]], delimiter: str) -> str:
    def cell(value: str) -> str:
        if any(letter in value for letter in f'{delimiter}"\n'):
            return '"' + value.replace('"', '""') + '"'
        return value

    return (
        "\n".join(delimiter.join(cell(value) for value in record) for record in [tuple(HEAD), *records])
        + "\n"
    )


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ROW, min_size=1, max_size=40), st.sampled_from([",", ";", "\t"]), st.sampled_from([1, 10_000])
)
def test_any_file_is_imported_as_by_hand(
    tmp_path: Path, records: list[tuple[str, ...]], delimiter: str, scale: int
) -> None:
    text = text_of(records, delimiter)
    expected = import_orders(text, delimiter, scale)
    path = write(tmp_path, text)
    mapping = MAPPING.replace("source: {", f"source: {{delimiter: {delimiter!r}, ".replace("'\\t'", "tab"))
    if not expected.orders:
        with pytest.raises(InputError) as refusal:
            staged(path, mapping, money_scale=scale)
        assert refusal.value.key == ("import.all_rejected" if expected.read else "import.header_only")
        return
    for limits in (Limits(), SMALL):
        result = staged(path, mapping, money_scale=scale, limits=limits)
        assert (result.read, result.guests) == (expected.read, expected.guests)
        assert result.rejected == dict(expected.rejected)
        assert result.read == result.accepted + result.rejected_rows
        found = [
            (row["order_id"], row["customer_id"], row["ordered_at"], row["amount"], row["quantity"])
            for row in rows(result)
        ]
        assert sorted(found, key=repr) == sorted(expected.orders, key=repr)
        customers = {
            row["customer_id"]: {name: row[name] for name in ("valid_at", "city", "city_valid_at")}
            for row in rows(result, "customers")
        }
        assert customers == expected.customers
        assert rejected_numbers(result.rejects) == expected.rejected_rows


def rejected_numbers(path: Path | None) -> list[int]:
    import csv

    if path is None:
        return []
    with path.open(newline="") as file:
        return [int(row["row"]) for row in csv.DictReader(file)]


def a_file(directory: Path, seed: int, count: int = 3_000) -> tuple[str, list[str]]:
    made = random.Random(seed)
    lines = []
    for number in range(count):
        who = made.choice(["", *(f"c{place}" for place in range(200))])
        day = f"2020-{made.randint(1, 12):02d}-{made.randint(1, 28):02d} 0{made.randint(0, 9)}:00:00"
        city = made.choice(["", "Yazd", "Bangkok", "Qom"])
        price = made.choice(["1.5", "20", "x"]) if number % 50 == 0 else f"{made.random() * 100:.2f}"
        lines.append(f"o{number // 3},{who},{day},{made.randint(-3, 9)},{price},{city}")
    return ",".join(HEAD), lines


def test_shuffled_rows_make_the_same_base(tmp_path: Path) -> None:
    header, lines = a_file(tmp_path, 1)
    found = []
    for seed in (None, 1, 2):
        mixed = list(lines)
        if seed is not None:
            random.Random(seed).shuffle(mixed)
        result = staged(write(tmp_path, "\n".join([header, *mixed])), MAPPING, into=f"s{seed}")
        found.append(
            (
                result.read,
                result.rejected,
                result.guests,
                sorted(rows(result), key=repr),
                rows(result, "customers"),
            )
        )
    assert found[0] == found[1] == found[2]


def test_parts_are_sorted_and_the_same_bytes_each_time(tmp_path: Path) -> None:
    header, lines = a_file(tmp_path, 2)
    path = write(tmp_path, "\n".join([header, *lines]))
    one, two = staged(path, MAPPING, into="one"), staged(path, MAPPING, into="two")
    assert [part.sha256 for part in one.parts] == [part.sha256 for part in two.parts]
    keys = [
        (row["customer_id"] is None, row["customer_id"] or "", row["ordered_at"], row["order_id"])
        for row in rows(one)
    ]
    assert keys == sorted(keys)
    small = staged(path, MAPPING, into="three", limits=SMALL)
    assert sorted(rows(small), key=repr) == sorted(rows(one), key=repr)
    assert rows(small, "customers") == rows(one, "customers")


def test_a_part_says_what_is_in_it(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "customer,date,amount,ccy\na,2020-01-02 23:59:59,3,EUR\nb,1969-12-31,4,usd\n,1969-01-01,1,\n",
    )
    mapping = "orders: {columns: {customer_id: customer, ordered_at: date, amount: amount, currency: ccy}}"
    part = staged(path, mapping).parts[0]
    assert (part.table, part.rows, part.first_day, part.last_day) == ("orders", 3, -365, 18_263)
    assert part.currencies == {"EUR", "USD"}
    assert part.columns == {"order_id", "customer_id", "ordered_at", "amount", "currency"}
    assert pq.read_schema(part.path).equals(part_schema("orders"))


def test_every_table_keeps_its_schema(tmp_path: Path) -> None:
    moments = {
        "timestamp": "2020-01-02",
        "date": "2020-01-02",
        "money": "1",
        "quantity": "1",
        "number": "1",
        "flag": "yes",
    }
    for name, schema in SCHEMAS.items():
        header = ",".join(schema.columns)
        cells = [
            "EUR" if column == "currency" else moments.get(kind, "t")
            for column, kind in schema.columns.items()
        ]
        path = write(tmp_path, f"{header}\n{','.join(cells)}\n")
        columns = ", ".join(f"{column}: {column}" for column in schema.columns)
        result = staged(path, f"{name}: {{columns: {{{columns}}}}}", into=name)
        assert pq.read_schema(result.parts[0].path).equals(part_schema(name))
        assert set(sort_keys(name)) <= set(schema.columns)
        (row,) = rows(result, name)
        assert all(row[column] is not None for column in schema.columns)


def test_orders_without_a_number_are_one_a_line_and_stay_the_same(tmp_path: Path) -> None:
    mapping = "orders: {columns: {customer_id: customer, ordered_at: date, amount: amount}}"
    path = write(tmp_path, "customer,date,amount\na,2020-01-02,3\na,2020-01-02,3\nb,bad,1\na,2020-01-02,3\n")
    one = staged(path, mapping, into="one")
    expected = [f"{one.import_id[:12]}:{row}" for row in (2, 3, 5)]
    assert values(one, "order_id") == expected
    assert values(staged(path, mapping, into="two"), "order_id") == expected


def test_an_order_number_that_is_missing_on_some_lines(tmp_path: Path) -> None:
    path = write(tmp_path, "order,customer,date,amount\n7,a,2020-01-02,3\n,a,2020-01-03,3\n,b,2020-01-04,3\n")
    result = staged(path)
    prefix = result.import_id[:12]
    assert values(result, "order_id") == ["7", f"{prefix}:3", f"{prefix}:4"]


def test_foreign_money_has_its_own_scale(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "customer,date,amount,ccy\na,2020-01-02,1500000,IRR\na,2020-01-03,12.345,EUR\na,2020-01-04,7,\n",
    )
    mapping = "orders: {columns: {customer_id: customer, ordered_at: date, amount: amount, currency: ccy}}"
    result = staged(path, mapping, money_scale=1, base_currency="IRR")
    assert [(row["amount"], row["currency"]) for row in rows(result)] == [
        (1_500_000, "IRR"),
        (123_450, "EUR"),
        (7, None),
    ]
    constant = "orders: {columns: {customer_id: customer, ordered_at: date, amount: amount}, currency: eur}"
    foreign = staged(path, constant, into="b", money_scale=1, base_currency="IRR")
    assert values(foreign, "amount") == [15_000_000_000, 123_450, 70_000]
    unknown = staged(path, mapping, into="c", base_currency="")
    assert values(unknown, "amount") == [15_000_000_000, 123_450, 70_000]


@pytest.mark.parametrize("code", ["EURO", "€", "12", "E U"])
def test_a_currency_that_is_no_code_is_rejected(tmp_path: Path, code: str) -> None:
    path = write(tmp_path, f"customer,date,amount,ccy\na,2020-01-02,1,EUR\na,2020-01-03,2,{code}\n")
    mapping = "orders: {columns: {customer_id: customer, ordered_at: date, amount: amount, currency: ccy}}"
    assert staged(path, mapping).rejected == {"reject.bad_currency": 1}


def test_reasons_of_every_kind(tmp_path: Path) -> None:
    lines = {
        "a,2020-01-02,1,1,yes": None,
        "a,2020-99-02,1,1,yes": "reject.bad_date",
        "a,1402/05/12,1,1,yes": "reject.date_out_of_range",
        "a,,1,1,yes": "reject.missing_value",
        "a,2020-01-02,one,1,yes": "reject.bad_number",
        "a,2020-01-02,1,0,yes": "reject.division_by_zero",
        "a,2020-01-02,1e20,1,yes": "reject.number_out_of_range",
        ",2020-01-02,1,1,yes": "reject.missing_customer",
        "a,2020-01-02,1,1,perhaps": "reject.bad_flag",
        "a,2020-01-02,1": "reject.wrong_column_count",
    }
    path = write(tmp_path, "\n".join(["who,when,amount,months,known", *lines]))
    mapping = """
source: {calendar: gregorian}
contracts: {columns: {customer_id: who, started_at: when, monthly_amount: amount / months}}
customers: {columns: {customer_id: who, potential: known}}
"""
    result = staged(path, mapping)
    assert result.rejects is not None
    told = [line.split(",")[:2] for line in result.rejects.read_text().splitlines()[1:]]
    assert told == [[str(row), reason] for row, reason in enumerate(lines.values(), 2) if reason]
    assert (result.read, result.accepted) == (len(lines), 1)


def test_a_row_with_several_faults_counts_once_and_tells_them_all(tmp_path: Path) -> None:
    path = write(tmp_path, "order,customer,date,amount\n1,a,2020-01-02,3\n2,b,bad,x\n")
    result = staged(path)
    assert result.rejected == {"reject.bad_date": 1}
    assert result.rejects is not None
    line = result.rejects.read_text().splitlines()[1]
    assert line == '3,reject.bad_date reject.bad_number,orders.ordered_at orders.amount,"2,b,bad,x"'


def test_date_and_time_in_two_columns_and_names_put_together(tmp_path: Path) -> None:
    path = write(
        tmp_path, "id,first,last,day,hour\n7,Zahra,Karimi,13/02/2020,8:05\n8,Somchai,,14/02/2020,9:00\n"
    )
    mapping = """
customers: {columns: {customer_id: "'C' + id", name: first || ' ' || last, created_at: day + ' ' + hour}}
"""
    found = rows(staged(path, mapping), "customers")
    assert [(row["customer_id"], row["name"], row["created_at"].isoformat()) for row in found] == [
        ("C7", "Zahra Karimi", "2020-02-13T08:05:00"),
        ("C8", "Somchai", "2020-02-14T09:00:00"),
    ]


def test_when_a_customer_s_row_held(tmp_path: Path) -> None:
    path = write(
        tmp_path, "id,city,since,changed\n1,Yazd,2020-01-02,2021-01-01\n1,Qom,2020-01-03,2020-06-01\n"
    )
    since = "customers: {columns: {customer_id: id, city: city, created_at: since}}"
    assert values(staged(path, since, into="a"), "city", "customers") == ["Qom"]
    changed = "customers: {columns: {customer_id: id, city: city, created_at: since, valid_at: changed}}"
    assert values(staged(path, changed, into="b"), "city", "customers") == ["Yazd"]
    nothing = "customers: {columns: {customer_id: id, city: city}}"
    result = staged(path, nothing, into="c")
    assert values(result, "city", "customers") == ["Yazd"], "the greater of two values at one moment"
    assert values(result, "valid_at", "customers") == [datetime.datetime(1970, 1, 1)]


def test_the_same_file_under_the_same_mapping_is_the_same_import(tmp_path: Path) -> None:
    path = write(tmp_path, "order,customer,date,amount\n1,a,2020-01-02,3\n")
    one = staged(path, into="one")
    again = staged(path, "source: {calendar: gregorian, encoding: utf-8}\n" + ORDERS, into="two")
    assert again.import_id == one.import_id == import_identity(path, load_mapping(one.mapping))
    other = write(tmp_path, "order,customer,date,amount\n1,a,2020-01-02,4\n", "other.csv")
    assert staged(other, into="three").import_id != one.import_id


def test_online_retail_with_its_own_names(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "online_retail_ii.csv.gz"
    mapping = """
orders:
  columns: {order_id: Invoice, customer_id: CustomerID, ordered_at: InvoiceDate, amount: Quantity * Price,
            quantity: Quantity, product_id: StockCode, product: Description}
  currency: GBP
customers: {columns: {customer_id: CustomerID, country: Country}}
"""
    told: list[float] = []
    result = stage(
        source,
        load_mapping(mapping),
        tmp_path / "staging",
        source_name="retail",
        money_scale=10_000,
        base_currency="GBP",
        limits=Limits(),
        progress=told.append,
    )
    assert (result.read, result.accepted, result.rejected) == (1_067_370, 1_067_370, {})
    assert result.guests == 243_007
    assert [(part.table, part.rows) for part in result.parts] == [("orders", 1_067_370), ("customers", 5_942)]
    assert told == sorted(told)
    assert told[-1] == 1.0
    orders = pq.read_table(result.parts[0].path, columns=["amount", "ordered_at"])
    with gzip.open(source, "rt", newline="") as file:
        assert sum(orders["amount"].to_pylist()) == slow_total(file)


def slow_total(file: Any) -> int:
    import csv
    from decimal import Decimal

    return sum(int(Decimal(row["Quantity"]) * Decimal(row["Price"]) * 10_000) for row in csv.DictReader(file))


def test_canonical_tables_go_the_same_way(tmp_path: Path) -> None:
    orders = pa.table(
        {
            "customer_id": ["b", "a", None],
            "ordered_at": pa.array([3, 2, 1], pa.timestamp("us")),
            "amount": [1, 2, 3],
            "order_id": ["1", "2", "3"],
            "currency": ["EUR", "THB", "EUR"],
        }
    )
    customers = pa.table({"customer_id": ["b", "a"], "city": ["Yazd", None]})
    result = stage_batches(
        [("orders", orders), ("customers", customers), ("orders", orders)], tmp_path / "s", source_name="demo"
    )
    assert (result.read, result.accepted, result.guests) == (8, 8, 2)
    assert values(result, "customer_id") == ["a", "a", "b", "b", None, None]
    assert values(result, "city", "customers") == [None, "Yazd"]
    assert {part.table: part.currencies for part in result.parts}["orders"] == {"EUR", "THB"}
    again = stage_batches(
        [("orders", orders), ("customers", customers), ("orders", orders)], tmp_path / "t", source_name="demo"
    )
    assert again.import_id == result.import_id


@pytest.mark.parametrize(
    ("name", "columns", "key"),
    [
        ("order", {"customer_id": ["a"]}, "import.mapping_unknown_table"),
        ("customers", {"customer_id": ["a"], "town": ["b"]}, "import.mapping_unknown_column"),
        ("customers", {"city": ["a"]}, "import.required_unmapped"),
        ("customers", {"customer_id": [1]}, "import.column_type"),
        ("customers", {"customer_id": ["a", None]}, "import.required_value_missing"),
        ("customers", {"customer_id": pa.array([], pa.string())}, "import.header_only"),
    ],
)
def test_tables_that_are_not_canonical_are_refused(tmp_path: Path, name: str, columns: Any, key: str) -> None:
    with pytest.raises(InputError) as refusal:
        stage_batches([(name, pa.table(columns))], tmp_path / "s", source_name="demo")
    assert refusal.value.key == key
    assert not (tmp_path / "s").exists()
