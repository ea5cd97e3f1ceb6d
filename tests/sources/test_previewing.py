"""A file before it is imported: what is asked, and the first rows as they will be read."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crm_core.base import InputError
from crm_core.sources.canonical import Units
from crm_core.sources.child import read_header_in_child
from crm_core.sources.mapping import load_mapping
from crm_core.sources.previewing import read_header
from tests.sources.files import write

UNKNOWN = "Kd;Datum;Betrag\n007;03/04/2024;12,50\n008;05/06/2024;1.107,25\n"
MAPPING = "orders: {columns: {customer_id: Kd, ordered_at: Datum, amount: Betrag}}"


def test_unknown_names_leave_open_what_they_do_not_say(tmp_path: Path) -> None:
    preview = read_header(write(tmp_path, UNKNOWN))
    assert preview.table == "orders"
    assert preview.missing == (("orders", "customer_id"), ("orders", "amount"))
    assert load_mapping(preview.mapping).tables["orders"].columns == {"ordered_at": "Datum"}
    assert preview.unclear == ("day_order",)
    assert preview.examples == {"day_order": "03/04/2024"}
    assert preview.readings["day_order"] == {"dmy": "2024-04-03", "mdy": "2024-03-04"}
    assert preview.read == ()


def test_two_columns_of_dates_are_not_chosen_between(tmp_path: Path) -> None:
    preview = read_header(write(tmp_path, "a,b\n2024-01-02,2024-01-03\n"))
    assert preview.missing == tuple(("orders", name) for name in ("customer_id", "ordered_at", "amount"))


def test_the_rows_of_a_given_mapping_are_read_as_an_import_reads_them(tmp_path: Path) -> None:
    path = write(tmp_path, UNKNOWN)
    mapping = load_mapping("source: {day_order: dmy}\n" + MAPPING)
    preview = read_header(path, mapping=mapping, units=Units(10_000, "EUR"))
    assert (preview.missing, preview.unclear) == ((), ())
    assert load_mapping(preview.mapping).source.decimal == ","
    assert [row.values for row in preview.read] == [
        {"orders.customer_id": "007", "orders.ordered_at": "2024-04-03T00:00:00", "orders.amount": "12.5"},
        {"orders.customer_id": "008", "orders.ordered_at": "2024-06-05T00:00:00", "orders.amount": "1107.25"},
    ]
    asked = read_header_in_child(path, mapping=mapping, money_scale=10_000, base_currency="EUR")
    assert asked == preview


def test_a_row_that_would_be_set_aside_says_why(tmp_path: Path) -> None:
    path = write(tmp_path, "Kd,Datum,Betrag\n1,2024-01-05,3\n2,05/01/24,4\n")
    good, bad = read_header(path, mapping=load_mapping(MAPPING)).read
    assert good.reason is None
    assert bad.reason == "reject.bad_date"


@pytest.mark.parametrize(
    ("figures", "decimal"), [("1.234", None), ("12.5", "."), ("1.234 5.000,5", ","), ("1.234 4000", ".")]
)
def test_a_point_that_could_part_thousands_is_asked_for(
    figures: str, decimal: str | None, tmp_path: Path
) -> None:
    rows = "".join(f'1,2024-01-05,"{figure}"\n' for figure in figures.split())
    preview = read_header(write(tmp_path, "Kd,Datum,Betrag\n" + rows), mapping=load_mapping(MAPPING))
    assert load_mapping(preview.mapping).source.decimal == decimal
    if decimal is None:
        assert preview.readings["decimal"] == {".": "1.234", ",": "1234"}


def test_later_rows_decide_what_the_first_leave_open(tmp_path: Path) -> None:
    rows = "".join(f"{n},0{n % 9 + 1}/0{n % 7 + 1}/2020,1\n" for n in range(2_000))
    preview = read_header(
        write(tmp_path, f"Kd,Datum,Betrag\n{rows}1,25/01/2020,1\n"), mapping=load_mapping(MAPPING)
    )
    assert load_mapping(preview.mapping).source.day_order == "dmy"


def test_what_parquet_knows_is_read_as_it_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    columns = {"Kd": ["7"], "Datum": ["2024-04-03"], "Betrag": pa.array([1.234])}
    pq.write_table(pa.table(columns), path)
    preview = read_header(path, mapping=load_mapping(MAPPING))
    assert preview.unclear == ()
    assert preview.read[0].values["orders.amount"] == "1.234"


def test_a_mapping_that_does_not_fit_says_so(tmp_path: Path) -> None:
    mapping = load_mapping("orders: {columns: {customer_id: Kd, ordered_at: Datum, amount: Betrag * Menge}}")
    with pytest.raises(InputError, match=r"import\.column_missing"):
        read_header(write(tmp_path, UNKNOWN), mapping=mapping)
