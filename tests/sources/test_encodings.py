"""Encodings: certain where they can be, else asked for."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from crm_core.base import InputError
from crm_core.sources.encodings import candidates, encoding_of
from crm_core.sources.mapping import SourceOptions
from crm_core.sources.previewing import read_header
from tests.sources.files import ORDERS, SMALL, staged, values, write

PERSIAN = "order,customer,date,amount\n1,مشتري كامل,2020-01-02,3\n"
THAI = "order,customer,date,amount\n1,สมชาย ใจดี,2020-01-02,3\n"
LATIN = "order,customer,date,amount\n1,Müller & Søn,2020-01-02,3\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [PERSIAN, THAI, LATIN])
def test_unicode_is_recognised_with_and_without_its_mark(tmp_path: Path, encoding: str, text: str) -> None:
    result = staged(write(tmp_path, text.encode(encoding)))
    assert values(result, "customer_id") == [text.splitlines()[1].split(",")[1]]


@pytest.mark.parametrize("big", [codecs.BOM_UTF16_BE + PERSIAN.encode("utf-16-be")])
def test_big_endian_with_a_mark(tmp_path: Path, big: bytes) -> None:
    assert values(staged(write(tmp_path, big)), "customer_id") == ["مشتري كامل"]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(PERSIAN, "cp1256"), (THAI, "cp874"), (THAI, "tis-620"), (LATIN, "cp1252"), (LATIN, "latin-1")],
)
def test_a_code_page_is_asked_for_and_then_read(tmp_path: Path, text: str, encoding: str) -> None:
    path = write(tmp_path, text.encode(encoding))
    with pytest.raises(InputError) as refusal:
        staged(path)
    assert refusal.value.key == "import.encoding_unreadable"
    assert refusal.value.values["file"] == "orders.csv"
    result = staged(path, f"source: {{encoding: {encoding}}}\n{ORDERS}")
    assert values(result, "customer_id") == [text.splitlines()[1].split(",")[1]]


def test_the_likely_code_page_is_named_first() -> None:
    assert candidates((THAI * 5).encode("cp874"))[0] == "cp874"
    assert candidates((PERSIAN * 5).encode("cp1256"))[0] == "cp1256"
    assert candidates((LATIN * 5).encode("cp1252"))[0] == "cp1252"


@pytest.mark.parametrize(
    "name", ["klingon", "zip_codec", "base64", "rot13", "hex", "bz2", "", "../x", "x" * 1000]
)
def test_an_encoding_that_does_not_exist(name: str) -> None:
    with pytest.raises(InputError, match=r"import\.encoding_unknown"):
        encoding_of(b"a,b\n", name, "orders.csv")


def test_a_stated_encoding_that_does_not_fit(tmp_path: Path) -> None:
    path = write(tmp_path, THAI.encode("cp874"))
    with pytest.raises(InputError, match=r"import\.encoding_unreadable"):
        staged(path, f"source: {{encoding: utf-8}}\n{ORDERS}")


def test_a_mark_goes_before_what_is_stated_of_unicode(tmp_path: Path) -> None:
    path = write(tmp_path, codecs.BOM_UTF8 + THAI.encode())
    assert values(staged(path, f"source: {{encoding: utf-8}}\n{ORDERS}"), "customer_id") == ["สมชาย ใจดี"]


def test_a_bad_byte_far_below_is_found(tmp_path: Path) -> None:
    good = b"1,a,2020-01-02,3\n" * 400_000
    path = write(tmp_path, b"order,customer,date,amount\n" + good + b"2,\xff\xfe,2020-01-02,3\n")
    with pytest.raises(InputError, match=r"import\.encoding_unreadable"):
        staged(path)
    assert not (tmp_path / "staging").exists()


def test_letters_that_a_block_cuts_in_two_come_out_whole(tmp_path: Path) -> None:
    lines = [f"{number},{'ก' * (number % 50)}{number},2020-01-02,3" for number in range(5_000)]
    text = "order,customer,date,amount\n" + "\n".join(lines)
    expected = sorted(line.split(",")[1] for line in lines)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp874"):
        mapping = f"source: {{encoding: {encoding}}}\n{ORDERS}"
        result = staged(write(tmp_path, text.encode(encoding)), mapping, limits=SMALL)
        assert sorted(values(result, "customer_id")) == expected


def test_a_multibyte_letter_that_breaks_off_at_the_end(tmp_path: Path) -> None:
    path = write(tmp_path, THAI.encode()[:-1] + "\n2,ก".encode()[:-1])
    with pytest.raises(InputError, match=r"import\.encoding_unreadable"):
        staged(path)


@pytest.mark.parametrize(
    "name", ["idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "rot13", "base64"]
)
def test_codecs_that_no_file_is_written_in_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text("customer_id,ordered_at,amount\n1,2024-01-01,5\n")
    with pytest.raises(InputError) as refused:
        read_header(path, SourceOptions(encoding=name))
    assert refused.value.key == "import.encoding_unknown"
