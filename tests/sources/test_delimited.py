"""Delimited files as they come, and as somebody makes them who wants to find the fault."""

from __future__ import annotations

import gzip
import io
import os
import zipfile
import zlib
from pathlib import Path

import pytest

from crm_core.base import InputError
from crm_core.sources.limits import Limits
from crm_core.sources.previewing import read_header
from tests.sources.files import SMALL, rows, staged, values, write

HEAD = "order,customer,date,amount\n"
GOOD = HEAD + "1,a,2020-01-02,3\n2,b,2020-01-03,4\n"


def refusal(path: Path, **options: object) -> InputError:
    with pytest.raises(InputError) as refused:
        staged(path, **options)  # type: ignore[arg-type]  # options of a test
    assert not (path.parent / "staging").exists(), "nothing is staged"
    return refused.value


def test_a_plain_file(tmp_path: Path) -> None:
    result = staged(write(tmp_path, GOOD))
    assert (result.read, result.accepted, result.rejected, result.rejects, result.guests) == (
        2,
        2,
        {},
        None,
        0,
    )
    assert values(result, "amount") == [30_000, 40_000]
    assert values(result, "customer_id") == ["a", "b"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("packed", [True, False])
def test_every_line_ending_with_and_without_the_last_packed_or_not(
    tmp_path: Path, ending: str, last: bool, packed: bool
) -> None:
    text = GOOD.replace("\n", ending)
    text = text if last else text.rstrip("\r\n")
    result = staged(write(tmp_path, text, packed=packed))
    assert values(result, "amount") == [30_000, 40_000]
    assert result.read == 2


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_recognised(tmp_path: Path, delimiter: str) -> None:
    path = write(tmp_path, GOOD.replace(",", delimiter))
    assert values(staged(path), "amount") == [30_000, 40_000]
    assert repr(delimiter)[1:-1].replace("\\t", "\\t") in read_header(path).mapping or delimiter in ",|"


def test_a_stated_delimiter_goes_first(tmp_path: Path) -> None:
    path = write(tmp_path, "order|customer|date|amount\n1|a,b,c|2020-01-02|3\n")
    assert values(staged(path, "source: {delimiter: '|'}\n" + ORDERS_TEXT), "customer_id") == ["a,b,c"]


ORDERS_TEXT = "orders: {columns: {order_id: order, customer_id: customer, ordered_at: date, amount: amount}}"


def test_excel_says_which_separator_it_means(tmp_path: Path) -> None:
    path = write(tmp_path, "sep=;\norder;customer;date;amount\n1;a;2020-01-02;3\nx;b;bad;4\n")
    result = staged(path)
    assert values(result, "amount") == [30_000]
    assert rejected_rows(result.rejects) == [4], "as a spreadsheet numbers it"


def rejected_rows(path: Path | None) -> list[int]:
    assert path is not None
    return [int(line.split(",")[0]) for line in path.read_text().splitlines()[1:]]


def test_quotes_as_the_standard_has_them(tmp_path: Path) -> None:
    text = HEAD + '"1","a ""b"" c","2020-01-02","3"\n2,"x,\ny\r\nz",2020-01-03,4\n'
    assert values(staged(write(tmp_path, text)), "customer_id") == ['a "b" c', "x,\ny\r\nz"]


def test_a_quote_inside_a_plain_cell_is_a_character(tmp_path: Path) -> None:
    text = HEAD + '1,15" LAPTOP,2020-01-02,3\n2,a"b,2020-01-03,4\n3,it\'s,2020-01-04,5\n'
    assert values(staged(write(tmp_path, text)), "customer_id") == ['15" LAPTOP', 'a"b', "it's"]


def test_a_quote_that_is_never_closed_is_told_and_swallows_nothing(tmp_path: Path) -> None:
    for text in (
        GOOD + '3,"c,2020-01-04,5\n4,d,2020-01-05,6\n',
        GOOD + '3,c,2020-01-04,"5',
        GOOD + '"',
        HEAD + '"1,a,2020-01-02,3\n',
    ):
        assert refusal(write(tmp_path, text)).key == "import.quote_not_closed"


def test_an_unclosed_quote_in_a_large_file_ends_at_the_longest_row(tmp_path: Path) -> None:
    text = HEAD + '1,"a,2020-01-02,3\n' + "2,b,2020-01-03,4\n" * 20_000
    refused = refusal(write(tmp_path, text), limits=SMALL)
    assert refused.key == "import.row_too_long"
    assert refused.values["row"] == 2


def test_rows_of_another_width_are_rejected_as_they_stand(tmp_path: Path) -> None:
    text = HEAD + "1,a,2020-01-02,3\n2,b\n3,c,2020-01-03,4,5,6\n4,d,2020-01-04,7\n"
    result = staged(write(tmp_path, text))
    assert (result.read, result.accepted, result.rejected) == (4, 2, {"reject.wrong_column_count": 2})
    assert result.rejects is not None
    assert result.rejects.read_text().splitlines()[1:] == [
        '3,reject.wrong_column_count,,"2,b"',
        '4,reject.wrong_column_count,,"3,c,2020-01-03,4,5,6"',
    ]


def test_empty_lines_are_no_rows_and_still_count_in_the_numbering(tmp_path: Path) -> None:
    text = "\n  \n" + HEAD + "\n1,a,2020-01-02,3\n\n  \n,,,\n2,b,bad,4\n\n"
    result = staged(write(tmp_path, text))
    assert (result.read, result.accepted) == (2, 1)
    assert rejected_rows(result.rejects) == [9]


def test_row_numbers_hold_across_blocks_with_ragged_and_empty_rows(tmp_path: Path) -> None:
    lines = [HEAD.strip()]
    bad = []
    for number in range(2, 6_000):
        if number % 97 == 0:
            lines.append("")
        elif number % 31 == 0:
            lines.append("ragged")
            bad.append(number)
        elif number % 53 == 0:
            lines.append(f"{number},c,never,1")
            bad.append(number)
        else:
            lines.append(f"{number},c{number},2020-01-01,1")
    result = staged(write(tmp_path, "\n".join(lines)), limits=Limits(row_bytes=1 << 12, run_bytes=20_000))
    assert rejected_rows(result.rejects) == bad
    assert result.read == result.accepted + len(bad) == sum(bool(line) for line in lines) - 1


def test_header_only_and_emptiness(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, HEAD)).key == "import.header_only"
    assert refusal(write(tmp_path, HEAD + "\n\n,,,\n")).key == "import.header_only"
    for nothing in (b"", b"\n\n  \n", b"\xef\xbb\xbf", gzip.compress(b"")):
        assert refusal(write(tmp_path, nothing)).key == "import.empty_file"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv").key == "import.file_not_found"
    assert refusal(tmp_path).key == "import.not_a_file"


def test_two_columns_of_one_name(tmp_path: Path) -> None:
    refused = refusal(write(tmp_path, "order,customer,date,amount,date\n1,a,2020-01-02,3,2020-01-02\n"))
    assert (refused.key, refused.values) == ("import.duplicate_columns", {"columns": "date"})


def test_a_missing_column_is_named_with_those_that_are_there(tmp_path: Path) -> None:
    refused = refusal(write(tmp_path, "order,customer,date,total\n1,a,2020-01-02,3\n"))
    assert refused.key == "import.column_missing"
    assert refused.values == {"column": "amount", "columns": "order, customer, date, total"}


def test_nameless_columns_are_called_by_their_place(tmp_path: Path) -> None:
    path = write(tmp_path, "order,,date,amount,\n1,a,2020-01-02,3,\n")
    assert read_header(path).columns == ("order", "column_2", "date", "amount", "column_5")


def test_nul_bytes(tmp_path: Path) -> None:
    refused = refusal(write(tmp_path, GOOD + "3,c\0,2020-01-04,5\n"))
    assert (refused.key, refused.values["line"]) == ("import.nul_bytes", 4)
    late = HEAD + "1,a,2020-01-02,3\n" * 100_000 + "1,\0,2020-01-02,3\n"
    refused = refusal(write(tmp_path, late))
    assert (refused.key, refused.values["line"]) == ("import.nul_bytes", 100_002)


def test_other_formats_are_called_by_what_they_are(tmp_path: Path) -> None:
    workbook, archive = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(workbook, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("xl/workbook.xml", "<workbook/>")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("orders.csv", GOOD)
    for content, key in (
        (workbook.getvalue(), "import.spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "import.spreadsheet"),
        (archive.getvalue(), "import.archive"),
        (gzip.compress(archive.getvalue()), "import.archive"),
        (b"%PDF-1.7\n", "import.not_a_table"),
        (b"\x89PNG\r\n\x1a\n", "import.not_a_table"),
        (b"SQLite format 3\0", "import.not_a_table"),
    ):
        assert refusal(write(tmp_path, content)).key == key


def test_random_bytes_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, bytes(range(256)) * 40)
    assert refusal(path).key in ("import.encoding_unreadable", "import.nul_bytes")


def test_a_damaged_gzip(tmp_path: Path) -> None:
    packed = gzip.compress(GOOD.encode() + os.urandom(5_000).hex().encode())
    for damaged in (packed[:-20], packed[:100] + b"\xff" * 50 + packed[150:], packed[:-8] + b"\0" * 8):
        assert refusal(write(tmp_path, damaged)).key == "import.gzip_damaged"


def test_gzip_in_several_members(tmp_path: Path) -> None:
    content = (
        gzip.compress(HEAD.encode())
        + gzip.compress(b"1,a,2020-01-02,3\n")
        + gzip.compress(b"2,b,2020-01-03,4")
    )
    assert values(staged(write(tmp_path, content)), "amount") == [30_000, 40_000]


def test_a_gzip_bomb(tmp_path: Path) -> None:
    squeeze = zlib.compressobj(9, wbits=31)
    bomb = squeeze.compress(HEAD.encode())
    for _ in range(100):
        bomb += squeeze.compress(b"1,a,2020-01-02,3\n" * 62_000)
    bomb += squeeze.flush()
    assert len(bomb) < 1 << 20
    assert refusal(write(tmp_path, bomb)).key == "import.gzip_bomb"


def test_a_line_that_never_ends(tmp_path: Path) -> None:
    refused = refusal(write(tmp_path, HEAD + "1,a,2020-01-02," + "3" * (9 << 20)))
    assert refused.key == "import.row_too_long"
    assert refusal(write(tmp_path, "x" * (9 << 20))).key in ("import.row_too_long", "import.column_missing")


def test_limits_on_size_and_columns(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, GOOD), limits=Limits(file_bytes=10)).key == "import.too_large"
    packed = write(tmp_path, GOOD, packed=True)
    assert refusal(packed, limits=Limits(decompressed_bytes=10)).key == "import.too_large"
    wide = ",".join(f"c{place}" for place in range(3_000)) + "\n"
    refused = refusal(write(tmp_path, wide))
    assert (refused.key, refused.values["columns"]) == ("import.too_many_columns", 3_000)


def test_all_rows_rejected_names_the_most_frequent_reason_and_an_example(tmp_path: Path) -> None:
    refused = refusal(write(tmp_path, HEAD + "1,a,never,3\n2,b,2020-01-02,x\n3,c,soon,4\n"))
    assert refused.key == "import.all_rejected"
    assert refused.values["reason"] == "reject.bad_date"
    assert refused.values["rows"] == 2
    assert (refused.values["row"], refused.values["example"]) == (2, "1,a,never,3")


def test_formulas_stay_data_in_the_base_and_are_disarmed_in_the_rejects(tmp_path: Path) -> None:
    formula = '=HYPERLINK("http://x","y")'
    text = HEAD + f'1,"{formula.replace(chr(34), chr(34) * 2)}",2020-01-02,3\n=1+1,b,bad,4\n@x,c,bad,5\n'
    result = staged(write(tmp_path, text))
    assert values(result, "customer_id") == [formula]
    assert result.rejects is not None
    assert result.rejects.read_text().splitlines()[1:] == [
        '3,reject.bad_date,orders.ordered_at,"\'=1+1,b,bad,4"',
        '4,reject.bad_date,orders.ordered_at,"\'@x,c,bad,5"',
    ]


def test_white_space_around_values_is_no_part_of_them(tmp_path: Path) -> None:
    result = staged(write(tmp_path, HEAD + "  1 , a\u00a0, 2020-01-02 , 3 \n2,\u200fب\u200f,2020-01-03,4\n"))
    assert [(row["order_id"], row["customer_id"]) for row in rows(result)] == [("1", "a"), ("2", "ب")]


def test_ids_keep_their_zeros_and_digits(tmp_path: Path) -> None:
    result = staged(
        write(tmp_path, HEAD + "007,00042,2020-01-02,3\n1e5,۰۰۷,2020-01-03,4\n+66,ي ك,2020-01-04,4\n")
    )
    assert values(result, "order_id") == ["007", "+66", "1e5"]
    assert values(result, "customer_id") == ["00042", "ي ك", "۰۰۷"]


def test_the_last_row_that_marks_the_end_may_stand_in_the_file_itself(tmp_path: Path) -> None:
    mark = "\x02the end\x03"
    text = HEAD + ",".join([mark] * 4) + "\n1,a,2020-01-02,3\n"
    result = staged(write(tmp_path, text))
    assert (result.read, result.accepted) == (2, 1)
